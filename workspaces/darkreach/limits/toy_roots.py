"""Limits from toys: where log CLs, estimated at a few signal strengths, falls through its target."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

from scipy.interpolate import PchipInterpolator
from scipy.optimize import brentq

from darkreach.errors import LimitError
from darkreach.limits.asymptotic_cls import BANDS
from darkreach.limits.toy_cls import Estimate, expected_estimate, observed_estimate
from darkreach.limits.toy_pool import ToyPool


class NoSensitivityError(LimitError):
    """CLs stays above 1 - CL however large the signal strength."""


OBSERVED = len(BANDS)
"""Column of the observed limit; the bands come before it."""

_LARGEST_STEPS = 40
# differences of log CLs: a limit is accepted within a tenth of its statistical error
_FRACTION_OF_ERROR, _SMALLEST_TOLERANCE = 0.1, 1e-4
_FLOOR = -5.0
_NARROW = 1e-5
_FARTHEST = 20.0


class ToyRoot(NamedTuple):
    """A limit: signal strength, its statistical error, and CLs there."""

    strength: float
    error: float
    cls: float


class CLsCurves:
    """log CLs of the data and of the five bands at the strengths tested so far.

    Args:
        pool: the toys; they must not change while curves are in use.
    """

    def __init__(self, pool: ToyPool) -> None:
        self.pool = pool
        self.estimates: dict[float, tuple[Estimate, ...]] = {}

    def at(self, strength: float) -> tuple[Estimate, ...]:
        """Return the estimates of the five bands and of the data."""
        if strength not in self.estimates:
            toys = self.pool.tested(strength)
            self.estimates[strength] = (*(expected_estimate(toys, band) for band in BANDS), observed_estimate(toys))
        return self.estimates[strength]

    def root(self, column: int, cl: float, start: float) -> ToyRoot:
        """Return where one CLs curve crosses 1 - cl for the last time.

        Args:
            column: index of the band, or ``OBSERVED``.
            cl: confidence level.
            start: signal strength of the right order.

        Raises:
            NoSensitivityError: CLs does not fall to 1 - cl.
            LimitError: CLs is not defined, or the search does not end.
        """
        target, strength = math.log(1.0 - cl), start
        for _ in range(_LARGEST_STEPS):
            estimate = self.at(strength)[column]
            if estimate.log_cls == math.inf:
                raise LimitError("no background-only toy is as extreme as the data: CLs is not defined by these toys")
            difference = estimate.log_cls - target
            tolerance = max(_FRACTION_OF_ERROR * min(estimate.error, 1.0), _SMALLEST_TOLERANCE)
            excess = {tested: values[column].log_cls - target for tested, values in self.estimates.items()}
            low, high = bracket(excess)
            closed = math.isfinite(low) and math.isfinite(high)
            if closed and abs(difference) <= tolerance:
                slope = self._slope(excess, strength, low, high)
                return ToyRoot(strength, estimate.error / slope, math.exp(estimate.log_cls))
            if closed and high - low <= _NARROW * high:
                # CLs of discrete data jumps: the limit is the strength from which on it is below
                return ToyRoot(high, high - low, math.exp(self.at(high)[column].log_cls))
            strength = next_strength(excess, low, high)
            if strength > _FARTHEST * start:
                what = "observed" if column == OBSERVED else f"expected at {BANDS[column]:+d} standard deviations"
                raise NoSensitivityError(f"CLs by toys ({what}) stays above 1 - CL", given=f"up to mu = {low:g}")
        raise LimitError("the search for CLs = 1 - CL by toys did not end", given=f"signal strength {strength:g}")

    @staticmethod
    def _slope(excess: Mapping[float, float], strength: float, low: float, high: float) -> float:
        """Return minus the derivative of log CLs, from the neighbours at least one per cent away."""
        below = max((x for x in excess if x < 0.99 * strength), default=low)
        above = min((x for x in excess if x > 1.01 * strength and excess[x] > _FLOOR), default=high)
        fall = max(excess[below], _FLOOR) - max(excess[above], _FLOOR)
        return max(fall, 1e-9) / (above - below) if above > below else math.inf


def bracket(excess: Mapping[float, float]) -> tuple[float, float]:
    """Return the largest tested strength where the curve is above its target, and the next one; infinities if none.

    Example:
        >>> bracket({1.0: 2.0, 2.0: 0.5, 3.0: -1.0})
        (2.0, 3.0)
    """
    low = max((strength for strength, value in excess.items() if value > 0.0), default=-math.inf)
    high = min((strength for strength in excess if strength > low), default=math.inf)
    return low, high


def next_strength(excess: Mapping[float, float], low: float, high: float) -> float:
    """Return where to test next: on the monotone cubic through the tested points, or beyond them."""
    if high == math.inf:
        return 1.5 * low
    if low == -math.inf:
        return 0.6 * high
    tested = sorted(excess)
    values = [min(max(excess[strength], _FLOOR), -_FLOOR) for strength in tested]
    curve = PchipInterpolator(tested, values)
    if excess[high] == 0.0:
        return high
    root = float(brentq(curve, low, high, xtol=1e-12 * high))
    margin = 1e-3 * (high - low)
    return min(max(root, low + margin), high - margin)
