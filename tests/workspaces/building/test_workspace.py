from __future__ import annotations

import json

import numpy as np
import pyhf
import pytest
from click.testing import CliRunner
from pyhf.cli import cli
from scipy.stats import norm

from darkreach.building import build_workspace, mass_grid, write_workspace
from darkreach.histograms import squared_mass_resolution
from darkreach.sharing import apply_patches, read_patchset, read_workspace

MASSES = (0.2, 0.35, 1.0, 3.99, 4.0, 5.5, 6.85, 8.0, 9.3, 9.7)
LUMINOSITY = 0.445


@pytest.fixture(scope="module")
def build(histograms):
    def built(config, masses=MASSES, **options):
        return build_workspace(
            histograms, config, luminosity_inverse_fb=LUMINOSITY, sqrt_s=10.58, masses=masses, **options
        )

    return built


@pytest.fixture(scope="module")
def workspace(build, config):
    return build(config)


@pytest.fixture(scope="module")
def hypotheses(workspace):
    return apply_patches(workspace.background_only, workspace.patchset)


def model_of(hypothesis):
    return pyhf.Workspace(hypothesis.workspace).model(
        modifier_settings={"normsys": {"interpcode": "code4"}, "histosys": {"interpcode": "code4p"}}
    )


def expected(model, **values):
    parameters = model.config.suggested_init()
    for name, value in values.items():
        parameters[model.config.par_slice(name)] = [value]
    return model.expected_data(parameters, include_auxdata=False)


def data_of(hypothesis, name):
    """Sum a sample over the channels, or all samples that start with the name."""
    channels = sorted(hypothesis.workspace["channels"], key=lambda channel: channel["name"])
    return np.concatenate([
        np.sum([s["data"] for s in channel["samples"] if s["name"].startswith(name)], axis=0) for channel in channels
    ])  # fmt: skip


def test_files_are_valid_and_pyhf_verifies_them(workspace, tmp_path):
    background_only, patchset = write_workspace(tmp_path, workspace)
    assert read_workspace(background_only) == workspace.background_only
    assert read_patchset(patchset) == workspace.patchset
    done = CliRunner().invoke(cli, ["patchset", "verify", str(background_only), str(patchset)])
    assert (done.exit_code, done.output.strip()) == (0, "All good.")


def test_same_input_gives_the_same_bytes(workspace, build, config, tmp_path):
    first = write_workspace(tmp_path / "a", workspace)
    second = write_workspace(tmp_path / "b", build(config))
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


def test_expected_data_are_the_templates(hypotheses):
    for hypothesis in hypotheses:
        model = model_of(hypothesis)
        background, signal = data_of(hypothesis, "three_photons"), data_of(hypothesis, "signal")
        np.testing.assert_allclose(expected(model, mu=0.0), background, rtol=1e-12)
        np.testing.assert_allclose(expected(model, mu=1.0), background + signal, rtol=1e-12)
        np.testing.assert_allclose(expected(model, mu=7.0), background + 7.0 * signal, rtol=1e-12)


def test_background_is_luminosity_times_cross_section(hypotheses, histograms, config):
    for hypothesis in hypotheses:
        region = histograms.histograms[f"region/{hypothesis.meaning['region']}"]
        in_fb = region[{"dataset": "three_photons", "variation": "nominal"}].values()
        first = int(hypothesis.meaning["channels"][0][-2:]) * config.binning.bins_per_channel
        background = data_of(hypothesis, "three_photons")
        written = LUMINOSITY * in_fb[first : first + len(background)]
        np.testing.assert_allclose(background, written, rtol=1e-4)
        observed = np.concatenate([item["data"] for item in hypothesis.workspace["observations"]])
        # the pseudo-data of this test are the expectation, rounded to whole events
        np.testing.assert_allclose(observed, background, atol=0.5 + 1e-4 * background.max())


