"""Cells of a plane: those of the window of a hypothesis, their areas, and how they overlap with other bins."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from darkreach.building.plane_points import PlanePoint
from darkreach.building.rounding import FloatArray
from darkreach.histograms.plane_grid import PlaneGrid

_PARTS: Final = 5
"""Of a cell along each axis, to see how much of it kinematics allows."""


@dataclass(frozen=True)
class CellWindow:
    """Cells of the plane: a box, and which of the cells in it.

    Attributes:
        x: cells of the box along x.
        y: cells of the box along y.
        inside: shape (cells in x, cells in y) of the box, 1 for the cells of the window, else 0.
    """

    x: slice
    y: slice
    inside: FloatArray

    def box(self, cells: FloatArray) -> FloatArray:
        """Return the contents of the box, shape (..., box x, box y), of arrays of all cells (..., nx, ny)."""
        return cells[..., self.x, self.y]

    def sums(self, cells: FloatArray) -> FloatArray:
        """Return the sums over the cells of the window, shape (...), of arrays of all cells (..., nx, ny)."""
        return np.asarray(np.einsum("...ij,ij->...", cells[..., self.x, self.y], self.inside))

    def numbers(self, cells_in_y: int) -> NDArray[np.int64]:
        """Return the numbers of the cells of the window: that in x times ``cells_in_y``, plus that in y."""
        first, second = np.nonzero(self.inside)
        return np.asarray((first + self.x.start) * cells_in_y + second + self.y.start, dtype=np.int64)


class PlaneCells:
    """The cells of a plane search.

    Attributes:
        grid: of the plane.
        x_edges: shape (nx + 1,).
        y_edges: shape (ny + 1,).
    """

    def __init__(self, grid: PlaneGrid) -> None:
        """Take the edges from the grid."""
        self.grid = grid
        self.x_edges, self.y_edges = grid.x_edges, grid.y_edges
        self._x = 0.5 * (self.x_edges[1:] + self.x_edges[:-1])
        self._y = 0.5 * (self.y_edges[1:] + self.y_edges[:-1])

    @property
    def shape(self) -> tuple[int, int]:
        """Numbers of cells (nx, ny)."""
        return len(self._x), len(self._y)

    @cached_property
    def areas(self) -> FloatArray:
        """Areas (nx, ny) of the cells, in the units of the axes."""
        return np.asarray(np.outer(np.diff(self.x_edges), np.diff(self.y_edges)))

    @cached_property
    def allowed_areas(self) -> FloatArray:
        """Areas (nx, ny) of what kinematics allows of the cells.

        The two masses are below the collision energy; where the dark Higgs boson is a pair of dark photons, its mass
        is above twice theirs.
        """
        plane = self.grid.settings
        x, y = (_parts(edges) for edges in (self.x_edges, self.y_edges))
        first = np.sign(x) * np.abs(x) ** (1.0 / plane.x.power)
        second = np.sign(y) * np.abs(y) ** (1.0 / plane.y.power)
        allowed = first[:, np.newaxis] + second <= self.grid.sqrt_s
        if plane.order == "pair":
            allowed &= second >= 2.0 * first[:, np.newaxis]
        nx, ny = self.shape
        parts = allowed.reshape(nx, _PARTS, ny, _PARTS).mean(axis=(1, 3))
        return np.asarray(self.areas * parts)

    def ellipse(self, point: PlanePoint, radius: float) -> CellWindow:
        """Return the cells whose centres are less than ``radius`` resolutions (Mahalanobis distance) off a point.

        If there are none, cells being larger than the window, it is the cell that the point is in.
        """
        box = self._box(point, radius)
        first, second = self._pulls(point, box)
        rho = point.correlation
        square = first[:, np.newaxis] ** 2 - 2.0 * rho * first[:, np.newaxis] * second + second**2
        inside = square <= radius**2 * (1.0 - rho**2)
        if not inside.any():
            return self._containing(point)
        return CellWindow(*box, inside.astype(np.float64))

    def square(self, point: PlanePoint, half_width: float) -> CellWindow:
        """Return the cells whose centres are within ``half_width`` resolutions of a point in x and in y."""
        box = self._box(point, half_width)
        shape = (box[0].stop - box[0].start, box[1].stop - box[1].start)
        return CellWindow(*box, np.ones(shape)) if min(shape) > 0 else self._containing(point)

    def whole(self) -> CellWindow:
        """Return all cells."""
        nx, ny = self.shape
        return CellWindow(slice(0, nx), slice(0, ny), np.ones((nx, ny)))

    def pull_edges(self, point: PlanePoint, window: CellWindow) -> tuple[FloatArray, FloatArray]:
        """Return the edges of the box of a window in x and y, as pulls about a point."""
        first = (self.x_edges[window.x.start : window.x.stop + 1] - point.centre[0]) / point.widths[0]
        second = (self.y_edges[window.y.start : window.y.stop + 1] - point.centre[1]) / point.widths[1]
        return first, second

    def _box(self, point: PlanePoint, radius: float) -> tuple[slice, slice]:
        low, high = (np.array(point.centre) + sign * radius * np.array(point.widths) for sign in (-1.0, 1.0))
        first, second = (
            slice(int(np.searchsorted(centres, low[i], "left")), int(np.searchsorted(centres, high[i], "right")))
            for i, centres in enumerate((self._x, self._y))
        )
        return first, second

    def _pulls(self, point: PlanePoint, box: tuple[slice, slice]) -> tuple[FloatArray, FloatArray]:
        first = (self._x[box[0]] - point.centre[0]) / point.widths[0]
        return first, (self._y[box[1]] - point.centre[1]) / point.widths[1]

    def _containing(self, point: PlanePoint) -> CellWindow:
        places = []
        for value, edges in zip(point.centre, (self.x_edges, self.y_edges), strict=True):
            place = min(max(int(np.searchsorted(edges, value, "right")) - 1, 0), len(edges) - 2)
            places.append(slice(place, place + 1))
        return CellWindow(places[0], places[1], np.ones((1, 1)))


def coverage(edges: FloatArray, bins: FloatArray) -> FloatArray:
    """Return the part of each bin (columns) that is between neighbouring edges (rows).

    Args:
        edges: rising, shape (n + 1,).
        bins: rising edges of the bins, shape (m + 1,).

    Returns:
        Shape (n, m).

    Example:
        >>> coverage(np.array([0.0, 0.5, 2.0]), np.array([0.0, 1.0, 2.0])).tolist()
        [[0.5, 0.0], [0.5, 1.0]]
    """
    below = np.clip((edges[:, np.newaxis] - bins[:-1]) / np.diff(bins), 0.0, 1.0)
    return np.asarray(np.diff(below, axis=0))


def _parts(edges: FloatArray) -> NDArray[Any]:
    """Return the centres of equal parts of all bins, ``_PARTS`` each."""
    centres = (np.arange(_PARTS) + 0.5) / _PARTS
    return np.asarray(edges[:-1, np.newaxis] + np.diff(edges)[:, np.newaxis] * centres).ravel()
