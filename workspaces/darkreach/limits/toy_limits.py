"""How many toys, and from where: more are thrown until limits are as precise as wanted or the budget is spent."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from darkreach.errors import LimitError
from darkreach.limits.asymptotic_cls import BANDS
from darkreach.limits.engines import DEFAULT_SEED, DEFAULT_TOYS
from darkreach.limits.toy_cls import misrepresentation
from darkreach.limits.toy_pool import ToyPool
from darkreach.limits.toy_roots import OBSERVED, CLsCurves, ToyRoot
from darkreach.limits.toy_throwing import BATCH

_FIRST_TOYS = 4 * BATCH
_ROUNDS = 5
_MEDIAN = BANDS.index(0)
_HIGHEST = len(BANDS) - 1
_MARGIN = 1.1
_LARGEST_MISREPRESENTATION = 0.02
# a strength within this fraction of one that toys are thrown from needs none of its own
_NEAR = 0.15


@dataclass(frozen=True)
class ToySettings:
    """What toys may cost.

    Attributes:
        toys: largest number thrown from one hypothesis (background alone, or signal plus background at one strength).
        accuracy: wanted relative statistical error of the observed and of the median expected limit.
        seed: root seed.
    """

    toys: int = DEFAULT_TOYS
    accuracy: float = 0.01
    seed: int = DEFAULT_SEED


def toy_limits(
    pool: ToyPool, confidence_levels: Sequence[float], guesses: Sequence[Sequence[float]], settings: ToySettings
) -> tuple[tuple[ToyRoot, ...], ...]:
    """Return all limits of a likelihood: for every confidence level the five bands and the observed limit.

    Args:
        pool: receives the toys.
        confidence_levels: e.g. (0.90, 0.95).
        guesses: for each of them the asymptotic limits of the five bands and of the data.
        settings: what toys may cost.

    Raises:
        LimitError: a fit of the data has failed, or CLs does not fall to 1 - CL.
    """
    widest = guesses[max(range(len(guesses)), key=lambda index: confidence_levels[index])]
    for strength in (widest[OBSERVED], widest[_MEDIAN], widest[_HIGHEST]):
        _add_origin(pool, strength)
    pool.add_deficit()
    toys, grid = min(_FIRST_TOYS, settings.toys), _grid(guesses)
    roots: tuple[tuple[ToyRoot, ...], ...] = ()
    starts = guesses
    for _ in range(_ROUNDS):
        for ensemble in range(len(pool.points)):
            pool.throw(ensemble, toys)
        curves = CLsCurves(pool)
        for strength in grid:
            curves.at(strength)
        roots = tuple(
            tuple(curves.root(column, cl, start) for column, start in enumerate(row))
            for cl, row in zip(confidence_levels, starts, strict=True)
        )
        starts, grid = [[root.strength for root in row] for row in roots], []
        added = [_add_origin(pool, row[column].strength) for row in roots for column in (OBSERVED, _MEDIAN, _HIGHEST)]
        worst = max(row[column].error / row[column].strength for row in roots for column in (OBSERVED, _MEDIAN))
        if not any(added) and (worst <= settings.accuracy or toys >= settings.toys):
            break
        wanted = _MARGIN * toys * (worst / settings.accuracy) ** 2 if math.isfinite(worst) else math.inf
        toys = max(toys, math.ceil(min(wanted, settings.toys)))
    _check_representation(pool, [row[column].strength for row in roots for column in (OBSERVED, _MEDIAN)])
    return roots


def _check_representation(pool: ToyPool, strengths: Sequence[float]) -> None:
    for strength in strengths:
        excess = misrepresentation(pool.tested(strength))
        if excess > _LARGEST_MISREPRESENTATION:
            raise LimitError(
                "the toys do not represent the hypothesis they are weighted for",
                given=f"weights at mu = {strength:g} miss 1 by {excess:.2g} beyond their error",
            )


def _add_origin(pool: ToyPool, strength: float) -> bool:
    """Throw also from a signal strength, unless that is done nearby."""
    if any(point.strength > 0.0 and abs(math.log(point.strength / strength)) < _NEAR for point in pool.points):
        return False
    pool.add_ensemble(strength)
    return True


def _grid(guesses: Sequence[Sequence[float]]) -> list[float]:
    """Return strengths about thirty per cent apart over the range of the guessed limits."""
    low, high = 0.8 * min(map(min, guesses)), 1.4 * max(map(max, guesses))
    steps = max(math.ceil(math.log(high / low) / 0.3), 2)
    return [low * (high / low) ** (index / steps) for index in range(steps + 1)]
