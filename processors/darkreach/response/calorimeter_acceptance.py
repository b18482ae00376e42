"""Where the calorimeter is: polar-angle ranges with gaps between them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from darkreach.configuration import Range


def inside_calorimeter(theta: NDArray[np.float64], polar_ranges: Sequence[Range]) -> NDArray[np.bool_]:
    """Return which laboratory polar angles (any shape, rad) are in one of the ranges (degrees, closed).

    Example:
        >>> barrel, backward = Range(low=32.2, high=128.7), Range(low=130.7, high=155.1)
        >>> inside_calorimeter(np.radians([31.8, 90.0, 129.5, 140.0]), [barrel, backward]).tolist()
        [False, True, False, True]
    """
    inside = np.zeros(theta.shape, dtype=np.bool_)
    for polar in polar_ranges:
        inside |= (theta >= np.radians(polar.low)) & (theta <= np.radians(polar.high))
    return inside
