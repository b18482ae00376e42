"""Fits that look for the lowest of several minima.

A shape systematic whose two variations lie on the same side of the nominal template acts alike for positive and
negative parameters, so each such parameter can double the number of minima. From a minimum, its mirror images are
tried one after the other until none leads lower. Data that the model cannot describe are another source of minima.
"""

from __future__ import annotations

import math

from darkreach.likelihood.model_arrays import Dataset, FloatArray, IndexArray, ModelArrays, Scratch
from darkreach.likelihood.newton_fit import CONVERGED, bounded_step, copy_into, find_free, minimise
from darkreach.likelihood.profiled_likelihood import evaluate

# the curvature of a mirror-symmetric variation can outweigh that of its constraint only if it is larger than this
# fraction of a sample: the slope of the likelihood by the rate of a sample is a few events where limits are
_SMALLEST_EVEN_PART = 0.05
_SMALLEST_PULL = 0.1
_SCATTER = 0.7
# half deviance per bin
_POOR = 5.0
# minima that differ by less are the same
_RESOLUTION = 1e-8


def find_mirrors(model: ModelArrays, scratch: Scratch) -> int:
    """Flag the parameters of mirror-symmetric shape systematics in ``scratch.mirror``; return their number."""
    mirror, first, block_cell = scratch.mirror, model.shift_first, model.block_cell
    total = 0
    mirror.fill(0)
    for block in range(block_cell.size - 1):
        size = 0.0
        for cell in range(block_cell[block], block_cell[block + 1]):
            size += abs(model.nominal[cell])
        for entry in range(first[block], first[block + 1]):
            start, even = model.shift_cell[entry], 0.0
            for cell in range(start, start + block_cell[block + 1] - block_cell[block]):
                even += 0.5 * abs(model.shift_up[cell] - model.shift_down[cell])
            parameter = model.shift_parameter[entry]
            if even > _SMALLEST_EVEN_PART * size and mirror[parameter] == 0 and model.held[parameter] == 0:
                mirror[parameter] = 1
                total += 1
    return total


def next_mirror(data: Dataset, theta: FloatArray, held: IndexArray, last: int, scratch: Scratch) -> int:
    """Return the next parameter whose mirror image is another point, cyclically; -1 if there is none."""
    size = theta.size
    for step in range(1, size + 1):
        parameter = (last + step) % size
        pull = abs(theta[parameter] - data.centre[parameter])
        if scratch.mirror[parameter] == 1 and held[parameter] == 0 and pull > _SMALLEST_PULL:
            return parameter
    return -1


def next_start(
    model: ModelArrays,
    data: Dataset,
    theta: FloatArray,
    held: IndexArray,
    last: int,
    unimproved: int,
    mirrors: int,
    scratch: Scratch,
) -> tuple[int, int]:
    """Move theta from a minimum to the next mirror image that may lead to another one.

    Returns the parameter, -1 if there is none left, and the number of images since the last improvement. An image from
    which Newton's step goes back to the side of the minimum is passed over.
    """
    parameter, poor = last, unimproved
    while poor <= mirrors:
        parameter = next_mirror(data, theta, held, parameter, scratch)
        if parameter == -1:
            return -1, poor
        centre, here = data.centre[parameter], theta[parameter]
        theta[parameter] = min(max(2.0 * centre - here, model.lower[parameter]), model.upper[parameter])
        value = evaluate(model, data, theta, scratch)
        size = find_free(model, theta, held, scratch)
        damping, _ = bounded_step(model, theta, size, scratch)
        back = (theta[parameter] + scratch.step[parameter] - centre) * (here - centre) > 0.0
        if not (damping == 0.0 and back and math.isfinite(value)):
            return parameter, poor
        theta[parameter] = here
        poor += 1
    return -1, poor


def is_poor(data: Dataset, value: float) -> bool:
    """Return whether the model cannot describe the data: the fit then ends far away, in one of many minima."""
    return value > _POOR * data.counts.size


def move_to_start(
    model: ModelArrays,
    data: Dataset,
    theta: FloatArray,
    origin: FloatArray,
    held: IndexArray,
    turn: int,
    starts: int,
    scratch: Scratch,
) -> None:
    """Fill theta with the start of one turn: the origin, the declared values, or scattered about the origin."""
    poor = starts > 5
    for index in range(theta.size):
        start = model.initial[index] if turn == 2 else origin[index]
        pattern = 7.0 - 2.0 * turn if turn < 5 else 0.2 * ((37 * index + 101 * turn) % 21) - 2.0
        if turn > 2 and scratch.metric[index] > 0.0 and (poor or scratch.mirror[index] == 1):
            start = data.centre[index] + _SCATTER * pattern / math.sqrt(scratch.metric[index])
        start = min(max(start, model.lower[index]), model.upper[index])
        theta[index] = scratch.fixed[index] if held[index] else start


def lowest_minimum(
    model: ModelArrays,
    data: Dataset,
    theta: FloatArray,
    origin: FloatArray,
    held: IndexArray,
    mirrors: int,
    scratch: Scratch,
) -> tuple[int, float]:
    """Fit theta in place from several starts; return the status and value of the lowest minimum.

    Args:
        model: the likelihood.
        data: main and auxiliary data.
        theta: shape (P,), first start; best-fit values on return.
        origin: shape (P,), second start, but for the held parameters. It is used if the first one fails, or always if
            there are mirror images or the fit is poor; others are then the declared and scattered values.
        held: shape (P,), 1 where a parameter stays.
        mirrors: number of mirror-symmetric parameters, from ``find_mirrors``.
        scratch: work space; belongs to theta on return.
    """
    kept, fixed, lowest = scratch.kept, scratch.fixed, math.inf
    copy_into(fixed, theta)
    starts, several = 5 if mirrors > 0 else 2, mirrors > 0
    parameter, unimproved, turn = -1, 0, 0
    while True:
        status, value = minimise(model, data, theta, held, scratch)
        if turn > starts:
            return status, value
        if status == CONVERGED and value < lowest - _RESOLUTION:
            lowest, unimproved = value, 0
            copy_into(kept, theta)
            if turn == 0 and is_poor(data, value):
                starts, several = 9, True
            if not several:
                return status, value
        else:
            unimproved += 1
        turn = min(turn + 1, starts)
        if turn < starts:
            move_to_start(model, data, theta, origin, held, turn, starts, scratch)
            continue
        if lowest == math.inf:
            return status, value
        copy_into(theta, kept)
        parameter, unimproved = next_start(model, data, theta, held, parameter, unimproved, mirrors, scratch)
        if parameter == -1:
            # once more, so that the work space belongs to the best point
            turn = starts + 1
