from __future__ import annotations

import json

import numpy as np
import pyhf
import pytest

from darkreach.building import displaced_name, patchset_text


def counts(scale):
    """Events in every cell: different ones in each of 400 cells and both bins of the radius."""
    cells = np.arange(400)
    return np.stack([scale * (cells % 3), cells % 2], axis=1).astype(float)


@pytest.fixture(scope="module")
def measured(formulas):
    config = formulas.search()
    data = {"first": counts(1), "second": counts(2), "third": counts(3)}
    return config, formulas.make_histograms(config, data=data)


@pytest.fixture(scope="module")
def built(formulas, measured):
    return formulas.build(*measured, masses=[0.8, 1.1], data_sample="data")


def by_hand(content, mass, low, high):
    """Return the events of cells of 5 MeV whose centres are so far from a mass, GeV."""
    distance = np.abs(0.3025 + 0.005 * np.arange(400) - mass)
    return content[(distance > low) & (distance < high)].sum(axis=0).tolist()


def test_schema_and_digest(built):
    patchset = json.loads(patchset_text(built.patchset))
    checked = pyhf.PatchSet(patchset)
    checked.verify(built.background_only)
    names = [patch.name for patch in checked]
    # three regions at 0.8 GeV, two at 1.1 GeV, which the third excludes
    assert len(names) == len(set(names)) == 3 * (1 + 3 + 1 + 2)
    assert names[:4] == [
        "combined_m800_ctau0p1",
        "combined_m800_ctau1",
        "combined_m800_ctau10",
        "combined_m1100_ctau0p1",
    ]
    for name in ("combined_m800_ctau1", "third_m800_ctau10", "second_m1100_ctau0p1"):
        model = pyhf.Workspace(checked.apply(built.background_only, name)).model()
        assert model.config.poi_name == "mu"
    assert pyhf.Workspace(built.background_only).channels[:2] == ["first_r0", "first_r1"]


def test_counts_by_hand(formulas, built):
    patch = formulas.patch_of(built, "combined_m800_ctau1")
    for name, scale in (("first", 1), ("second", 2), ("third", 3)):
        on, off = (by_hand(counts(scale), 0.8, *ends) for ends in ((0.0, 0.02), (0.03, 0.13)))
        for radius in (0, 1):
            assert patch.observed[f"{name}_r{radius}"] == [on[radius]]
            assert patch.observed[f"{name}_r{radius}_sideband"] == [off[radius]]
            assert patch.samples[f"{name}_r{radius}_sideband", "background"]["data"] == [5.0]
        assert patch.metadata["observed"][name] == sum(on)
        assert patch.metadata["background_events"][name] == pytest.approx(sum(off) / 5.0)


def test_signal_by_hand(formulas, built):
    patch = formulas.patch_of(built, "first_m800_ctau10")
    inside = formulas.in_window(2.0) * formulas.efficiency(0.8)[2]
    for radius in (0, 1):
        events = 3.0 * formulas.LUMINOSITY * inside[radius]
        assert patch.samples[f"first_r{radius}", "signal"]["data"] == pytest.approx([events], rel=1e-9)
    meta = patch.metadata
    assert meta["values"] == ["first", 0.8, 10.0]
    assert (meta["quantity"], meta["per_unit_strength"]) == ("cross-section times branching fraction, fb", 2.0)
    assert meta["expected_signal_events"] == pytest.approx(30.0 * inside.sum(), rel=1e-9)
    assert meta["efficiency"] == {"first": pytest.approx(inside.sum(), rel=1e-9)}
    assert meta["data_kind"] == "data"
    assert meta["luminosity_inverse_fb"] == formulas.LUMINOSITY
    # a third of the way from 0.9 to 0.6 GeV, of events of one weight
    parts = [weight**2 * formulas.efficiency(mass)[2].sum() for weight, mass in ((1 / 3, 0.6), (2 / 3, 0.9))]
    variance = sum(parts) * formulas.in_window(2.0) * formulas.WEIGHT / 2.0
    assert meta["effective_events"]["first"] == pytest.approx(inside.sum() ** 2 / variance, rel=1e-6)


