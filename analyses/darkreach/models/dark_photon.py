"""A dark photon with kinetic mixing, L = epsilon e A'_mu J^mu, and dark matter it may decay to.

arXiv:0903.3941 and arXiv:1702.03327. Masses in GeV; epsilon and alpha_D have no unit.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from darkreach.kinematics import FINE_STRUCTURE
from darkreach.models.leptonic_width import leptonic_width_gev

Array = NDArray[np.float64]


def charged_lepton_width_gev(mass: ArrayLike, mixing: ArrayLike, lepton_mass: float) -> Array:
    """Return Gamma(A' -> l+ l-) = (alpha epsilon^2 m/3)(1 + 2 r) sqrt(1 - 4 r) in GeV, r = m_l^2/m^2.

    Example:
        >>> f"{float(charged_lepton_width_gev(1.0, 1e-3, 0.0)):.3e}"
        '2.432e-09'
    """
    coupling = math.sqrt(4.0 * math.pi * FINE_STRUCTURE) * np.asarray(mixing, dtype=np.float64)
    return leptonic_width_gev(mass, coupling, lepton_mass)


def dark_fermion_width_gev(mass: ArrayLike, alpha_dark: ArrayLike, fermion_mass: float) -> Array:
    """Return Gamma(A' -> chi chibar) = (alpha_D m/3)(1 + 2 r) sqrt(1 - 4 r) in GeV for a Dirac fermion.

    Example:
        The width is a sixth of the mass at alpha_D = 1/2 and a light fermion:

        >>> round(float(dark_fermion_width_gev(6.0, 0.5, 0.0)), 12)
        1.0
    """
    return leptonic_width_gev(mass, np.sqrt(4.0 * math.pi * np.asarray(alpha_dark, dtype=np.float64)), fermion_mass)


def dark_scalar_width_gev(mass: ArrayLike, alpha_dark: ArrayLike, scalar_mass: float) -> Array:
    """Return Gamma(A' -> phi phi*) = (alpha_D m/12)(1 - 4 r)^(3/2) in GeV for a complex scalar.

    Example:
        >>> round(float(dark_scalar_width_gev(6.0, 0.5, 0.0)), 12)
        0.25
    """
    boson = np.asarray(mass, dtype=np.float64)
    ratio = np.minimum((scalar_mass / boson) ** 2, 0.25)
    return np.asarray(np.asarray(alpha_dark) * boson / 12.0 * (1.0 - 4.0 * ratio) ** 1.5)
