"""Axions read out of the histograms of a single-photon search: regions together, interpolation, scaled boosts."""

from __future__ import annotations

import hist
import numpy as np
import pytest

from darkreach.couplings import recoil_axions
from darkreach.errors import LimitError
from darkreach.events.manifest import SampleManifest
from darkreach.histograms.search_histograms import SearchHistograms
from darkreach.models.axion_like_particle import center_of_mass_beta_gamma

SQRT_S = 10.58
REGIONS = ("forward", "backward")
# weights of axions and of dark photons, by mass and region
AXIONS = {0.1: (3.0, 1.0), 1.0: (1.0, 1.0), 2.0: (0.0, 0.0)}
DARK = {0.1: (2.0, 2.0), 1.0: (4.0, 0.0), 2.0: (1.0, 0.0)}


def histograms() -> SearchHistograms:
    names = {mass: f"m{mass:g}" for mass in AXIONS}
    dataset = hist.axis.StrCategory([*names.values(), "background"], name="dataset", growth=True)
    cuts = hist.axis.StrCategory(["all", *(f"region:{one}" for one in REGIONS)], name="cut", overflow=False)
    cutflow = hist.Hist(dataset, cuts, storage=hist.storage.Weight())
    signals = hist.axis.StrCategory(list(names.values()), name="dataset", growth=True)
    edges = hist.axis.Variable([0.0, *np.geomspace(0.02, 20.0, 301)], name="beta_gamma")
    boosts = {f"decay_boost/{one}": hist.Hist(signals, edges, storage=hist.storage.Weight()) for one in REGIONS}
    for mass, name in names.items():
        cutflow.fill(dataset=name, cut="all", weight=100.0)
        for index, region in enumerate(REGIONS):
            cutflow.fill(dataset=name, cut=f"region:{region}", weight=DARK[mass][index])
            # forward particles are faster
            boost = center_of_mass_beta_gamma(mass, SQRT_S) * (1.2 - 0.4 * index)
            boosts[f"decay_boost/{region}"].fill(dataset=name, beta_gamma=boost, weight=AXIONS[mass][index])
    samples = {
        name: SampleManifest(name, "", "signal", {"mass_gev": mass}, 1.0, "", 1, "w", None, 1, "", ())
        for mass, name in names.items()
    }
    samples["background"] = SampleManifest("background", "", "background", {}, 1.0, "", 1, "w", None, 1, "", ())
    return SearchHistograms("single_photon", {"cutflow": cutflow, **boosts}, samples, (), {})


def test_the_efficiency_is_that_of_all_regions_together() -> None:
    axions = recoil_axions(histograms(), REGIONS, SQRT_S)
    assert axions.meaning(0.1, 4)["axion_efficiency"] == pytest.approx(4.0 / 4.0)
    assert axions.meaning(1.0, 4)["axion_efficiency"] == pytest.approx(2.0 / 4.0)
    assert axions.meaning(0.4, 4)["axion_efficiency"] == pytest.approx(1.0 - 0.5 * 0.3 / 0.9, rel=1e-4)
    assert axions.meaning(0.4, 4)["sqrt_s_gev"] == SQRT_S
    forward = recoil_axions(histograms(), REGIONS[:1], SQRT_S)
    assert forward.meaning(0.1, 4)["axion_efficiency"] == pytest.approx(3.0 / 2.0)


def test_boosts_are_weighted_by_region_and_scaled_to_the_mass() -> None:
    axions = recoil_axions(histograms(), REGIONS, SQRT_S)
    at_anchor, beside = (np.array(axions.meaning(mass, 4)["decay_beta_gamma"]) for mass in (1.0, 0.9))
    # half of each, to the width of a bin
    assert at_anchor == pytest.approx(center_of_mass_beta_gamma(1.0, SQRT_S) * np.array([0.8, 0.8, 1.2, 1.2]), rel=0.02)
    ratio = center_of_mass_beta_gamma(0.9, SQRT_S) / center_of_mass_beta_gamma(1.0, SQRT_S)
    assert beside == pytest.approx(ratio * at_anchor, rel=1e-3)
    # beyond the last edge, at that edge
    assert axions.meaning(0.1, 4)["decay_beta_gamma"] == pytest.approx([20.0] * 4)


def test_masses_without_selected_axions_are_left_out() -> None:
    axions = recoil_axions(histograms(), REGIONS, SQRT_S)
    assert list(axions.anchors) == [0.1, 1.0]
    with pytest.raises(LimitError, match="no axions were simulated"):
        axions.meaning(2.0, 4)
