"""Regions of one mass range, controls, groups and flat backgrounds in one hypothesis."""

from __future__ import annotations

import numpy as np
import pyhf
import pytest
from click.testing import CliRunner
from pyhf.cli import cli

from darkreach.building import mass_grid, regions_of, write_workspace
from darkreach.histograms import region_edges
from darkreach.sharing import read_patchset, read_workspace

LUMINOSITY = 10.0
SQRT_S = 10.58


def pieces(hypothesis, config):
    """Yield region, channel and its edges, for all channels of regions."""
    regions = {region.name: region for region in config.regions}
    for name in hypothesis.meaning["channels"]:
        region, index = name.rsplit("_", 1)
        edges = region_edges(regions[region], config, SQRT_S)
        start = 8 * int(index)
        last = name == f"{region}_{(len(edges) - 1) // 8 - 1:02d}"
        yield region, name, edges[start : (len(edges) if last else start + 9)]


def test_every_hypothesis_has_all_regions_of_its_mass_range(hypothesis):
    for mass, side in ((0.01, "low"), (1.999, "low"), (2.0, "high"), (4.0, "high")):
        made = hypothesis(mass)
        assert made.meaning["regions"] == [f"{side}_forward", f"{side}_backward"]
        assert made.meaning["region"] == f"{side}_forward"
        channels = [channel["name"] for channel in made.workspace["channels"]]
        assert channels == [*made.meaning["channels"], "electron_muon"]
        assert channels == [item["name"] for item in made.workspace["observations"]]
        assert [name.rsplit("_", 1)[0] for name in channels[:-1]] == [
            f"{side}_forward", f"{side}_forward", f"{side}_backward", f"{side}_backward"]  # fmt: skip


def test_public_tools_read_the_files(build, tmp_path):
    made = build((0.5, 3.0))
    paths = write_workspace(tmp_path, made)
    assert read_workspace(paths[0]) == made.background_only
    assert read_patchset(paths[1]) == made.patchset
    done = CliRunner().invoke(cli, ["patchset", "verify", *map(str, paths)])
    assert (done.exit_code, done.output.strip()) == (0, "All good.")
    for patch in pyhf.PatchSet(made.patchset):
        pyhf.Workspace(pyhf.PatchSet(made.patchset).apply(made.background_only, patch.name)).model()


def test_backgrounds_are_sums_of_their_groups(hypothesis, config, templates, formulas):
    made = hypothesis(1.5)
    samples = {channel["name"]: channel["samples"] for channel in made.workspace["channels"]}
    for region, name, edges in pieces(made, config):
        expected = {
            "muons": formulas["background"]("muon_pair", region, edges),
            "taus": sum(formulas["background"](one, region, edges) for one in ("tau_pair_a", "tau_pair_b")),
            "four_leptons": formulas["background"]("four_leptons_imported", region, edges),
        }
        if region == "low_backward":
            expected["cosmics"] = 0.2 * np.diff(edges)
        assert [sample["name"] for sample in samples[name]] == [*expected, "signal"]
        for sample in samples[name][:-1]:
            np.testing.assert_allclose(sample["data"], LUMINOSITY * expected[sample["name"]], rtol=1e-5)
        np.testing.assert_allclose(templates(made)[name], LUMINOSITY * sum(expected.values()), rtol=1e-5)
    control = {sample["name"]: sample["data"] for sample in samples["electron_muon"]}
    assert control["taus"] == pytest.approx([330.0, 660.0, 220.0])
    assert control["muons"] == pytest.approx([20.0, 10.0, 5.0])


def test_signal_is_in_every_region_at_its_mass(hypothesis, config, templates, formulas):
    # between the anchors 0.01, 1, 2 and 3: width and efficiency of these formulas are linear in the mass
    for mass in (0.4, 1.5, 2.7):
        made = hypothesis(mass)
        produced = LUMINOSITY * formulas["cross_section"](mass)
        with_signal, without = templates(made, mu=1.0), templates(made)
        total = 0.0
        for region, name, edges in pieces(made, config):
            shape = np.diff(formulas["pull_cumulative"]((edges - mass**2) / 0.5, mass))
            expected = produced * formulas["efficiency"](mass, region) * shape
            np.testing.assert_allclose(with_signal[name] - without[name], expected, atol=1e-4 * produced * 0.1)
            total += expected.sum()
        meaning = made.meaning
        assert meaning["expected_signal_events"] == pytest.approx(total, rel=2e-4)
        # the shares of the two regions add up to one
        assert meaning["entries_per_event"] == pytest.approx(0.1 + 0.02 * mass, rel=1e-4)
        assert (meaning["coupling"], meaning["luminosity_inverse_fb"]) == (0.01, LUMINOSITY)


def test_signal_contaminates_the_control(hypothesis, templates, formulas):
    for mass in (0.4, 1.5, 3.0):
        made = hypothesis(mass)
        produced = LUMINOSITY * formulas["cross_section"](mass)
        change = templates(made, mu=100.0)["electron_muon"] - templates(made)["electron_muon"]
        np.testing.assert_allclose(change, 100.0 * produced * formulas["control_efficiency"](mass), rtol=1e-4)


