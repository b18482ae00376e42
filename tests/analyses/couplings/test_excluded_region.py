"""All crossings of a predicted signal with its limit: one-sided, island, several, none."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.special import lambertw

from darkreach.couplings import excluded_intervals
from darkreach.errors import LimitError

GRID = np.geomspace(1e-6, 1e2, 400)


def test_a_square_law_gives_the_exact_root_and_no_upper_end() -> None:
    ((lower, upper),) = excluded_intervals(lambda g: (g / 3e-3) ** 2, GRID)
    assert lower == pytest.approx(3e-3, rel=1e-11)
    assert upper == math.inf


@pytest.mark.parametrize("root", np.geomspace(1e-4, 1e-2, 25))
def test_a_root_that_is_a_point_of_the_grid_is_met(root: float) -> None:
    ((lower, upper),) = excluded_intervals(lambda g: (g / root) ** 2, root * np.logspace(-3.0, 3.0, 241))
    assert lower == pytest.approx(root, rel=1e-12)
    assert upper == math.inf


def test_extrema_between_points_of_the_grid_are_found() -> None:
    grid = np.geomspace(1.0, 100.0, 9)
    centre = math.sqrt(grid[3] * grid[4])

    def bell(g, top):
        return top * np.exp(-(np.log(g / centre) ** 2))

    width = math.sqrt(math.log(1.001))
    ((lower, upper),) = excluded_intervals(lambda g: bell(g, 1.001), grid)
    np.testing.assert_allclose((lower, upper), (centre * math.exp(-width), centre * math.exp(width)), rtol=1e-9)
    # the same upside down: a gap in what is excluded
    assert excluded_intervals(lambda g: 2.0 - bell(g, 0.999), grid) == [(1.0, math.inf)]
    first, second = excluded_intervals(lambda g: 2.0 - bell(g, 1.001), grid)
    np.testing.assert_allclose((first[1], second[0]), (lower, upper), rtol=1e-9)


def test_a_displaced_search_excludes_an_island_with_exact_edges() -> None:
    # mu = A g^2 exp(-g^2): the roots of mu = 1 are -W(-1/A) on both real branches
    ((lower, upper),) = excluded_intervals(lambda g: 50.0 * g**2 * np.exp(-(g**2)), GRID)
    assert lower == pytest.approx(math.sqrt(-lambertw(-1 / 50.0, 0).real), rel=1e-10)
    assert upper == pytest.approx(math.sqrt(-lambertw(-1 / 50.0, -1).real), rel=1e-10)


def test_several_islands_and_an_open_end() -> None:
    def signal(g):
        x = np.log10(g)
        return 10.0 ** ((x + 4.0) * (x + 3.0) * (x + 1.0))

    intervals = excluded_intervals(signal, GRID)
    assert len(intervals) == 2
    np.testing.assert_allclose(intervals[0], (1e-4, 1e-3), rtol=1e-9)
    assert intervals[1][0] == pytest.approx(1e-1, rel=1e-9)
    assert intervals[1][1] == math.inf


def test_nothing_excluded_is_an_empty_list() -> None:
    assert excluded_intervals(lambda g: 0.5 + 0.0 * g, GRID) == []


def test_excluded_from_the_first_point_on() -> None:
    ((lower, upper),) = excluded_intervals(lambda g: (1e-3 / g) ** 2, GRID)
    assert lower == GRID[0]
    assert upper == pytest.approx(1e-3, rel=1e-10)


@pytest.mark.parametrize("grid", [np.array([1.0]), np.array([0.0, 1.0]), np.array([2.0, 1.0]), np.array([1.0, 1.0])])
def test_a_grid_that_does_not_rise_is_refused(grid) -> None:
    with pytest.raises(LimitError, match="grid"):
        excluded_intervals(lambda g: g, grid)


def test_a_prediction_that_is_not_finite_is_refused() -> None:
    with pytest.raises(LimitError, match="finite"):
        excluded_intervals(lambda g: np.where(g > 1.0, np.nan, g), GRID)
