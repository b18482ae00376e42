from __future__ import annotations

from dataclasses import replace

import hist
import numpy as np
import pytest

from darkreach.building import build_workspace
from darkreach.building.region_spectra import SpectrumSource, read_region_spectra
from darkreach.errors import WorkspaceError

REGION = "region/pair_mass_low"


def build(histograms, config, **options):
    settings = {"luminosity_inverse_fb": 0.445, "sqrt_s": 10.58, "masses": (1.0,)} | options
    return build_workspace(histograms, config, **settings)


def changed(histograms, name, view):
    """Return the histograms with one of them copied and changed in place."""
    copied = histograms.histograms[name].copy()
    view(copied.view(), copied)
    return replace(histograms, histograms={**histograms.histograms, name: copied})


@pytest.mark.parametrize(("value", "problem"), [(np.nan, "not finite"), (np.inf, "not finite"), (-1.0, "negative")])
def test_bad_bin_is_named(histograms, config, value, problem):
    def spoil(view, _):
        view["value"][0, 2, 17] = value

    with pytest.raises(WorkspaceError, match=f"a bin is {problem}") as caught:
        build(changed(histograms, REGION, spoil), config)
    assert "three_photons, variation energy_scale_down, bin 17 from" in caught.value.where


def test_empty_bin_inside_the_region_is_merged_and_recorded(histograms, config):
    def empty(view, _):
        view["value"][0, :, 40:42] = 0.0
        view["variance"][0, :, 40:42] = 0.0

    holes = changed(histograms, REGION, empty)
    made = build(holes, config)
    assert made.patchset["metadata"]["bins_merged"] == {"pair_mass_low": 2}
    assert "bins_merged" not in build(histograms, config).patchset["metadata"]
    data = [channel for channel in made.background_only["channels"] if channel["name"].startswith("pair_mass_low")]
    assert min(min(channel["samples"][0]["data"]) for channel in data) > 0.0
    bins = len(histograms.histograms[REGION].axes[-1])
    assert sum(len(channel["samples"][0]["data"]) for channel in data) == bins - 2
    before = histograms.histograms[REGION][{"dataset": "pseudo_data", "variation": "nominal"}].values().sum()
    observed = [item["data"] for item in made.background_only["observations"] if "pair_mass_low" in item["name"]]
    assert sum(map(sum, observed)) == before


def test_badly_simulated_ends_are_left_out_and_recorded(histograms, config):
    def scarce(view, _):
        view["value"][0, :, :3] = 0.0
        view["variance"][0, :, :3] = 0.0
        # nine effective events
        view["variance"][0, 0, -1] = view["value"][0, 0, -1] ** 2 / 9.0

    few = changed(histograms, REGION, scarce)
    bins = len(few.histograms[REGION].axes[-1])
    source = SpectrumSource(few, {"three_photons": ["three_photons"]}, 0.445, "pseudo_data")
    spectra = read_region_spectra(source, config.regions[0])
    assert spectra.bins_left_out == (3, 1)
    assert len(spectra.observed) == len(spectra.edges) - 1 == bins - 4
    assert build(few, config).patchset["metadata"]["bins_left_out"]["pair_mass_low"] == [3, 1]


def test_no_simulated_background(histograms, config):
    def nothing(view, _):
        view["value"][0] = 0.0
        view["variance"][0] = 0.0

    with pytest.raises(WorkspaceError, match="no bin holds enough"):
        build(changed(histograms, REGION, nothing), config)


def test_other_binning_is_refused(histograms, config):
    with pytest.raises(WorkspaceError, match="other bins than the configuration"):
        build(histograms, config, sqrt_s=10.5)


def test_other_luminosity_is_refused(histograms, config):
    with pytest.raises(WorkspaceError, match="the luminosity is not that of the data") as caught:
        build(histograms, config, luminosity_inverse_fb=1.0)
    assert caught.value.allowed == "0.445 fb^-1"


def test_unknown_data_sample(histograms, config):
    with pytest.raises(WorkspaceError, match="no data sample 'data'") as caught:
        build(histograms, config, data_sample="data")
    assert caught.value.allowed == "pseudo_data"


@pytest.mark.parametrize(("masses", "problem"), [((), "no mass"), ((1.0, 2.0, 1.0), "given once")])
def test_list_of_masses(histograms, config, masses, problem):
    with pytest.raises(WorkspaceError, match=problem):
        build(histograms, config, masses=masses)


def test_missing_histogram_and_variation(histograms, config):
    without = {name: made for name, made in histograms.histograms.items() if name != "signal_shape/recoil_mass"}
    with pytest.raises(WorkspaceError, match="hold no histogram 'signal_shape/recoil_mass'"):
        build(replace(histograms, histograms=without), config)
    category = hist.axis.StrCategory
    axes = category(["three_photons", "pseudo_data"], name="dataset"), category(["nominal"], name="variation")
    fewer = hist.Hist(*axes, histograms.histograms[REGION].axes[-1], storage=hist.storage.Weight())
    with pytest.raises(WorkspaceError, match="hold no variation 'energy_scale_up'"):
        build(replace(histograms, histograms={**histograms.histograms, REGION: fewer}), config)


def test_too_large_spurious_signal(histograms, with_settings, config):
    fraction = config.workspace.spurious_signal_fraction.model_copy(update={"value": 2.0})
    with pytest.raises(WorkspaceError, match="spurious signal exceeds the background"):
        build(histograms, with_settings(spurious_signal_fraction=fraction))
