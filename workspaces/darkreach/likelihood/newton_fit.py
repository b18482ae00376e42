"""Maximum-likelihood fits with box bounds: Newton steps of the bounded quadratic model, damped and with line search.

A fit counts as converged only where the undamped (or negligibly damped) Hessian of the free parameters is positive
definite and predicts no further decrease.
"""

from __future__ import annotations

import math

from darkreach.likelihood.linear_solver import factorise, solve
from darkreach.likelihood.model_arrays import Dataset, FloatArray, IndexArray, ModelArrays, Scratch
from darkreach.likelihood.profiled_likelihood import evaluate

CONVERGED, ITERATIONS_EXHAUSTED, NO_DESCENT, IMPOSSIBLE_BIN = 0, 1, 2, 3
TOLERANCE = 1e-9
"""Predicted decrease of the negative log-likelihood at which a fit ends."""

_LARGEST_ITERATIONS = 1000
_NEGLIGIBLE_DAMPING = 1e-7
_FIRST_DAMPING = 1e-9
_REAL_DAMPING = 1e-3
_FLOOR_REACHED = 1e-7
_NO_SLOPE = 1e-14
_SOFTEST_FLOOR = 100.0


def copy_into(target: FloatArray, source: FloatArray) -> None:
    """Copy a vector into another; a loop compiles to less than a slice assignment."""
    for index in range(source.size):
        target[index] = source[index]


def find_free(model: ModelArrays, theta: FloatArray, held: IndexArray, scratch: Scratch) -> int:
    """List the parameters that move: not held, not without effect, not pressed against a bound; return their number."""
    gradient, hessian, free = scratch.gradient, scratch.hessian, scratch.free
    lower, upper = model.lower, model.upper
    size = 0
    for parameter in range(theta.size):
        slope = gradient[parameter]
        if held[parameter]:
            continue
        if theta[parameter] <= lower[parameter] and slope >= 0.0:
            continue
        if theta[parameter] >= upper[parameter] and slope <= 0.0:
            continue
        if hessian[parameter, parameter] == 0.0:
            if slope == 0.0:
                continue
            # a linear direction ends at a bound: its Newton step is given the length of the box
            reach = min(upper[parameter] - lower[parameter], 1e3 * (1.0 + abs(theta[parameter])))
            hessian[parameter, parameter] = abs(slope) / reach
        free[size] = parameter
        size += 1
    return size


def factorise_damped(
    hessian: FloatArray, free: IndexArray, size: int, metric: FloatArray, cholesky: FloatArray
) -> float:
    """Factorise with the smallest damping that makes the free Hessian positive definite; return it, or infinity.

    Damping is measured in the curvature of the constraints: directions that the data determine well keep their Newton
    step, however steep they are beside a direction of negative curvature.
    """
    damping = 0.0
    while damping < 1e12:
        if factorise(hessian, free, size, damping, metric, cholesky):
            return damping
        if damping < _NEGLIGIBLE_DAMPING:
            damping = 100.0 * damping if damping > 0.0 else _FIRST_DAMPING
        else:
            damping = max(4.0 * damping, _REAL_DAMPING)
    return math.inf


def symmetric_element(hessian: FloatArray, first: int, second: int) -> float:
    """Return an element of a symmetric matrix kept as its lower triangle."""
    value: float = hessian[first, second] if first > second else hessian[second, first]
    return value


def bounded_step(model: ModelArrays, theta: FloatArray, size: int, scratch: Scratch) -> tuple[float, int]:
    """Fill the step to the minimum of the quadratic model within the bounds.

    Returns the damping that was needed and the number of parameters that end inside; those stay listed and factorised.
    Parameters whose Newton step leaves the box go to the bound, and the others are solved again, until all are inside.
    """
    hessian, gradient, step, free = scratch.hessian, scratch.gradient, scratch.step, scratch.free
    trial, inside, lower, upper = scratch.trial, scratch.row, model.lower, model.upper
    step.fill(0.0)
    worst, clipped = 0.0, False
    while size > 0:
        damping = factorise_damped(hessian, free, size, scratch.metric, scratch.cholesky)
        if damping == math.inf:
            return damping, size
        worst = max(worst, damping)
        for row in range(size):
            total = -gradient[free[row]]
            if clipped:
                # steps already fixed to a bound act on the gradient of the others
                for other in range(theta.size):
                    total -= symmetric_element(hessian, free[row], other) * step[other]
            trial[row] = total
        solve(scratch.cholesky, size, trial)
        kept = 0
        for row in range(size):
            index, value = free[row], trial[row]
            low, high = lower[index] - theta[index], upper[index] - theta[index]
            if low <= value <= high:
                inside[kept], free[kept] = value, index
                kept += 1
            else:
                step[index] = low if value < low else high
        if kept == size:
            for row in range(size):
                step[free[row]] = inside[row]
            return worst, size
        size, clipped = kept, True
    return worst, 0


def predicted_decrease(gradient: FloatArray, hessian: FloatArray, step: FloatArray) -> float:
    """Return how much the quadratic model falls along the step."""
    total = 0.0
    for row in range(step.size):
        if step[row] != 0.0:
            total -= gradient[row] * step[row]
            curvature = 0.5 * hessian[row, row] * step[row]
            for column in range(row):
                curvature += hessian[row, column] * step[column]
            total -= curvature * step[row]
    return total


def steepest_step(model: ModelArrays, theta: FloatArray, held: IndexArray, scratch: Scratch) -> float:
    """Fill a scaled steepest-descent step within the bounds; return minus its slope."""
    scratch.step.fill(0.0)
    total = 0.0
    for row in range(find_free(model, theta, held, scratch)):
        index = scratch.free[row]
        scale = max(abs(scratch.hessian[index, index]), 1e-12)
        value = theta[index] - scratch.gradient[index] / scale
        scratch.step[index] = min(max(value, model.lower[index]), model.upper[index]) - theta[index]
        total -= scratch.step[index] * scratch.gradient[index]
    return total


