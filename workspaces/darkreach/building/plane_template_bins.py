"""Bins of a square about a hypothesis: about one resolution wide, merged where little was simulated."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from darkreach.building.plane_cells import CellWindow, PlaneCells
from darkreach.building.plane_points import PlanePoint
from darkreach.building.rounding import FloatArray
from darkreach.building.used_bins import choose_bins
from darkreach.errors import WorkspaceError


@dataclass(frozen=True, eq=False)
class TemplateBins:
    """Bins of a box of cells: rectangles, in a row that turns back at every end, of which neighbours are merged.

    Attributes:
        x_starts: first cell of the box of each rectangle, along x.
        y_starts: along y.
        starts: first rectangle of the row of each bin.
    """

    x_starts: NDArray[np.int64]
    y_starts: NDArray[np.int64]
    starts: tuple[int, ...]

    def rectangles(self, box: FloatArray) -> FloatArray:
        """Return contents of cells (..., box x, box y) summed over each rectangle, (..., n, m)."""
        rows = np.add.reduceat(box, self.x_starts, axis=-2)
        return np.asarray(np.add.reduceat(rows, self.y_starts, axis=-1))

    def merged(self, rectangles: FloatArray) -> FloatArray:
        """Return contents of rectangles (..., n, m) summed over each bin, (..., bins)."""
        return np.asarray(np.add.reduceat(in_a_row(rectangles), self.starts, axis=-1))


def in_a_row(rectangles: FloatArray) -> FloatArray:
    """Return rectangles (..., n, m) as one row (..., n m) in which neighbours touch: every other column is reversed.

    Example:
        >>> in_a_row(np.array([[1.0, 2.0], [3.0, 4.0]])).tolist()
        [1.0, 2.0, 4.0, 3.0]
    """
    turned = rectangles.copy()
    turned[..., 1::2, :] = rectangles[..., 1::2, ::-1]
    return turned.reshape(*rectangles.shape[:-2], -1)


def template_bins(
    cells: PlaneCells, point: PlanePoint, window: CellWindow, values: FloatArray, variances: FloatArray
) -> TemplateBins:
    """Choose the bins of a square: each holds enough simulated background; one bin if all hold too little.

    Args:
        cells: of the plane.
        point: the hypothesis.
        window: cells of the square.
        values: simulated background of all groups, events, shape (nx, ny).
        variances: their squared uncertainties.
    """
    first, second = (_starts(edges) for edges in cells.pull_edges(point, window))
    bins = TemplateBins(first, second, (0,))
    contents, spread = (in_a_row(bins.rectangles(window.box(one))) for one in (values, variances))
    try:
        used = choose_bins(contents, spread, np.arange(len(contents) + 1, dtype=np.float64), point.name)
    except WorkspaceError:
        # the number of effective events in the metadata says so
        return bins
    return TemplateBins(first, second, used.starts)


def _starts(pulls: FloatArray) -> NDArray[np.int64]:
    """Return the first cell of each rectangle, for edges in pulls of neighbouring cells."""
    number = min(len(pulls) - 1, max(1, round(float(pulls[-1] - pulls[0]))))
    wanted = np.linspace(pulls[0], pulls[-1], number + 1)[:-1]
    nearest = np.abs(pulls[:-1, np.newaxis] - wanted).argmin(axis=0)
    return np.unique(nearest).astype(np.int64)
