"""Overlapping mass windows against one hist a window and variation: all bins and flow, on edges, NaN, infinities."""

from __future__ import annotations

import math
import pickle
from typing import Any

import hist
import numpy as np
import pytest
from hist import Hist

from darkreach.errors import ConfigError, DarkreachError, EventContentError
from darkreach.histograms.table_cells import plain_table_cells, table_cells
from darkreach.histograms.window_fill import GridSums, PullSums
from darkreach.histograms.window_grid import WindowGrid

WINDOWS, BINS = 60, 20
VARIATIONS = ("nominal", "up", "down")
CENTRES = np.linspace(0.5, 9.5, WINDOWS)
WIDTHS = 0.05 + 0.03 * CENTRES
PULLS = np.linspace(-3.0, 3.0, BINS + 1)
AXIS = hist.axis.Regular(BINS, -3.0, 3.0, name="pull")
EDGES = CENTRES[:, np.newaxis] + PULLS * WIDTHS[:, np.newaxis]
RANDOM = np.random.default_rng(4)
FACTORS = RANDOM.normal(1.0, 0.2, (12, len(VARIATIONS)))
GRIDS = {"all edges": WindowGrid.from_edges(EDGES), "snapped": WindowGrid.snapped(EDGES, 0.005)}


def awkward_values(edges: np.ndarray) -> np.ndarray:
    flat = edges.ravel()
    near = [flat, np.nextafter(flat, -np.inf), np.nextafter(flat, np.inf)]
    return np.concatenate([RANDOM.uniform(-2.0, 12.0, 4000), *near, [math.nan, math.nan, math.inf, -math.inf, 1e300]])


