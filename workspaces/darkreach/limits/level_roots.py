"""Where the expected and observed limits are: roots of two quantities that rise with the signal strength.

An expected limit is where sqrt(q) of the background-only Asimov data reaches its target, the observed limit where
-log CLs of the data does. Each root is first followed with the quadratic models of the profiles, and searched with
complete fits and a bracket where that does not converge.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from darkreach.likelihood.model_arrays import FloatArray, ModelArrays
from darkreach.likelihood.newton_fit import CONVERGED, copy_into
from darkreach.limits.asymptotic_pvalues import log_cls
from darkreach.limits.profile_step import (
    EXACT,
    STRENGTH,
    VALUE,
    ProfileCurve,
    fit_profile,
    move_profile,
    predicted,
    predicted_slope,
)

FOUND, FIT_FAILED, OUT_OF_REACH, DISCONTINUOUS, BETTER_MINIMUM, GIVEN_UP = 0, 1, 2, 3, 4, 5
ROOT_TOLERANCE = 1e-8
"""Largest accepted difference of sqrt(q) from its target: 4e-9 in CLs."""
CLS_TOLERANCE = 1e-7
"""Largest accepted difference of log CLs from its target."""

_FAST_STEPS = 12
_LARGEST_ITERATIONS = 300
_MOST_EVALUATIONS = 100_000
# in standard deviations of the signal strength: where a level that no longer rises counts as saturated, and the end
_FAR, _FARTHEST = 2e2, 1e7
_SATURATED = 1e-3
# a conditional fit below the free one by more than this shows that the free fit ended in a local minimum
_LARGEST_DEFICIT = 1e-7


class Curves(NamedTuple):
    """The profiles of the observed and of the background-only Asimov data."""

    observed: ProfileCurve
    asimov: ProfileCurve


class Level(NamedTuple):
    """What a limit is a root of.

    Attributes:
        target: value wanted.
        tolerance: largest accepted difference from it.
        first: 0 if both profiles are needed (-log CLs), 1 if only that of the Asimov data is (sqrt(q_A)).
        best: profiled value of the free fit.
        best_strength: its signal strength; zero for an expected limit.
        unit: signal strength of the order of one standard deviation.
    """

    target: float
    tolerance: float
    first: int
    best: float
    best_strength: float
    unit: float


def level_at(level: Level, strength: float, profile: FloatArray, asimov: FloatArray) -> tuple[float, float]:
    """Return sqrt(q_A) or -log CLs and its derivative, from the quadratic models of the profiles."""
    q_asimov = 2.0 * predicted(asimov, strength)
    if not q_asimov > 0.0:
        return 0.0, 0.0
    slope_asimov = 2.0 * predicted_slope(asimov, strength)
    if level.first == 1:
        root = math.sqrt(q_asimov)
        return root, 0.5 * slope_asimov / root
    q, slope = 2.0 * (predicted(profile, strength) - level.best), 2.0 * predicted_slope(profile, strength)
    value, change = log_cls(q, slope, q_asimov, slope_asimov)
    return -value, -change


def modelled_root(level: Level, start: float, profile: FloatArray, asimov: FloatArray) -> float:
    """Return where the modelled level reaches its target; -1 if Newton's method does not find it."""
    strength, lowest = start, level.best_strength
    for _ in range(50):
        value, slope = level_at(level, strength, profile, asimov)
        if not slope > 0.0:
            strength = lowest + 2.0 * (strength - lowest)
        else:
            change = (level.target - value) / slope
            if abs(change) <= 1e-10 * strength:
                return strength + change
            strength = min(max(strength + change, 0.5 * (strength + lowest)), 3.0 * strength)
        if not math.isfinite(strength):
            return -1.0
    return -1.0


