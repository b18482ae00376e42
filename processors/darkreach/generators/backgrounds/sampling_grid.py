"""A density over channels and the unit square, learnt from a first sample, that makes weights even."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

FLOOR: Final = 0.1
"""Share of the trials that stays flat: no place is left without trials, whatever the first sample missed."""


@dataclass(frozen=True)
class SamplingGrid:
    """Probabilities of channels and of cells of the unit square; the density is constant in a cell.

    Attributes:
        probability: (channels, rows, columns), adding up to one.
    """

    probability: Array

    @classmethod
    def flat(cls, shares: Sequence[float], cells: int) -> SamplingGrid:
        """Return channels of given shares, each flat over cells x cells.

        Example:
            >>> SamplingGrid.flat([0.4, 0.6], 2).probability.sum(axis=(1, 2)).tolist()
            [0.4, 0.6]
        """
        share = np.asarray(shares, dtype=np.float64)
        return cls(np.broadcast_to(share[:, np.newaxis, np.newaxis] / cells**2, (len(share), cells, cells)).copy())

    def draw(self, n: int, random: np.random.Generator) -> tuple[NDArray[np.intp], Array]:
        """Return channels (n,) and points (2, n) of the unit square."""
        _, rows, columns = self.probability.shape
        edges = np.cumsum(self.probability)
        # rounding may leave the last edge below one
        place = np.minimum(np.searchsorted(edges, random.random(n) * edges[-1], side="right"), len(edges) - 1)
        channel, cell = np.divmod(place, rows * columns)
        row, column = np.divmod(cell, columns)
        inside = random.random((2, n))
        return channel, np.stack([(row + inside[0]) / rows, (column + inside[1]) / columns])

    def density(self, point: Array) -> Array:
        """Return the density (channels, n) of each channel at points (2, n), per unit area; all add up to mean one."""
        _, rows, columns = self.probability.shape
        return np.asarray(self.probability[:, *self._cells(point)] * (rows * columns))

    def adapted(self, point: Array, channel_weight: Array) -> SamplingGrid:
        """Return the grid for which the weights of a sample drawn from this one would have been most even.

        The best density of a cell goes with the root of the mean squared weight (G. P. Lepage, J. Comput. Phys.
        27 (1978) 192): p' ~ p sqrt(<w^2>), of which every channel takes its part.

        Args:
            point: (2, n) of the unit square.
            channel_weight: (channels, n) weights squared, times the probability that the channel made the event.
        """
        channels, rows, columns = self.probability.shape
        row, column = self._cells(point)
        place = row * columns + column
        summed = [np.bincount(place, weights=weight, minlength=rows * columns) for weight in channel_weight]
        best = np.sqrt(np.array(summed).reshape(channels, rows, columns) * self.probability)
        flat = self.probability.sum(axis=(1, 2), keepdims=True) / (rows * columns)
        return SamplingGrid((1.0 - FLOOR) * best / best.sum() + FLOOR * flat)

    def _cells(self, point: Array) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        _, rows, columns = self.probability.shape
        row, column = (point * np.array([[rows], [columns]])).astype(np.intp)
        return np.minimum(row, rows - 1), np.minimum(column, columns - 1)
