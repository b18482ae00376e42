"""Best fits: values, errors and correlations of all parameters."""

from __future__ import annotations

import numpy as np

from darkreach.fits.fit_data import DataChoice, choose_data
from darkreach.fits.fit_model import FitModel, FitTarget, fit_model
from darkreach.fits.fit_problems import FitOutcome
from darkreach.fits.lowest_fit import lowest_fit
from darkreach.fits.postfit import EMPTY_BINS, PostFit, post_fit
from darkreach.fits.results import FitResult
from darkreach.likelihood import Dataset, allocate_scratch
from darkreach.likelihood.model_arrays import FloatArray
from darkreach.likelihood.reference_likelihood import evaluate

_OTHER_MINIMUM = 1e-6


def fit(
    target: FitTarget,
    *,
    measurement: str | None = None,
    data: DataChoice = "observed",
    asimov_poi: float | None = None,
    poi_bounds: tuple[float, float] | None = None,
) -> FitResult:
    """Fit all parameters of a likelihood.

    Errors are those of the inverse Hessian of the full likelihood (-log L), gammas included. The declared bounds of the
    parameter of interest apply; a parameter that ends at a bound has no error. Rates of bins without events are kept
    from becoming negative, which pyhf's likelihood would reward; a note says where that mattered.

    Args:
        target: hypothesis, pyhf workspace with its signal, or compiled model.
        measurement: name of the measurement; None for the first.
        data: observed, or the Asimov data of the nominal model.
        asimov_poi: parameter of interest of the Asimov data; None for its start value.
        poi_bounds: other bounds of the parameter of interest, e.g. (-10, 10); None for the declared ones.

    Returns:
        The result; a fit that fails is a result of status ``failed``.

    Raises:
        WorkspaceError: the workspace is not usable.

    Example:
        >>> modifier = {"name": "mu", "type": "normfactor", "data": None}
        >>> samples = [{"name": "s", "data": [10.0], "modifiers": [modifier]},
        ...            {"name": "b", "data": [100.0], "modifiers": []}]
        >>> workspace = {
        ...     "channels": [{"name": "c", "samples": samples}],
        ...     "observations": [{"name": "c", "data": [121.0]}],
        ...     "measurements": [{"name": "m", "config": {"poi": "mu", "parameters": []}}],
        ...     "version": "1.0.0",
        ... }
        >>> result = fit(fit_model(workspace, use_numba=False))
        >>> round(result["mu"].value, 6), round(result["mu"].error, 6)
        (2.1, 1.1)
    """
    model = fit_model(target, measurement=measurement)
    if poi_bounds is not None:
        model = model.with_poi_bounds(*poi_bounds)
    dataset = choose_data(model, data, asimov_poi)
    return fit_to_data(model, dataset, data)[0]


def fit_to_data(model: FitModel, dataset: Dataset, data: str) -> tuple[FitResult, PostFit | None]:
    """Fit a compiled likelihood to any data; also return the minimum itself, None if the fit failed."""
    outcome = lowest_fit(model, dataset)
    if outcome.reason:
        return _failed(model, dataset, data, outcome), None
    post = post_fit(model, dataset, outcome.theta, floored=outcome.floored)
    claimed = np.array([not flag for flag in post.flags])
    errors = np.sqrt(np.maximum(np.diagonal(post.covariance), 0.0))
    scale = np.where(claimed & (errors > 0.0), errors, np.inf)
    result = FitResult(
        hypothesis=model.name,
        measurement=model.compiled.measurement,
        poi=model.poi,
        data=data,
        parameters=model.parameters,
        values=post.values,
        errors=np.where(claimed, errors, np.nan),
        correlation=post.covariance / np.outer(scale, scale),
        flags=post.flags,
        minimum=2.0 * post.value,
        degrees_of_freedom=degrees_of_freedom(model, dataset),
        notes=_notes(model, post, outcome),
    )
    return result, post


def degrees_of_freedom(model: FitModel, data: Dataset) -> int:
    """Return the number of bins that can have events minus the number of free unconstrained parameters with effect."""
    scratch = allocate_scratch(model.arrays)
    with np.errstate(all="ignore"):
        evaluate(model.arrays, data, model.arrays.initial, scratch)
    rates, jacobian = (np.abs(part) for part in (scratch.rate, scratch.plain_jacobian + scratch.scaled_jacobian))
    possible = (rates > 0.0) | np.any(jacobian > 0.0, axis=1) | (data.counts > 0.0)
    free = [p for p in model.parameters if p.constraint == "unconstrained"]
    return int(np.sum(possible)) - sum(bool(np.any(jacobian[:, p.theta] > 0.0)) for p in free)


def _notes(model: FitModel, post: PostFit, outcome: FitOutcome) -> tuple[str, ...]:
    notes = []
    if outcome.highest > outcome.value + _OTHER_MINIMUM:
        rise = 2.0 * (outcome.highest - outcome.value)
        notes.append(f"the likelihood has several minima: other starts end up to {rise:.3g} higher in -2 log L")
    if outcome.floored:
        empty = [model.compiled.bin_names[index] for index in np.flatnonzero(post.rates < 0.0)]
        notes.append(
            f"rates of bins without events were kept from becoming negative: {', '.join(empty) or 'none at 0'}"
        )
    if EMPTY_BINS in post.flags:
        names = [p.name for p, flag in zip(model.parameters, post.flags, strict=True) if flag == EMPTY_BINS]
        notes.append(f"no error of {', '.join(names)}: the value is where the rate of an empty bin reaches zero")
    return tuple(notes)


def _failed(model: FitModel, dataset: Dataset, data: str, outcome: FitOutcome) -> FitResult:
    count = len(model.parameters)
    values: FloatArray = np.array(
        [outcome.theta[p.theta] if p.bin < 0 else np.nan for p in model.parameters], dtype=np.float64
    )
    return FitResult(
        hypothesis=model.name,
        measurement=model.compiled.measurement,
        poi=model.poi,
        data=data,
        parameters=model.parameters,
        values=values,
        errors=np.full(count, np.nan),
        correlation=np.zeros((count, count)),
        flags=("fit failed",) * count,
        minimum=2.0 * outcome.value,
        degrees_of_freedom=degrees_of_freedom(model, dataset),
        status="failed",
        reason=outcome.reason,
    )
