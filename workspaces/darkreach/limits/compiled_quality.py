"""From the numbers of the compiled kernel to a limit with its status, reason and self-check."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from darkreach.likelihood.model_arrays import UNCONSTRAINED, CompiledModel
from darkreach.likelihood.newton_fit import CONVERGED, IMPOSSIBLE_BIN, ITERATIONS_EXHAUSTED, NO_DESCENT
from darkreach.limits.asymptotic_cls import BANDS
from darkreach.limits.asymptotic_kernel import (
    AT_BOUND,
    BACKGROUND_FIT,
    EVALUATIONS,
    FAULTY_BIN,
    FLOORED,
    FREE_FIT,
    MIRRORS,
    NEGATIVE_ASIMOV,
    NEGATIVE_BIN,
    POOR,
    LimitNumbers,
)
from darkreach.limits.asymptotic_pvalues import log_normal_cdf
from darkreach.limits.level_roots import BETTER_MINIMUM, DISCONTINUOUS, FIT_FAILED, FOUND, GIVEN_UP, OUT_OF_REACH
from darkreach.limits.results import Limit, LimitQuality, Status
from darkreach.sharing.hypothesis import Hypothesis

_FIT_REASONS = {
    ITERATIONS_EXHAUSTED: "did not converge",
    NO_DESCENT: "found no descent at a point that is not a minimum",
    IMPOSSIBLE_BIN: "gives zero probability to the data: no positive rate in {bin}, which has events",
    NEGATIVE_ASIMOV: "has a negative expected rate in {bin}, so background-only data are not defined",
}
_SEARCH_REASONS = {
    FIT_FAILED: "a conditional fit did not converge",
    OUT_OF_REACH: "CLs stays above 1 - CL however large the signal strength: nuisance parameters absorb the signal",
    DISCONTINUOUS: "CLs jumps over 1 - CL: the profile likelihood has several minima",
    GIVEN_UP: "given up after 100 000 evaluations of the likelihood, which has many minima",
    BETTER_MINIMUM: "conditional fits keep finding a better minimum than the free fit",
}
_LOG_CDF_OF_BANDS = tuple(log_normal_cdf(band) for band in BANDS)
# the kernel accepts 1e-7 in log CLs; anything beyond this is an inconsistency, never a result
_LARGEST_CLS_DIFFERENCE = 1e-6


def make_limit(
    hypothesis: Hypothesis, model: CompiledModel, numbers: LimitNumbers, places: Sequence[int], cl: float
) -> Limit:
    """Return the limit of one confidence level.

    Args:
        hypothesis: what was tested.
        model: its likelihood.
        numbers: results of the kernel.
        places: positions of the five bands and of the observed limit among the results.
        cl: confidence level.
    """
    again = _cls(numbers, places)
    status, reason = _status(model, numbers, places, cl, again)
    if status != "ok":
        quality = LimitQuality(evaluations=int(numbers.status[EVALUATIONS]))
        return Limit(
            hypothesis.name, hypothesis.values, cl, "asymptotic", "compiled", None, (), status, reason, quality
        )
    *expected, observed = (
        float(numbers.strength[place]) if numbers.found[place] == FOUND else math.inf for place in places
    )
    *cls_at_expected, cls_at_observed = again
    quality = LimitQuality(
        cls_at_observed=cls_at_observed,
        cls_at_expected=tuple(cls_at_expected),
        parameters_at_bound=_at_bound(model, numbers),
        evaluations=int(numbers.status[EVALUATIONS]),
        note="; ".join(_notes(model, numbers, (observed, *expected))),
    )
    return Limit(
        name=hypothesis.name,
        values=hypothesis.values,
        cl=cl,
        method="asymptotic",
        engine="compiled",
        observed=observed,
        expected=tuple(expected),
        quality=quality,
    )


def _cls(numbers: LimitNumbers, places: Sequence[int]) -> tuple[float, ...]:
    levels = (float(numbers.level[place]) if numbers.found[place] == FOUND else math.nan for place in places)
    *roots, log_cls = levels
    return (
        *(
            math.exp(log_normal_cdf(band - root) - log_cdf)
            for root, band, log_cdf in zip(roots, BANDS, _LOG_CDF_OF_BANDS, strict=True)
        ),
        math.exp(-log_cls),
    )


def _status(
    model: CompiledModel, numbers: LimitNumbers, places: Sequence[int], cl: float, again: Sequence[float]
) -> tuple[Status, str]:
    for position, what in ((BACKGROUND_FIT, "the fit without signal"), (FREE_FIT, "the fit of signal and background")):
        code = int(numbers.status[position])
        if code != CONVERGED:
            faulty = int(numbers.status[FAULTY_BIN])
            bin_name = model.bin_names[faulty] if faulty >= 0 else "a bin"
            return "failed", f"{what} {_FIT_REASONS[code].format(bin=bin_name)}"
    found = numbers.found[list(places)].tolist()
    for code, band in zip(found, (*BANDS, None), strict=True):
        if code not in (FOUND, OUT_OF_REACH):
            where = "observed limit" if band is None else f"expected limit at {band:+d} standard deviations"
            return "failed", f"{where}: {_SEARCH_REASONS[code]}"
    if found[-1] == OUT_OF_REACH:
        return "no_sensitivity", f"observed limit: {_SEARCH_REASONS[OUT_OF_REACH]}{_existing(numbers, places)}"
    reached = [value for value, code in zip(again, found, strict=True) if code == FOUND]
    if not all(abs(value - (1.0 - cl)) < _LARGEST_CLS_DIFFERENCE for value in reached):
        return "failed", f"CLs evaluated at the limits is {again}, not {1.0 - cl:g}"
    expected = [float(numbers.strength[place]) for place in places[:-1] if numbers.found[place] == FOUND]
    if not all(low < high for low, high in pairwise(expected)):
        return "failed", "the expected limits do not increase from -2 to +2 standard deviations"
    return "ok", ""


def _existing(numbers: LimitNumbers, places: Sequence[int]) -> str:
    """Return the expected limits that exist where the observed one does not."""
    found = [
        f"{band:+d} sigma {numbers.strength[place]:.6g}"
        for band, place in zip(BANDS, places[:-1], strict=True)
        if numbers.found[place] == FOUND
    ]
    return f"; expected limits: {', '.join(found)}" if found else ""


def _at_bound(model: CompiledModel, numbers: LimitNumbers) -> tuple[str, ...]:
    if numbers.status[AT_BOUND] == 0:
        return ()
    arrays, best, gamma = model.arrays, numbers.best, numbers.best_gamma
    pressed = ((best <= arrays.lower) | (best >= arrays.upper)) & (arrays.held == 0)
    limited = (gamma <= arrays.gamma_lower) | (gamma >= arrays.gamma_upper)
    pressed[arrays.poi[0]] = False
    names = [model.parameter_names[index] for index in np.flatnonzero(pressed)]
    limited &= arrays.gamma_constraint != UNCONSTRAINED
    return (*names, *(model.gamma_names[index] for index in np.flatnonzero(limited)))


def _notes(model: CompiledModel, numbers: LimitNumbers, limits: Sequence[float]) -> list[str]:
    low, high = model.poi_bounds
    poi = model.parameter_names[model.arrays.poi[0]]
    notes = []
    missing = [f"{band:+d}" for band, limit in zip(BANDS, limits[1:], strict=True) if limit == math.inf]
    if missing:
        notes.append(f"no expected limit at {', '.join(missing)} standard deviations: {_SEARCH_REASONS[OUT_OF_REACH]}")
    limits = [limit for limit in limits if limit < math.inf]
    if max(*limits, float(numbers.best[model.arrays.poi[0]])) > high:
        notes.append(f"the declared upper bound {high:g} of {poi} was widened")
    negative = int(numbers.status[NEGATIVE_BIN])
    if numbers.status[FLOORED]:
        notes.append("expected rates of bins without events were kept from becoming negative")
    elif negative >= 0:
        notes.append(f"the expected rate of {model.bin_names[negative]} is negative in a fit, as pyhf allows")
    if numbers.status[POOR]:
        notes.append(
            "the model without signal does not describe the data (more than 10 in -2 ln L per bin): its likelihood has "
            "many minima, the lowest found is used"
        )
    mirrors = int(numbers.status[MIRRORS])
    if mirrors:
        notes.append(
            f"{mirrors} shape systematics act alike in both directions: the likelihood may have several minima, the "
            "lowest found is used"
        )
    if low != 0.0:
        notes.append(f"the declared lower bound {low:g} of {poi} was replaced by 0")
    return notes
