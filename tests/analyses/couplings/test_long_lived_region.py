"""Islands of excluded couplings: a reference table, several islands, scaling laws, both projections."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from darkreach.couplings.efficiency_grid import EfficiencyGrid
from darkreach.couplings.kaon_scalar_signal import scalar_beta_gamma
from darkreach.couplings.long_lived_region import (
    coupling_scan,
    excluded_islands,
    lifetime_intervals,
    long_lived_intervals,
)
from darkreach.couplings.long_lived_signal import LongLivedSignal, power_law_signal
from darkreach.generators.signals.b_to_kaon_rates import scalar_branching_fraction
from darkreach.generators.signals.heavy_flavour_numbers import heavy_flavour_numbers
from darkreach.models.decay_zones import radial_probability
from darkreach.models.higgs_mixed_scalar import scalar_branching_fractions, scalar_ctau_cm

Array = np.ndarray
TABLE = Path(__file__).parents[4] / "shared" / "physics" / "tables" / "scalar_S_island_toy.csv"
LUMINOSITIES = {"189fb-1": 189.0, "1ab-1": 1000.0, "50ab-1": 5e4}
SCAN = coupling_scan(1e-7, 1.0)
NO_BACKGROUND = math.log(10.0)
CTAUS = np.geomspace(1e-5, 1e4, 181)


def no_background(ctau: Array) -> Array:
    return np.full(ctau.shape, NO_BACKGROUND)


@cache
def toy(mass: float, luminosity: float) -> LongLivedSignal:
    """198e6 charged B mesons in 189/fb; the scalar decays to muons."""
    rate = scalar_branching_fraction(heavy_flavour_numbers(), mass, 1.0, charged=True, vector=False)
    number = 198e6 * luminosity / 189.0 * rate * scalar_branching_fractions(mass)["mumu"]
    return power_law_signal(mass, {"mumu": number}, scalar_ctau_cm(mass))


@cache
def toy_grid(mass: float) -> EfficiencyGrid:
    """A fifth of the decays from 0.05 to 60 cm from the axis."""
    boost = scalar_beta_gamma(heavy_flavour_numbers(), mass, "kplus_mumu")
    efficiency = 0.2 * radial_probability(0.05, 60.0, boost, CTAUS)[np.newaxis]
    return EfficiencyGrid("mumu", np.array([mass]), CTAUS, efficiency, 0.0 * efficiency, np.full((1, 181), np.inf))


def exact_events(mass: float, luminosity: float) -> Callable[[Array], Array]:
    signal = toy(mass, luminosity)
    boost = scalar_beta_gamma(heavy_flavour_numbers(), mass, "kplus_mumu")

    def events(coupling: Array) -> Array:
        return signal.decays["mumu"](coupling) * 0.2 * radial_probability(0.05, 60.0, boost, signal.ctau_cm(coupling))

    return events


def islands(mass: float, luminosity: float) -> list[tuple[float, float]]:
    signal = toy(mass, luminosity)
    return long_lived_intervals(signal.expected_events({"mumu": toy_grid(mass)}), signal.ctau_cm, no_background, SCAN)


@pytest.fixture(scope="module")
def table() -> list[dict[str, str]]:
    if not TABLE.is_file():
        pytest.skip("the reference table is not here")
    lines = [line for line in TABLE.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    return list(csv.DictReader(lines))


@pytest.mark.reference
def test_the_table_of_islands_is_reproduced(table: list[dict[str, str]]) -> None:
    step = (0.5 / 1e-7) ** (1.0 / 599.0)
    empty = 0
    for row in table:
        mass, luminosity = float(row["mS_GeV"]), LUMINOSITIES[row["lumi"]]
        exact = long_lived_intervals(exact_events(mass, luminosity), toy(mass, luminosity).ctau_cm, no_background, SCAN)
        found = islands(mass, luminosity)
        assert len(exact) == len(found) == (0 if row["sintheta_lo"] == "nan" else 1), (mass, luminosity)
        if not exact:
            empty += 1
            continue
        ends = {"lo": (exact[0][0], found[0][0]), "hi": (exact[0][1], found[0][1])}
        for side, (precise, gridded) in ends.items():
            expected = float(row[f"sintheta_{side}_exact"])
            if math.isnan(expected):
                assert precise == gridded == math.inf
                continue
            assert precise == pytest.approx(expected, rel=1e-3, abs=0.0)
            assert max(gridded / expected, expected / gridded) < step
        assert exact[0][0] < float(row["sintheta_lo"]) < step * exact[0][0]
    assert len(table) == 42
    assert empty == 10


def test_nothing_is_excluded_on_both_sides_of_1_9_gev() -> None:
    # maxima at 189/fb: 2.03, 2.40, 2.23, 0.20 events against 2.30
    for mass, most in ((1.5, 2.03), (1.9, 2.40), (2.0, 2.23), (3.5, 0.195)):
        fine = np.geomspace(3e-4, 5e-3, 2000)
        assert float(np.max(exact_events(mass, 189.0)(fine))) == pytest.approx(most, rel=3e-3)
    assert [islands(mass, 189.0) for mass in (1.5, 2.0, 3.5)] == [[], [], []]
    ((lower, upper),) = islands(1.9, 189.0)
    assert (lower, upper) == (pytest.approx(1.588e-3, rel=0.01), pytest.approx(2.152e-3, rel=0.01))


def test_twice_the_mesons_would_exclude_2_gev() -> None:
    assert islands(2.0, 2.0 * 189.0) != []


def test_two_islands_at_one_mass_are_two_intervals() -> None:
    # efficiency in two ranges of lifetime: close to the beam pipe, and far out
    ctau = np.geomspace(1e-4, 1e4, 81)
    bumps = 0.4 * np.exp(-((np.log10(ctau) + 1.0) ** 2) * 4.0) + 0.4 * np.exp(-((np.log10(ctau) - 2.0) ** 2) * 4.0)
    table = bumps[np.newaxis]
    grid = EfficiencyGrid("mumu", np.array([1.0]), ctau, table, 0.0 * table, np.full(table.shape, np.inf))
    signal = power_law_signal(1.0, {"mumu": 1e10}, 1e-6)
    found = long_lived_intervals(signal.expected_events({"mumu": grid}), signal.ctau_cm, no_background, SCAN)
    assert len(found) == 2
    for lower, upper in found:
        inside = np.geomspace(lower * 1.0001, upper * 0.9999, 50)
        assert np.all(signal.expected_events({"mumu": grid})(inside) > NO_BACKGROUND)
    between = np.geomspace(found[0][1] * 1.0001, found[1][0] * 0.9999, 50)
    assert np.all(signal.expected_events({"mumu": grid})(between) < NO_BACKGROUND)


def test_a_limit_that_rises_with_the_lifetime_cuts_the_island_there() -> None:
    signal = toy(0.5, 189.0)
    events = signal.expected_events({"mumu": toy_grid(0.5)})
    free = long_lived_intervals(events, signal.ctau_cm, no_background, SCAN)
    cut = long_lived_intervals(events, signal.ctau_cm, lambda ctau: np.where(ctau > 0.1, np.inf, NO_BACKGROUND), SCAN)
    assert cut[0][1] == pytest.approx(free[0][1], rel=1e-9)
    assert float(signal.ctau_cm(np.array([cut[0][0]]))[0]) == pytest.approx(0.1, rel=1e-6)
    assert cut[0][0] > free[0][0]


def test_lower_edge_goes_with_the_fourth_root_of_the_luminosity() -> None:
    edges = [
        long_lived_intervals(exact_events(0.22, value), toy(0.22, value).ctau_cm, no_background, SCAN)[0][0]
        for value in (189.0, 5e4)
    ]
    # on a grid of steps of 2.6 % the ratio is 0.249; the fourth root is 0.248, approached from below
    assert edges[1] / edges[0] == pytest.approx(0.2452, abs=5e-4)
    # far from the edges of the detector the law is exact
    signals = [power_law_signal(0.3, {"mumu": number}, 1e-6) for number in (1e16, 1e20)]
    pair = []
    for signal in signals:
        events = signal.expected_events({"mumu": toy_grid(0.3)})
        pair.append(long_lived_intervals(events, signal.ctau_cm, no_background, coupling_scan(1e-10, 1.0))[0][0])
    assert pair[1] / pair[0] == pytest.approx(0.1, rel=1e-6)


def test_both_projections_agree() -> None:
    for mass, luminosity in ((0.5, 189.0), (1.9, 189.0), (2.0, 1000.0)):
        signal, grid = toy(mass, luminosity), toy_grid(mass)
        intervals = lifetime_intervals(islands(mass, luminosity), signal.ctau_cm)
        # the other way: the limit on decays in (mass, ctau) against the rate of the coupling with this lifetime
        ctau = np.geomspace(1e-4, 1e4, 4001)
        limit = NO_BACKGROUND / np.maximum(grid.at(mass, ctau), 1e-300)
        coupling = np.sqrt(scalar_ctau_cm(mass) / ctau)
        excluded = (limit < signal.decays["mumu"](coupling)) & (coupling < 1.0)
        expected = np.zeros(len(ctau), dtype=bool)
        for shortest, longest in intervals:
            expected |= (ctau > shortest) & (ctau < longest)
        assert np.array_equal(excluded, expected)
        assert excluded.any()
        assert not excluded.all()


def test_an_open_interval_reaches_down_to_no_lifetime() -> None:
    signal = toy(0.22, 189.0)
    ((shortest, longest),) = lifetime_intervals(islands(0.22, 189.0), signal.ctau_cm)
    assert shortest == 0.0
    assert longest == pytest.approx(float(signal.ctau_cm(np.array([1.823e-3]))[0]), rel=0.02)


def test_every_quantile_has_its_islands_with_the_lifetime_of_the_lower_edge() -> None:
    signal = toy(1.9, 189.0)
    limits = {
        "observed": no_background,
        "0": lambda ctau: np.full(ctau.shape, 2.0),
        "1": lambda ctau: np.full(ctau.shape, 3.0),
    }
    found = excluded_islands(1.9, signal.expected_events({"mumu": toy_grid(1.9)}), signal.ctau_cm, limits, SCAN)
    assert [interval.quantile for interval in found] == ["observed", "0"]
    assert found[1].lower < found[0].lower < found[0].upper < found[1].upper
    for interval in found:
        assert interval.ctau_cm == pytest.approx(scalar_ctau_cm(1.9, interval.lower), rel=1e-12)
