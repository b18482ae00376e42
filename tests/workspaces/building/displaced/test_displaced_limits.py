"""Limits of workspaces of displaced vertices against closed forms and integrals."""

from __future__ import annotations

import numpy as np
import pyhf
import pytest
from scipy.optimize import brentq
from scipy.stats import gamma, norm, poisson

from darkreach.sharing.patchsets import apply_patches

NOTHING = np.zeros((400, 2))


def data(**regions):
    """Return counts by region: one event at each mass given (GeV), in the first bin of the radius."""
    cells = {name: NOTHING.copy() for name in ("first", "second", "third")}
    for name, masses in regions.items():
        for mass in masses:
            cells[name][int((mass - 0.3) / 0.005), 0] += 1.0
    return cells


@pytest.fixture(scope="module")
def build(formulas):
    """Build with data, and with settings of the workspace."""

    def made(cells, rates=None, **workspace):
        config = formulas.search(**workspace)
        histograms = formulas.make_histograms(config, data=cells)
        return formulas.build(config, histograms, rates, masses=[0.8], lifetimes_cm=[0.1], data_sample="data")

    return made


@pytest.fixture(scope="module")
def silent(build):
    """Workspace of data without any event."""
    return build(data())


def test_no_event_at_all(formulas, silent):
    events = formulas.patch_of(silent, "first_m800_ctau0p1").metadata["expected_signal_events"]
    for method in ("exact", "auto"):
        (limit,) = formulas.limits(silent, ["first_m800_ctau0p1"], method)
        assert limit.method == "exact"
        assert limit.observed == pytest.approx(2.99573 / events, rel=1e-5)
    # pyhf says the same of what is expected there
    (one,) = (one for one in apply_patches(silent.background_only, silent.patchset) if one.name == "first_m800_ctau0p1")
    model = pyhf.Workspace(one.workspace).model()
    theta = np.array(model.config.suggested_init())
    expected = []
    for strength in (limit.observed, 0.0):
        theta[model.config.poi_index] = strength
        rates = model.expected_data(theta, include_auxdata=False)
        expected.append(
            sum(rate for rate, name in zip(rates, model.config.channels, strict=True) if "side" not in name)
        )
    assert np.exp(expected[1] - expected[0]) == pytest.approx(0.05, rel=1e-4)


def test_two_identical_regions(formulas, build, silent):
    alone, both = formulas.limits(silent, ["first_m800_ctau0p1", "combined_m800_ctau0p1"])
    assert both.observed == pytest.approx(alone.observed / 3.0, rel=1e-5)
    two = build(data(), formulas.Rates(third=0.0))
    (pair,) = formulas.limits(two, ["combined_m800_ctau0p1"])
    assert pair.observed == pytest.approx(alone.observed / 2.0, rel=1e-5)


def cls(strength, signal, observed, off, tau, ratio):
    """Return CLs of a count, averaged over background Gamma(off + 1)/tau and a factor of its ratio."""
    # points of equal probability
    background = gamma.ppf((np.arange(3000) + 0.5) / 3000, off + 1.0, scale=1.0 / tau)
    pulls = np.linspace(-5.0, 5.0, 41 if ratio else 1) * (ratio > 0.0)
    factors = (1.0 + ratio) ** pulls[:, np.newaxis]

    def probability(mean):
        return norm.pdf(pulls) @ poisson.cdf(observed, mean + factors * background).mean(axis=1)

    return probability(strength * signal) / probability(0.0)


@pytest.mark.parametrize(
    ("on", "off", "ratio", "tolerance"), [(0, 0, 0.0, 1e-3), (2, 3, 0.0, 1e-3), (3, 12, 0.0, 1e-3), (3, 12, 0.5, 5e-3)]
)
def test_on_and_off(formulas, build, on, off, ratio, tolerance):
    settings = {"inner": 3.0, "outer": 13.0, "ratio_uncertainty": formulas.number(ratio)}
    config = formulas.search([formulas.region("first")], sideband=settings)
    histograms = formulas.make_histograms(config, data=data(first=[0.801] * on + [0.85] * off), anchors=(0.8,))
    # all signal in the first bin of the radius
    histograms.histograms["signal_lifetime/first"].view(flow=False)["value"][:, :, 1] = 0.0
    made = formulas.build(config, histograms, masses=[0.8], lifetimes_cm=[0.1], data_sample="data")
    assert formulas.patch_of(made, "first_m800_ctau0p1").channels == ["first_r0", "first_r0_sideband"]
    (limit,) = formulas.limits(made, ["first_m800_ctau0p1"])
    signal = formulas.patch_of(made, "first_m800_ctau0p1").samples["first_r0", "signal"]["data"][0]
    wanted = brentq(lambda mu: cls(mu, signal, on, off, 5.0, ratio) - 0.05, 1.0 / signal, 20.0 / signal, rtol=1e-5)
    assert limit.observed == pytest.approx(wanted, rel=tolerance)


def test_without_sideband_events_background_can_float(formulas, build):
    # one event in the window, none beside it: a fit must not be stuck at zero background
    made = build(data(first=[0.8]))
    one = formulas.patch_of(made, "first_m800_ctau0p1").parameters["background_first_r0"]
    assert one["inits"] == [1e-3]
    assert one["bounds"] == [[0.0, 10.0]]
    (limit,) = formulas.limits(made, ["first_m800_ctau0p1"])
    assert limit.observed > 3.0 / formulas.patch_of(made, "first_m800_ctau0p1").metadata["expected_signal_events"]


def test_all_regions_together_are_exact(formulas):
    names = [f"{name}{number}" for number in range(4) for name in ("muons", "pions")]
    config = formulas.search([formulas.region(name, "mumu" if "muons" in name else "pipi") for name in names])
    histograms = formulas.make_histograms(config, background=0.002)
    made = formulas.build(config, histograms, masses=[0.8], lifetimes_cm=[1.0], single_channels=False)
    assert len(formulas.patch_of(made, "combined_m800_ctau1").channels) == 32
    (limit,) = formulas.limits(made, ["combined_m800_ctau1"], "auto")
    assert limit.method == "exact"
    assert limit.quality.note.startswith("exact: 16 counting channels")
