"""Nodes of nuisance parameters: quasi-random points of what is known of them without the bins that have signal."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import NamedTuple

import numpy as np
from scipy.special import gammaincinv, ndtr, ndtri
from scipy.stats import qmc

from darkreach.likelihood.model_arrays import NORMAL, CompiledModel, FloatArray, IndexArray
from darkreach.limits.exact_channels import CountingChannels

NODES_EXPONENT = 7
"""Nodes are two to this power."""
MOST_DIMENSIONS = 512
_SEED = 20_120_915
_COLUMNS = 64
_FAR = 5.0


class Constraint(NamedTuple):
    """Constraint terms of some parameters: kind, auxiliary data, width or factor, bounds; each of shape (n,)."""

    kind: IndexArray
    centre: FloatArray
    width: FloatArray
    lower: FloatArray
    upper: FloatArray


@cache
def unit_points(columns: int, exponent: int) -> FloatArray:
    """Return scrambled Sobol points of shape (2**exponent, columns), the same in every process."""
    points = qmc.Sobol(columns, scramble=True, seed=np.random.default_rng(_SEED)).random_base2(exponent)
    return np.ascontiguousarray(np.clip(points, 1e-12, 1.0 - 1e-12))


@cache
def normal_points(columns: int, exponent: int) -> FloatArray:
    """Return the same points as standard normal numbers."""
    return np.asarray(ndtri(unit_points(columns, exponent)))


@lru_cache(maxsize=4096)
def gamma_points(columns: int, exponent: int, column: int, shape: float) -> FloatArray:
    """Return one column of the points as numbers with the density x^(shape - 1) exp(-x).

    Example:
        >>> bool(abs(gamma_points(64, 9, 3, 2.0).mean() - 2.0) < 0.01)
        True
    """
    return np.asarray(gammaincinv(shape, unit_points(columns, exponent)[:, column]))


class NuisanceNodes(NamedTuple):
    """Nuisance parameters at N nodes, the last of which is the centre and has no weight: theta (N, P), gamma (N, B)."""

    theta: FloatArray
    gamma: FloatArray


def nuisance_nodes(
    model: CompiledModel, channels: CountingChannels, exponent: int = NODES_EXPONENT
) -> NuisanceNodes | str:
    """Return equally probable points of the constrained parameters, before bins without signal weight them.

    Normal constraints give truncated normal numbers between the bounds. A Poisson constraint with auxiliary data a and
    factor tau gives gamma numbers of shape a, so that mean and standard deviation are those that a shapesys declares
    (the posterior of a prior 1/gamma). Free normalisations are one.

    Args:
        model: the likelihood.
        channels: what to average over.
        exponent: logarithm to base two of the number of nodes with weight.

    Returns:
        The nodes, or why there are none.
    """
    arrays, parameters, gammas = model.arrays, channels.parameters, channels.gammas
    needed = parameters.size + gammas.size
    if needed > MOST_DIMENSIONS:
        return f"{needed} nuisance parameters, more than {MOST_DIMENSIONS}"
    columns = _COLUMNS if needed <= _COLUMNS else MOST_DIMENSIONS
    known, bin_known = _theta_constraints(model, parameters), _gamma_constraints(model, gammas)
    for one in (known, bin_known):
        if ((one.kind != NORMAL) & (one.centre <= 0.0)).any():
            return "a Poisson constraint has no auxiliary events"
    theta = np.tile(arrays.initial, (2**exponent + 1, 1))
    theta[:, channels.free] = 1.0
    theta[:, arrays.poi[0]] = 1.0
    theta[:, parameters] = _constrained(known, 0, columns, exponent)
    gamma = np.ones((2**exponent + 1, arrays.counts.size))
    gamma[:, gammas] = _constrained(bin_known, parameters.size, columns, exponent)
    return NuisanceNodes(theta, gamma)


def _theta_constraints(model: CompiledModel, chosen: IndexArray) -> Constraint:
    arrays = model.arrays
    return Constraint(
        arrays.constraint[chosen],
        arrays.centre[chosen],
        arrays.width[chosen],
        arrays.lower[chosen],
        arrays.upper[chosen],
    )


def _gamma_constraints(model: CompiledModel, chosen: IndexArray) -> Constraint:
    arrays = model.arrays
    return Constraint(
        arrays.gamma_constraint[chosen],
        arrays.gamma_centre[chosen],
        arrays.gamma_width[chosen],
        arrays.gamma_lower[chosen],
        arrays.gamma_upper[chosen],
    )


def _constrained(known: Constraint, first: int, columns: int, exponent: int) -> FloatArray:
    """Return points (N, n) of constrained parameters from columns that begin with ``first``, the centre last."""
    own = slice(first, first + known.kind.size)
    normal = known.kind == NORMAL
    values = np.empty((2**exponent + 1, known.kind.size))
    values[-1] = np.where(normal, known.centre, known.centre / known.width)
    values[:-1] = known.centre + known.width * normal_points(columns, exponent)[:, own]
    low, high = (known.lower - known.centre) / known.width, (known.upper - known.centre) / known.width
    near = np.flatnonzero(normal & ((low > -_FAR) | (high < _FAR)))
    if near.size:
        below, above = ndtr(low[near]), ndtr(high[near])
        inside = below + unit_points(columns, exponent)[:, own][:, near] * (above - below)
        values[:-1, near] = known.centre[near] + known.width[near] * ndtri(inside)
    for index in np.flatnonzero(~normal).tolist():
        shape = float(known.centre[index])
        values[:-1, index] = gamma_points(columns, exponent, first + index, shape) / known.width[index]
    return np.clip(values, known.lower, known.upper)
