"""Pseudo-experiments of one hypothesis with a signal of known strength, and the limits and fits they lead to."""

from __future__ import annotations

import math
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np

from darkreach.errors import ConfigError
from darkreach.fits import FitModel
from darkreach.fits.fit_data import expected_events
from darkreach.fits.fit_problems import FitOutcome, FitProblem, solve
from darkreach.fits.postfit import PostFit, post_fit
from darkreach.fits.toy_data import throw_toys
from darkreach.likelihood import Dataset
from darkreach.likelihood.model_arrays import FloatArray
from darkreach.likelihood.packed_models import pack_models
from darkreach.limits.compiled_engine import asymptotic_function, empty_numbers
from darkreach.limits.level_roots import FOUND, OUT_OF_REACH

_AT_A_TIME = 250
# half a standard deviation on either side: the parabola is that of the region that matters
_REACH = 0.5
_ROUNDS = 4
# minima that differ by less are the same
_LOWER = 1e-6


@dataclass(frozen=True, eq=False)
class StrengthFits:
    """Fits of the signal strength, free to be negative; NaN where a fit failed.

    Attributes:
        strength: shape (N,), best strengths.
        sigma: shape (N,), their errors from the profile likelihood half a standard deviation on either side.
    """

    strength: FloatArray
    sigma: FloatArray


def background_point(model: FitModel) -> PostFit:
    """Return the fit of the observed data without signal.

    Raises:
        ConfigError: it failed.
    """
    outcome = solve([model], [FitProblem(model.observed, [(model.parameter(model.poi), 0.0)])])[0]
    if outcome.reason:
        raise ConfigError("pseudo-data need a fit without signal", where=model.name, given=outcome.reason)
    return post_fit(model, model.observed, outcome.theta, floored=outcome.floored, held_poi=True)


def with_signal(model: FitModel, background: PostFit, strength: float) -> PostFit:
    """Return the fit without signal with a signal put on top; all nuisance parameters stay."""
    theta = background.theta.copy()
    theta[model.arrays.poi[0]] = strength
    return replace(background, theta=theta, rates=expected_events(model, theta, background.gammas))


def pseudo_experiments(model: FitModel, truth: PostFit, number: int, seed: int) -> list[Dataset]:
    """Throw main and auxiliary data around a point; number n of a seed is the same whatever others are thrown."""
    return throw_toys(model, truth, range(number), seed)


def upper_limits(
    model: FitModel, datasets: Sequence[Dataset], confidence_level: float, *, threads: int = 1
) -> FloatArray:
    """Return observed asymptotic CLs limits on the strength; infinite where there is none, NaN where it failed.

    Args:
        model: the likelihood.
        datasets: main and auxiliary data of N experiments.
        confidence_level: e.g. 0.9.
        threads: limits at a time.

    Returns:
        Shape (N,).
    """
    bounded = model.with_poi_bounds(0.0, math.inf)

    def solved(first: int) -> FloatArray:
        arrays, chunk = bounded.arrays, datasets[first : first + _AT_A_TIME]
        packed = pack_models([arrays._replace(**data._asdict()) for data in chunk])
        numbers = empty_numbers([(arrays.initial.size, arrays.counts.size)] * len(chunk), 1)
        target = np.array([-math.log(1.0 - confidence_level)])
        with np.errstate(all="ignore"):
            asymptotic_function(model.use_numba)(packed, 0, len(chunk), target, 0, numbers)
        found, limits = numbers.found[:, 0], numbers.strength[:, 0]
        return np.where(found == FOUND, limits, np.where(found == OUT_OF_REACH, math.inf, math.nan))

    with ThreadPoolExecutor(threads if model.use_numba else 1) as pool:
        return np.concatenate([np.zeros(0), *pool.map(solved, range(0, len(datasets), _AT_A_TIME))])


def fitted_strengths(model: FitModel, datasets: Sequence[Dataset], *, threads: int = 1) -> StrengthFits:
    """Fit the signal strength, positive or negative, in N experiments.

    A likelihood with several minima can be lower at a neighbouring strength than where the fit has ended; it is then
    fitted again from there.
    """
    free = model.with_poi_bounds(-math.inf, math.inf)
    place = int(free.arrays.poi[0])
    best = solve([free], [FitProblem(data) for data in datasets], threads=threads)
    step = _REACH * typical_spread(np.array([math.nan if one.reason else one.theta[place] for one in best]))
    strength, sigma = np.full(len(datasets), math.nan), np.full(len(datasets), math.nan)
    if not step > 0.0:
        return StrengthFits(strength, sigma)
    todo = [index for index, one in enumerate(best) if not one.reason]
    for _ in range(_ROUNDS):
        sides = _neighbours(free, [datasets[index] for index in todo], [best[index] for index in todo], step, threads)
        lower = []
        for index, below, above in zip(todo, *sides, strict=True):
            strength[index] = best[index].theta[place]
            lowest = min((one for one in (below, above) if not one.reason), key=lambda one: one.value, default=None)
            if lowest is not None and lowest.value < best[index].value - _LOWER:
                lower.append((index, lowest))
            elif not (below.reason or above.reason) and below.value + above.value > 2.0 * best[index].value:
                sigma[index] = step / math.sqrt(below.value + above.value - 2.0 * best[index].value)
        again = solve([free], [FitProblem(datasets[index], (), start.theta) for index, start in lower], threads=threads)
        for (index, _start), outcome in zip(lower, again, strict=True):
            best[index] = outcome
        todo = [index for index, _start in lower if not best[index].reason]
    return StrengthFits(strength, sigma)


def _neighbours(
    model: FitModel, datasets: Sequence[Dataset], best: Sequence[FitOutcome], step: float, threads: int
) -> tuple[list[FitOutcome], list[FitOutcome]]:
    """Return the fits one step below and above the best strengths."""
    poi, place = model.parameter(model.poi), int(model.arrays.poi[0])
    below, above = (
        solve(
            [model],
            [
                FitProblem(data, [(poi, float(one.theta[place]) + side)], one.theta)
                for data, one in zip(datasets, best, strict=True)
            ],
            threads=threads,
        )
        for side in (-step, step)
    )
    return below, above


def typical_spread(values: FloatArray) -> float:
    """Return half the width of the central 68.3 % of values, which outliers do not move.

    Example:
        >>> round(typical_spread(np.linspace(-1.0, 1.0, 10001)), 3)
        0.683
    """
    known = values[~np.isnan(values)]
    if not known.size:
        return math.nan
    low, high = np.quantile(known, [0.15865525393145707, 0.8413447460685429])
    return 0.5 * float(high - low)