def test_clean_control_has_no_signal(hypothesis, histograms):
    import copy

    clean = copy.deepcopy(histograms)
    view = clean.histograms["control/electron_muon"].view()
    view["value"][4:], view["variance"][4:] = 0.0, 0.0
    made = hypothesis(1.5, histograms=clean)
    assert "signal" not in [sample["name"] for sample in made.workspace["channels"][-1]["samples"]]


def test_rates_are_shared_by_regions_and_control(hypothesis, templates):
    made = hypothesis(1.5)
    before = templates(made)
    parts = {channel["name"]: {s["name"]: np.array(s["data"]) for s in channel["samples"]}
             for channel in made.workspace["channels"]}  # fmt: skip
    transfer = "transfer_taus_m10MeV_m2000MeV"
    for parameter, value, sample, factor in (
        ("rate_taus", 1.3, "taus", 1.3),
        ("rate_muons", 1.0, "muons", 1.2),
        ("rate_muons", -1.0, "muons", 1.0 / 1.2),
        ("rate_cosmics", 1.0, "cosmics", 1.5),
        (transfer, 1.0, "taus", 1.05),
    ):
        after = templates(made, **{parameter: value})
        for name, samples in parts.items():
            change = (factor - 1.0) * samples.get(sample, 0.0) * (parameter != transfer or name != "electron_muon")
            np.testing.assert_allclose(after[name], before[name] + change, rtol=1e-9)
    # the luminosity moves what is not free and comes from collisions
    after = templates(made, luminosity=1.0)
    for name, samples in parts.items():
        change = 0.01 * (samples["muons"] + samples["four_leptons"])
        np.testing.assert_allclose(after[name], before[name] + change, rtol=1e-9)


def test_parameters_are_those_of_the_contract(hypothesis):
    made = hypothesis(3.0)
    assert set(pyhf.Workspace(made.workspace).model().config.parameters) == {
        "mu", "luminosity", "signal_efficiency", "trigger", "momentum_scale",
        "rate_muons", "rate_taus", "transfer_taus_m2000MeV_m4000MeV",
        *(f"staterror_{channel['name']}" for channel in made.workspace["channels"])}  # fmt: skip


def test_factors_of_the_signal(hypothesis, templates):
    made = hypothesis(1.5)
    signal = {name: templates(made, mu=1.0)[name] - values for name, values in templates(made).items()}
    for parameter, factor in (("trigger", 1.03), ("signal_efficiency", 1.04), ("momentum_scale", 1.05)):
        moved = templates(made, mu=1.0, **{parameter: 1.0})
        without = templates(made, **{parameter: 1.0})
        for name, values in signal.items():
            np.testing.assert_allclose(moved[name] - without[name], factor * values, rtol=1e-4, atol=1e-9)
    # the factors of the signal move nothing else
    assert templates(made, trigger=1.0)["low_forward_00"] == pytest.approx(templates(made)["low_forward_00"], rel=1e-12)


def test_variations_and_simulation_of_a_group_are_sums(hypothesis, config, templates, formulas):
    made = hypothesis(1.5)
    change = {name: values - templates(made)[name] for name, values in templates(made, momentum_scale=1.0).items()}
    samples = {channel["name"]: {s["name"]: s for s in channel["samples"]} for channel in made.workspace["channels"]}
    for region, name, edges in pieces(made, config):
        muons = formulas["background"]("muon_pair", region, edges)
        taus = [formulas["background"](f"tau_pair_{one}", region, edges) for one in "ab"]
        np.testing.assert_allclose(change[name], LUMINOSITY * (0.1 * muons + 0.04 * taus[1]), rtol=1e-4)
        errors = next(m["data"] for m in samples[name]["taus"]["modifiers"] if m["type"] == "staterror")
        # the variance is a hundredth of the content in fb
        np.testing.assert_allclose(np.square(errors), LUMINOSITY**2 * 0.01 * sum(taus), rtol=1e-4)


def test_masses_below_the_resolution_keep_a_ratio(config):
    masses = np.array(mass_grid(config))
    assert (masses[0], masses[-1]) == (0.01, 4.0)
    assert 2.0 in masses
    ratios = masses[1:] / masses[:-1]
    assert ratios.max() <= 1.5 + 1e-12
    low = masses[1:] < 0.5
    # as few as possible: four digits are lost to rounding
    assert np.all(ratios[low] > 1.498)
    resolution = 0.5 / (2.0 * masses[:-1])
    assert np.all(np.diff(masses) <= 0.5 * resolution * 1.0001)
    assert len({region.mass_range for region in regions_of(2.0, config)}) == 1


def test_the_strength_has_room_without_background(build):
    """At a luminosity where a thousandth of an event is background, a limit is still three events of signal."""
    made = build((1.5,), luminosity_inverse_fb=1.0e-6)
    metadata = made.patchset["patches"][0]["metadata"]
    ((low, high),) = made.patchset["patches"][0]["patch"][-1]["value"][0]["bounds"]
    assert low == 0.0
    assert 10.0 < high * metadata["expected_signal_events"] < 250.0
