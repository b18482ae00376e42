"""Discovery significance: the profile likelihood ratio of background alone (arXiv:1007.1727, section 4.1)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from scipy.special import ndtr

from darkreach.fits.fit_data import asimov_data
from darkreach.fits.fit_model import FitModel, FitTarget, fit_model
from darkreach.fits.fit_problems import FitOutcome, FitProblem, solve
from darkreach.fits.lowest_fit import lowest_fit
from darkreach.fits.postfit import post_fit
from darkreach.fits.results import FitStatus
from darkreach.likelihood import Dataset


@dataclass(frozen=True)
class DiscoverySignificance:
    """Significance of a signal against background alone; None unless status is ok.

    Attributes:
        hypothesis: its name.
        best_strength: fitted signal strength.
        q0: test statistic, 0 where the best strength is not positive.
        significance: sqrt(q0); with ``uncapped``, minus that of a deficit.
        p_value: probability of a larger test statistic without signal, asymptotically.
        expected_significance, expected_p_value: medians for data with signal of the expected strength; None where
            there is none.
        status: ok or failed.
        reason: why it failed, or why nothing is expected.
    """

    hypothesis: str
    best_strength: float | None = None
    q0: float | None = None
    significance: float | None = None
    p_value: float | None = None
    expected_significance: float | None = None
    expected_p_value: float | None = None
    status: FitStatus = "ok"
    reason: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return the significance as JSON-like data."""
        return asdict(self)


def discovery_significance(
    target: FitTarget,
    *,
    measurement: str | None = None,
    uncapped: bool = False,
    expected_strength: float = 1.0,
) -> DiscoverySignificance:
    """Test background alone: q0 = -2 log [L(0) / L(best)], asymptotic p-value 1 - Phi(sqrt(q0)).

    The signal strength is fitted in [0, inf), whatever bounds are declared. The expected significance is that of Asimov
    data at the expected strength, with the other parameters where the observed data put them at that strength.

    Args:
        target: hypothesis, pyhf workspace with its signal, or compiled model.
        measurement: name of the measurement; None for the first.
        uncapped: let the strength be negative; a deficit then has a negative significance and a p-value above 1/2.
        expected_strength: signal strength of the Asimov data.

    Raises:
        WorkspaceError: the workspace is not usable.

    Example:
        >>> modifier = {"name": "mu", "type": "normfactor", "data": None}
        >>> samples = [{"name": "s", "data": [10.0], "modifiers": [modifier]},
        ...            {"name": "b", "data": [100.0], "modifiers": []}]
        >>> workspace = {
        ...     "channels": [{"name": "c", "samples": samples}],
        ...     "observations": [{"name": "c", "data": [130.0]}],
        ...     "measurements": [{"name": "m", "config": {"poi": "mu", "parameters": []}}],
        ...     "version": "1.0.0",
        ... }
        >>> found = discovery_significance(fit_model(workspace, use_numba=False))
        >>> round(found.q0, 6) == round(2 * (130 * math.log(1.3) - 30), 6)
        True
    """
    model = fit_model(target, measurement=measurement)
    model = model.with_poi_bounds(-math.inf if uncapped else 0.0, math.inf)
    poi = model.parameter(model.poi)
    observed = model.observed
    background = lowest_fit(model, observed, [(poi, 0.0)])
    best = lowest_fit(model, observed, starts=[background.theta])
    for outcome, what in ((best, "{reason}"), (background, "without signal, {reason}")):
        if outcome.reason:
            return DiscoverySignificance(model.name, status="failed", reason=what.format(reason=outcome.reason))
    strength = float(best.theta[model.arrays.poi[0]])
    q0 = max(2.0 * (background.value - best.value), 0.0)
    root = math.copysign(math.sqrt(q0), strength) if strength != 0.0 else 0.0
    found = DiscoverySignificance(
        hypothesis=model.name,
        best_strength=strength,
        q0=q0 if strength > 0.0 else 0.0,
        significance=root,
        p_value=float(ndtr(-root)),
    )
    expected = _expected_q0(model, lowest_fit(model, observed, [(poi, expected_strength)]))
    if isinstance(expected, str):
        return replace(found, reason=f"no expected significance: {expected}")
    expected_root = math.sqrt(expected)
    return replace(found, expected_significance=expected_root, expected_p_value=float(ndtr(-expected_root)))


def _expected_q0(model: FitModel, signal: FitOutcome) -> float | str:
    """Return q0 of the Asimov data with signal, or why there is none; their own best fit is exact, with value 0."""
    if signal.reason:
        return f"at the expected strength, {signal.reason}"
    post = post_fit(model, model.observed, signal.theta, floored=signal.floored, held_poi=True)
    asimov = asimov_data(model, signal.theta, post.gammas)
    background = lowest_fit(model, asimov, [(model.parameter(model.poi), 0.0)], [signal.theta])
    return f"without signal, {background.reason}" if background.reason else max(2.0 * background.value, 0.0)


def local_q0(models: Sequence[FitModel], datasets: Sequence[Sequence[Dataset]], *, threads: int = 1) -> Any:
    """Return q0 of many likelihoods on many data, shape (data, likelihoods); NaN where a fit failed.

    Args:
        models: likelihoods with the strength in [0, inf).
        datasets: one sequence per likelihood, all of the same length.
        threads: fits at a time.
    """
    poi = [model.parameter(model.poi) for model in models]
    problems = [
        FitProblem(data, [(poi[index], 0.0)], None, index) for index, rows in enumerate(datasets) for data in rows
    ]
    background = solve(models, problems, threads=threads)
    # from the background fit a free fit ends at once where the strength would be negative
    free = [
        FitProblem(problem.data, (), None if outcome.reason else outcome.theta, problem.model)
        for problem, outcome in zip(problems, background, strict=True)
    ]
    best = solve(models, free, threads=threads)
    q0 = [
        math.nan if null.reason or alternative.reason else max(2.0 * (null.value - alternative.value), 0.0)
        for null, alternative in zip(background, best, strict=True)
    ]
    return np.array(q0).reshape(len(models), -1).T