def entries(edges: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    values = awkward_values(edges)
    return values, RANDOM.normal(1.0, 0.8, len(values)), RANDOM.integers(0, len(FACTORS), len(values))


def assert_equal_to_hist(filled: Hist[Any], axes: list[Any], observed: Any, weight: np.ndarray, cells: Any) -> None:
    """``observed(window)`` gives what one ordinary histogram with ``axes[window]`` is filled with."""
    view: Any = filled.view(flow=True)
    assert filled.axes[0].size == len(axes)
    for window, axis in enumerate(axes):
        for variation in range(len(VARIATIONS)):
            slow: Any = Hist(axis, storage=hist.storage.Weight())
            slow.fill(observed(window), weight=weight * FACTORS[cells, variation])
            expected = slow.view(flow=True)
            np.testing.assert_allclose(view.value[window, variation], expected.value, rtol=1e-11, atol=1e-11)
            np.testing.assert_allclose(view.variance[window, variation], expected.variance, rtol=1e-11, atol=1e-11)


@pytest.mark.agreement
@pytest.mark.parametrize("name", GRIDS)
def test_windows_of_a_grid_equal_one_hist_each(name: str) -> None:
    grid = GRIDS[name]
    values, weight, cells = entries(grid.window_edges)
    sums = GridSums(grid, VARIATIONS)
    # in two chunks, merged as histograms are
    other = GridSums(grid, VARIATIONS)
    half = len(values) // 2
    sums.fill(values[:half], weight[:half], cells[:half], FACTORS)
    other.fill(values[half:], weight[half:], cells[half:], FACTORS)
    filled = grid.window_histogram(sums.histogram() + other.histogram())
    axes = [hist.axis.Variable(edges) for edges in grid.window_edges]
    assert_equal_to_hist(filled, axes, lambda _: values, weight, cells)
    assert sums.not_numbers + other.not_numbers == 2


@pytest.mark.agreement
def test_pulls_equal_one_hist_each() -> None:
    values, weight, cells = entries(EDGES)
    sums = PullSums(CENTRES, WIDTHS, AXIS, VARIATIONS)
    for part in (slice(0, 1000), slice(1000, None)):
        sums.fill(values[part], weight[part], cells[part], FACTORS)
    pulls = (values - CENTRES[:, np.newaxis]) / WIDTHS[:, np.newaxis]
    inside = np.count_nonzero(np.abs(pulls) < 3.0, axis=0)
    assert inside.max() > 5
    assert inside[np.isfinite(values)].min() == 0
    assert_equal_to_hist(sums.histogram(), [AXIS] * WINDOWS, lambda window: pulls[window], weight, cells)
    assert sums.not_numbers == 2


def test_every_event_is_in_every_window_once() -> None:
    values = awkward_values(EDGES)
    weight = np.ones(len(values))
    for sums in (GridSums(WindowGrid.from_edges(EDGES), ("nominal",)), PullSums(CENTRES, WIDTHS, AXIS, ("nominal",))):
        sums.fill(values, weight)
        filled = sums.histogram() if isinstance(sums, PullSums) else sums.window_histogram()
        assert filled.sum(flow=True).value == WINDOWS * len(values)
        assert np.all(filled.values(flow=True).sum(axis=-1) == len(values))


def test_edges_are_snapped_by_half_a_cell_at_most_and_windows_can_be_moved_later() -> None:
    grid = WindowGrid.snapped(EDGES, 0.005)
    assert np.max(np.abs(grid.window_edges - EDGES)) <= 0.0025 * (1.0 + 1e-9)
    values = RANDOM.uniform(-1.0, 11.0, 3000)
    sums = GridSums(grid, ("nominal",))
    sums.fill(values, np.ones(3000))
    moved = WindowGrid(grid.edges, grid.places[3:5] + 7)
    again = GridSums(moved, ("nominal",))
    again.fill(values, np.ones(3000))
    np.testing.assert_array_equal(
        moved.window_histogram(sums.histogram()).values(flow=True), again.window_histogram().values(flow=True)
    )


def test_a_partial_result_of_500_windows_is_small() -> None:
    centres, variations = np.linspace(0.3, 10.0, 500), tuple(f"variation{number}" for number in range(21))
    pulls = PullSums(centres, 0.004 + 0.004 * centres, AXIS, variations).histogram()
    edges = centres[:, np.newaxis] + PULLS * (0.004 + 0.004 * centres[:, np.newaxis])
    grid = GridSums(WindowGrid.snapped(edges, 0.0005), variations).histogram()
    for kept in (pulls, grid):
        assert len(pickle.dumps(kept, protocol=5)) < 12e6


@pytest.mark.parametrize("make", [lambda: GridSums(WindowGrid.from_edges(EDGES), VARIATIONS),
                                  lambda: PullSums(CENTRES, WIDTHS, AXIS, VARIATIONS)])  # fmt: skip
def test_what_would_spoil_sums_is_refused_with_counts(make: Any) -> None:
    values, weight, cells = np.ones(4), np.ones(4), np.zeros(4, np.int64)
    sums = make()
    with pytest.raises(EventContentError, match="2 of 4 are not"):
        sums.fill(values, np.array([1.0, math.nan, 1.0, -math.inf]), cells, FACTORS)
    with pytest.raises(EventContentError, match="factors must be finite"):
        sums.fill(values, weight, cells, np.full((1, 3), math.inf))
    with pytest.raises(EventContentError, match="1 of 4"):
        sums.fill(values, weight, np.array([0, 12, 1, 1]), FACTORS)
    with pytest.raises(EventContentError, match="3 of 4"):
        sums.fill(values, weight, np.array([-1, -1, -1, 0]), FACTORS)
    with pytest.raises(EventContentError, match="one entry an event"):
        sums.fill(values, weight[:3], cells, FACTORS)
    with pytest.raises(EventContentError, match="column a variation"):
        sums.fill(values, weight, cells, FACTORS[:, :2])
    assert np.all(sums.sums == 0.0)
    assert sums.not_numbers == 0


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: PullSums([1.0, 0.5], [0.1, 0.1], AXIS, VARIATIONS),
        lambda: PullSums([1.0, 1.1], [0.1, 0.5], AXIS, VARIATIONS),
        lambda: PullSums([1.0, 2.0], [0.1, 0.0], AXIS, VARIATIONS),
        lambda: PullSums([1.0, math.nan], [0.1, 0.1], AXIS, VARIATIONS),
        lambda: PullSums([1.0], [math.inf], AXIS, VARIATIONS),
        lambda: PullSums([1.0], [0.1], hist.axis.Variable([-1.0, 0.0, 2.0]), VARIATIONS),
        lambda: WindowGrid.snapped(EDGES, 0.5),
        lambda: WindowGrid.snapped(EDGES, 1e-7),
        lambda: WindowGrid.snapped(EDGES, 0.0),
        lambda: WindowGrid.from_edges([[0.0, 1.0, 0.5]]),
        lambda: WindowGrid.from_edges([[0.0, math.nan]]),
        lambda: WindowGrid.from_edges([0.0, 1.0]),
        lambda: WindowGrid(np.array([0.0, 1.0]), np.array([[0, 2]])),
        lambda: WindowGrid(np.array([0.0, 1.0]), np.array([[-1, 1]])),
        lambda: WindowGrid.from_edges(EDGES).windows(np.zeros((7, 2))),
    ],
)
def test_windows_that_make_no_sense_are_refused(wrong: Any) -> None:
    with pytest.raises(ConfigError):
        wrong()


@pytest.mark.agreement
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_table_cells_equal_numpy(dtype: type) -> None:
    first_edges, second_edges = np.array([0.0, 0.3, 1.0, 5.0]), np.linspace(-1.0, 1.0, 8)
    edges = [math.nan, math.inf, -math.inf, 0.0, 0.3, 1.0, 5.0, -1.0, *second_edges]
    first = np.concatenate([RANDOM.uniform(-1.0, 6.0, 5000), np.repeat(edges, len(edges))]).astype(dtype)
    second = np.concatenate([RANDOM.uniform(-1.2, 1.2, 5000), np.tile(edges, len(edges))]).astype(dtype)
    found = table_cells(first_edges, second_edges, first, second)
    np.testing.assert_array_equal(found, plain_table_cells(first_edges, second_edges, first, second))
    assert set(found) == set(range(-1, 21))


def test_tables_that_make_no_sense_are_refused() -> None:
    with pytest.raises(DarkreachError, match="rise"):
        table_cells(np.array([0.0, 0.0]), np.array([0.0, 1.0]), np.zeros(1), np.zeros(1))
    with pytest.raises(DarkreachError, match="3 and 2"):
        table_cells(np.array([0.0, 1.0]), np.array([0.0, 1.0]), np.zeros(3), np.zeros(2))
