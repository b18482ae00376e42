"""The pyhf engine: asymptotic CLs limits by pyhf's own fits, a fraction of the fits its scans make."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from darkreach.errors import LimitError
from darkreach.limits.asymptotic_cls import BANDS, expected_cls, observed_cls
from darkreach.limits.asymptotic_search import AsymptoticSearch, asimov_ratio
from darkreach.limits.profile_curve import ProfileCurve, ProfilePoint
from darkreach.limits.pyhf_fits import FitCounter, FitFailedError, PyhfFits
from darkreach.limits.pyhf_session import build_model, pyhf_numpy
from darkreach.limits.results import Limit, LimitQuality

if TYPE_CHECKING:
    from darkreach.sharing.hypothesis import Hypothesis

_LARGEST_LOGARITHM = 60.0
_MAXIMUM_WIDENINGS = 8
# relative; ten times what the tolerance of the limits allows
_LARGEST_CLS_ERROR = 1e-3


@dataclass(frozen=True)
class PyhfEngine:
    """Asymptotic CLs limits (q-tilde, arXiv:1007.1727) through ``pyhf.infer.mle`` fits.

    The Asimov data are pyhf's: expected counts and auxiliary data of the fit with the signal strength at zero. Their
    free minimum is that fit itself, so it needs none. All confidence levels share their fits.

    Attributes:
        tolerance: relative accuracy of a limit.
        fit_tolerance: of the minimizer, in units of twice the negative log-likelihood.

    Example:
        >>> PyhfEngine().name
        'pyhf'
    """

    name: ClassVar[str] = "pyhf"
    # a hypothesis takes seconds
    hypotheses_per_process: ClassVar[int] = 1
    tolerance: float = 1e-5
    fit_tolerance: float = 1e-10

    def limits(self, hypothesis: Hypothesis, confidence_levels: Sequence[float]) -> list[Limit]:
        """Return one limit per confidence level, in order; ``evaluations`` counts the fits of all of them together.

        Raises:
            LimitError: a confidence level is not between 0.5 and 1.
            WorkspaceError: the workspace is invalid or has no floating parameter of interest.
        """
        for cl in confidence_levels:
            if not 0.5 < cl < 1.0:
                raise LimitError("not a confidence level", allowed="a number between 0.5 and 1", given=str(cl))
        with pyhf_numpy():
            model, data = build_model(hypothesis.workspace, hypothesis.name)
            counter = FitCounter()
            try:
                search = self._prepare(model, data, counter)
            except FitFailedError as error:
                return [_failed(hypothesis, cl, str(error), counter) for cl in confidence_levels]
            if search is None:
                return [_without_signal(hypothesis, cl, counter) for cl in confidence_levels]
            search.prefetch(confidence_levels)
            found = [_limit(hypothesis, search, cl) for cl in confidence_levels]
        return [replace(limit, quality=replace(limit.quality, evaluations=counter.fits)) for limit in found]

    def _prepare(self, model: Any, data: Sequence[float], counter: FitCounter) -> AsymptoticSearch | None:
        """Fit without signal and freely; None if the hypothesis has no signal at all."""
        fits = PyhfFits(model, data, self.fit_tolerance, counter, scale=1.0)
        rough = fits.conditional(0.0, np.asarray(model.config.suggested_init(), dtype=np.float64))
        fits = fits.with_transform(rough.parameters)
        background_only = fits.conditional(0.0, rough.parameters)
        parameters = background_only.parameters
        background, signal = _rates(model, parameters)
        if not np.any(signal):
            return None
        scale = _sensitive_strength(signal, background)
        fits = replace(fits, scale=scale)
        asimov_fits = replace(fits, data=[float(value) for value in model.expected_data(parameters)])
        data_curve = ProfileCurve([replace(background_only, slope=fits.slope(parameters))])
        data_curve.add(_free_fit(fits, data_curve.points[0]))
        start = ProfilePoint(0.0, 0.0, asimov_fits.slope(parameters), parameters)
        return AsymptoticSearch(
            data_fits=fits,
            asimov_fits=replace(asimov_fits, offset=asimov_fits.twice_nll(parameters)),
            data_curve=data_curve,
            asimov_curve=ProfileCurve([start]),
            signal=signal,
            background=background,
            tolerance=self.tolerance,
        )


def _rates(model: Any, parameters: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return expected background and, at unit strength, signal per bin."""
    unit = parameters.copy()
    unit[model.config.poi_index] = 1.0
    background = np.asarray(model.expected_data(parameters, include_auxdata=False), dtype=np.float64)
    return background, np.asarray(model.expected_data(unit, include_auxdata=False), dtype=np.float64) - background


