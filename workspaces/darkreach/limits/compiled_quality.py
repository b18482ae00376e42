"""From the numbers of the compiled kernel to a limit with its status, reason and self-check."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from darkreach.likelihood.model_arrays import UNCONSTRAINED, CompiledModel
from darkreach.likelihood.newton_fit import CONVERGED, IMPOSSIBLE_BIN, ITERATIONS_EXHAUSTED, NO_DESCENT
from darkreach.limits.asymptotic_cls import BANDS, expected_cls
from darkreach.limits.asymptotic_kernel import NEGATIVE_ASIMOV, LimitNumbers
from darkreach.limits.band_roots import DISCONTINUOUS, FIT_FAILED, FOUND, OUT_OF_REACH
from darkreach.limits.observed_root import BETTER_MINIMUM
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
    OUT_OF_REACH: "CLs stays above 1 - CL however large the signal strength",
    DISCONTINUOUS: "CLs jumps over 1 - CL: the profile likelihood has several minima",
    BETTER_MINIMUM: "conditional fits keep finding a better minimum than the free fit",
}
# the kernel accepts 1e-7 in log CLs; anything beyond this is an inconsistency, never a result
_LARGEST_CLS_DIFFERENCE = 1e-6


def make_limit(
    hypothesis: Hypothesis,
    model: CompiledModel,
    numbers: LimitNumbers,
    bands: Sequence[int],
    level: int,
    cl: float,
) -> Limit:
    """Return the limit of one confidence level.

    Args:
        hypothesis: what was tested.
        model: its likelihood.
        numbers: results of the kernel.
        bands: positions of the five bands among the results.
        level: position of the confidence level.
        cl: confidence level.
    """
    status, reason = _status(model, numbers, bands, level, cl)
    found = status == "ok"
    observed = float(numbers.observed[level]) if found else None
    expected = tuple(float(numbers.band[index]) for index in bands) if found else ()
    quality = LimitQuality(
        cls_at_observed=math.exp(numbers.observed_log_cls[level]) if found else None,
        cls_at_expected=_expected_cls(numbers, bands) if found else (),
        parameters_at_bound=_at_bound(model, numbers) if found else (),
        evaluations=int(numbers.status[3]),
        note="; ".join(_notes(model, numbers, (observed or 0.0, *expected))) if found else "",
    )
    return Limit(
        name=hypothesis.name,
        values=hypothesis.values,
        cl=cl,
        method="asymptotic",
        engine="compiled",
        observed=observed,
        expected=expected,
        status=status,
        reason=reason,
        quality=quality,
    )


def _expected_cls(numbers: LimitNumbers, bands: Sequence[int]) -> tuple[float, ...]:
    return tuple(
        expected_cls(float(numbers.band_root[index]) ** 2, band) for index, band in zip(bands, BANDS, strict=True)
    )


def _status(
    model: CompiledModel, numbers: LimitNumbers, bands: Sequence[int], level: int, cl: float
) -> tuple[Status, str]:
    for position, what in ((0, "the fit without signal"), (1, "the fit of signal and background")):
        code = int(numbers.status[position])
        if code != CONVERGED:
            faulty = int(numbers.status[2])
            bin_name = model.bin_names[faulty] if faulty >= 0 else "a bin"
            return "failed", f"{what} {_FIT_REASONS[code].format(bin=bin_name)}"
    codes = [int(numbers.band_status[index]) for index in bands]
    if OUT_OF_REACH in codes:
        return "no_sensitivity", f"{_SEARCH_REASONS[OUT_OF_REACH]} (expected limit)"
    codes.append(int(numbers.observed_status[level]))
    if codes[-1] == OUT_OF_REACH:
        return "no_sensitivity", f"{_SEARCH_REASONS[OUT_OF_REACH]} (observed limit)"
    for code, band in zip(codes, (*BANDS, None), strict=True):
        if code != FOUND:
            where = "observed limit" if band is None else f"expected limit at {band:+d} standard deviations"
            return "failed", f"{where}: {_SEARCH_REASONS[code]}"
    again = (math.exp(numbers.observed_log_cls[level]), *_expected_cls(numbers, bands))
    if not all(abs(value - (1.0 - cl)) < _LARGEST_CLS_DIFFERENCE for value in again):
        return "failed", f"CLs evaluated at the limits is {again}, not {1.0 - cl:g}"
    if not np.all(np.diff(numbers.band[list(bands)]) > 0.0):
        return "failed", "the expected limits do not increase from -2 to +2 standard deviations"
    return "ok", ""


def _at_bound(model: CompiledModel, numbers: LimitNumbers) -> tuple[str, ...]:
    arrays, best = model.arrays, numbers.best
    pressed = ((best <= arrays.lower) | (best >= arrays.upper)) & (arrays.held == 0)
    pressed[arrays.poi[0]] = False
    names = [model.parameter_names[index] for index in np.flatnonzero(pressed)]
    gamma = numbers.best_gamma
    limited = (gamma <= arrays.gamma_lower) | (gamma >= arrays.gamma_upper)
    limited &= arrays.gamma_constraint != UNCONSTRAINED
    return (*names, *(model.gamma_names[index] for index in np.flatnonzero(limited)))


def _notes(model: CompiledModel, numbers: LimitNumbers, limits: Sequence[float]) -> list[str]:
    low, high = model.poi_bounds
    poi = model.parameter_names[model.arrays.poi[0]]
    notes = []
    if max(*limits, float(numbers.best[model.arrays.poi[0]])) > high:
        notes.append(f"the declared upper bound {high:g} of {poi} was widened")
    if low != 0.0:
        notes.append(f"the declared lower bound {low:g} of {poi} was replaced by 0")
    return notes
