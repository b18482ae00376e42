"""All asymptotic limits of one likelihood: free fit, Asimov data, expected bands and observed limits."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from darkreach.likelihood.model_arrays import POISSON, Dataset, FloatArray, IndexArray, ModelArrays, Scratch
from darkreach.likelihood.newton_fit import CONVERGED, copy_into, impossible_bin, minimise
from darkreach.likelihood.profiled_likelihood import evaluate
from darkreach.limits.band_roots import FIT_FAILED, FOUND, follow_root, root_of, search_root
from darkreach.limits.observed_root import BETTER_MINIMUM, follow_observed, modelled_log_cls, search_observed
from darkreach.limits.profile_step import CURVATURE, SLOPE, STRENGTH, fit_profile, read_profile

NEGATIVE_ASIMOV = 11
BACKGROUND_FIT, FREE_FIT, BAND_SEARCH, OBSERVED_SEARCH = 0, 1, 2, 3

_RESTARTS = 4


class LimitNumbers(NamedTuple):
    """What one call finds; T targets of the expected limits, L confidence levels.

    Attributes:
        band: shape (T,), signal strength where sqrt(q_A) reaches each target.
        band_root: shape (T,), sqrt(q_A) evaluated there.
        band_status: shape (T,), FOUND or why not.
        observed: shape (L,), observed limits.
        observed_log_cls: shape (L,), log CLs evaluated there.
        observed_status: shape (L,), FOUND or why not.
        best: shape (P,), parameters of the free fit.
        background: shape (P,), parameters of the fit without signal.
        best_gamma: shape (B,), gammas of the free fit.
        asimov: shape (B,), expected events of the fit without signal.
        status: shape (4,), status of the fit without signal, of the free fit, a bin at fault or -1, evaluations.
    """

    band: FloatArray
    band_root: FloatArray
    band_status: IndexArray
    observed: FloatArray
    observed_log_cls: FloatArray
    observed_status: IndexArray
    best: FloatArray
    background: FloatArray
    best_gamma: FloatArray
    asimov: FloatArray
    status: IndexArray


def asimov_dataset(model: ModelArrays, theta: FloatArray, scratch: Scratch) -> Dataset:
    """Return the expected main and auxiliary data at the fitted parameters, whose rates are in ``scratch``."""
    centre, gamma_centre = theta.copy(), scratch.gamma.copy()
    for index in range(centre.size):
        if model.constraint[index] == POISSON:
            centre[index] *= model.width[index]
    for index in range(gamma_centre.size):
        if model.gamma_constraint[index] == POISSON:
            gamma_centre[index] *= model.gamma_width[index]
    return Dataset(scratch.rate.copy(), centre, gamma_centre)


def fit_free(model: ModelArrays, data: Dataset, theta: FloatArray, scratch: Scratch) -> tuple[int, float]:
    """Fit all parameters from theta, with the declared start values as a second attempt."""
    status, value = minimise(model, data, theta, False, scratch)
    if status != CONVERGED:
        copy_into(theta, model.initial)
        status, value = minimise(model, data, theta, False, scratch)
    return status, value


def find_bands(
    model: ModelArrays,
    asimov: Dataset,
    origin: FloatArray,
    theta: FloatArray,
    targets: FloatArray,
    scratch: Scratch,
    profile: FloatArray,
    numbers: LimitNumbers,
) -> None:
    """Find the expected limits; targets increase, each search starts where the last one ended."""
    copy_into(theta, origin)
    value = evaluate(model, asimov, theta, scratch)
    usable = read_profile(model, asimov, theta, value, scratch, profile)
    for index in range(targets.size):
        target = targets[index]
        start = profile[STRENGTH] if profile[STRENGTH] > 0.0 else first_strength(model, profile, target)
        status = FOUND
        if not (usable and follow_root(model, asimov, theta, target, scratch, profile)):
            status = search_root(model, asimov, origin, theta, target, start, scratch, profile)
        usable = status == FOUND
        numbers.band_status[index] = status
        numbers.band[index] = profile[STRENGTH]
        numbers.band_root[index] = root_of(profile)
        if status != FOUND:
            profile[STRENGTH] = 0.0


def first_strength(model: ModelArrays, profile: FloatArray, target: float) -> float:
    """Return a signal strength of the right order: from the curvature at zero, else from the slope, else one."""
    curvature, slope = float(profile[CURVATURE]), float(profile[SLOPE])
    if curvature > 0.0 and math.isfinite(target / math.sqrt(curvature)):
        return target / math.sqrt(curvature)
    if slope > 0.0:
        return 0.5 * target * target / slope
    return float(max(model.initial[model.poi[0]], 1.0))


def find_observed(
    model: ModelArrays,
    data: Dataset,
    asimov: Dataset,
    origin: FloatArray,
    best: float,
    log_levels: FloatArray,
    scratch: Scratch,
    scratch_asimov: Scratch,
    theta_asimov: FloatArray,
    profile_asimov: FloatArray,
    numbers: LimitNumbers,
) -> float:
    """Find the observed limits; return a lower minimum of the free fit if one is met, else its own value."""
    theta, profile, poi, start = numbers.best.copy(), np.zeros(5), model.poi[0], profile_asimov[STRENGTH]
    usable = fit_profile(model, data, theta, theta[poi], scratch, profile) == CONVERGED
    for index in range(log_levels.size):
        target, status = log_levels[index], FOUND
        found = usable and follow_observed(
            model,
            data,
            asimov,
            theta,
            theta_asimov,
            target,
            best,
            numbers.best[poi],
            scratch,
            scratch_asimov,
            profile,
            profile_asimov,
        )
        if not found:
            status = search_observed(
                model,
                data,
                asimov,
                numbers.best,
                origin,
                theta,
                theta_asimov,
                target,
                best,
                start,
                scratch,
                scratch_asimov,
                profile,
                profile_asimov,
            )
        numbers.observed_status[index] = status
        if status == BETTER_MINIMUM:
            status, value = minimise(model, data, theta, False, scratch)
            if status == CONVERGED and value < best:
                copy_into(numbers.best, theta)
                copy_into(numbers.best_gamma, scratch.gamma)
                return value
        numbers.observed[index] = profile[STRENGTH]
        numbers.observed_log_cls[index] = modelled_log_cls(profile, profile_asimov, best, profile[STRENGTH])[0]
        usable = status == FOUND
    return best


def asymptotic_limits(
    model: ModelArrays,
    data: Dataset,
    targets: FloatArray,
    log_levels: FloatArray,
    scratch: Scratch,
    scratch_asimov: Scratch,
    numbers: LimitNumbers,
) -> None:
    """Fill ``numbers`` with all limits of one likelihood.

    Args:
        model: the likelihood.
        data: observed data.
        targets: shape (T,), increasing values of sqrt(q_A) at the expected limits.
        log_levels: shape (L,), log(1 - confidence level).
        scratch, scratch_asimov: two work spaces.
        numbers: the result; its statuses start as FIT_FAILED.
    """
    poi = model.poi[0]
    numbers.band_status[:] = FIT_FAILED
    numbers.observed_status[:] = FIT_FAILED
    theta = numbers.background
    copy_into(theta, model.initial)
    theta[poi] = 0.0
    status, _ = minimise(model, data, theta, True, scratch)
    numbers.status[0], numbers.status[1], numbers.status[2] = status, FIT_FAILED, impossible_bin(data, scratch)
    if status == CONVERGED:
        copy_into(numbers.asimov, scratch.rate)
        for index in range(data.counts.size):
            if scratch.rate[index] < 0.0:
                numbers.status[0], numbers.status[2] = NEGATIVE_ASIMOV, index
    if numbers.status[0] != CONVERGED:
        numbers.status[3] = scratch.counter[0]
        return
    asimov = asimov_dataset(model, theta, scratch)
    copy_into(numbers.best, theta)
    status, best = fit_free(model, data, numbers.best, scratch)
    numbers.status[1] = status
    copy_into(numbers.best_gamma, scratch.gamma)
    theta_asimov, profile = theta.copy(), np.zeros(5)
    find_bands(model, asimov, theta, theta_asimov, targets, scratch_asimov, profile, numbers)
    if status == CONVERGED and numbers.band_status[targets.size - 1] == FOUND:
        for _ in range(_RESTARTS):
            lower = find_observed(
                model, data, asimov, theta, best, log_levels, scratch, scratch_asimov, theta_asimov, profile, numbers
            )
            if lower == best:
                break
            best = lower
    numbers.status[3] = scratch.counter[0] + scratch_asimov.counter[0]
