"""Where CLs of the observed data reaches 1 - confidence level."""

from __future__ import annotations

import math

from darkreach.likelihood.model_arrays import Dataset, FloatArray, ModelArrays, Scratch
from darkreach.likelihood.newton_fit import CONVERGED, copy_into
from darkreach.limits.asymptotic_pvalues import log_cls
from darkreach.limits.band_roots import DISCONTINUOUS, FIT_FAILED, FOUND, OUT_OF_REACH
from darkreach.limits.profile_step import (
    EXACT,
    STRENGTH,
    fit_profile,
    move_profile,
    predicted,
    predicted_slope,
)

BETTER_MINIMUM = 4
CLS_TOLERANCE = 1e-7
"""Largest accepted difference of log CLs from its target."""

_FAST_STEPS = 12
_EXPANSIONS = 40
_BISECTIONS = 120
# a conditional fit below the free one by more than this shows that the free fit ended in a local minimum
_LARGEST_DEFICIT = 1e-7


def modelled_log_cls(observed: FloatArray, asimov: FloatArray, best: float, strength: float) -> tuple[float, float]:
    """Return log CLs and its derivative from the quadratic models of both profiles."""
    q = 2.0 * (predicted(observed, strength) - best)
    q_asimov = 2.0 * predicted(asimov, strength)
    if not q_asimov > 0.0:
        return 0.0, 0.0
    return log_cls(q, 2.0 * predicted_slope(observed, strength), q_asimov, 2.0 * predicted_slope(asimov, strength))


def modelled_root(
    observed: FloatArray, asimov: FloatArray, best: float, best_strength: float, target: float, start: float
) -> float:
    """Return where the modelled log CLs equals its target; -1 if Newton's method does not find it."""
    strength = start
    for _ in range(50):
        value, slope = modelled_log_cls(observed, asimov, best, strength)
        if not slope < 0.0:
            strength = best_strength + 2.0 * (strength - best_strength)
        else:
            change = (target - value) / slope
            if abs(change) <= 1e-10 * strength:
                return strength + change
            strength = min(max(strength + change, 0.5 * (strength + best_strength)), 3.0 * strength)
        if not math.isfinite(strength):
            return -1.0
    return -1.0


def follow_observed(
    model: ModelArrays,
    data: Dataset,
    asimov: Dataset,
    theta: FloatArray,
    theta_asimov: FloatArray,
    target: float,
    best: float,
    best_strength: float,
    scratch: Scratch,
    scratch_asimov: Scratch,
    profile: FloatArray,
    profile_asimov: FloatArray,
) -> bool:
    """Step both fits together to the observed limit; False where this does not converge.

    Args:
        model: the likelihood.
        data, asimov: observed and background-only data.
        theta, theta_asimov: parameters at the profiles.
        target: log(1 - confidence level).
        best: profiled value of the free fit.
        best_strength: its signal strength.
        scratch, scratch_asimov: work spaces with the last step of each profile.
        profile, profile_asimov: where the search starts; where it ends.
    """
    strength = max(profile_asimov[STRENGTH], 1.5 * best_strength)
    for _ in range(_FAST_STEPS):
        # without convex models only the nuisance parameters move
        if profile[EXACT] >= 0.0 and profile_asimov[EXACT] >= 0.0:
            strength = modelled_root(profile, profile_asimov, best, best_strength, target, strength)
        if not strength > best_strength or not math.isfinite(strength):
            return False
        if not move_profile(model, data, theta, strength, scratch, profile):
            return False
        if not move_profile(model, asimov, theta_asimov, strength, scratch_asimov, profile_asimov):
            return False
        if profile[EXACT] == 1.0 and profile_asimov[EXACT] == 1.0:
            if profile[1] < best - _LARGEST_DEFICIT:
                return False
            value, _ = modelled_log_cls(profile, profile_asimov, best, strength)
            if abs(value - target) <= CLS_TOLERANCE:
                return True
    return False


def search_observed(
    model: ModelArrays,
    data: Dataset,
    asimov: Dataset,
    free: FloatArray,
    origin: FloatArray,
    theta: FloatArray,
    theta_asimov: FloatArray,
    target: float,
    best: float,
    start: float,
    scratch: Scratch,
    scratch_asimov: Scratch,
    profile: FloatArray,
    profile_asimov: FloatArray,
) -> int:
    """Find the observed limit with complete fits and a bracket; ``free`` and ``origin`` are the fits to start from."""
    low, high, strength = free[model.poi[0]], math.inf, max(start, 2.0 * free[model.poi[0]])
    copy_into(theta, free)
    copy_into(theta_asimov, origin)
    for iteration in range(_EXPANSIONS + _BISECTIONS):
        if fit_profile(model, data, theta, strength, scratch, profile) != CONVERGED:
            copy_into(theta, free)
            if fit_profile(model, data, theta, strength, scratch, profile) != CONVERGED:
                return FIT_FAILED
        if fit_profile(model, asimov, theta_asimov, strength, scratch_asimov, profile_asimov) != CONVERGED:
            copy_into(theta_asimov, origin)
            if fit_profile(model, asimov, theta_asimov, strength, scratch_asimov, profile_asimov) != CONVERGED:
                return FIT_FAILED
        if profile[1] < best - _LARGEST_DEFICIT:
            return BETTER_MINIMUM
        value, slope = modelled_log_cls(profile, profile_asimov, best, strength)
        if abs(value - target) <= CLS_TOLERANCE:
            return FOUND
        if value > target:
            low = strength
        else:
            high = strength
        if high == math.inf:
            if iteration >= _EXPANSIONS:
                return OUT_OF_REACH
            strength = 4.0 * low
            continue
        if high - low <= 1e-14 * high:
            return DISCONTINUOUS
        strength = strength + (target - value) / slope if slope < 0.0 else -1.0
        margin = 1e-3 * (high - low) if iteration % 3 == 2 else 0.0
        if not low + margin < strength < high - margin:
            strength = 0.5 * (low + high)
    return DISCONTINUOUS
