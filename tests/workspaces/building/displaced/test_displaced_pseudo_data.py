from __future__ import annotations

import numpy as np
import pytest

from darkreach.building.displaced_inputs import read_displaced_inputs


@pytest.fixture(scope="module")
def search(formulas):
    config = formulas.search()
    return config, formulas.make_histograms(config, background=0.8)


def read(formulas, search, seed=2, injected=None):
    config, histograms = search
    inputs = read_displaced_inputs(histograms, config, formulas.Rates(), formulas.LUMINOSITY, None, (seed, injected))
    return inputs.regions


def test_drawn_about_the_luminosity_times_simulation(formulas, search):
    observed = read(formulas, search)["first"].observed
    # 8 events expected in each of 800 cells
    assert observed.mean() == pytest.approx(8.0, abs=0.4)
    assert observed.var() == pytest.approx(8.0, abs=1.5)
    assert np.all(observed == observed.round())


def test_seeds(formulas, search):
    first, again, other = (read(formulas, search, seed)["first"].observed for seed in (2, 2, 3))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    assert not np.array_equal(first, read(formulas, search)["second"].observed)


def test_configured_seed_and_metadata(formulas, search):
    made, again = (formulas.build(*search, masses=[0.8], pseudo_data_seed=seed) for seed in (None, 2))
    assert made == again
    assert made.patchset["metadata"]["pseudo_data"] == {"seed": 2}
    meta = made.patchset["patches"][0]["metadata"]
    assert meta["data_kind"] == "pseudo-data drawn from the templates"
    # 8 cells, both bins of the radius
    assert meta["simulated_background"]["first"] == pytest.approx(2 * 8 * 8.0)


def test_smoothed_in_every_bin_of_the_radius_up_to_gaps(formulas):
    config = formulas.search()
    histograms = formulas.make_histograms(config)
    content = np.zeros((400, 2))
    # at 0.9 GeV, far from gaps, and at 1.22 GeV, beside the excluded masses from 1.0 to 1.2 GeV
    content[120, 0], content[184, 1] = 6.3, 1.5
    for name in ("first", "third"):
        formulas.fill(histograms.histograms[f"mass_radius/{name}"], "some", content, 0.1 * content)
    regions = read(formulas, (config, histograms))
    expected = np.zeros((400, 2))
    # 20 resolutions are 40 cells of 5 MeV
    expected[100:141, 0] = 63.0 / 41.0
    expected[164:205, 1] = 15.0 / 41.0
    np.testing.assert_allclose(regions["first"].simulated, expected, atol=1e-12)
    expected[140, 0] = 0.0
    # the cell 184 is the fifth from 1.2 GeV on: averages of cells at the edge are over fewer cells
    expected[:, 1] = 0.0
    cells = np.arange(180, 205)
    expected[cells, 1] = 15.0 / (cells + 21 - np.maximum(180, cells - 20))
    expected[100:140, 0] = 63.0 / (np.minimum(140, np.arange(100, 140) + 21) - np.arange(100, 140) + 20)
    np.testing.assert_allclose(regions["third"].simulated, expected, atol=1e-12)


def test_injected_signal(formulas, search):
    strength = 500.0
    injected = ("third", 1.6, 10.0, strength)
    with_signal = read(formulas, search, injected=injected)
    without = read(formulas, search)
    assert np.array_equal(with_signal["first"].observed, without["first"].observed)
    # what is on top of the sidebands, in both bins of the radius
    made = formulas.build(*search, masses=[1.6], injected=injected)
    patch = formulas.patch_of(made, "third_m1600_ctau10")
    for radius in (0, 1):
        (on,), (off,) = patch.observed[f"third_r{radius}"], patch.observed[f"third_r{radius}_sideband"]
        signal = patch.samples[f"third_r{radius}", "signal"]["data"][0]
        found, error = (on - off / 5.0) / signal, np.sqrt(on + off / 25.0) / signal
        assert found == pytest.approx(strength, abs=3.0 * error)
        assert error < 0.1 * strength
    assert patch.parameters["mu"]["bounds"][0][1] >= 4.0 * strength
    assert made.patchset["metadata"]["pseudo_data"]["injected"] == {
        "channel": "third", "mass_gev": 1.6, "ctau_cm": 10.0, "mu": 500.0
    }  # fmt: skip


def test_injected_into_all_regions(formulas, search):
    with_signal = read(formulas, search, injected=("combined", 1.6, 1.0, 1000.0))
    for name, one in with_signal.items():
        near = one.observed[250:270].sum() - 20 * 2 * 8.0
        produced = 1000.0 * 3.0 * formulas.LUMINOSITY
        assert near == pytest.approx(produced * formulas.efficiency(1.6)[1].sum(), rel=0.1), name
