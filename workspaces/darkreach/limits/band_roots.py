"""Where sqrt(q) of the background-only Asimov data reaches a target: the expected limits."""

from __future__ import annotations

import math

from darkreach.likelihood.model_arrays import Dataset, FloatArray, ModelArrays, Scratch
from darkreach.likelihood.newton_fit import CONVERGED, copy_into
from darkreach.limits.profile_step import (
    CURVATURE,
    EXACT,
    SLOPE,
    STRENGTH,
    VALUE,
    fit_profile,
    move_profile,
)

FOUND, FIT_FAILED, OUT_OF_REACH, DISCONTINUOUS = 0, 1, 2, 3
ROOT_TOLERANCE = 1e-8
"""Largest accepted difference of sqrt(q) from its target: 4e-9 in CLs."""

_FAST_STEPS = 12
_EXPANSIONS = 40
_BISECTIONS = 120


def predicted_root(profile: FloatArray, target: float) -> float:
    """Return where the quadratic model reaches half the target squared; -1 if it does not."""
    missing = 0.5 * target * target - profile[VALUE]
    slope, curvature = profile[SLOPE], profile[CURVATURE]
    discriminant = slope * slope + 2.0 * curvature * missing
    if discriminant < 0.0:
        return -1.0
    denominator = slope + math.sqrt(discriminant)
    return profile[STRENGTH] + 2.0 * missing / denominator if denominator > 0.0 else -1.0


def root_of(profile: FloatArray) -> float:
    """Return sqrt(q) of a profile of Asimov data, whose best value is zero."""
    return math.sqrt(2.0 * max(profile[VALUE], 0.0))


def follow_root(
    model: ModelArrays, asimov: Dataset, theta: FloatArray, target: float, scratch: Scratch, profile: FloatArray
) -> bool:
    """Step signal strength and nuisance parameters together to the target; False where this does not converge."""
    for _ in range(_FAST_STEPS):
        if profile[EXACT] == 1.0 and abs(root_of(profile) - target) <= ROOT_TOLERANCE:
            return True
        here = profile[STRENGTH]
        # without a convex model only the nuisance parameters move
        strength = here if profile[EXACT] < 0.0 else predicted_root(profile, target)
        if not strength > 0.0 or not math.isfinite(strength):
            return False
        if here > 0.0:
            strength = min(max(strength, 0.25 * here), 4.0 * here)
        if not move_profile(model, asimov, theta, strength, scratch, profile):
            return False
    return False


def search_root(
    model: ModelArrays,
    asimov: Dataset,
    origin: FloatArray,
    theta: FloatArray,
    target: float,
    start: float,
    scratch: Scratch,
    profile: FloatArray,
) -> int:
    """Find the target with complete fits and a bracket; theta and profile end at the root.

    Args:
        model: the likelihood.
        asimov: background-only Asimov data.
        origin: shape (P,), best-fit parameters at strength zero.
        theta: shape (P,), work space.
        target: sqrt(q) wanted.
        start: first signal strength to try.
        scratch: work space.
        profile: receives the profile at the root.
    """
    low, high, strength = 0.0, math.inf, start
    copy_into(theta, origin)
    for iteration in range(_EXPANSIONS + _BISECTIONS):
        status = fit_profile(model, asimov, theta, strength, scratch, profile)
        if status != CONVERGED:
            copy_into(theta, origin)
            status = fit_profile(model, asimov, theta, strength, scratch, profile)
        if status != CONVERGED:
            return FIT_FAILED
        root = root_of(profile)
        if abs(root - target) <= ROOT_TOLERANCE:
            return FOUND
        if root < target:
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
        slope = profile[SLOPE] / root if root > 0.0 else 0.0
        strength = strength + (target - root) / slope if slope > 0.0 else -1.0
        margin = 1e-3 * (high - low) if iteration % 3 == 2 else 0.0
        if not low + margin < strength < high - margin:
            strength = 0.5 * (low + high)
    return DISCONTINUOUS