def test_signal_yield_is_cross_section_times_luminosity_times_efficiency(hypotheses):
    for hypothesis in hypotheses:
        mass = hypothesis.values["mass_gev"]
        meaning = hypothesis.meaning
        assert meaning["entries_per_event"] == pytest.approx(0.3 + 0.01 * mass, rel=1e-4)
        produced = meaning["cross_section_fb"] * LUMINOSITY
        # two channels hold all of a Gaussian but its part below M^2 = 0 or the like: less than 1e-4
        assert data_of(hypothesis, "signal").sum() == pytest.approx(produced * (0.3 + 0.01 * mass), rel=2e-4)
        assert meaning["expected_signal_events"] == pytest.approx(data_of(hypothesis, "signal").sum(), rel=1e-4)


def test_signal_peaks_at_its_mass_with_its_width(hypotheses, histograms, config):
    regions = {region.name: region for region in config.regions}
    for hypothesis in hypotheses:
        mass, region = hypothesis.values["mass_gev"], regions[hypothesis.meaning["region"]]
        sigma = float(squared_mass_resolution(region.observable, mass, config))
        assert hypothesis.meaning["resolution_gev"] == pytest.approx(sigma / (2 * mass), rel=1e-4)
        signal = data_of(hypothesis, "signal")
        edges = histograms.histograms[f"region/{region.name}"].axes[-1].edges
        first = int(hypothesis.meaning["channels"][0][-2:]) * config.binning.bins_per_channel
        pulls = (edges[first : first + len(signal) + 1] - mass**2) / sigma
        shape = np.diff(norm.cdf(pulls, 0.0, 0.9 + 0.02 * mass))
        # straight lines between points 0.025 apart: h^2 max|f'| / 8 = 2e-5 at an edge; five digits written
        np.testing.assert_allclose(signal / signal.sum(), shape, atol=6e-5)


def test_cross_section_of_the_caller_is_used(build, config):
    made = build(config, masses=(1.0,), cross_section_fb=lambda mass: 100.0 * mass)
    metadata = made.patchset["patches"][0]["metadata"]
    assert metadata["cross_section_fb"] == 100.0
    assert metadata["expected_signal_events"] == pytest.approx(100.0 * LUMINOSITY * 0.31, rel=2e-4)


def test_variations_move_signal_and_background_together(hypotheses):
    hypothesis = next(h for h in hypotheses if h.name == "m1000MeV")
    model = model_of(hypothesis)
    background, signal = data_of(hypothesis, "three_photons"), data_of(hypothesis, "signal")
    np.testing.assert_allclose(expected(model, mu=1.0, photon_efficiency=1.0), 1.02 * (background + signal), rtol=1e-5)
    np.testing.assert_allclose(expected(model, mu=1.0, luminosity=1.0), background + 1.0065 * signal, rtol=1e-9)
    np.testing.assert_allclose(expected(model, mu=1.0, signal_efficiency=-1.0), background + 0.94 * signal, rtol=1e-9)
    shifted = expected(model, mu=1.0, photon_energy_scale=1.0) - expected(model, mu=0.0, photon_energy_scale=1.0)
    centre = np.arange(len(signal))
    # the pulls move by +0.1 resolutions; a bin is one resolution
    assert (shifted - signal) @ centre / signal.sum() == pytest.approx(0.1, abs=0.01)
    wide = expected(model, mu=1.0, photon_resolution=1.0) - expected(model, mu=0.0, photon_resolution=1.0)
    mean = signal @ centre / signal.sum()
    variance = [values @ (centre - mean) ** 2 / values.sum() - 1.0 / 12.0 for values in (signal, wide)]
    assert variance[1] / variance[0] == pytest.approx(1.21, abs=0.02)


def test_spurious_signal_is_a_fraction_of_the_background_under_the_peak(hypotheses):
    for hypothesis in hypotheses:
        model = model_of(hypothesis)
        background, signal = data_of(hypothesis, "three_photons"), data_of(hypothesis, "signal")
        up = expected(model, mu=0.0, spurious_signal=1.0) - background
        down = expected(model, mu=0.0, spurious_signal=-1.0) - background
        np.testing.assert_allclose(up, -down, atol=1e-6)
        np.testing.assert_allclose(up / up.sum(), signal / signal.sum(), atol=1e-4)
        mass = hypothesis.values["mass_gev"]
        half = 1.4 * 2.0 * mass * hypothesis.meaning["resolution_gev"]
        # the formula of the background of these tests, integrated over +-1.4 resolutions, in fb
        under_peak = 60.0 * 3.0e4 * (np.exp(-(mass**2 - half) / 60.0) - np.exp(-(mass**2 + half) / 60.0))
        assert up.sum() == pytest.approx(0.002 * LUMINOSITY * under_peak, rel=1e-3)


