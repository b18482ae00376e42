"""The width of a weighted distribution: half of its central 68 %, with its statistical error."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

CENTRAL: Final = math.erf(1.0 / math.sqrt(2.0))
"""Content of plus and minus one standard deviation of a Gaussian."""

PARTS: Final = 10
"""Parts of the sample whose widths give the error."""


def weighted_quantile(values: Array, weights: Array, probability: float) -> float:
    """Return the value below which a share of the weight lies; half of the weight of each value counts as below it.

    Example:
        >>> weighted_quantile(np.array([3.0, 1.0, 2.0]), np.ones(3), 0.5)
        2.0
    """
    order = np.argsort(values, kind="stable")
    below = np.cumsum(weights[order]) - 0.5 * weights[order]
    return float(np.interp(probability * math.fsum(weights), below, values[order]))


def central_width(values: Array, weights: Array) -> float:
    """Return half of the central 68.3 %: the standard deviation of a Gaussian.

    Example:
        >>> values = np.random.default_rng(1).normal(0.0, 2.0, 100_000)
        >>> bool(abs(central_width(values, np.ones(100_000)) / 2.0 - 1.0) < 0.01)
        True
    """
    tail = 0.5 * (1.0 - CENTRAL)
    return 0.5 * (weighted_quantile(values, weights, 1.0 - tail) - weighted_quantile(values, weights, tail))


def central_width_with_error(values: Array, weights: Array) -> tuple[float, float]:
    """Return the width of all, and its error from the scatter of the widths of ten parts of the sample."""
    if len(values) < 10 * PARTS:
        return math.nan, math.nan
    widths = [central_width(values[part::PARTS], weights[part::PARTS]) for part in range(PARTS)]
    return central_width(values, weights), float(np.std(widths, ddof=1)) / math.sqrt(PARTS)
