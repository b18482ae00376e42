"""A profiled likelihood as a function of the signal strength: few exact points, and a smooth curve through them."""

from __future__ import annotations

import math
from bisect import bisect_left, insort
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

_STENCIL = 4
_SMALLEST_SEPARATION = 0.03


@dataclass(frozen=True)
class ProfilePoint:
    """One conditional fit.

    Attributes:
        signal_strength: where the parameter of interest was fixed.
        value: twice the negative log-likelihood there, up to a constant shared by the points of a curve.
        slope: its derivative with respect to the signal strength; by the envelope theorem the nuisance parameters
            can stay at their fitted values, so it costs two evaluations and no fit.
        parameters: all fitted parameters, (n,).
    """

    signal_strength: float
    value: float
    slope: float
    parameters: NDArray[np.float64] = field(repr=False)


@dataclass(frozen=True)
class ProfileCurve:
    """Points in increasing signal strength, with a Hermite polynomial through the nearest ones.

    Example:
        >>> none = np.zeros(0)
        >>> curve = ProfileCurve([ProfilePoint(0.0, 0.0, 0.0, none), ProfilePoint(2.0, 4.0, 4.0, none)])
        >>> round(curve.between(1.0), 9), round(curve.root_extended(3.0), 9)
        (1.0, 9.0)
    """

    points: list[ProfilePoint]

    def add(self, point: ProfilePoint) -> None:
        """Insert a point; one at the same signal strength is replaced if the new value is lower."""
        strengths = [known.signal_strength for known in self.points]
        index = bisect_left(strengths, point.signal_strength)
        if index < len(strengths) and strengths[index] == point.signal_strength:
            if point.value < self.points[index].value:
                self.points[index] = point
            return
        insort(self.points, point, key=lambda known: known.signal_strength)

    def at(self, signal_strength: float) -> ProfilePoint | None:
        """Return the point at exactly this signal strength, if any."""
        return next((point for point in self.points if point.signal_strength == signal_strength), None)

    def nearest(self, signal_strength: float) -> ProfilePoint:
        """Return the known point closest in signal strength."""
        return min(self.points, key=lambda point: abs(point.signal_strength - signal_strength))

    def parameters(self, signal_strength: float) -> NDArray[np.float64]:
        """Return parameters (n,) on the straight line through the two nearest points, where a fit should start.

        The line is followed no further than the points are apart: noise of two close fits would grow along it.
        """
        first, *others = self._stencil(signal_strength)
        if not others:
            return first.parameters
        distance = (signal_strength - first.signal_strength) / (others[0].signal_strength - first.signal_strength)
        step = np.clip(distance, -1.0, 1.0) * (others[0].parameters - first.parameters)
        return np.asarray(first.parameters + step)

    def between(self, signal_strength: float) -> float:
        """Return the interpolated value; beyond the points the tangent of the outermost one."""
        for outer, beyond in ((self.points[0], -1.0), (self.points[-1], 1.0)):
            distance = signal_strength - outer.signal_strength
            if beyond * distance > 0.0:
                return outer.value + outer.slope * distance
        return _hermite(self._stencil(signal_strength), signal_strength)

    def _stencil(self, signal_strength: float) -> list[ProfilePoint]:
        """Choose the nearest points, but none so close to another that rounding would be amplified."""
        separation = _SMALLEST_SEPARATION * self.points[-1].signal_strength
        chosen: list[ProfilePoint] = []
        for point in sorted(self.points, key=lambda known: abs(known.signal_strength - signal_strength)):
            apart = all(abs(point.signal_strength - other.signal_strength) > separation for other in chosen)
            if apart and len(chosen) < _STENCIL:
                chosen.append(point)
        return chosen

    def root_extended(self, signal_strength: float) -> float:
        """Return the interpolated value of a curve that starts at zero; beyond the points its square root is extended.

        A likelihood ratio is nearly a parabola, so its root is nearly a line, with a small bend.
        """
        last = self.points[-1]
        if signal_strength <= last.signal_strength or last.value <= 0.0:
            return self.between(signal_strength)
        distance = signal_strength - last.signal_strength
        root = math.sqrt(last.value)
        slope = 0.5 * last.slope / root
        previous = next((p for p in reversed(self.points) if p.signal_strength < 0.9 * last.signal_strength), None)
        bend = 0.0
        if previous is not None:
            width = last.signal_strength - previous.signal_strength
            bend = (math.sqrt(max(previous.value, 0.0)) - root + slope * width) / width**2
        if slope + 2.0 * bend * distance < 0.5 * slope:
            bend = 0.0
        return (root + slope * distance + bend * distance**2) ** 2


def _hermite(points: list[ProfilePoint], signal_strength: float) -> float:
    """Evaluate the polynomial with the values and slopes of all points (Newton's divided differences)."""
    doubled = [point for point in points for _ in range(2)]
    nodes = [point.signal_strength for point in doubled]
    column = [point.value for point in doubled]
    coefficients = [column[0]]
    for order in range(1, len(nodes)):
        column = [
            doubled[k].slope
            if nodes[k + order] == nodes[k]
            else (column[k + 1] - column[k]) / (nodes[k + order] - nodes[k])
            for k in range(len(nodes) - order)
        ]
        coefficients.append(column[0])
    value = coefficients[-1]
    for node, coefficient in zip(reversed(nodes[:-1]), reversed(coefficients[:-1]), strict=True):
        value = coefficient + (signal_strength - node) * value
    return value