def test_statistical_uncertainty_is_that_of_the_simulation(hypotheses):
    for hypothesis in hypotheses:
        for channel in hypothesis.workspace["channels"]:
            sample = channel["samples"][0]
            modifier = next(m for m in sample["modifiers"] if m["type"] == "staterror")
            assert modifier["name"] == f"staterror_{channel['name']}"
            # variance = 0.1 x content in fb
            variance = 0.1 * np.array(sample["data"]) * LUMINOSITY
            np.testing.assert_allclose(np.square(modifier["data"]), variance, rtol=5e-4)


def test_windows_hold_one_region_and_its_observations(hypotheses):
    for hypothesis in hypotheses:
        names = [channel["name"] for channel in hypothesis.workspace["channels"]]
        assert names == hypothesis.meaning["channels"]
        assert names == [item["name"] for item in hypothesis.workspace["observations"]]
        assert all(name.startswith(hypothesis.meaning["region"]) for name in names)
    served = {h.name: h.meaning["region"] for h in hypotheses}
    assert (served["m3990MeV"], served["m4000MeV"], served["m6850MeV"]) == (
        "pair_mass_low", "pair_mass_high", "recoil_mass")  # fmt: skip


def test_rate_floats_or_follows_the_luminosity(build, with_settings):
    for setting, rate, by_luminosity in (
        ("floating", {"background_rate_pair_mass_low"}, 1.0),
        ("fixed", set(), 1.0065),
    ):
        made = build(with_settings(background_rate=setting), masses=(1.0,))
        hypothesis = apply_patches(made.background_only, made.patchset)[0]
        model = model_of(hypothesis)
        assert {name for name in model.config.parameters if name.startswith("background_rate")} == rate
        background = data_of(hypothesis, "three_photons")
        np.testing.assert_allclose(expected(model, mu=0.0, luminosity=1.0), by_luminosity * background, rtol=1e-9)


def test_bernstein_background_is_one_polynomial_over_the_window(build, with_settings):
    made = build(with_settings(background="bernstein"), masses=(1.0, 5.0))
    for hypothesis in apply_patches(made.background_only, made.patchset):
        model = model_of(hypothesis)
        free = [name for name in model.config.parameters if name.startswith("bernstein")]
        assert len(free) == 4
        assert not [name for name in model.config.parameters if name.startswith(("staterror", "background_rate"))]
        observed = np.concatenate([item["data"] for item in hypothesis.workspace["observations"]])
        # starts at the template, whose rounded counts are the pseudo-data of this test
        np.testing.assert_allclose(expected(model, mu=0.0), observed, atol=0.5 + 2e-4 * observed.max())
        assert hypothesis.meaning["background_chi_square"] < 0.1
        flat = expected(model, mu=0.0, **dict.fromkeys(free, 1.0))
        # all coefficients one: a flat density with as many events (partition of unity)
        assert flat.sum() == pytest.approx(observed.sum(), rel=1e-3)
        spurious = expected(model, mu=0.0, spurious_signal=1.0) - expected(model, mu=0.0)
        signal = data_of(hypothesis, "signal")
        np.testing.assert_allclose(spurious / spurious.sum(), signal / signal.sum(), atol=2e-3)


def test_numbers_have_the_digits_asked_for(build, with_settings):
    made = build(with_settings(patch_digits=3), masses=(1.0,))
    for channel in made.background_only["channels"]:
        for value in channel["samples"][0]["data"]:
            assert value == float(f"{value:.2e}")
    assert "e-1" not in json.dumps(made.background_only)


@pytest.mark.slow
def test_every_mass_of_the_grid_builds(build, config):
    made = build(config, masses=None)
    hypotheses = apply_patches(made.background_only, made.patchset)
    assert len(hypotheses) == len(mass_grid(config))
    for hypothesis in hypotheses:
        assert np.all(expected(model_of(hypothesis), mu=0.0) > 0.0)
