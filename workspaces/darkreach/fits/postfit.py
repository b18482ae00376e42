"""Values, errors and correlations of all parameters at a minimum: from the Hessian of the unprofiled likelihood.

The Hessian of the profiled likelihood is the Schur complement of the gammas' diagonal block in the full one; the
inverse of the full matrix follows from it block by block.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from darkreach.fits.fit_model import FitModel
from darkreach.likelihood import Dataset, allocate_scratch
from darkreach.likelihood.bin_terms import FLOOR_STIFFNESS
from darkreach.likelihood.model_arrays import UNCONSTRAINED, FloatArray, IndexArray, Scratch
from darkreach.likelihood.reference_likelihood import constraints, evaluate

AT_LOWER, AT_UPPER, FIXED = "at lower bound", "at upper bound", "fixed"
NO_EFFECT, DEGENERATE, EMPTY_BINS = "no effect", "degenerate", "at zero rate"
"""Why no error is claimed for a parameter."""

_SINGULAR = 1e-11
_NULL_COMPONENT = 1e-4
# the rate of an empty bin, kept at zero, decides a parameter whose error is below that of all others held
_DECIDED_BY_FLOOR = 0.5


@dataclass(frozen=True, eq=False)
class PostFit:
    """A minimum; N parameters in the order of the model.

    Attributes:
        values: shape (N,).
        covariance: shape (N, N), zero where no error is claimed.
        flags: why no error is claimed, empty where one is.
        rates: shape (B,), expected events.
        theta: shape (P,), the parameters that were fitted.
        gammas: shape (B,), those that were eliminated.
        value: negative log-likelihood relative to the saturated model.
    """

    values: FloatArray
    covariance: FloatArray
    flags: tuple[str, ...]
    rates: FloatArray
    theta: FloatArray
    gammas: FloatArray
    value: float


def post_fit(
    model: FitModel, data: Dataset, theta: FloatArray, *, floored: bool = False, held_poi: bool = False
) -> PostFit:
    """Return values, covariance and rates at a minimum, after one more Newton step.

    Args:
        model: the likelihood.
        data: main and auxiliary data of the fit.
        theta: shape (P,), best-fit values.
        floored: whether rates of bins without events were kept from becoming negative.
        held_poi: whether the parameter of interest was held in the fit.
    """
    held = model.arrays.held.copy()
    if held_poi:
        held[model.arrays.poi[0]] = 1
    with np.errstate(all="ignore"):
        return _post_fit(model, data, theta, held, FLOOR_STIFFNESS if floored else 0.0)


def _post_fit(model: FitModel, data: Dataset, theta: FloatArray, held: IndexArray, stiffness: float) -> PostFit:
    arrays, scratch = model.arrays, allocate_scratch(model.arrays)
    scratch.stiffness[0] = stiffness
    value = evaluate(arrays, data, theta, scratch)
    flags = _theta_flags(model, theta, held, scratch)
    free = np.array([index for index, flag in enumerate(flags) if not flag], dtype=np.int64)
    inverse, null = _inverse(scratch.hessian[np.ix_(free, free)])
    moved = theta.copy()
    moved[free] -= inverse @ scratch.gradient[free]
    if np.all((moved >= arrays.lower) & (moved <= arrays.upper)) and not null.any():
        better = allocate_scratch(arrays)
        better.stiffness[0] = stiffness
        value_moved = evaluate(arrays, data, moved, better)
        slope, slope_moved = scratch.gradient[free], better.gradient[free]
        if slope_moved @ inverse @ slope_moved <= slope @ inverse @ slope:
            theta, value, scratch = moved, value_moved, better
            inverse, null = _inverse(scratch.hessian[np.ix_(free, free)])
    for place in np.flatnonzero(null):
        flags[free[place]] = DEGENERATE
    return _assemble(model, data, theta, value, scratch, free, inverse, flags)


def _theta_flags(model: FitModel, theta: FloatArray, held: IndexArray, scratch: Scratch) -> list[str]:
    arrays = model.arrays
    flags = []
    for index in range(theta.size):
        if held[index]:
            flags.append(FIXED)
        elif theta[index] <= arrays.lower[index]:
            flags.append(AT_LOWER)
        elif theta[index] >= arrays.upper[index]:
            flags.append(AT_UPPER)
        elif scratch.hessian[index, index] == 0.0:
            flags.append(NO_EFFECT)
        else:
            flags.append("")
    return flags


def _inverse(hessian: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the inverse without the directions in which nothing changes, and which parameters those touch."""
    scale = np.sqrt(np.abs(np.diagonal(hessian)))
    scale = np.where(scale > 0.0, scale, 1.0)
    eigenvalues, vectors = np.linalg.eigh(hessian / np.outer(scale, scale))
    kept = eigenvalues > _SINGULAR * max(1, scale.size)
    inverse = (vectors[:, kept] / eigenvalues[kept]) @ vectors[:, kept].T
    null = np.max(np.abs(vectors[:, ~kept]), axis=1, initial=0.0) > _NULL_COMPONENT
    return inverse / np.outer(scale, scale), null


