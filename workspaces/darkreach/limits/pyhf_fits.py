"""Fits of one pyhf model: conditional and free, warm started, repeated from elsewhere if the minimizer gives up."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from darkreach.limits.curvature import rounding_transform
from darkreach.limits.profile_curve import ProfilePoint

# step of the slope, in units of the signal strength
_SLOPE_STEP = 1e-3
# what pyhf asks for; the last resort
_LOOSE = 1e-6


class FitFailedError(ArithmeticError):
    """No attempt at a fit converged; never shown to a user, becomes the reason of a failed limit."""


@dataclass
class FitCounter:
    """Fits spent on one hypothesis, whatever the data."""

    fits: int = 0


@dataclass(frozen=True)
class PyhfFits:
    """Twice the negative log-likelihood of a model with given data, and its minima.

    Attributes:
        model: pyhf model.
        data: main and auxiliary data.
        tolerance: of the minimizer, in units of twice the negative log-likelihood.
        counter: counts fits.
        scale: rough size of a relevant signal strength; step of the slope at zero.
        offset: subtracted from the value of every point.
        transform: of all floating nuisance parameters to round coordinates, see ``curvature``; None if not yet known.
    """

    model: Any
    data: Sequence[float]
    tolerance: float
    counter: FitCounter
    scale: float
    offset: float = 0.0
    transform: NDArray[np.float64] | None = None

    @property
    def poi(self) -> int:
        """Index of the parameter of interest."""
        return int(self.model.config.poi_index)

    def twice_nll(self, parameters: NDArray[np.float64]) -> float:
        """Return twice the negative log-likelihood at these parameters (n,)."""
        from pyhf.infer.mle import twice_nll

        return float(twice_nll(parameters, self.data, self.model)[0])

    def conditional(self, signal_strength: float, start: NDArray[np.float64]) -> ProfilePoint:
        """Fit all parameters but the signal strength, starting from ``start`` (n,).

        Raises:
            FitFailedError: no minimum found.
        """
        inits = self._starts(start, signal_strength)
        value, parameters = self._fit(inits, self._bounds(signal_strength), signal_strength)
        return ProfilePoint(signal_strength, value - self.offset, self.slope(parameters), parameters)

    def free(self, start: NDArray[np.float64], upper: float) -> ProfilePoint:
        """Fit all parameters, the signal strength between zero and ``upper``.

        Raises:
            FitFailedError: no minimum found.
        """
        poi = float(start[self.poi])
        value, parameters = self._fit(self._starts(start, poi), self._bounds(upper, at_least=False), None)
        return ProfilePoint(float(parameters[self.poi]), value - self.offset, self.slope(parameters), parameters)

    def slope(self, parameters: NDArray[np.float64]) -> float:
        """Return the derivative of twice the negative log-likelihood by the signal strength, other parameters fixed."""
        here = float(parameters[self.poi])

        def at(signal_strength: float) -> float:
            moved = parameters.copy()
            moved[self.poi] = signal_strength
            return self.twice_nll(moved)

        step = _SLOPE_STEP * (here if here > 0.1 * self.scale else self.scale)
        if here > step:
            return (at(here + step) - at(here - step)) / (2.0 * step)
        # negative rates lie below zero: one-sided, second order
        return (4.0 * at(here + step) - 3.0 * at(here) - at(here + 2.0 * step)) / (2.0 * step)

    def with_transform(self, parameters: NDArray[np.float64]) -> PyhfFits:
        """Return the same fits in coordinates that are round near these parameters (n,)."""
        free = self._floating()
        low, high = np.asarray(self._bounds(float(parameters[self.poi]))).T

        def objective(nuisances: NDArray[np.float64]) -> float:
            moved = parameters.copy()
            moved[free] = nuisances
            return self.twice_nll(moved)

        if not np.any(free):
            return self
        return replace(self, transform=rounding_transform(objective, parameters[free], low[free], high[free]))

    def _floating(self) -> NDArray[np.bool_]:
        """Tell which nuisance parameters float, (n,)."""
        floating = ~np.asarray(self.model.config.suggested_fixed(), dtype=bool)
        floating[self.poi] = False
        return floating

    def _solver_options(self, fixed: float | None) -> dict[str, Any]:
        if self.transform is None:
            return {}
        if fixed is not None:
            return {"transform": self.transform}
        # the signal strength gets an axis of its own, at its place among the floating parameters
        place = int(np.sum(self._floating()[: self.poi]))
        rows = np.insert(np.insert(self.transform, place, 0.0, axis=0), place, 0.0, axis=1)
        rows[place, place] = 0.5 * self.scale
        return {"transform": rows}

    def at_bound(self, parameters: NDArray[np.float64]) -> tuple[str, ...]:
        """Return the names of the floating nuisance parameters that sit at a bound."""
        config = self.model.config
        columns = zip(config.par_names, parameters, config.suggested_bounds(), config.suggested_fixed(), strict=True)
        return tuple(
            str(name)
            for index, (name, value, (low, high), fixed) in enumerate(columns)
            if index != self.poi and not fixed and min(value - low, high - value) <= 1e-6 * (high - low)
        )

    def _starts(self, start: NDArray[np.float64], signal_strength: float) -> list[list[float]]:
        nominal = np.asarray(self.model.config.suggested_init(), dtype=np.float64)
        starts = []
        for candidate in (start, nominal):
            inits = candidate.copy()
            inits[self.poi] = signal_strength
            starts.append([float(value) for value in inits])
        return starts

    def _bounds(self, upper: float, *, at_least: bool = True) -> list[tuple[float, float]]:
        bounds = [(float(low), float(high)) for low, high in self.model.config.suggested_bounds()]
        declared = bounds[self.poi][1]
        bounds[self.poi] = (0.0, max(declared, 2.0 * upper) if at_least else upper)
        return bounds

    def _fit(
        self, starts: list[list[float]], bounds: list[tuple[float, float]], fixed: float | None
    ) -> tuple[float, NDArray[np.float64]]:
        # the better start first: it is the one that is not in another valley
        starts = sorted(starts, key=lambda start: self._value(start, bounds))
        exact = max(self.tolerance, rounding(self.data))
        attempts = [(exact, self.transform), (exact, None), (max(exact, _LOOSE), None)]
        reasons = []
        for (tolerance, transform), start in product(attempts, starts):
            try:
                fits = replace(self, tolerance=tolerance, transform=transform)
                return fits._attempt(start, bounds, fixed)
            except FitFailedError as error:
                reasons.append(str(error))
        where = "free fit" if fixed is None else f"fit at signal strength {fixed:.6g}"
        raise FitFailedError(f"{where}: {reasons[-1]}")

    def _value(self, start: list[float], bounds: list[tuple[float, float]]) -> float:
        value = self.twice_nll(_inside(start, bounds))
        return value if math.isfinite(value) else math.inf

    def _attempt(
        self, start: list[float], bounds: list[tuple[float, float]], fixed: float | None
    ) -> tuple[float, NDArray[np.float64]]:
        from pyhf.exceptions import FailedMinimization
        from pyhf.infer import mle

        inside = _inside(start, bounds)
        if fixed is not None and not np.any(self._floating()):
            # nothing is left to fit, and the minimizer refuses an empty vector
            return self.twice_nll(inside), inside
        options = {
            "par_bounds": bounds,
            "return_fitted_val": True,
            "do_stitch": True,
            "tolerance": self.tolerance,
            "maxiter": 200,
            "solver_options": self._solver_options(fixed),
        }
        self.counter.fits += 1
        try:
            if fixed is None:
                parameters, value = mle.fit(self.data, self.model, inside.tolist(), **options)
            else:
                parameters, value = mle.fixed_poi_fit(fixed, self.data, self.model, inside.tolist(), **options)
        except FailedMinimization as error:
            raise FitFailedError(f"the minimizer did not converge ({error})") from error
        except (ValueError, ArithmeticError) as error:
            raise FitFailedError(str(error)) from error
        if not math.isfinite(float(value)):
            raise FitFailedError("the likelihood is not finite at the minimum")
        return float(value), np.asarray(parameters, dtype=np.float64)


def _inside(start: list[float], bounds: list[tuple[float, float]]) -> NDArray[np.float64]:
    low, high = np.asarray(bounds).T
    return np.clip(np.asarray(start), low, high)


def rounding(data: Sequence[float]) -> float:
    """Return a generous estimate of the rounding error of twice the negative log-likelihood.

    Every bin subtracts numbers of size n ln n from each other.

    Example:
        >>> rounding([1e6] * 24) > 1e-7 > 1e-11 > rounding([10.0])
        True
    """
    counts = np.maximum(np.asarray(data, dtype=np.float64), 1.0)
    return float(10.0 * np.finfo(np.float64).eps * np.sum(1.0 + counts * np.log(counts)))
