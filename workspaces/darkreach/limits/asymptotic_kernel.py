"""All asymptotic limits of one likelihood: free fit, Asimov data, expected bands and observed limits."""

from __future__ import annotations

import math
from typing import NamedTuple

from darkreach.likelihood.bin_terms import FLOOR_STIFFNESS
from darkreach.likelihood.lowest_minimum import find_mirrors, is_poor, lowest_minimum
from darkreach.likelihood.model_arrays import (
    POISSON,
    UNCONSTRAINED,
    Dataset,
    FloatArray,
    IndexArray,
    ModelArrays,
    Scratch,
)
from darkreach.likelihood.newton_fit import CONVERGED, copy_into, impossible_bin, negative_bin
from darkreach.likelihood.profiled_likelihood import evaluate
from darkreach.limits.level_roots import (
    BETTER_MINIMUM,
    CLS_TOLERANCE,
    FIT_FAILED,
    FOUND,
    OUT_OF_REACH,
    ROOT_TOLERANCE,
    Curves,
    Level,
    follow_level,
    level_at,
    search_level,
)
from darkreach.limits.profile_step import CURVATURE, SLOPE, STRENGTH, ProfileCurve, read_profile

NEGATIVE_ASIMOV = 11
BACKGROUND_FIT, FREE_FIT, FAULTY_BIN, EVALUATIONS, NEGATIVE_BIN, FLOORED, MIRRORS, POOR, AT_BOUND = (
    0,
    1,
    2,
    3,
    4,
    5,
    6,
    7,
    8,
)
"""Entries of ``LimitNumbers.status``."""
STATUS_ENTRIES = 9

_RESTARTS = 12


class LimitNumbers(NamedTuple):
    """What one call finds; T targets of the expected limits, then L of the observed ones.

    Attributes:
        strength: shape (T + L,), signal strength where the level reaches each target.
        level: shape (T + L,), sqrt(q_A) or -log CLs evaluated there.
        found: shape (T + L,), FOUND or why not.
        best: shape (P,), parameters of the free fit.
        background: shape (P,), parameters of the fit without signal.
        best_gamma: shape (B,), gammas of the free fit.
        asimov: shape (B,), expected events of the fit without signal.
        status: shape (9,), status of the fit without signal, of the free fit, a bin at fault or -1, evaluations, a bin
            whose rate was negative where a fit ended or -1, 1 if negative rates were kept away, the number of
            mirror-symmetric systematics, 1 if the model cannot describe the data, and the number of nuisance parameters
            and gammas at a bound in the free fit.
    """

    strength: FloatArray
    level: FloatArray
    found: IndexArray
    best: FloatArray
    background: FloatArray
    best_gamma: FloatArray
    asimov: FloatArray
    status: IndexArray


def asimov_dataset(model: ModelArrays, theta: FloatArray, scratch: Scratch) -> Dataset:
    """Return the expected main and auxiliary data at the fitted parameters, whose rates are in ``scratch``."""
    centre, gamma_centre, counts = theta.copy(), scratch.gamma.copy(), scratch.rate.copy()
    for index in range(centre.size):
        if model.constraint[index] == POISSON:
            centre[index] *= model.width[index]
    for index in range(gamma_centre.size):
        if model.gamma_constraint[index] == POISSON:
            gamma_centre[index] *= model.gamma_width[index]
        # only a rate that the floor keeps at zero can be below it here
        counts[index] = max(counts[index], 0.0)
    return Dataset(counts, centre, gamma_centre)


def strength_unit(model: ModelArrays, profile: FloatArray) -> float:
    """Return the strength of one standard deviation, from the curvature or slope at zero, else the start value."""
    curvature, slope = float(profile[CURVATURE]), float(profile[SLOPE])
    if curvature > 0.0 and math.isfinite(1.0 / math.sqrt(curvature)):
        return 1.0 / math.sqrt(curvature)
    if slope > 0.0:
        return 0.5 / slope
    return float(max(model.initial[model.poi[0]], 1.0))


