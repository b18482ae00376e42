"""Events left after each cut: how many, their weights and squared weights; cutflows of chunks can be added."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from darkreach.errors import DarkreachError, unknown_name


class Cutflow:
    """Counts by cut, in the order of the cuts.

    Attributes:
        names: of the cuts.
        entries: (n,) events.
        sum_of_weights: (n,).
        sum_of_squares: (n,) of weights.

    Example:
        >>> cutflow = Cutflow(["all", "no_tracks"])
        >>> cutflow.count("all", [1.0, 2.0])
        >>> cutflow.count("no_tracks", [2.0])
        >>> (cutflow + cutflow).entries.tolist(), cutflow.sum_of_squares.tolist()
        ([4, 2], [5.0, 4.0])
    """

    def __init__(self, names: Sequence[str]) -> None:
        """Start from zero; raises DarkreachError if a name comes twice."""
        self.names = tuple(names)
        if len(set(self.names)) != len(self.names):
            raise DarkreachError("names of cuts must differ", given=", ".join(self.names), next_step="rename one")
        self.entries: NDArray[np.int64] = np.zeros(len(self.names), dtype=np.int64)
        self.sum_of_weights = np.zeros(len(self.names))
        self.sum_of_squares = np.zeros(len(self.names))

    def count(self, cut: str, weight: ArrayLike) -> None:
        """Add events with these weights (k,) to a cut.

        Raises:
            UnknownNameError: no cut of this name.
        """
        if cut not in self.names:
            raise unknown_name("cut", cut, self.names)
        weights = np.asarray(weight, dtype=np.float64)
        position = self.names.index(cut)
        self.entries[position] += len(weights)
        self.sum_of_weights[position] += weights.sum()
        # a product of BLAS would depend on its number of threads in the last digit
        self.sum_of_squares[position] += np.square(weights).sum()

    def __add__(self, other: Cutflow) -> Cutflow:
        """Return the sum of two cutflows of the same cuts; raises DarkreachError for others."""
        if self.names != other.names:
            raise DarkreachError(
                "cutflows of different cuts cannot be added",
                allowed=", ".join(self.names),
                given=", ".join(other.names),
                next_step="process all chunks with the same selection",
            )
        total = Cutflow(self.names)
        total.entries = self.entries + other.entries
        total.sum_of_weights = self.sum_of_weights + other.sum_of_weights
        total.sum_of_squares = self.sum_of_squares + other.sum_of_squares
        return total

    def __str__(self) -> str:
        width = max((len(name) for name in self.names), default=0)
        return "\n".join(
            f"{name:{width}}  {entries:>12d}  {weight:.6g} +- {np.sqrt(square):.2g}"
            for name, entries, weight, square in zip(
                self.names, self.entries, self.sum_of_weights, self.sum_of_squares, strict=True
            )
        )
