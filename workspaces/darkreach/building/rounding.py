"""Rounding of numbers that are written to files: few digits, yet no variation is lost in them."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]


def significant(values: Iterable[float], digits: int) -> list[float]:
    """Round each value to a number of significant digits.

    Example:
        >>> significant([12345.678, 0.00012345678], 5)
        [12346.0, 0.00012346]
    """
    return [float(f"{value:.{digits - 1}e}") for value in values]


def significant_variation(varied: FloatArray, nominal: FloatArray, digits: int) -> list[float]:
    """Round a variation so that its *difference* to the nominal keeps the significant digits.

    A shift of 0.1 % of the nominal would keep two digits of five if the varied values themselves were rounded.

    Example:
        >>> significant_variation(np.array([12357.65432]), np.array([12345.67812]), 5)
        [12357.976]
    """
    written = significant(nominal, digits)
    shifts = significant(varied - nominal, digits)
    # the sum of two short decimals is short again; 15 digits remove the binary noise only
    return [float(f"{value + shift:.14e}") for value, shift in zip(written, shifts, strict=True)]