def find_limits(
    model: ModelArrays,
    curves: Curves,
    targets: FloatArray,
    bands: int,
    first: int,
    best: float,
    unit: float,
    mirrors: int,
    numbers: LimitNumbers,
) -> bool:
    """Find all limits from the first one wanted; False if the observed one met a lower minimum than the free fit.

    Each search starts where the last one ended; the targets of the expected limits increase.

    Args:
        model: the likelihood.
        curves: profiles of the data at the free fit, and of the Asimov data without signal.
        targets, bands: as for ``asymptotic_limits``.
        first: index of the first limit wanted.
        best: profiled value of the free fit.
        unit: signal strength of the order of one standard deviation.
        mirrors: number of mirror-symmetric parameters; where there are any, a curve that is followed could be one of
            several.
        numbers: receives the limits.
    """
    profile, asimov, usable = curves.observed.scratch.profile, curves.asimov.scratch.profile, True
    best_strength, unreachable = profile[STRENGTH], False
    for index in range(first, targets.size):
        expected = index < bands
        level = Level(
            targets[index],
            ROOT_TOLERANCE if expected else CLS_TOLERANCE,
            1 if expected else 0,
            best,
            0.0 if expected else best_strength,
            unit,
        )
        start = asimov[STRENGTH] if asimov[STRENGTH] > 0.0 else unit * targets[index]
        start = max(start, 1.5 * level.best_strength)
        status = FOUND
        if unreachable and expected:
            numbers.found[index] = OUT_OF_REACH
            continue
        if mirrors > 0 or not usable or not follow_level(model, curves, level, start):
            status = search_level(model, curves, level, start, mirrors)
        usable = status == FOUND
        numbers.found[index] = status
        note_negative(numbers, curves[level.first].scratch)
        if status == BETTER_MINIMUM:
            return False
        numbers.strength[index] = asimov[STRENGTH]
        numbers.level[index] = level_at(level, asimov[STRENGTH], profile, asimov)[0]
        if status == OUT_OF_REACH and index < bands:
            # so is every larger target
            unreachable = True
        if not usable:
            # the next search begins anew
            asimov[STRENGTH] = 0.0
    return True


def note_negative(numbers: LimitNumbers, scratch: Scratch) -> None:
    """Remember a bin whose rate is negative where a fit has ended."""
    index = negative_bin(scratch)
    if index >= 0:
        numbers.status[NEGATIVE_BIN] = index


def fit_background(model: ModelArrays, data: Dataset, mirrors: int, numbers: LimitNumbers, scratch: Scratch) -> None:
    """Fit without signal; fill its status, parameters and expected events.

    The Asimov data follow the parameters to first order, so the last Newton step, which changes nothing in the value,
    is taken too.
    """
    theta = numbers.background
    copy_into(theta, model.initial)
    theta[model.poi[0]] = 0.0
    status, value = lowest_minimum(model, data, theta, model.initial, scratch.held, mirrors, scratch)
    numbers.status[POOR] = 1 if status == CONVERGED and is_poor(data, value) else 0
    if status == CONVERGED:
        for index in range(theta.size):
            theta[index] = min(max(theta[index] + scratch.step[index], model.lower[index]), model.upper[index])
        evaluate(model, data, theta, scratch)
    numbers.status[BACKGROUND_FIT], numbers.status[FAULTY_BIN] = status, impossible_bin(data, scratch)
    copy_into(numbers.asimov, scratch.rate)
    note_negative(numbers, scratch)
    if status == CONVERGED and numbers.status[NEGATIVE_BIN] >= 0 and scratch.stiffness[0] == 0.0:
        numbers.status[BACKGROUND_FIT], numbers.status[FAULTY_BIN] = NEGATIVE_ASIMOV, numbers.status[NEGATIVE_BIN]


