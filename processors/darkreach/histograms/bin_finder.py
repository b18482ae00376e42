"""Flow-inclusive bin numbers of an axis, found without a search: the same bins as boost-histogram, edge by edge."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import hist
import numpy as np
from numpy.typing import NDArray

from darkreach.errors import DarkreachError

CELLS_PER_BIN: Final = 16
"""Size of the table of first guesses; more cells mean fewer steps from the guess to the bin."""


class BinFinder(NamedTuple):
    """What a compiled fill needs of an axis; made by ``bin_finder``, all arrays and numbers plain.

    Attributes:
        edges: (n + 1,), rising.
        guesses: (cells,) bin that holds the lower end of a cell of equal width between the first and the last edge.
        cells_per_unit: cells / (last edge - first edge).
        equal_bins: n for an axis of equal bins, whose bin is computed; 0 where edges decide.
    """

    edges: NDArray[np.float64]
    guesses: NDArray[np.int64]
    cells_per_unit: float
    equal_bins: int

    @property
    def size(self) -> int:
        """Number of bins with under- and overflow."""
        return len(self.edges) + 1


def bin_finder(axis: hist.axis.Regular | hist.axis.Variable) -> BinFinder:
    """Return the finder of a Regular or Variable axis with under- and overflow.

    Raises:
        DarkreachError: an axis of another kind, without flow, growing, circular or transformed.
    """
    traits = axis.traits
    plain = isinstance(axis, (hist.axis.Regular, hist.axis.Variable)) and getattr(axis, "transform", None) is None
    if not plain or not (traits.underflow and traits.overflow) or traits.growth or traits.circular:
        raise DarkreachError(
            "this axis has no compiled fill",
            allowed="Regular or Variable, with underflow and overflow, not growing, circular or transformed",
            given=repr(axis),
            next_step="fill it with hist itself",
        )
    edges = np.array(axis.edges, dtype=np.float64)
    cells = CELLS_PER_BIN * (len(edges) - 1)
    starts = np.linspace(edges[0], edges[-1], cells, endpoint=False)
    guesses = np.clip(np.searchsorted(edges, starts, side="right") - 1, 0, len(edges) - 2).astype(np.int64)
    regular = isinstance(axis, hist.axis.Regular)
    return BinFinder(edges, guesses, cells / (edges[-1] - edges[0]), len(edges) - 1 if regular else 0)


def bin_numbers(axis: hist.axis.Regular | hist.axis.Variable, values: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the bins (n,) of values by the axis itself: 0 is underflow, the last is overflow and holds NaN.

    The plain twin of the compiled search in ``variation_fill``.

    Example:
        >>> bin_numbers(hist.axis.Variable([0.0, 1.0, 3.0]), np.array([-1.0, 0.0, 1.0, 3.0, np.nan])).tolist()
        [0, 1, 2, 3, 3]
    """
    find: Any = axis.index  # takes arrays, which its published signature leaves out
    return np.asarray(find(values), dtype=np.int64) + 1