def test_combined(formulas, built):
    patch = formulas.patch_of(built, "combined_m800_ctau10")
    assert patch.metadata["quantity"] == "kinetic_mixing squared"
    assert patch.metadata["per_unit_strength"] == pytest.approx(1e-8, rel=1e-12)
    assert patch.metadata["regions"] == ["first", "second", "third"]
    at_excluded = formulas.patch_of(built, "combined_m1100_ctau10")
    assert at_excluded.metadata["regions"] == ["first", "second"]


def test_names_and_parameters(formulas, measured):
    config, histograms = measured
    settings = {"ratio_uncertainty": formulas.number(0.3), "inner": 3.0, "outer": 13.0}
    config = formulas.search(sideband=settings, signal_uncertainties={"charged_fraction": formulas.number(0.02)})
    patch = formulas.patch_of(formulas.build(config, histograms, masses=[0.8], data_sample="data"), "first_m800_ctau1")
    assert patch.channels == ["first_r0", "first_r0_sideband", "first_r1", "first_r1_sideband"]
    assert {key: [one["name"] for one in sample["modifiers"]] for key, sample in patch.samples.items()} == {
        ("first_r0", "background"): ["background_first_r0", "sideband_first"],
        ("first_r0", "signal"): ["mu", "luminosity", "signal_efficiency", "charged_fraction"],
        ("first_r0_sideband", "background"): ["background_first_r0"],
        ("first_r1", "background"): ["background_first_r1", "sideband_first"],
        ("first_r1", "signal"): ["mu", "luminosity", "signal_efficiency", "charged_fraction"],
        ("first_r1_sideband", "background"): ["background_first_r1"],
    }
    ratio = patch.samples["first_r0", "background"]["modifiers"][1]["data"]
    assert ratio == pytest.approx({"hi": 1.3, "lo": 1.0 / 1.3})
    assert list(patch.parameters) == ["mu", "background_first_r0", "background_first_r1"]
    off = by_hand(counts(1), 0.8, 0.03, 0.13)
    assert patch.parameters["background_first_r0"]["inits"] == pytest.approx([off[0] / 5.0], rel=0.01)


def test_size_of_the_simulation(formulas):
    config = formulas.search(smallest_effective_events=1.0)
    few = formulas.make_histograms(config, weight=0.05, background=0.01)
    meta, samples, _ = (getattr(formulas.patch_of(formulas.build(config, few, masses=[0.6]), "second_m600_ctau1"), one)
                        for one in ("metadata", "samples", "channels"))  # fmt: skip
    (one,) = (one for one in samples["second_r1", "signal"]["modifiers"] if one["name"].startswith("signal_statistics"))
    assert one["name"] == "signal_statistics_second"
    assert one["data"]["hi"] == pytest.approx(1.0 + 1.0 / np.sqrt(meta["effective_events"]["second"]), rel=2e-3)


def test_too_few_simulated_events(formulas):
    config = formulas.search(smallest_effective_events=1.0)
    histograms = formulas.make_histograms(config, weight=0.05, background=0.01)
    made = formulas.build(config, histograms, masses=[0.6])
    worth = {patch["metadata"]["name"]: patch["metadata"]["effective_events"] for patch in made.patchset["patches"]}
    smallest = 1.01 * min(min(one.values()) for one in worth.values())
    fewer = formulas.build(formulas.search(smallest_effective_events=smallest), histograms, masses=[0.6])
    kept = {patch["metadata"]["name"]: patch["metadata"]["effective_events"] for patch in fewer.patchset["patches"]}
    expected = {name: {key: one for key, one in of.items() if one >= smallest} for name, of in worth.items()}
    assert kept == {name: of for name, of in expected.items() if of} != worth


