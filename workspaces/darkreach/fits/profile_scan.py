"""Profile likelihood of one parameter, and the asymmetric errors where it has risen by one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from scipy.optimize import brentq

from darkreach.errors import ConfigError
from darkreach.fits.fit_data import DataChoice, choose_data
from darkreach.fits.fit_model import FitModel, FitTarget, Parameter, fit_model
from darkreach.fits.fit_problems import FitOutcome, FitProblem, solve
from darkreach.fits.lowest_fit import lowest_fit
from darkreach.fits.postfit import post_fit
from darkreach.fits.results import FitStatus
from darkreach.likelihood import Dataset

_BETTER = 1e-7
_EXPANSIONS = 40
_DEFAULT_REACH = 3.0


@dataclass(frozen=True)
class ProfileScan:
    """-2 delta log L against one parameter, all others fitted at each value.

    Attributes:
        parameter: its name.
        best: best-fit value.
        error: symmetric error of the inverse Hessian, None where none is claimed.
        error_down, error_up: distances to where -2 delta log L is 1; None where a bound comes first or a fit failed.
        values, delta: the scan; delta is NaN where a fit failed.
        status: ok or failed.
        reason: why it failed, or which points did.
    """

    parameter: str
    best: float
    error: float | None
    error_down: float | None
    error_up: float | None
    values: tuple[float, ...]
    delta: tuple[float, ...]
    status: FitStatus = "ok"
    reason: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return the scan as JSON-like data."""
        delta = [value if math.isfinite(value) else None for value in self.delta]
        best = self.best if math.isfinite(self.best) else None
        return asdict(self) | {"best": best, "values": list(self.values), "delta": delta}


def scan(
    target: FitTarget,
    parameter: str,
    values: Sequence[float] | None = None,
    *,
    points: int = 25,
    measurement: str | None = None,
    data: DataChoice = "observed",
    poi_bounds: tuple[float, float] | None = None,
    threads: int = 1,
) -> ProfileScan:
    """Profile the likelihood over one parameter, the parameter of interest or any other.

    Args:
        target: hypothesis, pyhf workspace with its signal, or compiled model.
        parameter: its name.
        values: where; None for three errors around the best fit, within the bounds.
        points: number of values if none are given.
        measurement: name of the measurement; None for the first.
        data: observed, or the Asimov data of the nominal model.
        poi_bounds: other bounds of the parameter of interest; None for the declared ones.
        threads: fits at a time.

    Raises:
        UnknownNameError: no such parameter; the message has the nearest known name.
        ConfigError: a value is not finite, or the parameter is fixed.
        WorkspaceError: the workspace is not usable.
    """
    model = fit_model(target, measurement=measurement)
    if poi_bounds is not None:
        model = model.with_poi_bounds(*poi_bounds)
    chosen = model.parameter(parameter)
    _check(chosen, values)
    curve = _Curve(model, choose_data(model, data), chosen)
    if curve.best.reason:
        return ProfileScan(chosen.name, math.nan, None, None, None, (), (), "failed", curve.best.reason)
    grid = curve.default_values(points) if values is None else tuple(float(value) for value in values)
    delta, failures = curve.scan(grid, threads)
    return ProfileScan(
        parameter=chosen.name,
        best=curve.value,
        error=curve.error,
        error_down=curve.asymmetric_error(-1.0),
        error_up=curve.asymmetric_error(1.0),
        values=grid,
        delta=delta,
        reason="; ".join(failures),
    )


def _check(parameter: Parameter, values: Sequence[float] | None) -> None:
    if parameter.constraint == "fixed":
        raise ConfigError("a fixed parameter cannot be scanned", where=parameter.name, next_step="choose a free one")
    for value in values or ():
        if not math.isfinite(value):
            raise ConfigError("a value to scan is not finite", where=parameter.name, given=str(value))


class _Curve:
    """The profile of one parameter; keeps the best fit, which a lower minimum met on the way replaces."""

    def __init__(self, model: FitModel, data: Dataset, parameter: Parameter) -> None:
        self.model, self.data, self.parameter = model, data, parameter
        self._place = model.parameters.index(parameter)
        self._fit(None)

    def _fit(self, start: FitOutcome | None) -> None:
        self.best = lowest_fit(self.model, self.data, starts=() if start is None else [start.theta])
        self.value, self.error = math.nan, None
        if not self.best.reason:
            post = post_fit(self.model, self.data, self.best.theta, floored=self.best.floored)
            self.value = float(post.values[self._place])
            if not post.flags[self._place]:
                self.error = math.sqrt(float(post.covariance[self._place, self._place]))

    def default_values(self, points: int) -> tuple[float, ...]:
        width = self.error or self.parameter.width or max(abs(self.value), 1.0)
        low = max(self.value - _DEFAULT_REACH * width, self.parameter.lower)
        high = min(self.value + _DEFAULT_REACH * width, self.parameter.upper)
        return tuple(float(value) for value in np.linspace(low, high, points))

    def scan(self, values: Sequence[float], threads: int) -> tuple[tuple[float, ...], list[str]]:
        for _ in range(3):
            problems = [FitProblem(self.data, [(self.parameter, value)], self.best.theta) for value in values]
            outcomes = solve([self.model], problems, threads=threads)
            good = [outcome for outcome in outcomes if not outcome.reason]
            lowest = min(good, key=lambda outcome: outcome.value, default=self.best)
            if lowest.value >= self.best.value - _BETTER:
                break
            # the profile has met a lower minimum than the free fit, which starts again from there
            self._fit(lowest)
        delta = tuple(2.0 * (o.value - self.best.value) if not o.reason else math.nan for o in outcomes)
        failures = [
            f"{self.parameter.name} = {v:g}: {o.reason}" for v, o in zip(values, outcomes, strict=True) if o.reason
        ]
        return delta, failures

    def delta(self, value: float) -> float:
        outcome = solve([self.model], [FitProblem(self.data, [(self.parameter, value)], self.best.theta)])[0]
        return math.nan if outcome.reason else 2.0 * (outcome.value - self.best.value)

    def asymmetric_error(self, side: float) -> float | None:
        """Return the distance to where the profile has risen by one, on one side."""
        bound = self.parameter.upper if side > 0.0 else self.parameter.lower
        step = self.error or self.parameter.width or max(abs(self.value), 1.0)
        inner, outer = 0.0, step
        for _ in range(_EXPANSIONS):
            reach = abs(bound - self.value)
            rise = self.delta(self.value + side * min(outer, reach))
            if math.isnan(rise) or (rise < 1.0 and outer >= reach):
                return None
            if rise >= 1.0:
                return self._root(side, inner, min(outer, reach), 1e-10 * step)
            inner, outer = outer, 2.0 * outer
        return None

    def _root(self, side: float, inner: float, outer: float, tolerance: float) -> float | None:
        def rise(length: float) -> float:
            return self.delta(self.value + side * length) - 1.0

        try:
            return float(brentq(rise, inner, outer, xtol=tolerance, rtol=1e-10))
        except ValueError:
            # a fit on the way failed
            return None
