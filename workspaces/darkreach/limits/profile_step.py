"""The profile likelihood near one signal strength: value, slope and curvature from a single evaluation.

The quadratic model of the likelihood predicts the profile at the best nuisance parameters, even before they are there,
so signal strength and nuisance parameters can move together.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from darkreach.likelihood.linear_solver import solve
from darkreach.likelihood.lowest_minimum import lowest_minimum
from darkreach.likelihood.model_arrays import Dataset, FloatArray, ModelArrays, Scratch
from darkreach.likelihood.newton_fit import (
    CONVERGED,
    bounded_step,
    find_free,
    impossible_bin,
    predicted_decrease,
    symmetric_element,
)
from darkreach.likelihood.profiled_likelihood import evaluate

STRENGTH, VALUE, SLOPE, CURVATURE, EXACT = 0, 1, 2, 3, 4
"""Entries of ``Scratch.profile``: signal strength, profiled value and its derivatives there, and whether it is exact.

EXACT is 1 if the fit has converged, 0 if the numbers are a prediction, -1 if the Hessian was not positive definite.
"""

_NEGLIGIBLE_DAMPING = 1e-7
# the value is extrapolated by the predicted decrease, whose own error is of third order in the step: below 1e-9 here
_EXACT_DECREASE = 1e-7


class ProfileCurve(NamedTuple):
    """The profile likelihood of one data set, known near one signal strength.

    Attributes:
        data: observed or Asimov data.
        theta: shape (P,), parameters at the signal strength.
        origin: shape (P,), best-fit parameters, from which fits start again.
        scratch: work space; its profile, step and tangent belong to theta.
    """

    data: Dataset
    theta: FloatArray
    origin: FloatArray
    scratch: Scratch


def read_profile(model: ModelArrays, curve: ProfileCurve, value: float) -> bool:
    """Fill the profile at the point just evaluated; False where the quadratic model is not usable.

    ``scratch.step`` becomes the step to the best nuisance parameters, ``scratch.tangent`` their change with the signal
    strength.
    """
    theta, scratch = curve.theta, curve.scratch
    poi, profile = model.poi[0], scratch.profile
    size = find_free(model, theta, scratch.held, scratch)
    damping, size = bounded_step(model, theta, size, scratch)
    if damping == math.inf:
        return False
    decrease = predicted_decrease(scratch.gradient, scratch.hessian, scratch.step)
    hessian, free, trial, step, tangent = scratch.hessian, scratch.free, scratch.trial, scratch.step, scratch.tangent
    for row in range(size):
        trial[row] = -symmetric_element(hessian, poi, free[row])
    solve(scratch.cholesky, size, trial)
    slope, curvature = scratch.gradient[poi], hessian[poi, poi]
    tangent.fill(0.0)
    for row in range(size):
        tangent[free[row]] = trial[row]
        curvature += symmetric_element(hessian, poi, free[row]) * trial[row]
    for index in range(theta.size):
        if step[index] != 0.0:
            slope += symmetric_element(hessian, poi, index) * step[index]
    profile[STRENGTH] = theta[poi]
    profile[VALUE], profile[SLOPE], profile[CURVATURE] = value - decrease, slope, curvature
    if not damping <= _NEGLIGIBLE_DAMPING:
        profile[EXACT] = -1.0
    elif abs(decrease) <= _EXACT_DECREASE and impossible_bin(curve.data, scratch) < 0:
        profile[EXACT] = 1.0
    else:
        profile[EXACT] = 0.0
    return math.isfinite(value)


def move_profile(model: ModelArrays, curve: ProfileCurve, strength: float) -> bool:
    """Step to another signal strength with the nuisance parameters following; fill the profile there."""
    theta, scratch = curve.theta, curve.scratch
    change = strength - theta[model.poi[0]]
    step, tangent, lower, upper = scratch.step, scratch.tangent, model.lower, model.upper
    for index in range(theta.size):
        moved = theta[index] + step[index] + change * tangent[index]
        theta[index] = min(max(moved, lower[index]), upper[index])
    theta[model.poi[0]] = strength
    value = evaluate(model, curve.data, theta, scratch)
    return math.isfinite(value) and read_profile(model, curve, value)


def fit_profile(model: ModelArrays, curve: ProfileCurve, strength: float, mirrors: int) -> int:
    """Fit the nuisance parameters at a signal strength with all safeguards; return the status of the fit."""
    theta, scratch = curve.theta, curve.scratch
    theta[model.poi[0]] = strength
    status, value = lowest_minimum(model, curve.data, theta, curve.origin, scratch.held, mirrors, scratch)
    if status == CONVERGED:
        read_profile(model, curve, value)
        scratch.profile[EXACT] = 1.0
    return status


def predicted(profile: FloatArray, strength: float) -> float:
    """Return the quadratic prediction of the profiled value."""
    change = strength - profile[STRENGTH]
    value: float = profile[VALUE] + change * (profile[SLOPE] + 0.5 * change * profile[CURVATURE])
    return value


def predicted_slope(profile: FloatArray, strength: float) -> float:
    """Return the derivative of the prediction."""
    slope: float = profile[SLOPE] + (strength - profile[STRENGTH]) * profile[CURVATURE]
    return slope
