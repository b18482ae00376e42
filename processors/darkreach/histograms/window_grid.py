"""Overlapping mass windows on one fine grid: an event is filled once, windows are sums of whole cells of the grid.

The default for mass scans: the fill does not depend on the number of windows, and windows can be moved on the grid
after the events are gone. Edges are numbers of cells, so that no event is ever shared out between bins.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Self

import hist
import numpy as np
from hist import Hist
from numpy.typing import ArrayLike, NDArray

from darkreach.errors import ConfigError

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]

MOST_CELLS: Final = 1_000_000
"""Larger grids are refused: with 21 variations a million cells are 340 MB, and a unit is probably wrong."""


@dataclass(frozen=True)
class WindowGrid:
    """A grid and the windows on it.

    Attributes:
        edges: (cells + 1,) of the grid, rising, in the unit of the variable.
        places: (windows, bins + 1) position in ``edges`` of each edge of each window, rising in a window.

    Example:
        >>> grid = WindowGrid.from_edges([[0.0, 1.0, 2.0], [1.5, 2.5, 3.5]])
        >>> grid.edges.tolist(), grid.places.tolist()
        ([0.0, 1.0, 1.5, 2.0, 2.5, 3.5], [[0, 1, 3], [2, 4, 5]])
    """

    edges: Floats
    places: Indices

    def __post_init__(self) -> None:
        """Raise ConfigError if grid or windows are empty or do not rise."""
        if self.places.ndim != 2 or self.places.shape[0] < 1 or self.places.shape[1] < 2:
            raise ConfigError("windows need edges (windows, bins + 1)", given=f"shape {self.places.shape}")
        rising = np.all(np.isfinite(self.edges)) and np.all(np.diff(self.edges) > 0.0)
        if not rising or self.places.min() < 0 or self.places.max() >= len(self.edges):
            raise ConfigError("the edges of a grid must be finite and rise, and windows must lie on it")
        flat = np.flatnonzero(np.any(np.diff(self.places, axis=1) < 1, axis=1))
        if len(flat):
            raise ConfigError(
                "a bin of a window is narrower than a cell of the grid",
                where=f"window {flat[0]}, {len(flat)} in all",
                given=str(self.edges[self.places[flat[0]]].tolist()),
                next_step="take smaller cells or fewer bins",
            )

    @classmethod
    def from_edges(cls, window_edges: ArrayLike) -> Self:
        """Return the grid of all edges (windows, bins + 1): windows exactly as given, whatever their bins."""
        wanted = np.asarray(window_edges, dtype=np.float64)
        if not np.all(np.isfinite(wanted)):
            raise ConfigError("edges of windows must be finite numbers")
        edges, places = np.unique(wanted, return_inverse=True)
        return cls(edges, places.reshape(wanted.shape).astype(np.int64))

    @classmethod
    def snapped(cls, window_edges: ArrayLike, cell: float) -> Self:
        """Return a grid of equal cells with edges of windows moved to the nearest multiple of ``cell``.

        A tenth of the smallest resolution moves an edge by at most a twentieth of it; ``window_edges`` of the result
        are what it was moved to, and what predictions must be made for.
        """
        wanted = np.asarray(window_edges, dtype=np.float64)
        if not (np.isfinite(cell) and cell > 0.0 and wanted.size and np.all(np.isfinite(wanted))):
            raise ConfigError("a grid needs finite edges and a positive cell", given=f"cell {cell}")
        numbers = np.rint(wanted / cell)
        if numbers.max() - numbers.min() > MOST_CELLS:
            raise ConfigError(
                "the grid has too many cells",
                allowed=f"up to {MOST_CELLS}",
                given=f"{wanted.min():g} to {wanted.max():g} in steps of {cell:g}",
                next_step="take larger cells, or PullSums",
            )
        places = numbers.astype(np.int64)
        first, last = int(places.min()), int(places.max())
        return cls(np.arange(first, last + 1, dtype=np.float64) * cell, places - first)

    @property
    def window_edges(self) -> Floats:
        """Edges (windows, bins + 1) in the unit of the variable."""
        return np.asarray(self.edges[self.places])

    @property
    def axis(self) -> hist.axis.Variable:
        """The grid as an axis of hist, with under- and overflow."""
        return hist.axis.Variable(self.edges, name="grid")

    def windows(self, content: Floats) -> Floats:
        """Return the content of all windows (windows, bins + 2, ...), under- and overflow first and last.

        Args:
            content: (cells + 2, ...) of the grid, with its under- and overflow.
        """
        if content.shape[0] != len(self.edges) + 1:
            raise ConfigError(
                "this is not the content of this grid",
                allowed=f"{len(self.edges) + 1} cells with under- and overflow",
                given=f"{content.shape[0]}",
            )
        bins = self.places.shape[1] - 1
        result = np.empty((len(self.places), bins + 2, *content.shape[1:]))
        from_left = np.cumsum(content, axis=0)
        from_right = np.cumsum(content[::-1], axis=0)[::-1]
        # edge number i of the grid is the lower end of content i + 1
        result[:, 0] = from_left[self.places[:, 0]]
        result[:, -1] = from_right[self.places[:, -1] + 1]
        for window, places in enumerate(self.places):
            # sums of the cells themselves: a difference of running sums would lose the digits of small bins
            result[window, 1:-1] = np.add.reduceat(content[: places[-1] + 1], places[:-1] + 1, axis=0)
        return result

    def window_histogram(self, grid: Hist[Any]) -> Hist[Any]:
        """Return a histogram (window, variation, bin) from one of (variation, grid), both with Weight storage."""
        view: Any = grid.view(flow=True)
        shape = (hist.axis.Integer(0, len(self.places), flow=False, name="window"), grid.axes[0])
        result: Hist[Any] = Hist(
            *shape, hist.axis.Integer(0, self.places.shape[1] - 1, name="bin"), storage=hist.storage.Weight()
        )
        written: Any = result.view(flow=True)
        written.value = np.moveaxis(self.windows(np.ascontiguousarray(view.value.T)), 1, 2)
        written.variance = np.moveaxis(self.windows(np.ascontiguousarray(view.variance.T)), 1, 2)
        return result
