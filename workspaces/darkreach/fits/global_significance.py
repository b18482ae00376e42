"""Global significance of the largest excess of a scan: by upcrossings, and by toys common to all hypotheses."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from scipy.special import ndtr

from darkreach.errors import ConfigError
from darkreach.fits.common_toys import CommonBackground, common_background
from darkreach.fits.discovery import local_q0
from darkreach.fits.fit_model import FitModel, FitTarget, fit_model
from darkreach.fits.fit_problems import FitProblem, solve
from darkreach.fits.joint_background import JointBackground, joint_common_background
from darkreach.fits.postfit import PostFit, post_fit
from darkreach.fits.upcrossings import (
    ExpectedUpcrossings,
    GlobalPValue,
    as_json,
    expected_upcrossings,
    global_p_value,
    significance_of,
)
from darkreach.likelihood import Dataset
from darkreach.likelihood.model_arrays import FloatArray

REFERENCE_LEVEL = 0.5
"""Default level of q0 at which upcrossings are counted: low, so that a scan has many."""

_TOYS_AT_A_TIME = 50


@dataclass(frozen=True)
class GlobalSignificance:
    """The largest excess of a scan, and how probable one as large is anywhere in it without signal.

    Attributes:
        names: hypotheses in the order of the scan.
        local_significance: sqrt(q0) of each; NaN where a fit failed.
        best: name of the hypothesis with the largest.
        significance, local_p_value: of that one.
        upcrossings: expected number of upcrossings, counted on the toys, else on the observed scan.
        by_upcrossings: global p-value in closed form.
        toys: number of background-only scans that were fitted.
        failed_toys: further ones with a failed fit.
        toys_above: toys with an excess at least as large anywhere.
        toy_p_value, toy_p_value_error: their fraction, with its binomial error; None without toys.
        reason: hypotheses whose fit failed.
    """

    names: tuple[str, ...]
    local_significance: tuple[float, ...]
    best: str
    significance: float
    local_p_value: float
    upcrossings: ExpectedUpcrossings
    by_upcrossings: GlobalPValue
    toys: int = 0
    failed_toys: int = 0
    toys_above: int = 0
    toy_p_value: float | None = None
    toy_p_value_error: float | None = None
    reason: str = ""

    @property
    def toy_significance(self) -> float | None:
        """Global significance by toys; None without a toy as large."""
        return significance_of(self.toy_p_value) if self.toy_p_value else None

    def as_dict(self) -> dict[str, Any]:
        """Return the result as JSON-like data."""
        content = asdict(self) | {"local_significance": [as_json(value) for value in self.local_significance]}
        content["names"] = list(self.names)
        content["by_upcrossings"] = {key: as_json(value) for key, value in content["by_upcrossings"].items()}
        return content


def global_significance(
    targets: Sequence[FitTarget],
    *,
    measurement: str | None = None,
    toys: int = 0,
    seed: int = 0,
    reference_level: float = REFERENCE_LEVEL,
    joint: JointBackground | None = None,
    threads: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> GlobalSignificance:
    """Scan hypotheses for the largest excess and correct for the look-elsewhere effect.

    With toys, each one is thrown once for all hypotheses, from the fits without signal, and upcrossings are counted on
    them; without, on the observed scan, whose number is small and uncertain. Hypotheses may use different channels
    (local windows), but those that share a channel must describe its background alike, and channels of different names
    must hold different events (``common_toys``).

    Args:
        targets: hypotheses in the order of the scanned coordinate, at least two.
        measurement: name of the measurement; None for the first of each.
        toys: number of background-only pseudo-experiments.
        seed: of the toys.
        reference_level: q0 at which upcrossings are counted.
        joint: fit of all channels at once that toys are thrown from; needed where hypotheses share controls, whose
            fits disagree on them. None takes the fit of the first hypothesis that has a bin.
        threads: fits at a time.
        progress: called with (toys done, toys planned).

    Raises:
        WorkspaceError: a workspace is not usable.
        ConfigError: fewer than two hypotheses, no fit that converged, or hypotheses that do not share their data.
    """
    models = [_tested(target, measurement) for target in targets]
    if len(models) < 2 or toys < 0:
        raise ConfigError(
            "a scan needs hypotheses, and a number of toys that is not negative",
            given=f"{len(models)} hypotheses, {toys} toys",
            allowed="2 or more, 0 or more",
        )
    observed = local_q0(models, [[model.observed] for model in models], threads=threads)[0]
    if np.isnan(observed).all():
        raise ConfigError(
            "no fit of the scan converged", where=models[0].name, next_step="fit one with `darkreach fit`"
        )
    scans = np.zeros((0, len(models)))
    if toys:
        scans = toy_scans(models, toys, seed, joint=joint, threads=threads, progress=progress)
    failed = [model.name for model, value in zip(models, observed, strict=True) if math.isnan(value)]
    reason = f"fits failed: {', '.join(failed)}" if failed else ""
    return summarise([model.name for model in models], observed, scans, reference_level, reason)


def summarise(
    names: Sequence[str], observed: FloatArray, scans: FloatArray, reference_level: float, reason: str = ""
) -> GlobalSignificance:
    """Return the global significance of local test statistics, of any origin.

    Args:
        names: hypotheses in the order of the scan.
        observed: shape (hypotheses,), q0 of the data; NaN where unknown.
        scans: shape (toys, hypotheses), q0 of background-only data; no rows if there are none.
        reference_level: q0 at which upcrossings are counted.
        reason: what to tell the reader.
    """
    whole = scans[~np.isnan(scans).any(axis=1)]
    counted_on = whole if whole.shape[0] else observed[np.newaxis, ~np.isnan(observed)]
    upcrossings = expected_upcrossings(counted_on, reference_level)
    largest = int(np.nanargmax(observed))
    significance = math.sqrt(observed[largest])
    above, p_value, error = 0, None, None
    if whole.shape[0]:
        # equal data give equal statistics up to the tolerance of the fits
        above = int(np.sum(whole.max(axis=1) >= observed[largest] - 1e-7))
        p_value = above / whole.shape[0]
        error = math.sqrt(max(p_value * (1.0 - p_value), 1.0 / whole.shape[0]) / whole.shape[0])
    return GlobalSignificance(
        names=tuple(names),
        local_significance=tuple(float(value) for value in np.sqrt(observed)),
        best=names[largest],
        significance=significance,
        local_p_value=float(ndtr(-significance)),
        upcrossings=upcrossings,
        by_upcrossings=global_p_value(significance, upcrossings),
        toys=whole.shape[0],
        failed_toys=scans.shape[0] - whole.shape[0],
        toys_above=above,
        toy_p_value=p_value,
        toy_p_value_error=error,
        reason=reason,
    )


def toy_scans(
    models: Sequence[FitModel],
    toys: int,
    seed: int,
    *,
    joint: JointBackground | None = None,
    threads: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> FloatArray:
    """Return q0 of background-only pseudo-data, shape (toys, hypotheses); each toy is common to all hypotheses.

    Raises:
        ConfigError: hypotheses do not share their data, or a fit without signal failed.
    """
    if joint is None:
        background = common_background(models, [_background(model) for model in models])
    else:
        background = joint_common_background(models, joint)
    return thrown_scans(background, toys, seed, threads=threads, progress=progress)


def thrown_scans(
    background: CommonBackground,
    toys: int,
    seed: int,
    *,
    threads: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> FloatArray:
    """Return q0 of pseudo-data thrown from any expectation, shape (toys, hypotheses)."""
    models = background.models
    rows: list[FloatArray] = []
    for first in range(0, toys, _TOYS_AT_A_TIME):
        numbers = range(first, min(first + _TOYS_AT_A_TIME, toys))
        thrown: list[list[Dataset]] = [background.throw(toy, seed) for toy in numbers]
        rows.append(local_q0(models, list(zip(*thrown, strict=True)), threads=threads))
        if progress is not None:
            progress(numbers.stop, toys)
    return np.concatenate([np.zeros((0, len(models))), *rows])


def _tested(target: FitTarget, measurement: str | None) -> FitModel:
    return fit_model(target, measurement=measurement).with_poi_bounds(0.0, math.inf)


def _background(model: FitModel) -> PostFit:
    outcome = solve([model], [FitProblem(model.observed, [(model.parameter(model.poi), 0.0)])])[0]
    if outcome.reason:
        raise ConfigError("toys need a fit without signal", where=model.name, given=outcome.reason)
    return post_fit(model, model.observed, outcome.theta, floored=outcome.floored, held_poi=True)
