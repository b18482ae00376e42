"""e+e- -> gamma A' by kinetic mixing, L = epsilon e A'_mu J^mu: cross-section and angular law with the electron mass.

With x = m^2/s, c the angle of the photon to the electron in the CM and beta the velocity of the beams,

    dsigma/dc = 2 pi alpha^2 eps^2/(s (1 - x)) {[(1 + x)^2 + (1 - x)^2 c^2]/(1 - beta^2 c^2)
                                                - 16 x (m_e^2/s)/(1 - beta^2 c^2)^2},
    sigma = 4 pi alpha^2 eps^2/(s (1 - x)) (1 + x^2) (ln(s/m_e^2) - 1),

right up to relative corrections m_e^2/s (R. Essig, P. Schuster and N. Toro, arXiv:0903.3941, without the mass term,
which is what remains along the beams; the test compares with explicit Dirac traces of massive electrons).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from darkreach.kinematics import ELECTRON_MASS, FINE_STRUCTURE, HBAR_C_SQUARED_FB

Array = NDArray[np.float64]


def dark_photon_cross_section_fb(mass_gev: float, mixing: float, s: ArrayLike) -> Array:
    """Return sigma(e+e- -> gamma A') over all angles in fb, at squared CM energies s in GeV^2 above mass_gev^2.

    Example:
        >>> round(float(dark_photon_cross_section_fb(3.0, 1e-3, 10.58**2)), 2)
        48.09
    """
    squared = np.asarray(s, dtype=np.float64)
    x = mass_gev**2 / squared
    scale = HBAR_C_SQUARED_FB * 4.0 * math.pi * (FINE_STRUCTURE * mixing) ** 2 / (squared * (1.0 - x))
    return np.asarray(scale * (1.0 + x**2) * (np.log(squared / ELECTRON_MASS**2) - 1.0))


def dark_photon_density_fb(mass_gev: ArrayLike, mixing: float, s: ArrayLike, cosine: ArrayLike) -> Array:
    """Return dsigma/dcos of the photon in fb; zero below threshold.

    Args:
        mass_gev: mass of the dark photon, GeV, of a shape that goes with s.
        mixing: epsilon.
        s: squared CM energy, GeV^2.
        cosine: of the angle between electron and photon in the CM, of a shape that goes with s.

    Example:
        >>> round(float(dark_photon_density_fb(3.0, 1.0, 10.58**2, 0.0)) / 1e6, 3)
        1.477
    """
    squared, c = np.asarray(s, dtype=np.float64), np.asarray(cosine, dtype=np.float64)
    x = np.asarray(mass_gev, dtype=np.float64) ** 2 / squared
    open_phase_space = np.where(x < 1.0, 1.0 - x, np.inf)
    collinear = 1.0 - (1.0 - 4.0 * ELECTRON_MASS**2 / squared) * c**2
    law = ((1.0 + x) ** 2 + ((1.0 - x) * c) ** 2) / collinear
    law -= 16.0 * x * ELECTRON_MASS**2 / squared / collinear**2
    scale = HBAR_C_SQUARED_FB * 2.0 * math.pi * (FINE_STRUCTURE * mixing) ** 2 / squared
    return np.asarray(scale * law / open_phase_space)
