"""Nuisance parameters of corrections in the workspace: there, named as declared, and of the effect they have."""

from __future__ import annotations

from dataclasses import replace

import hist
import pytest

from darkreach.building import build_workspace
from darkreach.building.shared_nuisances import shared_nuisances
from darkreach.errors import WorkspaceError
from darkreach.limits import compute_limits, make_engine
from darkreach.sharing import apply_patches

MASSES = (0.5, 3.0, 6.0)


def corrected(config, **variations):
    changed = config.variations.model_copy(update=variations)
    return config.model_copy(update={"corrections": ("example_photon_corrections",), "variations": changed})


def hypotheses_of(histograms, config):
    workspace = build_workspace(histograms, config, luminosity_inverse_fb=0.445, sqrt_s=10.58, masses=MASSES)
    return apply_patches(workspace.background_only, workspace.patchset)


def modifiers(hypothesis, sample):
    return {
        (modifier["name"], modifier["type"])
        for channel in hypothesis.workspace["channels"]
        for one in channel["samples"]
        if one["name"] == sample
        for modifier in one["modifiers"]
    }


def expected_limits(hypotheses):
    limits = compute_limits(hypotheses, (0.95,), engine=make_engine("compiled"))
    return [limit.expected[2] for limit in limits]


def test_configured_variations_keep_their_parameters(histograms, config):
    assert shared_nuisances(histograms, config) == {
        "photon_energy_scale": "energy_scale",
        "photon_resolution": "resolution",
        "photon_efficiency": "photon_efficiency",
    }


def test_parameters_of_corrections_bear_their_names(make_histograms, config):
    histograms = make_histograms(nuisances={"trigger": 0.03, "gamma_stat_0": 0.01})
    for hypothesis in hypotheses_of(histograms, corrected(config)):
        for sample in ("signal", "three_photons"):
            found = modifiers(hypothesis, sample)
            assert {("trigger", "histosys"), ("gamma_stat_0", "histosys"), ("photon_energy_scale", "histosys")} <= found


def test_a_correction_may_take_the_place_of_a_variation(histograms, config):
    """Its parameter then bears the name of the correction, not the one of the variation."""
    assert shared_nuisances(histograms, corrected(config, energy_scale=None)) == {
        "photon_resolution": "resolution",
        "photon_efficiency": "photon_efficiency",
        "energy_scale": "energy_scale",
    }


@pytest.mark.slow
def test_limits_with_corrections(make_histograms, histograms, config):
    """A nuisance without effect changes no limit; one that moves the rate by 30 % weakens all of them, a little."""
    plain = expected_limits(hypotheses_of(histograms, config))
    without = expected_limits(hypotheses_of(make_histograms(nuisances={"nothing": 0.0}), corrected(config)))
    assert without == pytest.approx(plain, rel=1e-6)
    wide = expected_limits(hypotheses_of(make_histograms(nuisances={"large": 0.3}), corrected(config)))
    for before, after in zip(plain, wide, strict=True):
        assert 1.005 < after / before < 1.3


@pytest.mark.parametrize("name", ["mu", "luminosity", "photon_energy_scale", "staterror_low_00", "background_rate_x"])
def test_names_of_other_parameters_are_refused(make_histograms, config, name):
    with pytest.raises(WorkspaceError, match="has the name of another parameter") as caught:
        shared_nuisances(make_histograms(nuisances={name: 0.01}), corrected(config))
    assert caught.value.given == name


def test_variations_the_configuration_knows_nothing_of(make_histograms, config):
    with pytest.raises(WorkspaceError, match="does not name") as caught:
        hypotheses_of(make_histograms(nuisances={"trigger": 0.03}), config)
    assert caught.value.given == "trigger"


def test_a_variation_of_one_direction(histograms, config):
    name = "region/pair_mass_low"
    old = histograms.histograms[name]
    variations = hist.axis.StrCategory([*old.axes[1], "trigger_up"], name="variation")
    lonely = hist.Hist(old.axes[0], variations, old.axes[2], storage=hist.storage.Weight())
    with pytest.raises(WorkspaceError, match="one direction only") as caught:
        shared_nuisances(replace(histograms, histograms={**histograms.histograms, name: lonely}), corrected(config))
    assert caught.value.given == "trigger"


def test_sampled_data_are_no_counts(make_histograms, config):
    histograms = make_histograms()
    view = histograms.histograms["region/pair_mass_high"].view()
    view["variance"][1, 0] *= 10.0
    with pytest.raises(WorkspaceError, match="the data are weighted") as caught:
        hypotheses_of(histograms, config)
    assert "region/pair_mass_high, sample pseudo_data" in caught.value.where
