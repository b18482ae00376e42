"""Which samples belong to which group, and what is refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from darkreach.building.background_groups import grouped_samples
from darkreach.building.modifiers import lognormal
from darkreach.configuration import BackgroundGroup
from darkreach.errors import WorkspaceError


def groups(**samples):
    return tuple(BackgroundGroup(name=name, samples=tuple(names), rate="fixed") for name, names in samples.items())


def test_samples_are_found_by_process_and_by_name(histograms):
    manifests = histograms.samples.values()
    found = grouped_samples(manifests, groups(taus=["tau_pair"], rest=["muon_pair", "four_leptons_imported"]))
    assert found == {"taus": ("tau_pair_a", "tau_pair_b"), "rest": ("muon_pair", "four_leptons_imported")}
    assert grouped_samples(manifests, ()) == {
        name: (name,) for name in ("muon_pair", "tau_pair_a", "tau_pair_b", "four_leptons_imported")}  # fmt: skip


def test_a_sample_named_leaves_the_group_of_its_process(histograms):
    split = groups(taus=["tau_pair"], special=["tau_pair_b"], rest=["muon_pair", "four_leptons_imported"])
    found = grouped_samples(histograms.samples.values(), split)
    assert (found["taus"], found["special"]) == (("tau_pair_a",), ("tau_pair_b",))


@pytest.mark.parametrize(
    ("given", "problem", "named"),
    [
        ({"taus": ["tau_pair"], "rest": ["muon_pair"]}, "belongs to no group", "taus: tau_pair; rest: muon_pair"),
        (
            {"taus": ["tau_pair"], "all": ["tau_pair", "muon_pair", "four_leptons_imported"]},
            "belongs to several groups",
            "taus: tau_pair",
        ),
        (
            {"all": ["tau_pair", "muon_pair", "four_leptons_imported", "tau_pairs"]},
            "a background that was not simulated",
            "four_leptons_imported",
        ),
    ],
)
def test_groups_that_do_not_fit_the_samples(histograms, given, problem, named):
    with pytest.raises(WorkspaceError, match=problem) as caught:
        grouped_samples(histograms.samples.values(), groups(**given))
    assert named in caught.value.allowed


def test_no_background(histograms):
    signals = [manifest for manifest in histograms.samples.values() if manifest.kind == "signal"]
    with pytest.raises(WorkspaceError, match="no background sample"):
        grouped_samples(signals, ())


NUMBER = {"value": 0.1, "source": "convention"}
FLAT = {"name": "cosmics", "region": "low_forward", "events": NUMBER, "uncertainty": NUMBER}
GROUP = {"name": "all", "samples": ["muon_pair", "tau_pair", "four_leptons_imported"], "rate": "fixed"}


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"background": "bernstein"}, "polynomial background has no groups"),
        ({"groups": []}, "controls need groups"),
        ({"flat_backgrounds": [FLAT, FLAT]}, "its own name"),
        ({"groups": [GROUP | {"name": "cosmics"}], "flat_backgrounds": [FLAT]}, "its own name"),
        ({"groups": [GROUP | {"name": "signal"}]}, "its own name"),
        ({"signal_uncertainties": {"luminosity": NUMBER}}, "name of another parameter"),
        ({"signal_uncertainties": {"rate_taus": NUMBER}}, "name of another parameter"),
    ],
)
def test_settings_that_contradict_each_other(build, with_settings, settings, problem):
    with pytest.raises(WorkspaceError, match=problem):
        build(config=with_settings(**settings))


def test_a_flat_background_may_be_in_several_regions(hypothesis, with_settings, templates):
    everywhere = [FLAT, FLAT | {"region": "low_backward"}]
    made = hypothesis(1.5, config=with_settings(flat_backgrounds=everywhere))
    change = {name: values - templates(made)[name] for name, values in templates(made, rate_cosmics=1.0).items()}
    assert all(np.all(change[name] > 0.0) for name in made.meaning["channels"])
    assert np.all(change["electron_muon"] == 0.0)


def test_data_are_drawn_from_flat_backgrounds_too(build, with_settings):
    many = FLAT | {"events": {"value": 1.0e4, "source": "convention"}}
    made = build(config=with_settings(flat_backgrounds=[many]))
    for channel, observed in zip(made.background_only["channels"], made.background_only["observations"], strict=True):
        if channel["name"].startswith("low_forward"):
            flat = next(np.array(sample["data"]) for sample in channel["samples"] if sample["name"] == "cosmics")
            assert np.sum(observed["data"]) == pytest.approx(flat.sum(), rel=0.01)


@pytest.mark.parametrize("relative", [0.05, 0.5, 3.0])
def test_rates_stay_positive(relative):
    data = lognormal("rate", relative)["data"]
    assert data["hi"] * data["lo"] == pytest.approx(1.0)
    assert data["hi"] == 1.0 + relative


def emptied(histograms, region, sample):
    made = histograms.histograms[f"signal_shape/{region}"].copy()
    index = list(made.axes["dataset"]).index(sample)
    made.view()["value"][index], made.view()["variance"][index] = 0.0, 0.0
    return replace(histograms, histograms={**histograms.histograms, f"signal_shape/{region}": made})


def test_a_region_may_have_no_signal_at_a_mass(hypothesis, histograms, build, config):
    """Between an empty anchor and the next one the shape is that of the next, the efficiency falls to zero."""
    without = emptied(histograms, "low_forward", "signal_2000MeV")
    plain, made = hypothesis(1.9), hypothesis(1.9, histograms=without)
    assert 0.0 < made.meaning["entries_per_event"] < plain.meaning["entries_per_event"]
    at_anchor = hypothesis(1.0, histograms=emptied(histograms, "low_forward", "signal_1000MeV"))
    assert at_anchor.meaning["entries_per_event"] == pytest.approx(0.7 * hypothesis(1.0).meaning["entries_per_event"])
    samples = {channel["name"]: [s["name"] for s in channel["samples"]] for channel in at_anchor.workspace["channels"]}
    assert {name: "signal" in found for name, found in samples.items()} == {
        "low_forward_00": False, "low_forward_01": False, "low_backward_00": True, "low_backward_01": True,
        "electron_muon": True}  # fmt: skip
    # a region that acts alone must have signal everywhere
    alone = config.model_copy(update={"regions": config.regions[:1]})
    with pytest.raises(WorkspaceError, match="no signal event is in the histogram"):
        build((1.5,), config=alone, histograms=without)


def test_scarce_simulation_is_merged_in_each_region_on_its_own(build, config, formulas):
    made = build((1.5, 3.0), histograms=formulas["with_rare_simulation"](config, 0.3))
    merged = made.patchset["metadata"]["bins_merged"]
    # fewer events are forward; the variance of a bin is 0.3 fb times its content
    assert merged["low_forward"] > merged.get("low_backward", 0)
    for channel in made.background_only["channels"]:
        total = np.sum([sample["data"] for sample in channel["samples"]], axis=0)
        assert np.all(total > 0.0)
    rare = formulas["with_rare_simulation"](config, 1000.0)
    with pytest.raises(WorkspaceError, match="no bin holds enough") as caught:
        build((1.5,), histograms=rare)
    assert caught.value.where == "region/low_forward"


def test_controls_of_other_bins_are_refused(build, config):
    other = config.controls[0].model_copy(update={"edges": (0.0, 2.0, 4.0, 9.0)})
    with pytest.raises(WorkspaceError, match="other bins than the configuration") as caught:
        build(config=config.model_copy(update={"controls": (other,)}))
    assert caught.value.where == "control/electron_muon"
