"""Gauss-Legendre quadrature on the unit interval."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@cache
def unit_quadrature(points: int) -> tuple[Array, Array]:
    """Return nodes (points,) in (0, 1) and weights (points,) of sum one; not writable, as they are kept.

    Example:
        >>> nodes, weights = unit_quadrature(4)
        >>> round(float(weights @ nodes**6), 12) == round(1 / 7, 12)
        True
    """
    nodes, weights = np.polynomial.legendre.leggauss(points)
    result = 0.5 * (nodes + 1.0), 0.5 * weights
    for array in result:
        array.setflags(write=False)
    return result