def _sensitive_strength(signal: NDArray[np.float64], background: NDArray[np.float64]) -> float:
    """Return the signal strength at which q of the Asimov data would be 4 without nuisance parameters."""

    def excess(logarithm: float) -> float:
        return asimov_ratio(math.exp(logarithm), signal, background) - 4.0

    low = high = -math.log(float(np.max(np.abs(signal))))
    while excess(low) > 0.0:
        low -= 2.0
    while excess(high) < 0.0:
        high += 2.0
        if high > _LARGEST_LOGARITHM:
            raise FitFailedError("no signal strength changes the expected counts enough")
    return math.exp(brentq(excess, low, high, xtol=1e-3))


def _free_fit(fits: PyhfFits, background_only: ProfilePoint) -> ProfilePoint:
    """Fit the signal strength too; its declared upper bound is moved up as long as the fit sits there."""
    # one Newton step from zero, the curvature from the statistical sensitivity
    step = max(-background_only.slope * fits.scale**2 / 8.0, 0.05 * fits.scale)
    upper = float(fits.model.config.suggested_bounds()[fits.poi][1])
    for _ in range(_MAXIMUM_WIDENINGS):
        start = background_only.parameters.copy()
        start[fits.poi] = min(step, 0.5 * upper)
        best = fits.free(start, upper)
        if best.signal_strength < 0.999 * upper:
            return best
        upper *= 10.0
    raise FitFailedError("the best-fit signal strength grows without bound")


def _limit(hypothesis: Hypothesis, search: AsymptoticSearch, cl: float) -> Limit:
    fits = search.data_fits
    try:
        bands = [search.expected(cl, band) for band in BANDS]
        data, asimov = search.observed(cl)
    except FitFailedError as error:
        return _failed(hypothesis, cl, str(error), fits.counter)
    best = search.best_fit
    observed = data.signal_strength
    quality = LimitQuality(
        cls_at_observed=observed_cls(data.value - best.value, asimov),
        cls_at_expected=tuple(expected_cls(point.value, band) for point, band in zip(bands, BANDS, strict=True)),
        parameters_at_bound=fits.at_bound(best.parameters),
        note=_bound_note(fits, max(observed, *(point.signal_strength for point in bands))),
    )
    off = max(abs(value / (1.0 - cl) - 1.0) for value in (quality.cls_at_observed or 0.0, *quality.cls_at_expected))
    if off > _LARGEST_CLS_ERROR:
        return _failed(hypothesis, cl, f"CLs at a limit is {off:.1%} off: fits too inaccurate", fits.counter)
    expected = tuple(point.signal_strength for point in bands)
    return Limit(
        hypothesis.name, dict(hypothesis.values), cl, "asymptotic", PyhfEngine.name, observed, expected, quality=quality
    )


def _bound_note(fits: PyhfFits, largest: float) -> str:
    low, high = fits.model.config.suggested_bounds()[fits.poi]
    notes = []
    if low != 0.0:
        notes.append(f"lower bound {low:g} of {fits.model.config.poi_name} replaced by 0, as q-tilde needs")
    if largest > high:
        notes.append(f"upper bound {high:g} of {fits.model.config.poi_name} widened")
    return "; ".join(notes)


def _without_signal(hypothesis: Hypothesis, cl: float, counter: FitCounter) -> Limit:
    return Limit(
        hypothesis.name,
        dict(hypothesis.values),
        cl,
        "asymptotic",
        PyhfEngine.name,
        None,
        (),
        status="no_sensitivity",
        reason="the expected signal is zero in every bin",
        quality=LimitQuality(evaluations=counter.fits),
    )


def _failed(hypothesis: Hypothesis, cl: float, reason: str, counter: FitCounter) -> Limit:
    return replace(_without_signal(hypothesis, cl, counter), status="failed", reason=reason)
