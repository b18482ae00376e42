"""The efficiency of a displaced decay to photons, averaged over the decay length."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

# below, the closed form subtracts nearly equal numbers
_SERIES_BELOW = 1e-2


def displaced_efficiency(decay_length_cm: ArrayLike, reach_cm: float) -> NDArray[np.float64]:
    """Return the average of (1 - L/R)_+ over exp(-L/lambda)/lambda: 1 - (lambda/R)(1 - exp(-R/lambda)).

    A photon pair that does not come from the interaction point is reconstructed with a wrong direction; the linear
    loss up to the reach R is a model, not a measurement. For lambda << R it tends to 1 - lambda/R, for lambda >> R
    to R/(2 lambda).

    Args:
        decay_length_cm: mean decay length lambda in the laboratory, any shape, not negative.
        reach_cm: distance R where nothing is left.

    Example:
        >>> displaced_efficiency([0.0, 3e7], 30.0).round(12).tolist()
        [1.0, 5e-07]
    """
    length = np.asarray(decay_length_cm, dtype=np.float64)
    with np.errstate(divide="ignore"):
        x = reach_cm / length
    series = x / 2.0 * (1.0 - x / 3.0 * (1.0 - x / 4.0 * (1.0 - x / 5.0 * (1.0 - x / 6.0))))
    closed = 1.0 + np.expm1(-x) / np.where(x > 0.0, x, 1.0)
    return np.where(x < _SERIES_BELOW, series, closed)
