"""The profiled negative log-likelihood in NumPy: the readable reference of the compiled kernel, and its stand-in.

Same signature and results as ``darkreach.likelihood.profiled_likelihood.evaluate``, written bin by bin at once.
"""

from __future__ import annotations

import numpy as np

from darkreach.likelihood.bin_terms import SERIES_BELOW, SMALLEST_RATE, best_gamma
from darkreach.likelihood.expected_rates import fill_interpolations
from darkreach.likelihood.model_arrays import (
    NO_PARAMETER,
    NORMAL,
    UNCONSTRAINED,
    Dataset,
    FloatArray,
    IndexArray,
    ModelArrays,
    Scratch,
)


def evaluate(model: ModelArrays, data: Dataset, theta: FloatArray, scratch: Scratch) -> float:
    """Return the profiled negative log-likelihood at theta; gradient, Hessian, gammas and rates stay in ``scratch``."""
    scratch.counter[0] += 1
    fill_interpolations(model, theta, scratch)
    for array in (scratch.plain, scratch.scaled, scratch.plain_jacobian, scratch.scaled_jacobian):
        array[...] = 0.0
    blocks = [BlockDerivatives(model, theta, scratch, index) for index in range(model.block_bin.size)]
    for block in blocks:
        np.add.at(scratch.plain, block.bins[~block.scaled], block.rates[~block.scaled])
        np.add.at(scratch.scaled, block.bins[block.scaled], block.rates[block.scaled])
        scratch.plain_jacobian[block.bins[~block.scaled]] += block.jacobian[~block.scaled]
        scratch.scaled_jacobian[block.bins[block.scaled]] += block.jacobian[block.scaled]
    value = _profile_gammas(model, data, scratch)
    _, slope, curvature = deviances(data.counts, scratch.rate, scratch.stiffness[0])
    jacobian = scratch.plain_jacobian + scratch.gamma[:, np.newaxis] * scratch.scaled_jacobian
    hessian = jacobian.T @ (curvature[:, np.newaxis] * jacobian)
    hessian -= _gamma_response(model, data, scratch, jacobian, slope, curvature)
    for block in blocks:
        weight = slope[block.bins] * np.where(block.scaled, scratch.gamma[block.bins], 1.0)
        hessian += block.curvature(model, theta, scratch, weight)
    scratch.gradient[:] = jacobian.T @ slope
    constrained = (model.constraint != UNCONSTRAINED) & (model.held == 0)
    terms = constraints(model.constraint, theta, data.centre, model.width)
    scratch.gradient[constrained] += terms[1][constrained]
    scratch.hessian[:] = hessian + np.diag(np.where(constrained, terms[2], 0.0))
    scratch.slope[:], scratch.curvature[:] = slope, curvature
    return float(value + np.sum(terms[0][constrained]))


