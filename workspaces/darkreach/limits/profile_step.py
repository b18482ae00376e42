"""The profile likelihood near one signal strength: value, slope and curvature from a single evaluation.

The quadratic model of the likelihood predicts the profile at the best nuisance parameters, even before they are there,
so signal strength and nuisance parameters can move together.
"""

from __future__ import annotations

import math

from darkreach.likelihood.linear_solver import solve
from darkreach.likelihood.model_arrays import Dataset, FloatArray, ModelArrays, Scratch
from darkreach.likelihood.newton_fit import (
    CONVERGED,
    TOLERANCE,
    bounded_step,
    find_free,
    impossible_bin,
    minimise,
    predicted_decrease,
    symmetric_element,
)
from darkreach.likelihood.profiled_likelihood import evaluate

STRENGTH, VALUE, SLOPE, CURVATURE, EXACT = 0, 1, 2, 3, 4
"""Entries of a profile: signal strength, profiled value and its derivatives there, and whether that is exact.

EXACT is 1 if the fit has converged, 0 if the numbers are a prediction, -1 if the Hessian was not positive definite.
"""

_NEGLIGIBLE_DAMPING = 1e-7


def read_profile(
    model: ModelArrays, data: Dataset, theta: FloatArray, value: float, scratch: Scratch, profile: FloatArray
) -> bool:
    """Fill the profile at the point just evaluated; False where the quadratic model is not usable.

    ``scratch.step`` becomes the step to the best nuisance parameters, ``scratch.tangent`` their change with the signal
    strength.
    """
    poi = model.poi[0]
    size = find_free(model, theta, True, scratch)
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
    profile[STRENGTH], profile[VALUE], profile[SLOPE], profile[CURVATURE] = (
        theta[poi],
        value - decrease,
        slope,
        curvature,
    )
    if not damping <= _NEGLIGIBLE_DAMPING:
        profile[EXACT] = -1.0
    elif abs(decrease) <= TOLERANCE and impossible_bin(data, scratch) < 0:
        profile[EXACT] = 1.0
    else:
        profile[EXACT] = 0.0
    return math.isfinite(value)


def move_profile(
    model: ModelArrays, data: Dataset, theta: FloatArray, strength: float, scratch: Scratch, profile: FloatArray
) -> bool:
    """Step to another signal strength with the nuisance parameters following; fill the profile there."""
    change = strength - theta[model.poi[0]]
    step, tangent, lower, upper = scratch.step, scratch.tangent, model.lower, model.upper
    for index in range(theta.size):
        moved = theta[index] + step[index] + change * tangent[index]
        theta[index] = min(max(moved, lower[index]), upper[index])
    theta[model.poi[0]] = strength
    value = evaluate(model, data, theta, scratch)
    return math.isfinite(value) and read_profile(model, data, theta, value, scratch, profile)


def fit_profile(
    model: ModelArrays, data: Dataset, theta: FloatArray, strength: float, scratch: Scratch, profile: FloatArray
) -> int:
    """Fit the nuisance parameters at a signal strength with all safeguards; return the status of the fit."""
    theta[model.poi[0]] = strength
    status, value = minimise(model, data, theta, True, scratch)
    if status != CONVERGED:
        return status
    # minimise has already extrapolated by the predicted decrease, read_profile wants the value before it
    raw = value + max(predicted_decrease(scratch.gradient, scratch.hessian, scratch.step), 0.0)
    read_profile(model, data, theta, raw, scratch, profile)
    profile[EXACT] = 1.0
    return CONVERGED


def predicted(profile: FloatArray, strength: float) -> float:
    """Return the quadratic prediction of the profiled value."""
    change = strength - profile[STRENGTH]
    value: float = profile[VALUE] + change * (profile[SLOPE] + 0.5 * change * profile[CURVATURE])
    return value


def predicted_slope(profile: FloatArray, strength: float) -> float:
    """Return the derivative of the prediction."""
    slope: float = profile[SLOPE] + (strength - profile[STRENGTH]) * profile[CURVATURE]
    return slope
