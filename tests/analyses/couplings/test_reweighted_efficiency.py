"""Efficiencies at lifetimes that were not simulated, against exact ones and against samples of the right lifetime."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import numpy as np
import pytest

from darkreach.couplings.long_lived_region import coupling_scan, long_lived_intervals
from darkreach.couplings.long_lived_signal import power_law_signal
from darkreach.couplings.reweighted_efficiency import (
    SelectedDecays,
    best_efficiency,
    efficiency_grid,
    reweighted_efficiency,
)
from darkreach.errors import ConfigError, LimitError
from darkreach.generators.decays import decay_vertices, effective_fraction, lifetime_weights
from darkreach.models.decay_zones import radial_probability

TABLE = Path(__file__).parents[4] / "shared" / "physics" / "tables" / "llp_reweight_neff.csv"
N = 40_000


def simulated(ctau: float, seed: int, inner: float = 0.05, outer: float = 60.0, n: int = N) -> SelectedDecays:
    """Isotropic decays with p/m = 1 of which those between two radii are selected."""
    random = np.random.default_rng(seed)
    cosine, angle = random.uniform(-1.0, 1.0, n), random.uniform(0.0, 2.0 * math.pi, n)
    sine = np.sqrt(1.0 - cosine**2)
    direction = np.column_stack([sine * np.cos(angle), sine * np.sin(angle), cosine])
    momentum = np.column_stack([np.full(n, math.sqrt(2.0)), direction])
    decays = decay_vertices(momentum, 1.0, ctau, random)
    radius = np.hypot(decays.vertex[:, 0], decays.vertex[:, 1])
    inside = (radius > inner) & (radius < outer)
    return SelectedDecays(ctau, decays.proper_length[inside], np.ones(int(inside.sum())), float(n))


@pytest.mark.reference
def test_worth_of_weights_agrees_with_the_table() -> None:
    if not TABLE.is_file():
        pytest.skip("the reference table is not here")
    lines = [line for line in TABLE.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    # equally likely decays instead of random ones
    length = -np.log1p(-(np.arange(400_000) + 0.5) / 400_000)
    for row in csv.DictReader(lines):
        ratio = float(row["r"])
        if ratio <= 1.2:
            found = effective_fraction(lifetime_weights(length, 1.0, ratio))
            assert found == pytest.approx(float(row["neff_over_n"]), rel=2e-3)


@pytest.mark.parametrize("ctau", [0.3, 1.0, 3.0, 4.5])
def test_efficiencies_and_their_errors_at_other_lifetimes(ctau: float) -> None:
    found = reweighted_efficiency(simulated(3.0, 1, 1.0, 16.8), ctau)
    exact = float(radial_probability(1.0, 16.8, 1.0, ctau))
    assert abs(found.efficiency - exact) < 4.0 * found.error
    assert found.error < 0.05 * exact
    assert 100.0 < found.effective_events < N
    assert found.error == pytest.approx(found.efficiency / math.sqrt(found.effective_events), rel=1e-12)


def test_errors_cover_the_spread() -> None:
    exact = float(radial_probability(1.0, 16.8, 1.0, 1.0))
    pulls = []
    for seed in range(60):
        found = reweighted_efficiency(simulated(2.5, seed, 1.0, 16.8, n=2000), 1.0)
        pulls.append((found.efficiency - exact) / found.error)
    assert 0.7 < float(np.std(pulls)) < 1.25
    assert abs(float(np.mean(pulls))) < 4.0 / math.sqrt(60)


def test_the_best_sample_is_taken_and_lifetimes_out_of_reach_are_refused() -> None:
    samples = [simulated(ctau, 7, n=4000) for ctau in (0.5, 2.0, 8.0)]
    assert best_efficiency(samples, 0.4).generated_ctau_cm == 0.5
    assert best_efficiency(samples, 6.0).generated_ctau_cm == 8.0
    with pytest.raises(LimitError, match="no simulated lifetime") as refused:
        best_efficiency(samples, 16.0)
    assert refused.value.allowed == "below 16 cm, twice the longest simulated one"
    with pytest.raises(ConfigError, match="finite variance"):
        reweighted_efficiency(samples[1], 4.0)


def test_a_sample_without_selected_decays_is_worth_nothing() -> None:
    empty = SelectedDecays(1.0, np.zeros(0), np.zeros(0), 10.0)
    found = reweighted_efficiency(empty, 0.5)
    assert (found.efficiency, found.error, found.effective_events) == (0.0, 0.0, 0.0)
    with pytest.raises(LimitError, match="without decays"):
        reweighted_efficiency(SelectedDecays(1.0, np.zeros(0), np.zeros(0), 0.0), 0.5)


def test_the_same_island_from_other_lifetimes_as_from_the_right_ones() -> None:
    ctaus = np.geomspace(0.01, 100.0, 33)
    few = [simulated(ctau, 11 + place) for place, ctau in enumerate((0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0))]
    grid = efficiency_grid("mumu", [(1.0, few)], ctaus)
    right = np.array(
        [best_efficiency([simulated(float(ctau), 50 + i)], float(ctau)).efficiency for i, ctau in enumerate(ctaus)]
    )
    signal = power_law_signal(1.0, {"mumu": 1e7}, 1e-7)

    def edges(table: np.ndarray) -> tuple[float, float]:
        made = type(grid)("mumu", grid.masses_gev, ctaus, table, 0.0 * table, 0.0 * table)
        ((lower, upper),) = long_lived_intervals(
            signal.expected_events({"mumu": made}),
            signal.ctau_cm,
            lambda t: np.full(t.shape, 3.0),
            coupling_scan(1e-6, 1),
        )
        return lower, upper

    exact = edges(radial_probability(0.05, 60.0, 1.0, ctaus)[np.newaxis])
    np.testing.assert_allclose(edges(grid.efficiency), exact, rtol=0.01)
    np.testing.assert_allclose(edges(right[np.newaxis]), exact, rtol=0.01)
    # the smallest worth is where few decays reach the inner radius
    assert float(grid.effective_events.min()) > 50.0
    assert float(grid.effective_events.max()) <= N
