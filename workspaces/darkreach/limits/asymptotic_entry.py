"""Where Python enters the compiled kernel of asymptotic limits: many likelihoods in a call, without the global lock."""

from __future__ import annotations

from typing import NamedTuple

from darkreach.likelihood.model_arrays import Dataset, FloatArray, IndexArray, allocate_scratch
from darkreach.likelihood.packed_models import PackedModels, unpack_model
from darkreach.limits.asymptotic_kernel import LimitNumbers, asymptotic_limits


class BatchNumbers(NamedTuple):
    """``LimitNumbers`` of N likelihoods; T targets of the expected limits, then L of the observed ones.

    Attributes:
        strength, level, found: shape (N, T + L).
        status: shape (N, 9).
        points: best, background, best_gamma and asimov of all likelihoods behind each other.
        point_start: shape (N,), where those of each likelihood begin.
    """

    strength: FloatArray
    level: FloatArray
    found: IndexArray
    status: IndexArray
    points: FloatArray
    point_start: IndexArray


def row_of(numbers: BatchNumbers, index: int, parameters: int, bins: int) -> LimitNumbers:
    """Return views of the results of one likelihood."""
    points, at = numbers.points, numbers.point_start[index]
    background, gamma = at + parameters, at + 2 * parameters
    return LimitNumbers(
        numbers.strength[index],
        numbers.level[index],
        numbers.found[index],
        points[at:background],
        points[background:gamma],
        points[gamma : gamma + bins],
        points[gamma + bins : gamma + 2 * bins],
        numbers.status[index],
    )


def enter_asymptotic_limits(
    packed: PackedModels, first: int, last: int, targets: FloatArray, bands: int, numbers: BatchNumbers
) -> None:
    """Fill the results of likelihoods from ``first`` to before ``last`` for their observed data."""
    for index in range(first, last):
        model = unpack_model(packed, index)
        asymptotic_limits(
            model,
            Dataset(model.counts, model.centre, model.gamma_centre),
            targets,
            bands,
            allocate_scratch(model),
            allocate_scratch(model),
            row_of(numbers, index, model.initial.size, model.counts.size),
        )
