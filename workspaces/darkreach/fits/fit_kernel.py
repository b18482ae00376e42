"""Maximum-likelihood fits of many problems in one call of the compiled kernel, without the global lock."""

from __future__ import annotations

import math
from typing import NamedTuple

from darkreach.likelihood.bin_terms import FLOOR_STIFFNESS
from darkreach.likelihood.lowest_minimum import find_mirrors, lowest_minimum
from darkreach.likelihood.model_arrays import Dataset, FloatArray, IndexArray, ModelArrays, Scratch, allocate_scratch
from darkreach.likelihood.newton_fit import CONVERGED, NO_DESCENT, copy_into, impossible_bin, negative_bin
from darkreach.likelihood.packed_models import PackedModels, unpack_model

STATUS, FAULTY_BIN, FLOORED = 0, 1, 2
"""Entries of a row of ``PackedProblems.status``."""
STATUS_ENTRIES = 3


class PackedProblems(NamedTuple):
    """K fits; the vectors of all of them stand one behind the other.

    Attributes:
        model: shape (K,), which likelihood.
        data: shape (K,), where the data begin in ``datasets``: counts, centres of theta, centres of the gammas.
        start: shape (K,), where the parameters begin in ``theta`` and ``held``.
        held_bin: shape (K,), bin whose gamma is held, or -1.
        held_gamma: shape (K,), its value.
        datasets: all data.
        held: 1 where a parameter keeps its start value.
        theta: start values; best-fit values on return.
        value: shape (K,), minimum of the negative log-likelihood relative to the saturated model.
        status: shape (K, 3), status of the fit, a bin at fault or -1, 1 if negative rates were kept away.
    """

    model: IndexArray
    data: IndexArray
    start: IndexArray
    held_bin: IndexArray
    held_gamma: FloatArray
    datasets: FloatArray
    held: IndexArray
    theta: FloatArray
    value: FloatArray
    status: IndexArray


def fit_problem(
    model: ModelArrays, data: Dataset, theta: FloatArray, held: IndexArray, scratch: Scratch, status: IndexArray
) -> float:
    """Fit theta in place, fill its status, return the minimum.

    A fit that fails starts again from the declared values. The likelihood rewards a negative rate in a bin without
    events; a fit that fails or ends at one is repeated with such rates kept at zero.
    """
    mirrors, outcome, value = find_mirrors(model, scratch), NO_DESCENT, math.inf
    start = theta.copy()
    for attempt in range(2):
        scratch.stiffness[0] = attempt * FLOOR_STIFFNESS
        status[FLOORED] = attempt
        if attempt > 0:
            # not from where negative rates have led: with gammas at zero there are minima far away
            copy_into(theta, start)
        outcome, value = lowest_minimum(model, data, theta, model.initial, held, mirrors, scratch)
        if outcome == CONVERGED and negative_bin(scratch) < 0:
            break
    status[STATUS], status[FAULTY_BIN] = outcome, impossible_bin(data, scratch)
    return value


def enter_fits(packed: PackedModels, first: int, last: int, problems: PackedProblems) -> None:
    """Solve the problems from ``first`` to before ``last``; bounds of held gammas are changed in between.

    Threads need float rows of their own.
    """
    for index in range(first, last):
        model = unpack_model(packed, problems.model[index])
        parameters, bins = model.initial.size, model.counts.size
        at, begin, held_bin = problems.data[index], problems.start[index], problems.held_bin[index]
        lower, upper = 0.0, 0.0
        if held_bin >= 0:
            lower, upper = model.gamma_lower[held_bin], model.gamma_upper[held_bin]
            model.gamma_lower[held_bin] = model.gamma_upper[held_bin] = problems.held_gamma[index]
        problems.value[index] = fit_problem(
            model,
            Dataset(
                problems.datasets[at : at + bins],
                problems.datasets[at + bins : at + bins + parameters],
                problems.datasets[at + bins + parameters : at + 2 * bins + parameters],
            ),
            problems.theta[begin : begin + parameters],
            problems.held[begin : begin + parameters],
            allocate_scratch(model),
            problems.status[index],
        )
        if held_bin >= 0:
            model.gamma_lower[held_bin], model.gamma_upper[held_bin] = lower, upper
