"""A HistFactory likelihood as flat arrays: the form in which the fits read it.

A *block* is one sample in one channel, a *cell* one bin of one block, a *gamma* the multiplicative parameter of a
single bin that is eliminated analytically; all other parameters form the vector theta.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

FloatArray: TypeAlias = NDArray[np.float64]
IndexArray: TypeAlias = NDArray[np.int64]

UNCONSTRAINED, NORMAL, POISSON = 0, 1, 2
LINEAR_FACTOR, EXPONENTIAL_FACTOR = 0, 1
NO_PARAMETER = -1


class ModelArrays(NamedTuple):
    """Everything a likelihood evaluation reads; P parameters, B bins, K blocks, C cells.

    Attributes:
        poi: shape (1,), index of the parameter of interest in theta.
        initial, lower, upper: shape (P,), start values and bounds.
        held: shape (P,), 1 where a parameter stays at its start value.
        constraint: shape (P,), kind of the constraint term.
        centre: shape (P,), auxiliary data.
        width: shape (P,), standard deviation (normal) or factor tau (Poisson).
        gamma_constraint, gamma_centre, gamma_width, gamma_lower, gamma_upper: shape (B,), the same for the gammas.
        counts: shape (B,), observed events.
        block_bin: shape (K,), first bin of each block.
        block_cell: shape (K + 1,), first cell of each block.
        nominal: shape (C,), nominal rates.
        scaled: shape (C,), 1 where the gamma of the bin multiplies the cell.
        shift_first: shape (K + 1,), first additive entry (histosys) of each block.
        shift_parameter, shift_cell: parameter of each entry, and where its templates start.
        shift_up, shift_down: up minus nominal, nominal minus down.
        factor_first: shape (K + 1,), first multiplicative entry of each block.
        factor_kind, factor_parameter: linear (normfactor, lumi) or exponential (normsys).
        factor_polynomial: shape (entries, 8), the six coefficients of interpolation code 4, log(hi), log(lo).
        bin_factor_first: shape (K + 1,), first bin-wise multiplicative entry of each block.
        bin_factor_cell: where the parameter indices of each entry start.
        bin_factor_parameter: parameter of each cell of an entry, -1 where there is none.
    """

    poi: IndexArray
    initial: FloatArray
    lower: FloatArray
    upper: FloatArray
    held: IndexArray
    constraint: IndexArray
    centre: FloatArray
    width: FloatArray
    gamma_constraint: IndexArray
    gamma_centre: FloatArray
    gamma_width: FloatArray
    gamma_lower: FloatArray
    gamma_upper: FloatArray
    counts: FloatArray
    block_bin: IndexArray
    block_cell: IndexArray
    nominal: FloatArray
    scaled: IndexArray
    shift_first: IndexArray
    shift_parameter: IndexArray
    shift_cell: IndexArray
    shift_up: FloatArray
    shift_down: FloatArray
    factor_first: IndexArray
    factor_kind: IndexArray
    factor_parameter: IndexArray
    factor_polynomial: FloatArray
    bin_factor_first: IndexArray
    bin_factor_cell: IndexArray
    bin_factor_parameter: IndexArray


@dataclass(frozen=True)
class CompiledModel:
    """A likelihood with the names that belong to its arrays.

    Attributes:
        arrays: the numbers.
        parameter_names: names of theta, bin-wise ones as ``name[index]``.
        gamma_names: name of the gamma of each bin, empty where there is none.
        bin_names: ``channel[index]`` of each bin.
        poi_bounds: bounds of the parameter of interest as declared in the workspace.
        measurement: name of the measurement in use.
    """

    arrays: ModelArrays
    parameter_names: tuple[str, ...]
    gamma_names: tuple[str, ...]
    bin_names: tuple[str, ...]
    poi_bounds: tuple[float, float]
    measurement: str


class Dataset(NamedTuple):
    """Main and auxiliary data of one fit: counts (B,), centre of theta (P,), centre of the gammas (B,)."""

    counts: FloatArray
    centre: FloatArray
    gamma_centre: FloatArray


class Scratch(NamedTuple):
    """Where one evaluation leaves its results; allocated once per hypothesis.

    Attributes:
        floats, integers: memory of all other fields.
        gradient: shape (P,), of the profiled negative log-likelihood.
        hessian: shape (P, P), lower triangle.
        gamma: shape (B,), best gammas for the given theta.
        rate: shape (B,), expected events.
        plain, scaled: shape (B,), rate not multiplied and multiplied by the gamma.
        plain_jacobian, scaled_jacobian: shape (B, P), their derivatives.
        slope: shape (B,), derivative of the Poisson term by the rate.
        curvature: shape (B,), its second derivative.
        gamma_stiffness: shape (B,), second derivative by the gamma; 0 where it is at a bound or there is none.
        template: shape (C,), rate of each cell before scalar factors.
        cell_factor: shape (C,), product of the bin-wise factors of each cell.
        cell_weight: shape (C,), derivative of the likelihood by the rate of each cell.
        shift_value: shape (entries, 6), interpolation weights of (up, down) and their first and second derivatives.
        factor_value: shape (entries, 3), factor and its first and second derivative.
        factor_rest: shape (entries,), product of the other scalar factors of the block.
        block_factor: shape (K,), product of all of them.
        row, cross: shape (P,), work space.
        terms: shape (3,), value, first and second derivative of a constraint term.
        free: shape (P,), indices of the parameters that move.
        cholesky: shape (P, P).
        step, tangent, trial, saved, kept, fixed, low: shape (P,), work space of the fits.
        profile: shape (5,), the profile likelihood near one signal strength (``limits.profile_step``).
        held: shape (P,), 1 where a parameter is held in conditional fits: ``model.held`` and the parameter of interest.
        mirror: shape (P,), 1 for parameters of mirror-symmetric shape systematics (``lowest_minimum``).
        metric: shape (P,), curvature of the normal constraints; 0 for other parameters.
        stiffness: shape (1,), second derivative that keeps the rate of a bin without events from becoming negative.
        counter: shape (1,), evaluations so far.
    """

    floats: FloatArray
    integers: IndexArray
    gradient: FloatArray
    hessian: FloatArray
    gamma: FloatArray
    rate: FloatArray
    plain: FloatArray
    scaled: FloatArray
    plain_jacobian: FloatArray
    scaled_jacobian: FloatArray
    slope: FloatArray
    curvature: FloatArray
    gamma_stiffness: FloatArray
    template: FloatArray
    cell_factor: FloatArray
    cell_weight: FloatArray
    shift_value: FloatArray
    factor_value: FloatArray
    factor_rest: FloatArray
    block_factor: FloatArray
    row: FloatArray
    cross: FloatArray
    terms: FloatArray
    free: IndexArray
    cholesky: FloatArray
    step: FloatArray
    tangent: FloatArray
    trial: FloatArray
    saved: FloatArray
    kept: FloatArray
    fixed: FloatArray
    low: FloatArray
    profile: FloatArray
    held: IndexArray
    mirror: IndexArray
    metric: FloatArray
    stiffness: FloatArray
    counter: IndexArray


def make_model(*fields: Any) -> ModelArrays:
    """Return a model of its fields; compiled code has a constructor of its own in its place."""
    return ModelArrays(*fields)


def make_scratch(*fields: Any) -> Scratch:
    """Return work space of its fields; compiled code has a constructor of its own in its place."""
    return Scratch(*fields)


def float_view(array: FloatArray, first: int, size: int) -> FloatArray:
    """Return a part of an array; compiled code has a version in its place that does not count references.

    Counting costs as much as evaluating a small likelihood, and threads would wait for each other's counts.
    """
    return array[first : first + size]


def integer_view(array: IndexArray, first: int, size: int) -> IndexArray:
    """Return a part of an array of integers, as ``float_view`` does."""
    return array[first : first + size]


def allocate_scratch(model: ModelArrays) -> Scratch:
    """Return work space for one likelihood, in the order of the fields of ``Scratch``.

    In compiled code its arrays live as long as the structure: whoever allocates it must use it last.
    """
    p, b, cells = model.initial.size, model.counts.size, model.nominal.size
    shifts, factors, blocks = model.shift_parameter.size, model.factor_parameter.size, model.block_bin.size
    # vectors of theta, then its matrices, vectors and matrices of the bins, cells, interpolations, single numbers
    matrices = 11 * p
    bins = matrices + 2 * p * p
    jacobians = bins + 7 * b
    cell = jacobians + 2 * b * p
    shift = cell + 3 * cells
    factor = shift + 6 * shifts
    single = factor + 4 * factors + blocks
    floats, integers = np.zeros(single + 9), np.zeros(3 * p + 1, dtype=np.int64)
    held, metric = integer_view(integers, p, p), float_view(floats, 10 * p, p)
    fill_metric(model, held, metric)
    return make_scratch(
        floats,
        integers,
        float_view(floats, 0, p),  # gradient
        float_view(floats, matrices, p * p).reshape((p, p)),  # hessian
        float_view(floats, bins, b),  # gamma
        float_view(floats, bins + b, b),  # rate
        float_view(floats, bins + 2 * b, b),  # plain
        float_view(floats, bins + 3 * b, b),  # scaled
        float_view(floats, jacobians, b * p).reshape((b, p)),  # plain_jacobian
        float_view(floats, jacobians + b * p, b * p).reshape((b, p)),  # scaled_jacobian
        float_view(floats, bins + 4 * b, b),  # slope
        float_view(floats, bins + 5 * b, b),  # curvature
        float_view(floats, bins + 6 * b, b),  # gamma_stiffness
        float_view(floats, cell, cells),  # template
        filled(float_view(floats, cell + cells, cells)),  # cell_factor
        float_view(floats, cell + 2 * cells, cells),  # cell_weight
        float_view(floats, shift, 6 * shifts).reshape((shifts, 6)),  # shift_value
        float_view(floats, factor, 3 * factors).reshape((factors, 3)),  # factor_value
        float_view(floats, factor + 3 * factors, factors),  # factor_rest
        float_view(floats, factor + 4 * factors, blocks),  # block_factor
        float_view(floats, p, p),  # row
        float_view(floats, 2 * p, p),  # cross
        float_view(floats, single, 3),  # terms
        integer_view(integers, 0, p),  # free
        float_view(floats, matrices + p * p, p * p).reshape((p, p)),  # cholesky
        float_view(floats, 3 * p, p),  # step
        float_view(floats, 4 * p, p),  # tangent
        float_view(floats, 5 * p, p),  # trial
        float_view(floats, 6 * p, p),  # saved
        float_view(floats, 7 * p, p),  # kept
        float_view(floats, 8 * p, p),  # fixed
        float_view(floats, 9 * p, p),  # low
        float_view(floats, single + 3, 5),  # profile
        held,
        integer_view(integers, 2 * p, p),  # mirror
        metric,
        float_view(floats, single + 8, 1),  # stiffness
        integer_view(integers, 3 * p, 1),  # counter
    )


def fill_metric(model: ModelArrays, held: IndexArray, metric: FloatArray) -> None:
    """Fill which parameters conditional fits hold, and the curvature of the normal constraints."""
    for index in range(held.size):
        held[index] = model.held[index]
        if model.constraint[index] == NORMAL:
            metric[index] = 1.0 / (model.width[index] * model.width[index])
    held[model.poi[0]] = 1


def filled(array: FloatArray) -> FloatArray:
    """Set all elements of an array to one and return it."""
    for index in range(array.size):
        array[index] = 1.0
    return array


def observed_dataset(model: ModelArrays) -> Dataset:
    """Return the observed main and auxiliary data of a likelihood."""
    return Dataset(model.counts, model.centre, model.gamma_centre)
