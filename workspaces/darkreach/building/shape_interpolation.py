"""Shapes between two known ones, by their quantiles."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from darkreach.building.rounding import FloatArray
from darkreach.building.signal_shape import PART_ENDS, SignalShape, part_sizes


@dataclass(frozen=True)
class _Part:
    """Which part of ``PART_ENDS``, its quantiles, and their places in either shape, shape (quantiles,) each."""

    index: int
    quantiles: FloatArray
    low: FloatArray
    high: FloatArray


@dataclass(frozen=True)
class ShapePair:
    """Two shapes prepared for interpolation: what does not depend on where between them.

    Attributes:
        parts: those that both shapes reach into.
    """

    parts: tuple[_Part, ...]

    @classmethod
    def of(cls, low: SignalShape, high: SignalShape) -> ShapePair:
        """Return the pair of the shapes at fraction 0 and at fraction 1."""
        parts = []
        for index, ends in enumerate(pairwise((-np.inf, *PART_ENDS, np.inf))):
            pieces = [_piece(shape, *ends) for shape in (low, high)]
            if any(len(piece.pulls) < 2 for piece in pieces):
                continue
            quantiles = np.union1d(pieces[0].cumulative, pieces[1].cumulative)
            # union1d keeps values that differ by rounding only: they would make steps of infinite slope
            quantiles = quantiles[np.concatenate([[True], np.diff(quantiles) > 1.0e-15])]
            places = [np.interp(quantiles, piece.cumulative, piece.pulls) for piece in pieces]
            parts.append(_Part(index, quantiles, places[0], places[1]))
        return cls(tuple(parts))

    def at(self, fraction: float, sizes: FloatArray) -> SignalShape:
        """Return the shape in between.

        Args:
            fraction: 0 to 1.
            sizes: of all parts between ``PART_ENDS``, in any unit, shape (len(PART_ENDS) + 1,).
        """
        pulls: list[FloatArray] = [np.zeros(0)]
        cumulative: list[FloatArray] = [np.zeros(0)]
        done = 0.0
        for part in self.parts:
            size = float(sizes[part.index])
            pulls.append((1.0 - fraction) * part.low + fraction * part.high)
            cumulative.append(done + size * part.quantiles)
            done += size
        return SignalShape(np.concatenate(pulls), np.concatenate(cumulative) / done)


def interpolate_quantiles(
    low: SignalShape, high: SignalShape, fraction: float, sizes: FloatArray | None = None
) -> SignalShape:
    """Interpolate two shapes: every quantile moves linearly from its place in one to its place in the other.

    This is done in parts, the peak and pieces of what is below and above it. Over the whole range at once, a change of
    the wrong photon pairs on one side of the peak would shift all quantiles and smear the peak into the tail.

    Exact at both ends, and exact for a peak of the same form whose position and width are linear in the parameter
    (A. L. Read, NIM A 425 (1999) 357).

    Args:
        low: shape at fraction 0.
        high: shape at fraction 1.
        fraction: 0 to 1.
        sizes: of the parts, in any unit; None to interpolate those of the two shapes linearly.
    """
    if sizes is None:
        sizes = (1.0 - fraction) * part_sizes(low) + fraction * part_sizes(high)
    return ShapePair.of(low, high).at(fraction, sizes)


def _piece(shape: SignalShape, low: float, high: float) -> SignalShape:
    """Return the part of a shape between two pulls, normalised; a single point if it has none there."""
    ends = np.clip([low, high], shape.pulls[0], shape.pulls[-1])
    if ends[0] == ends[1]:
        return SignalShape(ends[:1], np.zeros(1))
    inside = (shape.pulls > ends[0]) & (shape.pulls < ends[1])
    at_ends = np.interp(ends, shape.pulls, shape.cumulative)
    rising = np.concatenate([at_ends[:1], shape.cumulative[inside], at_ends[1:]]) - at_ends[0]
    return SignalShape(np.concatenate([ends[:1], shape.pulls[inside], ends[1:]]), rising / rising[-1])
