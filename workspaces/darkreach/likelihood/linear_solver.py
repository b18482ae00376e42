"""Cholesky factorisation and solution for the parameters that are free, in place in the work space of a fit."""

from __future__ import annotations

import math

from darkreach.likelihood.model_arrays import FloatArray, IndexArray

# a pivot below this fraction of its diagonal element is rounding, not curvature
_SMALLEST_PIVOT = 1e-13


def factorise(
    hessian: FloatArray, free: IndexArray, size: int, damping: float, metric: FloatArray, cholesky: FloatArray
) -> bool:
    """Factorise the free part of a matrix with its diagonal enlarged; False if it is not positive definite.

    Args:
        hessian: shape (P, P), lower triangle.
        free: shape (P,), the first ``size`` entries are increasing parameter indices.
        size: number of free parameters.
        damping: enlargement of the diagonal, in units of the metric.
        metric: shape (P,), curvature of each parameter's constraint; 0 stands for its own diagonal element.
        cholesky: shape (P, P), receives the factor in its leading part.
    """
    for row in range(size):
        target, source = cholesky[row], hessian[free[row]]
        for column in range(row + 1):
            target[column] = source[free[column]]
        diagonal = abs(target[row])
        own = metric[free[row]]
        target[row] += damping * (own if own > 0.0 else diagonal)
        for column in range(row):
            other = cholesky[column]
            total = target[column]
            for index in range(column):
                total -= target[index] * other[index]
            target[column] = total / other[column]
        pivot = target[row]
        for index in range(row):
            pivot -= target[index] * target[index]
        if not pivot > _SMALLEST_PIVOT * diagonal:
            return False
        target[row] = math.sqrt(pivot)
    return True


def solve(cholesky: FloatArray, size: int, vector: FloatArray) -> None:
    """Replace the first ``size`` elements of a vector by the solution of the factorised system."""
    for row in range(size):
        total = vector[row]
        for index in range(row):
            total -= cholesky[row, index] * vector[index]
        vector[row] = total / cholesky[row, row]
    for row in range(size - 1, -1, -1):
        vector[row] /= cholesky[row, row]
        value = vector[row]
        for index in range(row):
            vector[index] -= cholesky[row, index] * value
