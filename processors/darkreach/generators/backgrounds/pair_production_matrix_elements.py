"""e+e- -> gamma gamma, mu+ mu- and e+ e- at lowest order, the electron mass neglected.

With c the cosine of the CM angle to the electron and e^2 = 4 pi alpha,

    |M|^2 (gamma gamma) = 4 e^4 (1 + c^2)/(1 - c^2),
    |M|^2 (mu mu) = e^4 (1 + 4 m^2/s + beta^2 c^2),
    |M|^2 (e e) = 2 e^4 [(s^2 + u^2)/t^2 + 2 u^2/(s t) + (t^2 + u^2)/s^2]

(M. E. Peskin and D. V. Schroeder, An Introduction to Quantum Field Theory, chapter 5).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from darkreach.kinematics import FINE_STRUCTURE

Array = NDArray[np.float64]


def two_photon_matrix_element(cosine: ArrayLike) -> Array:
    """Return |M|^2 of e+e- -> gamma gamma, without unit, averaged over beam spins, summed over polarisations.

    Args:
        cosine: of the angle between electron and photon in the CM, below 1 in size, any shape.

    Example:
        >>> round(float(two_photon_matrix_element(0.0)) / (4 * math.pi * FINE_STRUCTURE) ** 2, 6)
        4.0
    """
    squared = np.square(np.asarray(cosine, dtype=np.float64))
    return np.asarray(4.0 * (4.0 * math.pi * FINE_STRUCTURE) ** 2 * (1.0 + squared) / (1.0 - squared))


def muon_pair_matrix_element(s: ArrayLike, cosine: ArrayLike, mass: float) -> Array:
    """Return |M|^2 of e+e- -> mu+ mu-, without unit, averaged over beam spins, summed over the others.

    Args:
        s: squared CM energy, GeV^2, any shape.
        cosine: of the angle between electron and negative muon in the CM.
        mass: of the muon, GeV.

    Example:
        >>> value = muon_pair_matrix_element(100.0, 1.0, 1e-6)
        >>> round(float(value) / (4 * math.pi * FINE_STRUCTURE) ** 2, 6)
        2.0
    """
    rest = 4.0 * mass**2 / np.asarray(s, dtype=np.float64)
    angular = 1.0 + rest + (1.0 - rest) * np.square(np.asarray(cosine, dtype=np.float64))
    return np.asarray((4.0 * math.pi * FINE_STRUCTURE) ** 2 * angular)


def bhabha_matrix_element(cosine: ArrayLike) -> Array:
    """Return |M|^2 of e+e- -> e+e-, without unit, averaged over beam spins, summed over the others.

    Args:
        cosine: of the angle between incoming and outgoing electron in the CM, below 1, any shape.

    Example:
        >>> round(float(bhabha_matrix_element(0.0)) / (4 * math.pi * FINE_STRUCTURE) ** 2, 6)
        9.0
    """
    c = np.asarray(cosine, dtype=np.float64)
    # in units of s
    t, u = -0.5 * (1.0 - c), -0.5 * (1.0 + c)
    squares = (1.0 + u**2) / t**2 + 2.0 * u**2 / t + t**2 + u**2
    return np.asarray(2.0 * (4.0 * math.pi * FINE_STRUCTURE) ** 2 * squares)
