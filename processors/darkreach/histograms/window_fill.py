"""Sums of all mass windows and all variations of a chunk: on a grid (default), or of a pull in each window.

``GridSums`` fills one cell an event whatever the number of windows. ``PullSums`` fills each event into its windows, for
bins that cannot be put on a grid: a pull with the exact resolution of each hypothesis, cuts that depend on the mass.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import hist
import numpy as np
from hist import Hist
from numpy.typing import ArrayLike, NDArray

from darkreach.errors import ConfigError, EventContentError
from darkreach.histograms.bin_finder import bin_finder
from darkreach.histograms.variation_fill import fill_table_variations
from darkreach.histograms.window_grid import WindowGrid
from darkreach.histograms.window_kernels import fill_pulls

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]

_OUTWARD = 1.0e-9
"""Windows are searched this part of their width too wide, so that rounding cannot hide one from the exact bins."""


class GridSums:
    """All variations on the grid of a ``WindowGrid``.

    Attributes:
        windows: on the grid.
        variations: their names.
        sums: (cells + 2, variations, 2), sums of weights and of squared weights; 16 bytes a cell and variation.
        not_numbers: values that were NaN; as in hist they are in the overflow.

    Example:
        >>> sums = GridSums(WindowGrid.from_edges([[0.0, 1.0, 2.0], [1.0, 2.0, 3.0]]), ("nominal",))
        >>> sums.fill([0.5, 1.5, 1.7], [1.0, 1.0, 1.0])
        >>> sums.window_histogram().values()[:, 0].tolist()
        [[1.0, 2.0], [2.0, 0.0]]
    """

    def __init__(self, windows: WindowGrid, variations: Sequence[str]) -> None:
        """Start from zero."""
        self.windows, self.variations = windows, tuple(variations)
        self._finder = bin_finder(windows.axis)
        self.sums = np.zeros((self._finder.size, len(self.variations), 2))
        self.not_numbers = 0

    def fill(
        self, values: ArrayLike, weight: ArrayLike, cells: Indices | None = None, factors: Floats | None = None
    ) -> None:
        """Add events.

        Args:
            values: (n,); infinities and NaN are counted in the flow.
            weight: (n,) before correction.
            cells: (n,) row of ``factors`` of each event; needed with several variations.
            factors: (cells, variations) by which the weight is multiplied; 1 if None.

        Raises:
            EventContentError: a weight or factor that is NaN or infinite, an event outside the table, lengths differ.
        """
        entries = _checked(values, weight, cells, factors, len(self.variations))
        self.not_numbers += int(np.count_nonzero(np.isnan(entries[0])))
        fill_table_variations(self.sums, self._finder, *entries)

    def histogram(self) -> Hist[Any]:
        """Return (variation, grid) with Weight storage: what is kept, merged and cut into windows later."""
        result: Hist[Any] = Hist(_variation_axis(self.variations), self.windows.axis, storage=hist.storage.Weight())
        view: Any = result.view(flow=True)
        view.value, view.variance = self.sums[..., 0].T, self.sums[..., 1].T
        return result

    def window_histogram(self) -> Hist[Any]:
        """Return (window, variation, bin) with Weight storage."""
        return self.windows.window_histogram(self.histogram())


class PullSums:
    """All variations of the pull (value - centre) / width in each window.

    Attributes:
        centres: (windows,) of the hypotheses, in the unit of the variable.
        widths: (windows,) resolutions, same unit.
        axis: of the pull, equal bins with under- and overflow.
        variations: their names.
        not_numbers: values that were NaN; as in hist they are in the overflow of every window.

    Example:
        >>> sums = PullSums([1.0, 1.5], [0.5, 0.5], hist.axis.Regular(2, -1.0, 1.0, name="pull"), ("nominal",))
        >>> sums.fill([0.6, 1.2, 9.0], [1.0, 1.0, 1.0])
        >>> sums.histogram().values(flow=True)[:, 0].tolist()
        [[0.0, 1.0, 1.0, 1.0], [1.0, 1.0, 0.0, 1.0]]
    """

    def __init__(
        self, centres: ArrayLike, widths: ArrayLike, axis: hist.axis.Regular, variations: Sequence[str]
    ) -> None:
        """Start from zero.

        Raises:
            ConfigError: widths not positive, or windows whose lower or upper ends fall: sort them by mass.
            DarkreachError: an axis without a compiled fill.
        """
        self.centres, self.widths = np.array(centres, dtype=np.float64), np.array(widths, dtype=np.float64)
        self.axis, self.variations, self.not_numbers = axis, tuple(variations), 0
        finder = bin_finder(axis)
        self._range = (float(finder.edges[0]), float(finder.edges[-1]))
        shapes = self.centres.ndim == 1 and self.centres.shape == self.widths.shape and len(self.centres) > 0
        usable = shapes and bool(np.all(np.isfinite(self.centres + self.widths)) and np.all(self.widths > 0.0))
        if not usable or not finder.equal_bins:
            raise ConfigError(
                "windows need as many finite centres as positive, finite widths, and equal bins of the pull",
                given=f"{self.centres.shape} and {self.widths.shape}, {axis!r}",
            )
        low = self.centres + (self._range[0] - _OUTWARD) * self.widths
        high = self.centres + (self._range[1] + _OUTWARD) * self.widths
        if np.any(np.diff(low) < 0.0) or np.any(np.diff(high) < 0.0):
            raise ConfigError(
                "windows must be ordered so that neither their lower nor their upper ends fall",
                next_step="sort them by mass, and use a grid if a heavier one lies inside a lighter one",
            )
        self._ends = (low, high)
        self._sums = np.zeros((len(low), finder.size, 2 * len(self.variations)))
        self._below, self._above = np.zeros((2, len(low) + 1, 2 * len(self.variations)))

    def fill(
        self, values: ArrayLike, weight: ArrayLike, cells: Indices | None = None, factors: Floats | None = None
    ) -> None:
        """Add events; arguments and errors as ``GridSums.fill``."""
        entries = _checked(values, weight, cells, factors, len(self.variations))
        self.not_numbers += fill_pulls(
            self._sums, self._below, self._above, self._ends, (self.centres, self.widths), self._range, *entries
        )

    @property
    def sums(self) -> Floats:
        """(windows, bins + 2, variations, 2), sums of weights and of squared weights, under- and overflow included."""
        total = self._sums.copy()
        total[:, 0] += np.cumsum(self._below[:-1], axis=0)
        total[:, -1] += np.cumsum(self._above[:0:-1], axis=0)[::-1]
        return total.reshape(*total.shape[:2], len(self.variations), 2)

    def histogram(self) -> Hist[Any]:
        """Return (window, variation, pull) with Weight storage."""
        windows = hist.axis.Integer(0, len(self.centres), flow=False, name="window")
        result: Hist[Any] = Hist(windows, _variation_axis(self.variations), self.axis, storage=hist.storage.Weight())
        view: Any = result.view(flow=True)
        sums = np.moveaxis(self.sums, 1, 2)
        view.value, view.variance = sums[..., 0], sums[..., 1]
        return result


def _variation_axis(variations: tuple[str, ...]) -> hist.axis.StrCategory:
    return hist.axis.StrCategory(variations, name="variation", overflow=False)


def _checked(
    values: ArrayLike, weight: ArrayLike, cells: Indices | None, factors: Floats | None, variations: int
) -> tuple[Floats, Floats, Indices, Floats]:
    """Return contiguous arrays a compiled fill can trust: it checks no index itself."""
    numbers = np.ascontiguousarray(values, dtype=np.float64)
    weights = np.ascontiguousarray(weight, dtype=np.float64)
    table = np.ones((1, variations)) if factors is None else np.ascontiguousarray(factors, dtype=np.float64)
    rows = np.zeros(len(numbers), dtype=np.int64) if cells is None else np.ascontiguousarray(cells, dtype=np.int64)
    if numbers.ndim != 1 or weights.shape != numbers.shape or rows.shape != numbers.shape:
        shapes = f"{numbers.shape}, {weights.shape}, {rows.shape}"
        raise EventContentError("values, weights and cells must have one entry an event", given=shapes)
    if table.ndim != 2 or table.shape[1] != variations:
        raise EventContentError("factors need a column a variation", allowed=f"{variations}", given=f"{table.shape}")
    for name, array in (("weights", weights), ("factors", table)):
        bad = 0 if np.isfinite(array.sum()) else int(np.count_nonzero(~np.isfinite(array)))
        if bad:
            raise EventContentError(
                f"{name} must be finite numbers",
                given=f"{bad} of {array.size} are not",
                next_step="find out why these events were written so",
            )
    outside = int(np.count_nonzero((rows < 0) | (rows >= len(table))))
    if outside:
        raise EventContentError(
            "events lie outside the table of corrections",
            given=f"{outside} of {len(rows)}",
            next_step="cut these events away, or take a table that covers them",
        )
    return numbers, weights, rows, table
