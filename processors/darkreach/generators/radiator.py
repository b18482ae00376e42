"""Initial-state radiation: structure function of the energy fraction lost by the beams, and its sampling.

D(x) = (1 + alpha/pi (pi^2/3 - 1/2) + 3 b/4) b x^(b-1) - b (1 - x/2), x = 1 - s'/s, the exponentiated form of
Kuraev and Fadin (Sov. J. Nucl. Phys. 41 (1985) 466) to first order.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from darkreach.errors import ConfigError
from darkreach.kinematics import ELECTRON_MASS, FINE_STRUCTURE


def radiator_exponent(s: float) -> float:
    """Return b = 2 alpha/pi (ln(s/m_e^2) - 1) at a squared CM energy s in GeV^2.

    Example:
        >>> round(radiator_exponent(10.58**2), 4)
        0.0877
    """
    return 2.0 * FINE_STRUCTURE / math.pi * (math.log(s / ELECTRON_MASS**2) - 1.0)


def soft_factor(exponent: float) -> float:
    """Return the factor of the soft part, 1 + alpha/pi (pi^2/3 - 1/2) + 3 b/4."""
    return 1.0 + FINE_STRUCTURE / math.pi * (math.pi**2 / 3.0 - 0.5) + 0.75 * exponent


def radiator_density(fraction: NDArray[np.float64], exponent: float) -> NDArray[np.float64]:
    """Return D(x) of energy fractions 0 < x < 1 (any shape), per unit x."""
    soft = soft_factor(exponent) * exponent * fraction ** (exponent - 1.0)
    return np.asarray(soft - exponent * (1.0 - 0.5 * fraction))


def radiator_integral(maximum: float, exponent: float) -> float:
    """Return the integral of D(x) from 0 to ``maximum`` in closed form.

    Example:
        >>> round(radiator_integral(1.0, radiator_exponent(10.58**2)), 3)
        1.006
    """
    soft = soft_factor(exponent) * math.pow(maximum, exponent)
    return soft - exponent * (maximum - 0.25 * maximum**2)


def sample_radiation(
    uniform: NDArray[np.float64], maximum: NDArray[np.float64], exponent: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return energy fractions x = xmax r^(1/b) and weights D(x)/pdf(x) whose mean is the integral up to xmax.

    Args:
        uniform: (n,), in [0, 1).
        maximum: (n,) largest fraction of each event, in (0, 1).
        exponent: b of :func:`radiator_exponent`.

    Returns:
        Fractions (n,) and weights (n,), both without unit. The weights stay finite at x = 0.
    """
    fraction = maximum * uniform ** (1.0 / exponent)
    # D(x) / (b x^(b-1) / xmax^b), written without the division by a vanishing power
    weight = maximum**exponent * (soft_factor(exponent) - fraction ** (1.0 - exponent) * (1.0 - 0.5 * fraction))
    return fraction, weight


def check_radiation(maximum_isr_fraction: float) -> None:
    """Refuse a largest energy fraction radiated that has no meaning.

    Raises:
        ConfigError: it is not from 0 to below 1.

    Example:
        >>> check_radiation(0.35)
    """
    if not 0.0 <= maximum_isr_fraction < 1.0:
        raise ConfigError(
            "the beams cannot radiate this fraction of the energy",
            where="maximum_isr_fraction",
            allowed="from 0 (no radiation) to below 1",
            given=str(maximum_isr_fraction),
            next_step="0.35 keeps what most selections can use",
        )
