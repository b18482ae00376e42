"""Compiled fills: the bin once, then all variations of the weight; sums of weights and of their squares in one pass.

Everything one compiled function calls stands in this file: numba looks for changes in the file of the caller only.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from darkreach.histograms.bin_finder import BinFinder

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]


@njit(cache=True, nogil=True, error_model="numpy")
def _bin_number(finder: BinFinder, value: float) -> int:
    edges = finder.edges
    last = edges.size - 1
    # written so that NaN ends in the overflow, as with boost-histogram
    if finder.equal_bins > 0:
        place = (value - edges[0]) / (edges[last] - edges[0])
        if not place < 1.0:
            return last + 1
        return int(place * finder.equal_bins) + 1 if place >= 0.0 else 0
    if not value < edges[last]:
        return last + 1
    if value < edges[0]:
        return 0
    cell = min(int((value - edges[0]) * finder.cells_per_unit), finder.guesses.size - 1)
    found = finder.guesses[cell]
    while value >= edges[found + 1]:
        found += 1
    while value < edges[found]:
        found -= 1
    return int(found + 1)


@njit(cache=True, nogil=True, error_model="numpy")
def fill_columns(
    sums: Floats, finder: BinFinder, values: Floats, accepted: NDArray[np.bool_], weights: Floats, columns: Indices
) -> None:
    """Add entries to all variations that share their values.

    Args:
        sums: (bins, variations, 2), sum of weights and of squared weights; added to.
        finder: of the axis.
        values: (n, c), c entries an event (one a pairing), all of its weight.
        accepted: (n,) events to be filled.
        weights: (n, k), one column a variation.
        columns: (k,) positions of these variations in ``sums``.
    """
    for row in range(values.shape[0]):
        if not accepted[row]:
            continue
        for entry in range(values.shape[1]):
            found = _bin_number(finder, values[row, entry])
            for index in range(columns.size):
                weight = weights[row, index]
                sums[found, columns[index], 0] += weight
                sums[found, columns[index], 1] += weight * weight


@njit(cache=True, nogil=True, error_model="numpy")
def fill_table_variations(
    sums: Floats, finder: BinFinder, values: Floats, weight: Floats, cells: Indices, factors: Floats
) -> None:
    """Add entries with weights looked up in a table of correction factors; the weight matrix is never built.

    Args:
        sums: (bins, variations, 2); added to.
        finder: of the axis.
        values: (n,).
        weight: (n,) before correction.
        cells: (n,) row of ``factors`` of each event.
        factors: (cells, variations).
    """
    for row in range(values.size):
        found = _bin_number(finder, values[row])
        cell = cells[row]
        for variation in range(factors.shape[1]):
            varied = weight[row] * factors[cell, variation]
            sums[found, variation, 0] += varied
            sums[found, variation, 1] += varied * varied
