"""e+e- -> gamma gamma gamma at tree level, massless electrons.

|M|^2 = e^6 s sum_i a_i b_i (a_i^2 + b_i^2) / prod_j (a_j b_j), averaged over beam spins and summed over photon
polarisations, with a_i = p.k_i and b_i = p'.k_i (F. A. Berends and R. Kleiss, Nucl. Phys. B 186 (1981) 22).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from darkreach.kinematics import FINE_STRUCTURE

Array = NDArray[np.float64]


def three_photon_matrix_element(s: Array, energy_fraction: Array, cosine: Array) -> Array:
    """Return |M|^2 (n,) in GeV^-2.

    Args:
        s: (n,) squared CM energy, GeV^2.
        energy_fraction: (3, n) photon energies in units of sqrt(s)/2; they add up to 2.
        cosine: (3, n) cosines of the CM angles to the electron.

    Example:
        >>> star = np.full((3, 1), 2 / 3), np.zeros((3, 1))
        >>> e_squared = 4 * math.pi * FINE_STRUCTURE
        >>> value = three_photon_matrix_element(np.array([100.0]), *star)
        >>> round(float(value[0]) * 100 / e_squared**3, 6)
        216.0
    """
    # a_i = s/4 x_i (1 - c_i), b_i = s/4 x_i (1 + c_i): the powers of s/4 leave (4/s)^2
    x_squared = energy_fraction**2
    transverse = x_squared * (1.0 - cosine**2)
    numerator = (transverse * 2.0 * x_squared * (1.0 + cosine**2)).sum(axis=0)
    e_squared = 4.0 * math.pi * FINE_STRUCTURE
    return np.asarray(e_squared**3 * 16.0 / s * numerator / transverse.prod(axis=0))
