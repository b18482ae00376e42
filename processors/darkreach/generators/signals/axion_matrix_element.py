"""e+e- -> gamma a by the photon coupling L = -(g/4) a F Ftilde: cross-section, angle and their inverse.

sigma = alpha g^2/24 (1 - m^2/s)^3, dsigma/dcos = alpha g^2/64 (1 - m^2/s)^3 (1 + cos^2) (arXiv:1709.00009, photon
coupling only; electron mass neglected).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from darkreach.kinematics import FINE_STRUCTURE, HBAR_C_SQUARED_FB


def axion_cross_section_fb(mass_gev: float, coupling: float, s: ArrayLike) -> NDArray[np.float64]:
    """Return sigma(e+e- -> gamma a) in fb; zero below threshold.

    Args:
        mass_gev: mass of the axion-like particle, GeV.
        coupling: g_agg, 1/GeV.
        s: squared CM energy, GeV^2, any shape.

    Example:
        >>> round(float(axion_cross_section_fb(0.01, 1e-3, 10.58**2)), 1)
        118.4
    """
    open_phase_space = np.maximum(1.0 - mass_gev**2 / np.asarray(s, dtype=np.float64), 0.0)
    return np.asarray(HBAR_C_SQUARED_FB * FINE_STRUCTURE * coupling**2 / 24.0 * open_phase_space**3)


def axion_angular_density(cosine: ArrayLike) -> NDArray[np.float64]:
    """Return (1/sigma) dsigma/dcos = 3/8 (1 + cos^2) of the CM angle to the electron."""
    return np.asarray(0.375 * (1.0 + np.square(cosine)))


def sample_axion_cosine(uniform: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return cosines distributed as 1 + cos^2 from uniform numbers in [0, 1], by inverting c^3 + 3 c = 8 r - 4.

    Example:
        >>> sample_axion_cosine(np.array([0.0, 0.5, 1.0])).round(12).tolist()
        [-1.0, 0.0, 1.0]
    """
    return np.asarray(2.0 * np.sinh(np.arcsinh(4.0 * uniform - 2.0) / 3.0))