def _assemble(
    model: FitModel,
    data: Dataset,
    theta: FloatArray,
    value: float,
    scratch: Scratch,
    free: IndexArray,
    inverse: FloatArray,
    theta_flags: list[str],
) -> PostFit:
    arrays, bins = model.arrays, [parameter.bin for parameter in model.parameters if parameter.bin >= 0]
    stiffness, response = _gamma_response(model, data, scratch, free)
    inside = stiffness > 0.0
    # blocks: theta, then the gammas of all bins
    size = theta.size
    covariance = np.zeros((size + inside.size, size + inside.size))
    covariance[np.ix_(free, free)] = inverse
    covariance[size:, free] = response @ inverse
    covariance[np.ix_(free, np.arange(size, size + inside.size))] = covariance[size:, free].T
    covariance[size:, size:] = response @ inverse @ response.T + np.diag(np.where(inside, 1.0 / stiffness, 0.0))
    gamma_flags = {
        index: "" if inside[index] else AT_LOWER if scratch.gamma[index] <= arrays.gamma_lower[index] else AT_UPPER
        for index in bins
    }
    flags = dict(enumerate(theta_flags)) | {size + index: flag for index, flag in gamma_flags.items()}
    if scratch.stiffness[0] > 0.0:
        _flag_decided_by_floor(model, data, theta, scratch, covariance, flags)
    order = [parameter.theta if parameter.bin < 0 else size + parameter.bin for parameter in model.parameters]
    claimed = np.array([not flags[place] for place in order])
    return PostFit(
        values=np.concatenate([theta, scratch.gamma])[order],
        covariance=np.where(np.outer(claimed, claimed), covariance[np.ix_(order, order)], 0.0),
        flags=tuple(flags[place] for place in order),
        rates=scratch.rate.copy(),
        theta=theta.copy(),
        gammas=scratch.gamma.copy(),
        value=float(value),
    )


def _gamma_response(
    model: FitModel, data: Dataset, scratch: Scratch, free: IndexArray
) -> tuple[FloatArray, FloatArray]:
    """Return the second derivative by each gamma (0: at a bound, or none) and its derivative by the free parameters."""
    arrays = model.arrays
    _, _, own = constraints(arrays.gamma_constraint, scratch.gamma, data.gamma_centre, arrays.gamma_width)
    inside = (scratch.gamma > arrays.gamma_lower) & (scratch.gamma < arrays.gamma_upper) & (own > 0.0)
    inside &= arrays.gamma_constraint != UNCONSTRAINED
    stiffness = np.where(inside, own + scratch.curvature * scratch.scaled**2, 0.0)
    jacobian = scratch.plain_jacobian + scratch.gamma[:, np.newaxis] * scratch.scaled_jacobian
    cross = (scratch.curvature * scratch.scaled)[:, np.newaxis] * jacobian
    cross += scratch.slope[:, np.newaxis] * scratch.scaled_jacobian
    response = np.zeros_like(cross)
    response[inside] = -cross[inside] / stiffness[inside, np.newaxis]
    return stiffness, response[:, free]


def _flag_decided_by_floor(
    model: FitModel, data: Dataset, theta: FloatArray, scratch: Scratch, covariance: FloatArray, flags: dict[int, str]
) -> None:
    """Flag parameters that only the zero rate of an empty bin determines: their errors would be those of the floor."""
    arrays = model.arrays
    jacobian = scratch.plain_jacobian + scratch.gamma[:, np.newaxis] * scratch.scaled_jacobian
    touched = np.any(jacobian[(data.counts <= 0.0) & (scratch.rate < 0.0)] != 0.0, axis=0)
    # second derivatives with everything else held, without the floor
    own = constraints(arrays.constraint, theta, data.centre, arrays.width)[2]
    real = np.where((arrays.constraint != UNCONSTRAINED) & (arrays.held == 0), own, 0.0)
    real += np.where(data.counts > 0.0, scratch.curvature, 0.0) @ jacobian**2
    for place in np.flatnonzero(touched):
        if not flags[place] and covariance[place, place] * real[place] < _DECIDED_BY_FLOOR:
            flags[place] = EMPTY_BINS
