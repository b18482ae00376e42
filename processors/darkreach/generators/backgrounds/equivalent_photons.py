"""Beams of electrons as beams of nearly real photons.

    d2n/(dx dlnQ^2) = alpha/(2 pi) [(1 + (1 - x)^2)/x - 2 (1 - x)/x Qmin^2/Q^2],  Qmin^2 = m_e^2 x^2/(1 - x)

for a photon of energy fraction x and virtuality Q^2 (V. M. Budnev, I. F. Ginzburg, G. V. Meledin and V. G. Serbo, Phys.
Rept. 15 (1975) 181).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from darkreach.kinematics import ELECTRON_MASS, FINE_STRUCTURE

Array = NDArray[np.float64]

_POINTS: Final = (1200, 400)
"""Midpoints in the logarithm of the mass and in the rapidity: right to 1e-4."""


def smallest_virtuality(fraction: ArrayLike) -> Array:
    """Return the smallest Q^2 in GeV^2 of a photon that takes a fraction of the energy of an electron, any shape."""
    x = np.asarray(fraction, dtype=np.float64)
    return np.asarray(ELECTRON_MASS**2 * x**2 / (1.0 - x))


def photon_flux_density(fraction: ArrayLike, virtuality: ArrayLike) -> Array:
    """Return d2n/(dx dlnQ^2) of equivalent photons, without unit, any shape.

    Args:
        fraction: x, between 0 and 1.
        virtuality: Q^2, GeV^2, from the smallest one on.
    """
    x = np.asarray(fraction, dtype=np.float64)
    share = smallest_virtuality(x) / np.asarray(virtuality, dtype=np.float64)
    return np.asarray(FINE_STRUCTURE / (2.0 * math.pi) * (1.0 + (1.0 - x) ** 2 - 2.0 * (1.0 - x) * share) / x)


def photon_flux(fraction: ArrayLike, maximum_virtuality: ArrayLike) -> Array:
    """Return dn/dx, the integral of :func:`photon_flux_density` up to a largest Q^2 (GeV^2), without unit, any shape.

    Example:
        >>> round(float(photon_flux(0.1, 1.0)), 3)
        0.392
    """
    x, largest = np.asarray(fraction, dtype=np.float64), np.asarray(maximum_virtuality, dtype=np.float64)
    share = smallest_virtuality(x) / largest
    integral = -(1.0 + (1.0 - x) ** 2) * np.log(share) - 2.0 * (1.0 - x) * (1.0 - share)
    return np.asarray(np.where(share < 1.0, FINE_STRUCTURE / (2.0 * math.pi) * integral / x, 0.0))


def two_photon_rate_fb(
    s: float,
    pair_range: tuple[float, float],
    virtuality_share: float,
    cross_section_fb: Callable[[Array], Array],
) -> float:
    """Return the cross-section in fb of e+e- -> e+e- X by quadrature over mass and rapidity of X.

    Args:
        s: squared CM energy, GeV^2.
        pair_range: smallest and largest mass W of X, GeV.
        virtuality_share: largest Q^2 of both photons in units of W^2.
        cross_section_fb: of two real photons, from W^2 in GeV^2.
    """
    low, high = pair_range[0] ** 2, min(pair_range[1] ** 2, s)
    span, (masses, rapidities) = math.log(high / low), _POINTS
    squared = low * np.exp(span * (np.arange(masses) + 0.5) / masses)[:, np.newaxis]
    reach = -0.5 * np.log(squared / s)
    rapidity = reach * (2.0 * (np.arange(rapidities) + 0.5) / rapidities - 1.0)
    root, largest = np.sqrt(squared / s), virtuality_share * squared
    product = photon_flux(root * np.exp(rapidity), largest) * photon_flux(root * np.exp(-rapidity), largest)
    integrand = squared / s * product * cross_section_fb(squared) * 2.0 * reach
    return float(integrand.sum() / rapidities * span / masses)
