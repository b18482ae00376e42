"""Impacts: how far the parameter of interest moves with each nuisance parameter, all others fitted again."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from darkreach.fits.best_fit import fit_to_data
from darkreach.fits.fit_data import DataChoice, choose_data
from darkreach.fits.fit_model import FitModel, FitTarget, fit_model
from darkreach.fits.fit_problems import FitOutcome, FitProblem, solve
from darkreach.fits.parameter_groups import default_groups, group_members
from darkreach.fits.postfit import PostFit
from darkreach.fits.results import FitResult, FittedParameter
from darkreach.likelihood import Dataset
from darkreach.likelihood.model_arrays import FloatArray

SHIFTS = ("postfit_up", "postfit_down", "prefit_up", "prefit_down")
"""The four fits of each parameter: held at the best fit plus or minus the error after or before the fit."""


@dataclass(frozen=True)
class Impact:
    """Shifts of the parameter of interest by one nuisance parameter; None where there is no such uncertainty.

    Attributes:
        parameter: the nuisance parameter after the fit.
        postfit_up, postfit_down: held at best fit + and - the error after the fit.
        prefit_up, prefit_down: held at best fit + and - the error before the fit.
        note: a bound that cut a shift short, or a fit that failed.
    """

    parameter: FittedParameter
    postfit_up: float | None = None
    postfit_down: float | None = None
    prefit_up: float | None = None
    prefit_down: float | None = None
    note: str = ""

    @property
    def size(self) -> float:
        """The larger shift by the error after the fit, else before; what impacts are ordered by."""
        after = [abs(shift) for shift in (self.postfit_up, self.postfit_down) if shift is not None]
        before = [abs(shift) for shift in (self.prefit_up, self.prefit_down) if shift is not None]
        return max(after or before, default=0.0)


@dataclass(frozen=True)
class GroupImpact:
    """What a group of parameters adds in quadrature to the error of the parameter of interest.

    The squared error falls by so much when all of them are held at their best fit, in the parabolic approximation.
    """

    name: str
    members: tuple[str, ...]
    impact: float


@dataclass(frozen=True)
class Impacts:
    """Impacts of all nuisance parameters, the largest first.

    Attributes:
        fit: the best fit.
        ranked: impacts of single parameters.
        groups: impacts of groups, the largest first.
        statistical: error of the parameter of interest with all constrained parameters held; None without an error.
    """

    fit: FitResult
    ranked: tuple[Impact, ...]
    groups: tuple[GroupImpact, ...]
    statistical: float | None

    def as_dict(self) -> dict[str, Any]:
        """Return the impacts as JSON-like data."""
        poi = self.fit[self.fit.poi]
        return {
            "poi": self.fit.poi,
            "status": self.fit.status,
            "reason": self.fit.reason,
            "value": poi.value,
            "error": poi.error,
            "statistical": self.statistical,
            "ranked": [
                {"name": impact.parameter.name, "note": impact.note} | {key: getattr(impact, key) for key in SHIFTS}
                for impact in self.ranked
            ],
            "groups": [asdict(group) | {"members": list(group.members)} for group in self.groups],
        }


def impacts(
    target: FitTarget,
    *,
    measurement: str | None = None,
    data: DataChoice = "observed",
    poi_bounds: tuple[float, float] | None = None,
    groups: Mapping[str, Sequence[str]] | None = None,
    threads: int = 1,
) -> Impacts:
    """Fit with each nuisance parameter held at its best fit plus or minus its error, after and before the fit.

    Parameters eliminated analytically are treated like all others. A shift that would leave the bounds of a parameter
    stops there, with a note.

    Args:
        target: hypothesis, pyhf workspace with its signal, or compiled model.
        measurement: name of the measurement; None for the first.
        data: observed, or the Asimov data of the nominal model.
        poi_bounds: other bounds of the parameter of interest; None for the declared ones.
        groups: parameter names or patterns (``*``, ``?``) by group; None for one group per bin-wise modifier.
        threads: fits at a time.

    Raises:
        WorkspaceError: the workspace is not usable.
        UnknownNameError: a group names a parameter nobody knows.
    """
    model = fit_model(target, measurement=measurement)
    if poi_bounds is not None:
        model = model.with_poi_bounds(*poi_bounds)
    members = default_groups(model) if groups is None else group_members(model, groups)
    dataset = choose_data(model, data)
    result, post = fit_to_data(model, dataset, data)
    if post is None:
        return Impacts(result, (), (), None)
    ranked = _ranked(model, dataset, result, post, threads)
    group_impacts = [_group_impact(result, post, name, names) for name, names in members.items()]
    return Impacts(
        fit=result,
        ranked=tuple(sorted(ranked, key=lambda impact: (-impact.size, impact.parameter.name))),
        groups=tuple(sorted((group for group in group_impacts if group), key=lambda group: -group.impact)),
        statistical=_statistical(model, result, post),
    )


def _ranked(model: FitModel, data: Dataset, result: FitResult, post: PostFit, threads: int) -> list[Impact]:
    problems: list[FitProblem] = []
    plan: list[tuple[int, str, bool]] = []
    for index, fitted in enumerate(result):
        if fitted.name == model.poi or fitted.constraint == "fixed":
            continue
        parameter = model.parameters[index]
        for what in SHIFTS:
            error = fitted.error if what.startswith("postfit") else fitted.prefit_error
            if error is not None:
                wanted = fitted.value + (error if what.endswith("up") else -error)
                value = min(max(wanted, parameter.lower), parameter.upper)
                start = _predicted(model, post, index, value)
                problems.append(FitProblem(data, [(parameter, value)], start))
                plan.append((index, what, value != wanted))
    outcomes = solve([model], problems, threads=threads)
    return _collected(model, result, post, plan, outcomes)


def _collected(
    model: FitModel,
    result: FitResult,
    post: PostFit,
    plan: Sequence[tuple[int, str, bool]],
    outcomes: Sequence[FitOutcome],
) -> list[Impact]:
    poi = model.arrays.poi[0]
    shifts: dict[int, dict[str, float]] = {}
    notes: dict[int, dict[str, None]] = {}
    for (index, what, clipped), outcome in zip(plan, outcomes, strict=True):
        noted = notes.setdefault(index, {})
        if outcome.reason:
            noted[f"{what.replace('_', ' ')}: {outcome.reason}"] = None
            continue
        if clipped:
            noted[f"{what.replace('_', ' ')} stops at a bound of the parameter"] = None
        if not model.arrays.lower[poi] < outcome.theta[poi] < model.arrays.upper[poi]:
            noted[f"{model.poi} stops at its bound"] = None
        shifts.setdefault(index, {})[what] = float(outcome.theta[poi] - post.theta[poi])
    return [
        Impact(fitted, note="; ".join(notes.get(index, {})), **shifts.get(index, {}))
        for index, fitted in enumerate(result)
        if index in notes
    ]


def _predicted(model: FitModel, post: PostFit, index: int, value: float) -> FloatArray:
    """Return where the other parameters would go if the likelihood were a parabola."""
    theta = post.theta.copy()
    variance = post.covariance[index, index]
    if variance > 0.0:
        for place, parameter in enumerate(model.parameters):
            if parameter.theta >= 0:
                theta[parameter.theta] += post.covariance[place, index] / variance * (value - post.values[index])
    inside: FloatArray = np.minimum(np.maximum(theta, model.arrays.lower), model.arrays.upper)
    return inside


def _group_impact(result: FitResult, post: PostFit, name: str, members: Sequence[str]) -> GroupImpact | None:
    poi = result.index(result.poi)
    variance = _explained(post, poi, [result.index(member) for member in members])
    return None if variance is None else GroupImpact(name, tuple(members), math.sqrt(variance))


def _explained(post: PostFit, poi: int, places: Sequence[int]) -> float | None:
    """Return the variance of the parameter of interest that vanishes when others are held."""
    if post.flags[poi]:
        return None
    free = [place for place in places if not post.flags[place]]
    if not free:
        return 0.0
    scale = np.sqrt(np.diagonal(post.covariance)[free])
    column = post.covariance[poi, free] / scale
    matrix = post.covariance[np.ix_(free, free)] / np.outer(scale, scale)
    return max(float(column @ np.linalg.solve(matrix, column)), 0.0)


def _statistical(model: FitModel, result: FitResult, post: PostFit) -> float | None:
    poi = result.index(result.poi)
    places = [index for index, p in enumerate(model.parameters) if p.constraint in ("normal", "poisson")]
    explained = _explained(post, poi, places)
    return None if explained is None else math.sqrt(max(post.covariance[poi, poi] - explained, 0.0))
