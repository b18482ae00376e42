"""HistFactory interpolations: code 4 for normalisations, code 4p for shapes (pyhf's defaults; CERN-OPEN-2012-016).

Both are twice continuously differentiable, so Newton's method applies to them.
"""

from __future__ import annotations

import math

from darkreach.likelihood.model_arrays import FloatArray

LARGEST_EXPONENT = 600.0


def normalisation_factor(alpha: float, coefficients: FloatArray, out: FloatArray) -> None:
    """Write the code 4 factor and its first two derivatives by alpha into ``out``."""
    if alpha >= 1.0:
        out[0] = math.exp(min(coefficients[6] * alpha, LARGEST_EXPONENT))
        out[1] = coefficients[6] * out[0]
        out[2] = coefficients[6] * out[1]
    elif alpha <= -1.0:
        out[0] = math.exp(min(-coefficients[7] * alpha, LARGEST_EXPONENT))
        out[1] = -coefficients[7] * out[0]
        out[2] = -coefficients[7] * out[1]
    else:
        value, first, second = 0.0, 0.0, 0.0
        for power in range(5, -1, -1):
            second = second * alpha + 2.0 * first
            first = first * alpha + value
            value = value * alpha + coefficients[power]
        out[2] = second * alpha + 2.0 * first
        out[1] = first * alpha + value
        out[0] = value * alpha + 1.0


def shape_weights(alpha: float, out: FloatArray) -> None:
    """Write the code 4p weights of (up - nominal, nominal - down) and their first and second derivatives."""
    if alpha > 1.0:
        out[0], out[1], out[2], out[3], out[4], out[5] = alpha, 0.0, 1.0, 0.0, 0.0, 0.0
    elif alpha < -1.0:
        out[0], out[1], out[2], out[3], out[4], out[5] = 0.0, alpha, 0.0, 1.0, 0.0, 0.0
    else:
        square = alpha * alpha
        even = square * (15.0 + square * (3.0 * square - 10.0)) / 16.0
        even_first = alpha * (30.0 + square * (18.0 * square - 40.0)) / 16.0
        even_second = (30.0 + square * (90.0 * square - 120.0)) / 16.0
        out[0], out[1] = 0.5 * alpha + even, 0.5 * alpha - even
        out[2], out[3] = 0.5 + even_first, 0.5 - even_first
        out[4], out[5] = even_second, -even_second
