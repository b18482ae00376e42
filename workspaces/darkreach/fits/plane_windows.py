"""Counts in overlapping windows of a plane, and how probable they are without signal: exact Poisson probabilities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.special import betainc, gammainc

from darkreach.errors import ConfigError

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class PlaneCounting:
    """All windows of a plane search and the background expected in the cells they are made of.

    A cell belongs to a window or does not: counts stay whole numbers. Searches of several regions put the cells of all
    of them in one list, and a window has its cells of each region it uses: what is counted is the total over regions.
    That is exact, while weights by region would need the distribution of their sum; a region with much background
    hides an excess in one with little, so leave such regions out or look at them on their own.

    Attributes:
        names: (n,) of the hypotheses, one a window.
        expectation: (c,) expected background events of the cells, luminosity applied.
        windows: sparse, (n, c), of zeros and ones.
        observed: (n,) events counted in the windows.
        background_uncertainty: relative, one factor for all cells; 0 for a known background.
        estimated_background: (n,) events that local p-values take as expected, of data and of toys alike, where the
            analysis estimates them in another way than as sums over cells; None for these sums.
    """

    names: tuple[str, ...]
    expectation: Floats
    windows: Any
    observed: Floats
    background_uncertainty: float = 0.0
    estimated_background: Floats | None = None

    def __post_init__(self) -> None:
        """Check that everything fits together.

        Raises:
            ConfigError: lengths differ, a window holds a part of a cell, or a number is negative or not whole.
        """
        shape, lengths = tuple(self.windows.shape), (len(self.names), len(self.expectation))
        if not len(self.names) or shape != lengths or len(self.observed) != len(self.names):
            raise ConfigError(
                "windows, cells and counts of a plane do not fit",
                given=f"windows {shape}, {lengths[0]} names, {lengths[1]} cells, {len(self.observed)} counts",
            )
        if np.any(self.windows.data != 1.0):
            raise ConfigError("a cell belongs to a window or does not", given=str(np.unique(self.windows.data)[:5]))
        if not np.all(self.expectation >= 0.0) or not np.isfinite(self.expectation).all():
            raise ConfigError("expected events must be finite and not negative", given=str(np.min(self.expectation)))
        if np.any(self.observed < 0.0) or np.any(self.observed % 1.0):
            raise ConfigError("counts must be whole numbers", given=str(self.observed))
        if not 0.0 <= self.background_uncertainty < np.inf:
            raise ConfigError("an uncertainty cannot be negative", given=str(self.background_uncertainty))
        impossible = np.flatnonzero((self.background <= 0.0) & (self.windows @ self.expectation > 0.0))
        if impossible.size or self.background.shape != self.observed.shape:
            raise ConfigError(
                "a window with expected events in its cells has an estimated background of none",
                given=", ".join(self.names[index] for index in impossible[:5]) or str(self.background.shape),
                next_step="estimate it from a larger part of the plane",
            )

    @property
    def background(self) -> Floats:
        """Expected background events (n,) of the windows."""
        if self.estimated_background is not None:
            return self.estimated_background
        return np.asarray(self.windows @ self.expectation)

    @property
    def local_p_values(self) -> Floats:
        """Probability (n,) to count in a window at least what was observed, without signal."""
        return counting_p_values(self.observed, self.background, self.background_uncertainty)


def window_matrix(cells: Sequence[NDArray[np.integer[Any]]], number_of_cells: int) -> Any:
    """Return windows, given by the numbers of their cells, as a sparse matrix (windows, cells) of ones.

    Args:
        cells: one array of cell numbers a window, each number once.
        number_of_cells: columns of the matrix.

    Example:
        >>> window_matrix([np.array([0, 1]), np.array([1])], 3).toarray().tolist()
        [[1.0, 1.0, 0.0], [0.0, 1.0, 0.0]]
    """
    lengths = [len(one) for one in cells]
    columns = np.concatenate([np.zeros(0, dtype=np.int64), *cells])
    starts = np.concatenate([[0], np.cumsum(lengths)])
    return csr_array((np.ones(len(columns)), columns, starts), shape=(len(cells), number_of_cells))


def counting_p_values(counts: Floats, background: Floats, uncertainty: float = 0.0) -> Floats:
    """Return the probability of at least so many events, without signal.

    Poisson with a known expectation; with an uncertain one its mean over a gamma distribution (negative binomial).

    Args:
        counts: whole numbers.
        background: expected events, of the same shape.
        uncertainty: relative, of the expectation.

    Example:
        >>> counting_p_values(np.array([0.0, 1.0, 3.0]), np.array([1.0, 1.0, 0.0])).round(4).tolist()
        [1.0, 0.6321, 0.0]
    """
    some = counts > 0.0
    at_least = np.where(some, counts, 1.0)
    if uncertainty > 0.0:
        shape = uncertainty**-2
        tail = betainc(at_least, shape, background / (background + shape))
    else:
        tail = gammainc(at_least, background)
    return np.where(some, tail, 1.0)