def deviances(
    counts: FloatArray, rates: FloatArray, stiffness: float = 0.0
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return half the Poisson deviance of each bin and its first and second derivatives by the rate."""
    below = np.where(rates < 0.0, stiffness, 0.0)
    smallest = SMALLEST_RATE * counts
    bounded = np.where(counts > 0.0, np.maximum(rates, smallest), 1.0)
    safe_counts = np.where(counts > 0.0, counts, 1.0)
    excess = np.where(counts > 0.0, (rates - bounded) / np.where(counts > 0.0, smallest, 1.0), 0.0)
    change = (bounded - safe_counts) / safe_counts
    small = np.abs(change) < SERIES_BELOW
    near = safe_counts * np.where(small, _small_log_excess(np.where(small, change, 0.0)), change - np.log1p(change))
    # below the smallest rate the logarithm continues as its second-order expansion
    observed = near + (rates - bounded) - counts * (excess - 0.5 * excess**2)
    value = np.where(counts > 0.0, observed, rates * (1.0 + 0.5 * below * rates))
    slope = np.where(counts > 0.0, (bounded - counts) / bounded + counts / bounded * excess, 1.0 + below * rates)
    return value, slope, np.where(counts > 0.0, counts / bounded**2, below)


def _small_log_excess(value: FloatArray) -> FloatArray:
    """Return value - log(1 + value) as its series."""
    terms = [value**power / power * (-1.0) ** power for power in range(8, 1, -1)]
    total: FloatArray = np.sum(terms, axis=0)
    return total


def constraints(
    kinds: IndexArray, values: FloatArray, centres: FloatArray, widths: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the constraint terms and their first and second derivatives; unconstrained entries have no meaning."""
    pulls = (values - centres) / widths
    value, slope, curvature = deviances(np.where(kinds == NORMAL, 1.0, centres), widths * values)
    normal = kinds == NORMAL
    return (
        np.where(normal, 0.5 * pulls**2, value),
        np.where(normal, pulls / widths, widths * slope),
        np.where(normal, 1.0 / widths**2, widths**2 * curvature),
    )


def _profile_gammas(model: ModelArrays, data: Dataset, scratch: Scratch) -> float:
    constrained = model.gamma_constraint != UNCONSTRAINED
    scratch.gamma[:] = 1.0
    for index in np.flatnonzero(constrained):
        gamma = best_gamma(
            int(model.gamma_constraint[index]),
            float(data.counts[index]),
            float(scratch.plain[index]),
            float(scratch.scaled[index]),
            float(data.gamma_centre[index]),
            float(model.gamma_width[index]),
            float(scratch.stiffness[0]),
        )
        scratch.gamma[index] = min(max(gamma, model.gamma_lower[index]), model.gamma_upper[index])
    scratch.rate[:] = scratch.plain + scratch.gamma * scratch.scaled
    terms = constraints(model.gamma_constraint, scratch.gamma, data.gamma_centre, model.gamma_width)
    return float(np.sum(deviances(data.counts, scratch.rate, scratch.stiffness[0])[0]) + np.sum(terms[0][constrained]))


def _gamma_response(
    model: ModelArrays, data: Dataset, scratch: Scratch, jacobian: FloatArray, slope: FloatArray, curvature: FloatArray
) -> FloatArray:
    """Return what the gammas, following theta, take from the Hessian: cross cross^T / stiffness, summed over bins."""
    terms = constraints(model.gamma_constraint, scratch.gamma, data.gamma_centre, model.gamma_width)
    stiffness = terms[2] + curvature * scratch.scaled**2
    free = (scratch.gamma > model.gamma_lower) & (scratch.gamma < model.gamma_upper) & (terms[2] > 0.0)
    free &= model.gamma_constraint != UNCONSTRAINED
    cross = (curvature * scratch.scaled)[:, np.newaxis] * jacobian + slope[:, np.newaxis] * scratch.scaled_jacobian
    response: FloatArray = cross[free].T @ (cross[free] / stiffness[free, np.newaxis])
    return response


class BlockDerivatives:
    """Rates of one sample in one channel with their first derivatives; cells x parameters.

    Args:
        model: the likelihood.
        theta: parameters.
        scratch: holds the interpolations at theta.
        index: the block.
    """

    def __init__(self, model: ModelArrays, theta: FloatArray, scratch: Scratch, index: int) -> None:
        first, last = model.block_cell[index], model.block_cell[index + 1]
        cells = last - first
        self.bins = model.block_bin[index] + np.arange(cells)
        self.scaled = model.scaled[first:last] == 1
        self.template = model.nominal[first:last].copy()
        # each entry: (parameter of each cell, value, first, second derivative) of one factor
        self.factors = [
            _scalar_factor(model, scratch, entry, cells)
            for entry in range(model.factor_first[index], model.factor_first[index + 1])
        ]
        self.factors += [
            _bin_factor(model, theta, entry, cells)
            for entry in range(model.bin_factor_first[index], model.bin_factor_first[index + 1])
        ]
        self.shifts = []
        for entry in range(model.shift_first[index], model.shift_first[index + 1]):
            start = model.shift_cell[entry]
            pair = np.stack([model.shift_up[start : start + cells], model.shift_down[start : start + cells]])
            value, slope, bend = (scratch.shift_value[entry, 2 * k : 2 * k + 2] @ pair for k in range(3))
            self.template += value
            self.shifts.append((int(model.shift_parameter[entry]), slope, bend))
        self.product = self._product(())
        self.rates = self.template * self.product
        self.jacobian = np.zeros((cells, theta.size))
        rows = np.arange(cells)
        for entry, (parameters, _, slope, _) in enumerate(self.factors):
            known = parameters != NO_PARAMETER
            column = self.template * slope * self._product((entry,))
            np.add.at(self.jacobian, (rows[known], parameters[known]), column[known])
        for parameter, slope, _ in self.shifts:
            self.jacobian[:, parameter] += self.product * slope

    def _product(self, without: tuple[int, ...]) -> FloatArray:
        product = np.ones(self.template.size)
        for entry, factor in enumerate(self.factors):
            if entry not in without:
                product = product * factor[1]
        return product

    def curvature(self, model: ModelArrays, theta: FloatArray, scratch: Scratch, weight: FloatArray) -> FloatArray:
        """Return the weighted sum over cells of the second derivatives of the rates."""
        total = np.zeros((theta.size, theta.size))
        for entry, (rows, _, slope, bend) in enumerate(self.factors):
            known = rows != NO_PARAMETER
            term = weight * self.template * bend * self._product((entry,))
            np.add.at(total, (rows[known], rows[known]), term[known])
            for partner, (columns, _, other, _) in enumerate(self.factors[:entry]):
                both = known & (columns != NO_PARAMETER)
                term = weight * self.template * slope * other * self._product((entry, partner))
                np.add.at(total, (rows[both], columns[both]), term[both])
                np.add.at(total, (columns[both], rows[both]), term[both])
            for parameter, shift, _ in self.shifts:
                term = weight * shift * slope * self._product((entry,))
                np.add.at(total, (rows[known], parameter), term[known])
                np.add.at(total, (parameter, rows[known]), term[known])
        for parameter, _, bend in self.shifts:
            total[parameter, parameter] += np.sum(weight * self.product * bend)
        return total


def _scalar_factor(
    model: ModelArrays, scratch: Scratch, entry: int, cells: int
) -> tuple[IndexArray, FloatArray, FloatArray, FloatArray]:
    value, slope, bend = (np.full(cells, number) for number in scratch.factor_value[entry])
    return np.full(cells, model.factor_parameter[entry]), value, slope, bend


def _bin_factor(
    model: ModelArrays, theta: FloatArray, entry: int, cells: int
) -> tuple[IndexArray, FloatArray, FloatArray, FloatArray]:
    start = model.bin_factor_cell[entry]
    parameters = model.bin_factor_parameter[start : start + cells]
    known = parameters != NO_PARAMETER
    return parameters, np.where(known, theta[parameters], 1.0), np.where(known, 1.0, 0.0), np.zeros(cells)
