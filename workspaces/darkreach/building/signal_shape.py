"""The shape of a signal in units of the resolution, and its interpolation by quantiles."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from scipy.interpolate import PchipInterpolator

from darkreach.building.rounding import FloatArray
from darkreach.errors import WorkspaceError

PART_ENDS: Final = (-16.0, -8.0, -4.0, 4.0, 8.0, 16.0)
"""Pulls between the parts that are interpolated on their own: the peak, and pieces of the wrong pairs around it."""

_FLOOR = 1.0e-12
_POINTS_PER_BIN = 4


@dataclass(frozen=True)
class SignalShape:
    """A normalised distribution of pulls (M^2 - m^2) / resolution(m), linear between its points.

    Attributes:
        pulls: rising positions, shape (points,).
        cumulative: distribution function there, from 0 to 1, strictly rising, shape (points,).
    """

    pulls: FloatArray
    cumulative: FloatArray

    def fractions(self, edges: FloatArray) -> FloatArray:
        """Return the part of the distribution in each bin; edges in pulls, shape (bins + 1,), result (bins,)."""
        return np.diff(np.interp(edges, self.pulls, self.cumulative, left=0.0, right=1.0))


def shape_from_bins(edges: FloatArray, values: FloatArray, where: str) -> SignalShape:
    """Return the shape of a pull histogram.

    Raises:
        WorkspaceError: the histogram is empty.

    Example:
        >>> edges = np.array([-1.0, 0.0, 1.0])
        >>> shape_from_bins(edges, np.array([1.0, 3.0]), "demo").fractions(edges).round(9)
        array([0.25, 0.75])
    """
    total = float(values.sum())
    if not total > 0.0:
        raise WorkspaceError(
            "no signal event is in the histogram", where=where, next_step="simulate more, or check the selection"
        )
    # empty bins get a floor far below any statistical meaning, so that every quantile is at one place
    floored = values / total + _FLOOR
    cumulative = np.concatenate([[0.0], np.cumsum(floored)])
    # a monotone cubic inside the bins keeps their contents; straight lines would flatten the peak
    steps = np.arange(_POINTS_PER_BIN * len(values) + 1) / _POINTS_PER_BIN
    points = np.interp(steps, np.arange(len(edges)), edges)
    smooth = PchipInterpolator(edges, cumulative / cumulative[-1])(points)
    return SignalShape(points, np.maximum.accumulate(smooth))


def part_sizes(shape: SignalShape) -> FloatArray:
    """Return how much of a shape is in each part between ``PART_ENDS``, shape (len(PART_ENDS) + 1,)."""
    ends = np.concatenate([[-np.inf], PART_ENDS, [np.inf]])
    return shape.fractions(ends)


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
    pulls: list[FloatArray] = [np.zeros(0)]
    cumulative: list[FloatArray] = [np.zeros(0)]
    done = 0.0
    for part, size in zip(pairwise((-np.inf, *PART_ENDS, np.inf)), sizes, strict=True):
        pieces = [_piece(shape, *part) for shape in (low, high)]
        if any(len(piece.pulls) < 2 for piece in pieces):
            continue
        quantiles = np.union1d(pieces[0].cumulative, pieces[1].cumulative)
        # union1d keeps values that differ by rounding only: they would make steps of infinite slope
        quantiles = quantiles[np.concatenate([[True], np.diff(quantiles) > 1.0e-15])]
        places = [np.interp(quantiles, piece.cumulative, piece.pulls) for piece in pieces]
        pulls.append((1.0 - fraction) * places[0] + fraction * places[1])
        cumulative.append(done + float(size) * quantiles)
        done += float(size)
    return SignalShape(np.concatenate(pulls), np.concatenate(cumulative) / done)


def _piece(shape: SignalShape, low: float, high: float) -> SignalShape:
    """Return the part of a shape between two pulls, normalised; a single point if it has none there."""
    ends = np.clip([low, high], shape.pulls[0], shape.pulls[-1])
    if ends[0] == ends[1]:
        return SignalShape(ends[:1], np.zeros(1))
    inside = (shape.pulls > ends[0]) & (shape.pulls < ends[1])
    at_ends = np.interp(ends, shape.pulls, shape.cumulative)
    rising = np.concatenate([at_ends[:1], shape.cumulative[inside], at_ends[1:]]) - at_ends[0]
    return SignalShape(np.concatenate([ends[:1], shape.pulls[inside], ends[1:]]), rising / rising[-1])
