"""A HistFactory likelihood as flat arrays: the form in which the fits read it.

A *block* is one sample in one channel, a *cell* one bin of one block, a *gamma* the multiplicative parameter of a
single bin that is eliminated analytically; all other parameters form the vector theta.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

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
        step, tangent, trial, saved: shape (P,), work space of the fit.
        counter: shape (1,), evaluations so far.
    """

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
    counter: IndexArray


def allocate_scratch(model: ModelArrays) -> Scratch:
    """Return work space for one likelihood, in the order of the fields of ``Scratch``."""
    parameters, bins, cells = model.initial.size, model.counts.size, model.nominal.size
    factors = model.factor_parameter.size
    return Scratch(
        np.zeros(parameters),  # gradient
        np.zeros((parameters, parameters)),  # hessian
        np.ones(bins),  # gamma
        np.zeros(bins),  # rate
        np.zeros(bins),  # plain
        np.zeros(bins),  # scaled
        np.zeros((bins, parameters)),  # plain_jacobian
        np.zeros((bins, parameters)),  # scaled_jacobian
        np.zeros(bins),  # slope
        np.zeros(bins),  # curvature
        np.zeros(bins),  # gamma_stiffness
        np.zeros(cells),  # template
        np.ones(cells),  # cell_factor
        np.zeros(cells),  # cell_weight
        np.zeros((model.shift_parameter.size, 6)),  # shift_value
        np.zeros((factors, 3)),  # factor_value
        np.ones(factors),  # factor_rest
        np.ones(model.block_bin.size),  # block_factor
        np.zeros(parameters),  # row
        np.zeros(parameters),  # cross
        np.zeros(3),  # terms
        np.zeros(parameters, dtype=np.int64),  # free
        np.zeros((parameters, parameters)),  # cholesky
        np.zeros(parameters),  # step
        np.zeros(parameters),  # tangent
        np.zeros(parameters),  # trial
        np.zeros(parameters),  # saved
        np.zeros(1, dtype=np.int64),  # counter
    )


def observed_dataset(model: ModelArrays) -> Dataset:
    """Return the observed main and auxiliary data of a likelihood."""
    return Dataset(model.counts, model.centre, model.gamma_centre)
