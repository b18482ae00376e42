"""Look-elsewhere over a plane: local p-values against exact sums, toys against what is known of independent windows."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import gamma, kstest, poisson

from darkreach.errors import ConfigError
from darkreach.fits.plane_significance import plane_significance, smallest_p_values
from darkreach.fits.plane_windows import PlaneCounting, counting_p_values, window_matrix


def plane(
    expectation: np.ndarray, members: list[np.ndarray], counts: np.ndarray, uncertainty: float = 0.0
) -> PlaneCounting:
    windows = window_matrix(members, expectation.size)
    names = tuple(f"window_{number}" for number in range(len(members)))
    return PlaneCounting(names, expectation, windows, np.asarray(windows @ counts), uncertainty)


def overlapping(size: int, radius: int, mean: float, seed: int = 1) -> PlaneCounting:
    """Return square windows at every point of a square grid of cells, with counts from the expectation."""
    x, y = np.meshgrid(np.arange(size), np.arange(size), indexing="ij")
    expectation = mean * np.exp(-x / size).ravel()
    members = [
        np.flatnonzero((np.abs(x - i) <= radius).ravel() & (np.abs(y - j) <= radius).ravel())
        for i in range(size)
        for j in range(size)
    ]
    counts = np.random.default_rng(seed).poisson(expectation).astype(float)
    return plane(expectation, members, counts)


def test_local_p_values_are_poisson_sums() -> None:
    counts, background = np.array([0.0, 1.0, 4.0, 12.0]), np.array([0.3, 0.3, 1.7, 2.0])
    expected = [1.0, *(poisson.sf(counts[1:] - 1, background[1:]))]
    assert counting_p_values(counts, background) == pytest.approx(expected, rel=1e-12, abs=0.0)


def test_with_an_uncertain_background_they_are_means_over_a_gamma_distribution() -> None:
    def integrand(mean: float) -> float:
        return float(poisson.sf(3, mean) * gamma.pdf(mean, 1.0 / 0.16, scale=1.7 * 0.16))

    expected = quad(integrand, 0.0, 15.0, epsabs=0.0, epsrel=1e-10)[0]
    assert counting_p_values(np.array([4.0]), np.array([1.7]), 0.4) == pytest.approx([expected], rel=1e-8, abs=0.0)


def test_separate_windows_have_the_global_p_value_of_independent_trials() -> None:
    counts = np.zeros(50)
    counts[7] = 5.0
    found = plane_significance(plane(np.full(50, 1.0), [np.array([n]) for n in range(50)], counts), toys=4_000, seed=3)
    local = poisson.sf(4, 1.0)
    assert found.best == "window_7"
    assert found.local_p_value == pytest.approx(local, rel=1e-12, abs=0.0)
    assert (found.observed, found.background) == (5.0, 1.0)
    expected = -math.expm1(50 * math.log1p(-local))
    assert abs(found.p_value - expected) < 4.0 * found.p_value_error
    assert found.p_value_error == pytest.approx(math.sqrt(expected * (1 - expected) / 4_000), rel=0.05)
    assert found.independent_windows == pytest.approx(50.0, rel=0.15)
    assert found.trials_factor == pytest.approx(expected / local, rel=0.15)
    # windows that are all the same are one trial
    same = plane(np.full(2, 0.5), [np.array([0, 1])] * 30, np.array([1.0, 1.0]))
    assert plane_significance(same, toys=4_000, seed=3).independent_windows == pytest.approx(1.0, rel=0.15)


@pytest.mark.parametrize(("mean", "uncertainty"), [(0.02, 0.0), (0.6, 0.0), (0.6, 0.3)])
def test_global_p_values_of_background_are_flat(mean: float, uncertainty: float) -> None:
    """Data drawn as toys are: the fraction of toys as extreme is uniform, up to what is discrete."""
    one = replace(overlapping(14, 1, mean), background_uncertainty=uncertainty)
    data, toys = (smallest_p_values(one, toys=400, seed=seed) for seed in (1, 2))
    # ties of few counts are broken at random, so that a discrete variable can be uniform
    random = np.random.default_rng(5)
    below, equal = ((toys[None, :] * factor < data[:, None]).mean(axis=1) for factor in (1.0 + 1e-9, 1.0 - 1e-9))
    uniform = below + random.uniform(size=400) * (equal - below)
    assert kstest(uniform, "uniform").pvalue > 1e-3
    # without breaking ties it may only be too large
    assert np.mean(equal <= 0.1) < 0.1 + 4.0 * math.sqrt(0.09 / 400)


def test_toys_depend_on_seed_and_number_alone() -> None:
    one = overlapping(8, 1, 0.5)
    all_at_once = smallest_p_values(one, toys=45, seed=7)
    assert smallest_p_values(one, toys=25, seed=7, first=20).tolist() == all_at_once[20:].tolist()
    assert smallest_p_values(one, toys=45, seed=8).tolist() != all_at_once.tolist()
    assert plane_significance(one, toys=45, seed=7) == plane_significance(one, toys=45, seed=7)


@pytest.mark.parametrize("mean", [0.01, 5.0])
def test_toys_have_the_expected_events(mean: float) -> None:
    """Few events in many cells and many in each are drawn differently; both must give the expectation."""
    expectation = mean * np.arange(1.0, 101.0) / 50.0
    one = plane(expectation, [np.arange(100)], np.zeros(100))
    smallest = smallest_p_values(one, toys=1500, seed=1)
    counts = np.arange(2000.0)
    # the p-value falls with the count, so the place among all p-values is the count
    p_values = counting_p_values(counts, np.full(2000, float(one.background[0])))
    drawn = np.searchsorted(-p_values, -smallest * (1.0 + 1e-9))
    assert abs(drawn.mean() - 101.0 * mean) < 4.0 * math.sqrt(101.0 * mean / 1500)
    assert drawn.var() == pytest.approx(101.0 * mean, rel=0.2)


def test_an_uncertain_background_moves_all_cells_of_a_toy_together() -> None:
    one = plane(np.full(100, 0.5), [np.arange(100)], np.zeros(100), uncertainty=0.4)
    counts = np.arange(2000.0)
    p_values = counting_p_values(counts, np.full(2000, 50.0), 0.4)
    smallest = smallest_p_values(one, toys=1500, seed=1)
    drawn = np.searchsorted(-p_values, -smallest * (1.0 + 1e-9))
    # Poisson and 40 % of 50 events, squared
    assert abs(drawn.mean() - 50.0) < 4.0 * math.sqrt(450.0 / 1500)
    assert drawn.var() == pytest.approx(450.0, rel=0.2)


def test_an_estimated_background_serves_data_and_toys_alike() -> None:
    one = overlapping(8, 1, 0.5)
    cautious = replace(one, estimated_background=2.0 * one.background)
    assert cautious.local_p_values == pytest.approx(counting_p_values(one.observed, 2.0 * one.background))
    assert np.all(smallest_p_values(cautious, toys=50, seed=1) >= smallest_p_values(one, toys=50, seed=1))
    with pytest.raises(ConfigError, match="estimated background of none"):
        replace(one, estimated_background=0.0 * one.background)


def test_the_result_is_json_and_none_is_as_extreme_as_a_huge_excess() -> None:
    one = overlapping(8, 0, 0.1)
    found = plane_significance(replace(one, observed=one.observed + 30.0), toys=10, seed=1)
    assert (found.toys_as_extreme, found.p_value, found.significance, found.trials_factor) == (0, 0.0, None, None)
    assert found.p_value_error == pytest.approx(0.1)
    assert json.loads(json.dumps(found.as_dict()))["local_significance"] > 5.0
    empty = plane_significance(replace(one, observed=0.0 * one.observed), toys=10, seed=1)
    assert (empty.local_p_value, empty.p_value, empty.independent_windows) == (1.0, 1.0, None)
    assert json.loads(json.dumps(empty.as_dict(), allow_nan=False))["significance"] is None


@pytest.mark.parametrize(
    "change",
    [
        {"observed": np.array([0.5, 1.0])},
        {"observed": np.array([1.0])},
        {"expectation": np.array([1.0, -1.0, 0.0])},
        {"windows": 0.5 * window_matrix([np.array([0]), np.array([1, 2])], 3)},
        {"background_uncertainty": -0.1},
    ],
)
def test_what_does_not_fit_is_refused(change: dict[str, object]) -> None:
    good = plane(np.ones(3), [np.array([0]), np.array([1, 2])], np.ones(3))
    with pytest.raises(ConfigError):
        replace(good, **change)
    with pytest.raises(ConfigError, match="needs toys"):
        plane_significance(good, toys=0, seed=1)


@pytest.mark.slow
def test_nine_thousand_windows_and_a_thousand_toys() -> None:
    one = overlapping(96, 4, 0.5)
    assert len(one.names) == 9216
    found = plane_significance(one, toys=1000, seed=1)
    assert 100.0 < (found.independent_windows or 200.0) < 9216.0