def asymptotic_limits(
    model: ModelArrays,
    data: Dataset,
    targets: FloatArray,
    bands: int,
    scratch: Scratch,
    scratch_asimov: Scratch,
    numbers: LimitNumbers,
) -> None:
    """Fill ``numbers`` with all limits of one likelihood.

    Rates of bins without events may be negative at first, as in pyhf, whose likelihood rewards that. They are kept away
    in a second attempt if no Asimov data or limits exist, or if mirror images would look for the most negative rate.

    Args:
        model: the likelihood.
        data: observed data.
        targets: shape (T + L,), increasing values of sqrt(q_A) at the expected limits, then -log(1 - confidence level).
        bands: T, the number of expected limits.
        scratch, scratch_asimov: work spaces.
        numbers: the result.
    """
    mirrors = find_mirrors(model, scratch)
    numbers.status[MIRRORS] = find_mirrors(model, scratch_asimov)
    for attempt in range(2):
        scratch.stiffness[0] = scratch_asimov.stiffness[0] = attempt * FLOOR_STIFFNESS
        numbers.status[FLOORED], numbers.status[FREE_FIT] = attempt, FIT_FAILED
        numbers.status[FAULTY_BIN], numbers.status[NEGATIVE_BIN] = -1, -1
        for index in range(targets.size):
            numbers.found[index] = FIT_FAILED
        fit_background(model, data, mirrors, numbers, scratch)
        careful = mirrors + numbers.status[POOR]
        asimov = asimov_dataset(model, numbers.background, scratch)
        copy_into(numbers.best, numbers.background)
        curves = Curves(
            ProfileCurve(data, numbers.background.copy(), numbers.best, scratch),
            ProfileCurve(asimov, numbers.background.copy(), numbers.background, scratch_asimov),
        )
        value_asimov, unit = evaluate(model, asimov, curves.asimov.theta, scratch_asimov), 1.0
        for restart in range(_RESTARTS if numbers.status[BACKGROUND_FIT] == CONVERGED else 0):
            status, value = lowest_minimum(model, data, numbers.best, model.initial, model.held, careful, scratch)
            numbers.status[FREE_FIT] = status
            copy_into(numbers.best_gamma, scratch.gamma)
            note_negative(numbers, scratch)
            if status != CONVERGED:
                break
            copy_into(curves.observed.theta, numbers.best)
            values = (value, value_asimov)
            for index in range(2 if restart == 0 else 1):
                read_profile(model, curves[index], values[index])
            if restart == 0:
                unit = strength_unit(model, scratch_asimov.profile)
            if find_limits(model, curves, targets, bands, 0 if restart == 0 else bands, value, unit, careful, numbers):
                break
            # the next free fit starts from the lower minimum that the last conditional fit has met
            copy_into(numbers.best, curves.observed.theta)
        if numbers.status[NEGATIVE_BIN] < 0 or (mirrors == 0 and all_found(numbers)):
            break
    numbers.status[AT_BOUND] = parameters_at_bound(model, numbers)
    numbers.status[EVALUATIONS] = scratch.counter[0] + scratch_asimov.counter[0]


def parameters_at_bound(model: ModelArrays, numbers: LimitNumbers) -> int:
    """Return how many nuisance parameters and gammas are at a bound in the free fit."""
    total, best, gamma = 0, numbers.best, numbers.best_gamma
    for index in range(best.size):
        inside = model.lower[index] < best[index] < model.upper[index]
        if not inside and model.held[index] == 0 and index != model.poi[0]:
            total += 1
    for index in range(gamma.size):
        inside = model.gamma_lower[index] < gamma[index] < model.gamma_upper[index]
        if not inside and model.gamma_constraint[index] != UNCONSTRAINED:
            total += 1
    return total


def all_found(numbers: LimitNumbers) -> bool:
    """Return whether every limit was found."""
    total = 0
    for index in range(numbers.found.size):
        total += 1 if numbers.found[index] == FOUND else 0
    return total == numbers.found.size
