"""Where CLs crosses 1 - cl: few conditional fits, chosen by a smooth curve through those already made.

Every limit found is the signal strength of a fit that was made, so CLs there is a fitted number, not an interpolated
one. Fits are shared by the bands and the confidence levels.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from darkreach.limits.asymptotic_cls import BANDS, band_target, observed_cls
from darkreach.limits.profile_curve import ProfileCurve, ProfilePoint
from darkreach.limits.pyhf_fits import FitFailedError, PyhfFits

_MAXIMUM_STEPS = 25
_LARGEST_FACTOR = 1e12
_CONSISTENT = 1e-7


@dataclass(frozen=True)
class AsymptoticSearch:
    """The fits of one hypothesis and the curves through them.

    Attributes:
        data_fits: fits of the observed data.
        asimov_fits: fits of the background-only Asimov data.
        data_curve: twice the negative log-likelihood of the data, the fits at zero strength and the free one included.
        asimov_curve: q of the Asimov data, whose free minimum is known exactly; starts at zero strength.
        signal: expected signal per bin at unit strength, (n,).
        background: expected background per bin, (n,).
        tolerance: relative accuracy of a limit.
    """

    data_fits: PyhfFits
    asimov_fits: PyhfFits
    data_curve: ProfileCurve
    asimov_curve: ProfileCurve
    signal: NDArray[np.float64]
    background: NDArray[np.float64]
    tolerance: float

    @property
    def best_fit(self) -> ProfilePoint:
        """The lowest fit of the data."""
        return min(self.data_curve.points, key=lambda point: point.value)

    def prefetch(self, confidence_levels: Sequence[float]) -> None:
        """Fit the expected limits from the outside in, so that curves are interpolated rather than extended."""
        bands = [(cl, band) for cl in confidence_levels for band in BANDS]
        targets = sorted(bands, key=lambda pair: band_target(*pair), reverse=True)
        with suppress(FitFailedError):
            while targets:
                # largest, smallest, then the one in the middle of what is left
                for index in (0, -1, len(targets) // 2):
                    if targets:
                        self.expected(*targets.pop(min(index, len(targets) - 1)))

    def expected(self, cl: float, band: int) -> ProfilePoint:
        """Return the Asimov fit at the expected limit of one band.

        Raises:
            FitFailedError: a fit failed, or no signal strength reaches the target.
        """
        target = band_target(cl, band) ** 2

        def excess(signal_strength: float) -> float:
            return self._asimov(signal_strength) - target

        for _ in range(_MAXIMUM_STEPS):
            estimate = self._root(excess, 0.0)
            known = self.asimov_curve.at(estimate) or self._near(self.asimov_curve, estimate)
            if known is not None:
                return known
            self._fit(self.asimov_fits, self.asimov_curve, estimate)
        raise FitFailedError(f"the expected limit at {band:+d} standard deviations did not settle")

    def observed(self, cl: float) -> tuple[ProfilePoint, float]:
        """Return the fit of the data at the observed limit, and q of the Asimov data there.

        Raises:
            FitFailedError: a fit failed, or no signal strength reaches the target.
        """

        def excess(signal_strength: float) -> float:
            return (1.0 - cl) - observed_cls(self._data(signal_strength), self._asimov(signal_strength))

        for _ in range(_MAXIMUM_STEPS):
            estimate = self._root(excess, self.best_fit.signal_strength)
            data = self._near(self.data_curve, estimate)
            if data is None:
                self._fit_data(estimate)
                continue
            asimov = self.asimov_curve.at(data.signal_strength)
            if asimov is not None:
                return data, asimov.value
            self._fit(self.asimov_fits, self.asimov_curve, data.signal_strength)
        raise FitFailedError("the observed limit did not settle")

    def _near(self, curve: ProfileCurve, estimate: float) -> ProfilePoint | None:
        nearest = curve.nearest(estimate)
        close = abs(nearest.signal_strength - estimate) <= self.tolerance * estimate
        return nearest if close else None

    def _fit(self, fits: PyhfFits, curve: ProfileCurve, signal_strength: float) -> None:
        curve.add(fits.conditional(signal_strength, curve.parameters(signal_strength)))

    def _fit_data(self, signal_strength: float) -> None:
        lowest = self.best_fit.value
        self._fit(self.data_fits, self.data_curve, signal_strength)
        below = self.best_fit
        if below.value < lowest - _CONSISTENT:
            # the free fit had stopped early or in another minimum: start it again from the better point
            self.data_curve.add(self.data_fits.free(below.parameters, 2.0 * below.signal_strength))

    def _asimov(self, signal_strength: float) -> float:
        if len(self.asimov_curve.points) == 1:
            return asimov_ratio(signal_strength, self.signal, self.background)
        return self.asimov_curve.root_extended(signal_strength)

    def _data(self, signal_strength: float) -> float:
        """Return q; the difference of the two curves is interpolated because it is nearly a straight line."""
        points = [
            ProfilePoint(
                point.signal_strength,
                point.value - self._asimov(point.signal_strength),
                point.slope - self._asimov_slope(point.signal_strength),
                point.parameters,
            )
            for point in self.data_curve.points
        ]
        difference = ProfileCurve(points).between(signal_strength)
        return self._asimov(signal_strength) + difference - self.best_fit.value

    def _asimov_slope(self, signal_strength: float) -> float:
        known = self.asimov_curve.at(signal_strength)
        if known is not None:
            return known.slope
        step = 1e-5 * signal_strength
        return (self._asimov(signal_strength + step) - self._asimov(signal_strength - step)) / (2.0 * step)

    def _root(self, excess: Callable[[float], float], low: float) -> float:
        scale = self.data_fits.scale
        high = max(low, scale)
        while excess(high) < 0.0:
            high = 2.0 * high
            if high > _LARGEST_FACTOR * scale:
                raise FitFailedError("no signal strength reaches the confidence level")
        return float(brentq(excess, low, high, xtol=1e-14 * high, rtol=1e-12))


def asimov_ratio(signal_strength: float, signal: NDArray[np.float64], background: NDArray[np.float64]) -> float:
    """Return q of background-only Asimov data if no parameter but the signal strength could move.

    Args:
        signal_strength: tested value, not negative.
        signal: expected signal per bin at unit strength, (n,).
        background: expected background per bin, (n,).

    Example:
        >>> round(asimov_ratio(1.0, np.array([10.0]), np.array([1e4])), 4)
        0.01
    """
    moved = signal_strength * signal
    filled = background > 0.0
    inverse = np.divide(moved, background, out=np.zeros_like(moved), where=filled)
    logarithm = background * np.log1p(np.maximum(inverse, -1.0 + 1e-9))
    return float(2.0 * np.sum(moved - np.where(filled, logarithm, 0.0)))
