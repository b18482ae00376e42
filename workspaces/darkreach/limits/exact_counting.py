"""Exact CLs of counting experiments: one bin with signal, everything but the signal strength known.

CLs = P(n <= observed | s + b) / P(n <= observed | b). With nothing to profile q-tilde falls with the number of events,
so this is what toys converge to. Bands are the limits of the discrete quantiles of the number of background events.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from scipy.optimize import brentq
from scipy.special import gammaincc, gammaln, ndtr
from scipy.stats import poisson

from darkreach.errors import LimitError
from darkreach.likelihood.model_arrays import (
    UNCONSTRAINED,
    CompiledModel,
    FloatArray,
    allocate_scratch,
    observed_dataset,
)
from darkreach.likelihood.reference_likelihood import evaluate
from darkreach.limits.asymptotic_cls import BANDS

_LARGEST_CURVATURE = 1e-9
_RANGE = 1e-12


class Counting(NamedTuple):
    """A counting experiment: observed events, expected background, and expected signal at strength one."""

    observed: int
    background: float
    signal: float


class ExactLimits(NamedTuple):
    """Limits on the signal strength, and CLs evaluated there: the five bands, then the observed one."""

    strengths: tuple[float, ...]
    cls: tuple[float, ...]


def rates_at(model: CompiledModel, strength: float) -> FloatArray:
    """Return the expected events of all bins at a signal strength and the start values of all other parameters."""
    arrays = model.arrays
    theta, scratch = arrays.initial.copy(), allocate_scratch(arrays)
    theta[arrays.poi[0]] = strength
    with np.errstate(all="ignore"):
        evaluate(arrays, observed_dataset(arrays), theta, scratch)
    return scratch.rate


def counting_of(model: CompiledModel) -> Counting | str:
    """Return the counting experiment that a likelihood is, or why it is none.

    Every parameter but that of interest must be fixed, no bin may carry a gamma, exactly one bin may contain signal
    (bins without signal and without free parameters say nothing), and its rate must be linear in the signal strength.
    """
    arrays = model.arrays
    floating = np.flatnonzero(arrays.held == 0)
    names = [model.parameter_names[index] for index in floating if index != arrays.poi[0]]
    names += [model.gamma_names[index] for index in np.flatnonzero(arrays.gamma_constraint != UNCONSTRAINED)]
    if names:
        return f"it has nuisance parameters ({names[0]})"
    background, one, two = (rates_at(model, strength) for strength in (0.0, 1.0, 2.0))
    signal = one - background
    where = np.flatnonzero(signal != 0.0)
    if where.size != 1:
        return f"{where.size} bins have signal"
    index = int(where[0])
    if abs(two[index] - one[index] - signal[index]) > _LARGEST_CURVATURE * abs(two[index]):
        return "the rate is not linear in the signal strength"
    if signal[index] < 0.0 or background[index] < 0.0:
        return "expected signal or background is negative"
    observed = float(arrays.counts[index])
    if observed != round(observed):
        return "the observed number of events is not whole"
    return Counting(round(observed), float(background[index]), float(signal[index]))


def log_cumulative(events: int, mean: float) -> float:
    """Return log P(n <= events | mean), also where the probability underflows.

    Example:
        >>> log_cumulative(0, 3.0)
        -3.0
    """
    if mean == 0.0:
        return 0.0
    probability = float(gammaincc(events + 1.0, mean))
    if probability > 1e-250:
        return math.log(probability)
    # far tail: the last term times a geometric-like sum
    total, term = 0.0, 1.0
    for number in range(events, -1, -1):
        total += term
        term *= number / mean
        if term < 1e-17 * total:
            break
    return float(events * math.log(mean) - mean - gammaln(events + 1.0) + math.log(total))


def counting_limit(events: int, counting: Counting, cl: float) -> tuple[float, float]:
    """Return the limit on the signal strength for a number of events, and CLs there.

    Example:
        >>> round(counting_limit(0, Counting(0, 0.1, 1.0), 0.90)[0], 4)
        2.3026
    """
    floor = log_cumulative(events, counting.background)
    target = math.log(1.0 - cl)

    def excess(signal: float) -> float:
        return log_cumulative(events, counting.background + signal) - floor - target

    high = 1.0 + math.sqrt(events + counting.background)
    while excess(high) > 0.0:
        high *= 2.0
    signal = float(brentq(excess, 0.0, high, xtol=_RANGE, rtol=1e-14))
    return signal / counting.signal, math.exp(excess(signal) + target)


def band_events(background: float, band: int) -> int:
    """Return the smallest number of events that background alone does not exceed with a probability Phi(band).

    Example:
        >>> [band_events(3.0, band) for band in BANDS]
        [0, 1, 3, 5, 7]
    """
    return int(poisson.ppf(ndtr(band), background)) if background > 0.0 else 0


def exact_limits(counting: Counting, cl: float) -> ExactLimits:
    """Return the five expected limits and the observed one.

    Raises:
        LimitError: a confidence level is not between 0 and 1.

    Example:
        >>> [round(value, 3) for value in exact_limits(Counting(3, 3.0, 1.0), 0.95).strengths]
        [2.996, 3.643, 5.395, 7.663, 10.171, 5.395]
    """
    if not 0.0 < cl < 1.0:
        raise LimitError("a confidence level is not between 0 and 1", given=str(cl), allowed="e.g. 0.95")
    numbers = (*(band_events(counting.background, band) for band in BANDS), counting.observed)
    strengths, cls = zip(*(counting_limit(events, counting, cl) for events in numbers), strict=True)
    return ExactLimits(strengths, cls)