def follow_level(model: ModelArrays, curves: Curves, level: Level, start: float) -> bool:
    """Step signal strength and nuisance parameters together to the target; False where this does not converge.

    Args:
        model: the likelihood.
        curves: where the profiles are; where they are at the root, on return.
        level: what to find.
        start: signal strength of the right order.
    """
    profile, asimov, strength = curves.observed.scratch.profile, curves.asimov.scratch.profile, start
    for _ in range(_FAST_STEPS):
        # without convex models only the nuisance parameters move
        if asimov[EXACT] >= 0.0 and (level.first == 1 or profile[EXACT] >= 0.0):
            strength = modelled_root(level, strength, profile, asimov)
        here = asimov[STRENGTH]
        if level.first == 1 and here > 0.0:
            strength = min(max(strength, 0.25 * here), 4.0 * here)
        if not strength > level.best_strength or not math.isfinite(strength):
            return False
        exact = True
        for index in range(level.first, 2):
            if not move_profile(model, curves[index], strength):
                return False
            exact = exact and curves[index].scratch.profile[EXACT] == 1.0
        if exact:
            if level.first == 0 and profile[VALUE] < level.best - _LARGEST_DEFICIT:
                return False
            value, _ = level_at(level, strength, profile, asimov)
            if abs(value - level.target) <= level.tolerance:
                return True
    return False


def search_level(model: ModelArrays, curves: Curves, level: Level, start: float, mirrors: int) -> int:
    """Find the target with complete fits and a bracket; arguments as for ``follow_level`` and ``lowest_minimum``.

    Every fit starts from the lower end of the bracket. The lowest minimum is a continuous function of the strength, so
    where the level jumps at the upper end, the fit there was not the lowest, and the search goes on above it. Mirror
    images are tried while the bracket opens, and before a root is accepted.
    """
    low, high, strength, before = level.best_strength, math.inf, max(start, 2.0 * level.best_strength), 0.0
    profile, asimov, effort, reopened = curves.observed.scratch.profile, curves.asimov.scratch.profile, mirrors, 0
    spent = curves.asimov.scratch.counter[0] + curves.observed.scratch.counter[0]
    for index in range(level.first, 2):
        copy_into(curves[index].scratch.low, curves[index].origin)
    for iteration in range(_LARGEST_ITERATIONS):
        for index in range(level.first, 2):
            copy_into(curves[index].theta, curves[index].scratch.low)
            if fit_profile(model, curves[index], strength, effort) != CONVERGED:
                # nuisance parameters that cancel the signal leave a fit of ever larger terms
                return OUT_OF_REACH if high == math.inf and strength > _FAR * level.unit else FIT_FAILED
        if level.first == 0 and profile[VALUE] < level.best - _LARGEST_DEFICIT:
            return BETTER_MINIMUM
        if curves.asimov.scratch.counter[0] + curves.observed.scratch.counter[0] > spent + _MOST_EVALUATIONS:
            return GIVEN_UP
        value, slope = level_at(level, strength, profile, asimov)
        if abs(value - level.target) <= level.tolerance:
            if effort == mirrors:
                return FOUND
            effort = mirrors
            continue
        if value < level.target:
            if strength == high:
                high, reopened = math.inf, reopened + 1
            low = strength
            for index in range(level.first, 2):
                copy_into(curves[index].scratch.low, curves[index].theta)
        elif strength == high:
            return DISCONTINUOUS
        else:
            high = strength
        if high == math.inf:
            saturated = strength > _FAR * level.unit and value - before < _SATURATED * (level.target - value)
            if saturated or strength > _FARTHEST * max(start, level.unit):
                return OUT_OF_REACH
            # above a false upper end the bracket is opened with care
            strength, before = (4.0 if reopened == 0 else 1.05) * low, value
            continue
        effort = 0
        if high - low <= 1e-12 * high:
            strength, effort = high, mirrors
            continue
        strength = strength + (level.target - value) / slope if slope > 0.0 else -1.0
        # every third step stays away from the ends, so that the bracket shrinks from both sides
        margin = 1e-3 * (high - low) if iteration % 3 == 2 else 0.0
        if not low + margin < strength < high - margin:
            strength = 0.5 * (low + high)
    return DISCONTINUOUS
