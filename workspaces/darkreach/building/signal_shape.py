"""The shape of a signal in units of the resolution."""

from __future__ import annotations

from dataclasses import dataclass
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