def test_other_hypotheses_change_nothing(formulas):
    config = formulas.search()
    histograms = formulas.make_histograms(config, background=0.05)
    everything = formulas.build(config, histograms)
    known = {patch["metadata"]["name"]: patch for patch in everything.patchset["patches"]}
    masses = sorted({patch["metadata"]["values"][1] for patch in known.values()})
    some = formulas.build(config, histograms, masses=masses[3:5], lifetimes_cm=[10.0])
    alone = formulas.build(config, histograms, masses=masses[3:4], single_channels=False)
    assert some.background_only == alone.background_only == everything.background_only
    assert [patch["metadata"]["name"] for patch in alone.patchset["patches"]] == [
        displaced_name("combined", masses[3], ctau) for ctau in formulas.LIFETIMES
    ]
    for patch in (*some.patchset["patches"], *alone.patchset["patches"]):
        assert patch == known[patch["metadata"]["name"]]


def test_only_negligible_signals_are_left_out(formulas):
    config = formulas.search()
    histograms = formulas.make_histograms(config, background=0.01)
    with_third = formulas.build(config, histograms, formulas.Rates(third=1e-6), masses=[0.8])
    without = formulas.build(config, histograms, formulas.Rates(third=0.0), masses=[0.8])
    weak = formulas.build(config, histograms, formulas.Rates(third=1.0), masses=[0.8])
    names = [f"combined_m800_ctau{ctau}" for ctau in ("0p1", "1", "10")]
    for name in names:
        assert formulas.patch_of(with_third, name) == formulas.patch_of(without, name)
        assert formulas.patch_of(weak, name).metadata["regions"] == ["first", "second", "third"]


def test_without_signal(formulas):
    config = formulas.search()
    histograms = formulas.make_histograms(config, background=0.01)
    for mass in (600, 900):
        # a decay in ten billions is no signal
        formulas.fill(histograms.histograms["signal_lifetime/first"], f"signal_first_{mass}MeV", 1e-12, 1e-20)
    made = formulas.build(config, histograms, masses=[0.8], lifetimes_cm=[1.0])
    assert made.patchset["metadata"]["hypotheses_without_signal"] == ["first_m800_ctau1"]
    assert [patch["metadata"]["name"] for patch in made.patchset["patches"]] == [
        "combined_m800_ctau1", "second_m800_ctau1", "third_m800_ctau1",
    ]  # fmt: skip
    assert formulas.patch_of(made, "combined_m800_ctau1").metadata["regions"] == ["second", "third"]


def test_signal_in_the_sidebands(formulas):
    config = formulas.search()
    histograms = formulas.make_histograms(config, background=0.01, anchors=(0.8,))
    name, key = "signal_first_800MeV", ("first_r1_sideband", "signal")
    patch = formulas.patch_of(formulas.build(config, histograms, masses=[0.8]), "first_m800_ctau1")
    # beyond three standard deviations there is nothing to speak of
    assert key not in patch.samples
    # flat, radiated away: 0.02 of an event in each of 200 bins of pulls
    flat = np.full((3, 2, 200), 0.02) * np.array([1.0, 2.0, 3.0])[:, np.newaxis, np.newaxis]
    formulas.fill(histograms.histograms["signal_lifetime/first"], name, flat, 1e-6 * flat)
    patch = formulas.patch_of(formulas.build(config, histograms, masses=[0.8]), "first_m800_ctau1")
    on, off = patch.samples["first_r1", "signal"]["data"][0], patch.samples[key]["data"][0]
    # window of 4 resolutions, sidebands of 20
    assert off / on == pytest.approx(20.0 / 4.0, rel=1e-9)
    assert patch.samples[key]["modifiers"] == patch.samples["first_r1", "signal"]["modifiers"]


def test_region_whose_sample_is_on_the_other_side(formulas):
    config = formulas.search()
    histograms = formulas.make_histograms(config, background=0.01, anchors=(1.3, 2.0))
    made = formulas.build(config, histograms, masses=[0.8], lifetimes_cm=[1.0])
    assert made.patchset["metadata"]["hypotheses_without_signal"] == ["third_m800_ctau1"]
    assert formulas.patch_of(made, "combined_m800_ctau1").metadata["regions"] == ["first", "second"]