def leave_saddle(model: ModelArrays, theta: FloatArray, held: IndexArray, scratch: Scratch) -> bool:
    """Fill a step of one standard deviation of the constrained parameter with the most negative curvature, if any.

    Where both variations of a shape are the same, the gradient at the nominal value vanishes by symmetry, also when
    the likelihood falls in both directions.
    """
    scratch.step.fill(0.0)
    lowest, chosen = 0.0, -1
    for row in range(find_free(model, theta, held, scratch)):
        index = scratch.free[row]
        if scratch.metric[index] > 0.0 and scratch.hessian[index, index] < lowest * scratch.metric[index]:
            lowest, chosen = scratch.hessian[index, index] / scratch.metric[index], index
    if chosen < 0:
        return False
    sigma, room = 1.0 / math.sqrt(scratch.metric[chosen]), model.upper[chosen] - theta[chosen]
    scratch.step[chosen] = min(sigma, room) if room > 0.0 else -sigma
    return True


def descend(
    model: ModelArrays, data: Dataset, theta: FloatArray, value: float, slope: float, scratch: Scratch
) -> float:
    """Move theta along the step until the likelihood falls enough; return the new value, or infinity."""
    saved, step, length = scratch.saved, scratch.tangent, 1.0
    copy_into(saved, theta)
    copy_into(step, scratch.step)
    # differences below the rounding of the sum itself cannot be demanded
    rounding = 1e-13 * (1.0 + abs(value))
    for _ in range(60):
        for index in range(theta.size):
            moved = saved[index] + length * step[index]
            theta[index] = min(max(moved, model.lower[index]), model.upper[index])
        trial = evaluate(model, data, theta, scratch)
        if trial <= value - 1e-4 * length * slope + rounding:
            return trial
        length *= 0.5 if length > 1e-3 else 0.1
    copy_into(theta, saved)
    return math.inf


def bin_below_floor(data: Dataset, scratch: Scratch) -> int:
    """Return the bin without events whose rate is the most negative, or -1 if none is below the floor."""
    lowest = -1
    for index in range(data.counts.size):
        below = data.counts[index] == 0.0 and scratch.rate[index] < -_FLOOR_REACHED
        if below and (lowest < 0 or scratch.rate[index] < scratch.rate[lowest]):
            lowest = index
    return lowest


def impossible_bin(data: Dataset, scratch: Scratch) -> int:
    """Return the first bin with events but without a positive rate, or -1."""
    for index in range(data.counts.size):
        if data.counts[index] > 0.0 and not scratch.rate[index] > 2e-12 * data.counts[index]:
            return index
    return -1


def negative_bin(scratch: Scratch) -> int:
    """Return the first bin whose rate is below zero by more than rounding or the floor allow, or -1."""
    for index in range(scratch.rate.size):
        if scratch.rate[index] < -_FLOOR_REACHED:
            return index
    return -1


def minimise(
    model: ModelArrays, data: Dataset, theta: FloatArray, held: IndexArray, scratch: Scratch
) -> tuple[int, float]:
    """Fit theta in place; return a status and the minimum (extrapolated by the last predicted decrease).

    The floor of rates is stiffened step by step: along a stiff and curved floor Newton's steps would be tiny.

    Args:
        model: the likelihood.
        data: main and auxiliary data.
        theta: shape (P,), start values within the bounds; best-fit values on return.
        held: shape (P,), 1 where a parameter stays: ``model.held``, or ``scratch.held`` where one more is kept.
        scratch: work space; holds gradient, Hessian and rates at theta on return.
    """
    stiffness = scratch.stiffness[0]
    soft = min(stiffness, _SOFTEST_FLOOR)
    while True:
        scratch.stiffness[0] = soft
        status, value = descend_to_minimum(model, data, theta, held, scratch)
        if soft == stiffness:
            return status, value
        soft = stiffness if bin_below_floor(data, scratch) < 0 else min(100.0 * soft, stiffness)


def descend_to_minimum(
    model: ModelArrays, data: Dataset, theta: FloatArray, held: IndexArray, scratch: Scratch
) -> tuple[int, float]:
    """Take Newton steps until they predict no further decrease; arguments and result as for ``minimise``."""
    value = evaluate(model, data, theta, scratch)
    for _ in range(_LARGEST_ITERATIONS):
        size = find_free(model, theta, held, scratch)
        damping, _ = bounded_step(model, theta, size, scratch)
        decrease = predicted_decrease(scratch.gradient, scratch.hessian, scratch.step)
        if damping <= _NEGLIGIBLE_DAMPING and abs(decrease) <= TOLERANCE:
            status = CONVERGED if impossible_bin(data, scratch) < 0 else IMPOSSIBLE_BIN
            return status, value - max(decrease, 0.0)
        slope = 0.0
        for index in range(theta.size):
            slope -= scratch.gradient[index] * scratch.step[index]
        if not slope > _NO_SLOPE or damping == math.inf:
            if damping < math.inf and leave_saddle(model, theta, held, scratch):
                moved = descend(model, data, theta, value, 0.0, scratch)
                if moved < value - TOLERANCE:
                    value = moved
                    continue
                copy_into(theta, scratch.saved)
                evaluate(model, data, theta, scratch)
            slope = steepest_step(model, theta, held, scratch)
        moved = descend(model, data, theta, value, slope, scratch)
        if moved == math.inf:
            evaluate(model, data, theta, scratch)
            return NO_DESCENT, value
        value = moved
    return ITERATIONS_EXHAUSTED, value
