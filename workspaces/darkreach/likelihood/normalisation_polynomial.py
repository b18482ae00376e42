"""Coefficients of HistFactory's interpolation code 4 for normalisations (pyhf's default; CERN-OPEN-2012-016)."""

from __future__ import annotations

import math
from typing import TypeVar

from darkreach.likelihood.model_arrays import FloatArray

COEFFICIENTS = 8
Real = TypeVar("Real", float, FloatArray)


def normalisation_polynomial(high: float, low: float) -> tuple[float, ...]:
    """Return the six coefficients of code 4 between alpha = -1 and 1, then log(high) and log(low).

    Raises:
        ValueError: a factor is not positive.

    Example:
        >>> abs(1.0 + sum(normalisation_polynomial(1.1, 0.9)[:6]) - 1.1) < 1e-12
        True
    """
    return polynomial_columns(high, low, math.log(high), math.log(low))


def polynomial_columns(high: Real, low: Real, log_high: Real, log_low: Real) -> tuple[Real, ...]:
    """Return the same for numbers or arrays, bit by bit equal; the logarithms come from the caller.

    The polynomial takes the values high and low at +1 and -1 with the first and second derivatives of the exponentials
    beyond; even and odd parts are solved apart.
    """
    slope_up, slope_down = log_high * high, log_low * low
    bend_up, bend_down = log_high * slope_up, log_low * slope_down
    odd, even = high - low, (high - 1.0) + (low - 1.0)
    odd_slope, even_slope = slope_up - slope_down, slope_up + slope_down
    odd_bend, even_bend = bend_up - bend_down, bend_up + bend_down
    return (
        (15.0 * odd - 7.0 * odd_slope + odd_bend) / 16.0,
        (24.0 * even - 9.0 * even_slope + even_bend) / 16.0,
        (5.0 * odd_slope - 5.0 * odd - odd_bend) / 8.0,
        (7.0 * even_slope - 12.0 * even - even_bend) / 8.0,
        (3.0 * odd - 3.0 * odd_slope + odd_bend) / 16.0,
        (8.0 * even - 5.0 * even_slope + even_bend) / 16.0,
        log_high,
        log_low,
    )
