"""The negative log-likelihood with its gammas at their best values, its exact gradient and Hessian.

Values are relative to the saturated model (a sum of half deviances), which keeps small differences exact. The gammas
contribute one more rank-one term per bin to the Hessian (the Schur complement of a diagonal block).
"""

from __future__ import annotations

from darkreach.likelihood.bin_terms import (
    best_gamma,
    constraint_terms,
    deviance,
    deviance_curvature,
    deviance_slope,
)
from darkreach.likelihood.expected_rates import expected_rates
from darkreach.likelihood.model_arrays import UNCONSTRAINED, Dataset, FloatArray, ModelArrays, Scratch
from darkreach.likelihood.rate_curvature import add_rate_curvature


def fill_bins(model: ModelArrays, data: Dataset, scratch: Scratch) -> float:
    """Choose the gamma of each bin, fill rates and derivatives, return the sum of all bins' terms."""
    counts, kinds, centres, widths = data.counts, model.gamma_constraint, data.gamma_centre, model.gamma_width
    lower, upper, terms = model.gamma_lower, model.gamma_upper, scratch.terms
    gammas, plain, scaled, rates = scratch.gamma, scratch.plain, scratch.scaled, scratch.rate
    slope, curvature, gamma_stiffness = scratch.slope, scratch.curvature, scratch.gamma_stiffness
    total, stiffness = 0.0, scratch.stiffness[0]
    for index in range(counts.size):
        count, kind, gamma, own = counts[index], kinds[index], 1.0, 0.0
        if kind != UNCONSTRAINED:
            centre, width = centres[index], widths[index]
            gamma = best_gamma(kind, count, plain[index], scaled[index], centre, width, stiffness)
            inside = lower[index] < gamma < upper[index]
            gamma = min(max(gamma, lower[index]), upper[index])
            constraint_terms(kind, gamma, centre, width, terms)
            total += terms[0]
            own = terms[2] if inside else 0.0
        rate = plain[index] + gamma * scaled[index]
        gammas[index], rates[index] = gamma, rate
        slope[index] = deviance_slope(count, rate, stiffness)
        curvature[index] = deviance_curvature(count, rate, stiffness)
        gamma_stiffness[index] = own + curvature[index] * scaled[index] * scaled[index] if own > 0.0 else 0.0
        total += deviance(count, rate, stiffness)
    return total


def add_bin_derivatives(scratch: Scratch) -> None:
    """Add the first derivatives of the rates of all bins to gradient and Hessian."""
    gradient, hessian, row, cross = scratch.gradient, scratch.hessian, scratch.row, scratch.cross
    plain_jacobian, scaled_jacobian, scaled = scratch.plain_jacobian, scratch.scaled_jacobian, scratch.scaled
    slopes, curvatures, gammas, stiffness = scratch.slope, scratch.curvature, scratch.gamma, scratch.gamma_stiffness
    parameters = gradient.size
    for index in range(slopes.size):
        slope, curvature, gamma = slopes[index], curvatures[index], gammas[index]
        for parameter in range(parameters):
            value = plain_jacobian[index, parameter] + gamma * scaled_jacobian[index, parameter]
            row[parameter] = value
            gradient[parameter] += slope * value
        if stiffness[index] == 0.0:
            for first in range(parameters):
                weight = curvature * row[first]
                if weight != 0.0:
                    for second in range(first + 1):
                        hessian[first, second] += weight * row[second]
            continue
        pull, compliance = curvature * scaled[index], 1.0 / stiffness[index]
        for parameter in range(parameters):
            cross[parameter] = pull * row[parameter] + slope * scaled_jacobian[index, parameter]
        for first in range(parameters):
            weight, other = curvature * row[first], compliance * cross[first]
            if weight != 0.0 or other != 0.0:
                for second in range(first + 1):
                    hessian[first, second] += weight * row[second] - other * cross[second]


def add_constraints(model: ModelArrays, data: Dataset, theta: FloatArray, scratch: Scratch) -> float:
    """Add the constraint terms of theta to gradient and Hessian, return their sum."""
    kinds, held, centres, widths, terms = model.constraint, model.held, data.centre, model.width, scratch.terms
    gradient, hessian = scratch.gradient, scratch.hessian
    total = 0.0
    for parameter in range(theta.size):
        if kinds[parameter] != UNCONSTRAINED and not held[parameter]:
            constraint_terms(kinds[parameter], theta[parameter], centres[parameter], widths[parameter], terms)
            total += terms[0]
            gradient[parameter] += terms[1]
            hessian[parameter, parameter] += terms[2]
    return total


def evaluate(model: ModelArrays, data: Dataset, theta: FloatArray, scratch: Scratch) -> float:
    """Return the profiled negative log-likelihood at theta; gradient, Hessian, gammas and rates stay in ``scratch``."""
    scratch.counter[0] += 1
    scratch.gradient.fill(0.0)
    scratch.hessian.fill(0.0)
    expected_rates(model, theta, scratch)
    total = fill_bins(model, data, scratch)
    add_bin_derivatives(scratch)
    add_rate_curvature(model, theta, scratch)
    return total + add_constraints(model, data, theta, scratch)
