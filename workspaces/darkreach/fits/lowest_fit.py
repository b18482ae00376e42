"""The lowest of fits from several starts: a likelihood with shape systematics can have several minima."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from darkreach.fits.fit_model import FitModel, Parameter
from darkreach.fits.fit_problems import FitOutcome, FitProblem, solve
from darkreach.likelihood import Dataset
from darkreach.likelihood.model_arrays import NORMAL, FloatArray

SCATTERED = 4
"""Starts with every nuisance parameter moved up or down, besides the declared one."""

_MOVED_UNCONSTRAINED = 0.3
_SAME = 1e-9


def lowest_fit(
    model: FitModel,
    data: Dataset,
    fixed: Sequence[tuple[Parameter, float]] = (),
    starts: Sequence[FloatArray] = (),
) -> FitOutcome:
    """Return the lowest fit that converges, the first of equal ones; one that does not converge if none does.

    Args:
        model: the likelihood.
        data: main and auxiliary data.
        fixed: values of parameters that are held.
        starts: more start values of theta.
    """
    points = [model.arrays.initial, *starts, *scattered_starts(model)]
    outcomes = solve([model], [FitProblem(data, fixed, point) for point in points])
    good = [outcome for outcome in outcomes if not outcome.reason]
    if not good:
        return outcomes[0]
    lowest, highest = min(outcome.value for outcome in good), max(outcome.value for outcome in good)
    best = next(outcome for outcome in good if outcome.value <= lowest + _SAME)
    return replace(best, highest=highest)


def scattered_starts(model: FitModel) -> list[FloatArray]:
    """Return start values with each free parameter moved by its width, in directions that are always the same."""
    arrays, random = model.arrays, np.random.default_rng(0)
    reach = np.where(arrays.constraint == NORMAL, arrays.width, _MOVED_UNCONSTRAINED * (1.0 + np.abs(arrays.initial)))
    starts = []
    for _ in range(SCATTERED):
        moved = arrays.initial + random.choice([-1.0, 1.0], size=reach.size) * reach
        inside = np.minimum(np.maximum(moved, arrays.lower), arrays.upper)
        starts.append(np.where(arrays.held == 1, arrays.initial, inside))
    return starts
