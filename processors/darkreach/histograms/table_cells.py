"""Cells of a correction table of two variables: looked up once an event, for all variations."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from darkreach.errors import DarkreachError
from darkreach.histograms.window_kernels import write_table_cells

Floats = NDArray[np.float64]
Numbers = NDArray[np.floating[Any]]
Indices = NDArray[np.int64]


def table_cells(first_edges: Floats, second_edges: Floats, first: Numbers, second: Numbers) -> Indices:
    """Return the cells (n,) of rows in a table of (m - 1) x (k - 1) cells, row-major; -1 outside and for NaN.

    Args:
        first_edges: (m,) rising, of the first variable; a value on an edge belongs to the cell above it.
        second_edges: (k,) rising.
        first: (n,) values, 32 or 64 bits.
        second: (n,).

    Raises:
        DarkreachError: edges that do not rise, or columns of different lengths.

    Example:
        >>> momentum, theta = np.array([0.5, 1.0, 5.0]), np.array([0.0, 1.5, 3.2])
        >>> table_cells(momentum, theta, np.array([0.7, 1.0, 9.0]), np.array([2.0, 1.0, 1.0])).tolist()
        [1, 2, -1]
    """
    for edges in (first_edges, second_edges):
        if len(edges) < 2 or not np.all(np.diff(edges) > 0.0):
            raise DarkreachError("edges of a table must rise", given=str(np.asarray(edges).tolist()))
    if len(first) != len(second):
        raise DarkreachError("a table needs both variables of every row", given=f"{len(first)} and {len(second)} rows")
    cells = np.empty(len(first), dtype=np.int64)
    write_table_cells(
        np.asarray(first_edges, dtype=np.float64), np.asarray(second_edges, dtype=np.float64), first, second, cells
    )
    return cells


def plain_table_cells(first_edges: Floats, second_edges: Floats, first: Numbers, second: Numbers) -> Indices:
    """Return what ``table_cells`` returns, by NumPy."""
    row = np.searchsorted(first_edges, np.asarray(first, dtype=np.float64), side="right") - 1
    column = np.searchsorted(second_edges, np.asarray(second, dtype=np.float64), side="right") - 1
    rows, columns = len(first_edges) - 1, len(second_edges) - 1
    inside = (row >= 0) & (row < rows) & (column >= 0) & (column < columns)
    return np.asarray(np.where(inside, row * columns + column, -1))
