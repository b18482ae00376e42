"""Compiled fills of overlapping windows and the search for cells of a correction table.

Everything one compiled function calls stands in this file: numba looks for changes in the file of the caller only.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Numbers = NDArray[np.floating[Any]]
Indices = NDArray[np.int64]


@njit(cache=True, nogil=True, error_model="numpy")
def _place(edges: Floats, value: float) -> int:
    """Return how many edges are at or below a value; NaN is below none."""
    found = 0
    # tables have few edges: a loop without jumps is faster than halving
    for edge in edges:
        found += int(value >= edge)
    return found


@njit(cache=True, nogil=True, error_model="numpy")
def write_table_cells(
    first_edges: Floats, second_edges: Floats, first: Numbers, second: Numbers, cells: Indices
) -> None:
    """Write the cell of each row (n,) in a table of two variables, row-major; -1 outside or for NaN.

    The plain twin is ``plain_table_cells``.
    """
    rows, columns = first_edges.size - 1, second_edges.size - 1
    for index in range(cells.size):
        row = _place(first_edges, first[index]) - 1
        column = _place(second_edges, second[index]) - 1
        inside = (row >= 0) & (row < rows) & (column >= 0) & (column < columns)
        cells[index] = row * columns + column if inside else -1


@njit(cache=True, nogil=True, error_model="numpy")
def _first_above(high: Floats, value: float) -> int:
    """Return the first window whose upper end is above a value; NaN is below none."""
    window, stop = 0, high.size
    while window < stop:
        middle = (window + stop) // 2
        if value < high[middle]:
            stop = middle
        else:
            window = middle + 1
    return window


@njit(cache=True, nogil=True, error_model="numpy")
def _equal_bin(value: float, ends: tuple[float, float], bins: int) -> int:
    """Return the bin of a Regular axis of hist with flow."""
    place = (value - ends[0]) / (ends[1] - ends[0])
    if not place < 1.0:
        return bins + 1
    return int(place * bins) + 1 if place >= 0.0 else 0


@njit(cache=True, nogil=True, error_model="numpy")
def fill_pulls(
    sums: Floats,
    below: Floats,
    above: Floats,
    ends: tuple[Floats, Floats],
    scale: tuple[Floats, Floats],
    pull_range: tuple[float, float],
    values: Floats,
    weight: Floats,
    cells: Indices,
    factors: Floats,
) -> int:
    """Add every value to all windows that hold it, with all variations of its weight.

    An event lies outside nearly all windows: it is noted once, at the first window it is below of and at the last it
    is above of, and these notes become under- and overflow of all windows when they are summed up.

    Args:
        sums: (windows, bins + 2, 2 * variations), weight and squared weight in turns; added to.
        below: (windows + 1, 2 * variations); an entry at i is in the underflow of the windows from i on; added to.
        above: (windows + 1, 2 * variations); an entry at i is in the overflow of the windows before i; added to.
        ends: lower and upper ends (windows,), never falling; at or slightly outside the range of the bins.
        scale: centres and widths (windows,) of the pull (value - centre) / width.
        pull_range: first and last edge of the pull; bins are equal.
        values: (n,); NaN is in all overflows.
        weight: (n,) before correction.
        cells: (n,) row of ``factors`` of each event.
        factors: (cells, variations).

    Returns:
        How many values were NaN.
    """
    low, high = ends
    centres, widths = scale
    windows, bins, variations = sums.shape[0], sums.shape[1] - 2, factors.shape[1]
    entry = np.empty(2 * variations)
    missing = 0
    for row in range(values.size):
        for variation in range(variations):
            varied = weight[row] * factors[cells[row], variation]
            entry[2 * variation] = varied
            entry[2 * variation + 1] = varied * varied
        value = values[row]
        missing += int(value != value)
        window = _first_above(high, value)
        for index in range(2 * variations):
            above[window, index] += entry[index]
        while window < windows and value >= low[window]:
            found = _equal_bin((value - centres[window]) / widths[window], pull_range, bins)
            for index in range(2 * variations):
                sums[window, found, index] += entry[index]
            window += 1
        if window < windows:
            for index in range(2 * variations):
                below[window, index] += entry[index]
    return missing
