"""Two real photons to a pair of charged particles, leptons or spinless ones without structure.

With b the velocity of the particles of a pair of mass W and c the cosine of their angle to the photons in the rest
frame of the pair, dsigma/dc is

    leptons:  2 pi alpha^2 b/W^2 [1 + 2 b^2 (1 - b^2) (1 - c^2) - b^4 c^4]/(1 - b^2 c^2)^2,
    spinless: pi alpha^2 b/W^2 [(1 - b^2)^2 + b^4 (1 - c^2)^2]/(1 - b^2 c^2)^2

(V. M. Budnev, I. F. Ginzburg, G. V. Meledin and V. G. Serbo, Phys. Rept. 15 (1975) 181).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from darkreach.kinematics import FINE_STRUCTURE, HBAR_C_SQUARED_FB

Array = NDArray[np.float64]


def lepton_fusion_density_fb(pair_squared: ArrayLike, cosine: ArrayLike, mass: float) -> Array:
    """Return dsigma(gamma gamma -> l+ l-)/dcos in fb, any shape.

    Args:
        pair_squared: W^2, GeV^2, above 4 mass^2.
        cosine: of the angle between lepton and photon in the rest frame of the pair.
        mass: of the lepton, GeV.
    """
    squared, c = np.asarray(pair_squared, dtype=np.float64), np.asarray(cosine, dtype=np.float64)
    velocity_squared = 1.0 - 4.0 * mass**2 / squared
    angular = 1.0 + 2.0 * velocity_squared * (1.0 - velocity_squared) * (1.0 - c**2) - velocity_squared**2 * c**4
    point = HBAR_C_SQUARED_FB * 2.0 * math.pi * FINE_STRUCTURE**2 * np.sqrt(velocity_squared) / squared
    return np.asarray(point * angular / (1.0 - velocity_squared * c**2) ** 2)


def lepton_fusion_cross_section_fb(pair_squared: ArrayLike, mass: float) -> Array:
    """Return sigma(gamma gamma -> l+ l-) in fb, the integral of :func:`lepton_fusion_density_fb`, any shape.

    4 pi alpha^2/W^2 [(1 + r - r^2/2) L - b (1 + r)], r = 4 m^2/W^2, L = 2 ln((1 + b) W/(2 m)) (G. Breit and J. A.
    Wheeler, Phys. Rev. 46 (1934) 1087).

    Example:
        >>> round(float(lepton_fusion_cross_section_fb(1.0, 0.1056583755)) / 1e6, 1)
        950.2
    """
    squared = np.asarray(pair_squared, dtype=np.float64)
    rest = 4.0 * mass**2 / squared
    velocity = np.sqrt(1.0 - rest)
    logarithm = 2.0 * np.log((1.0 + velocity) / np.sqrt(rest))
    sum_of_terms = (1.0 + rest - 0.5 * rest**2) * logarithm - velocity * (1.0 + rest)
    return np.asarray(HBAR_C_SQUARED_FB * 4.0 * math.pi * FINE_STRUCTURE**2 / squared * sum_of_terms)


def spinless_fusion_density_fb(pair_squared: ArrayLike, cosine: ArrayLike, mass: float) -> Array:
    """Return dsigma/dcos in fb of two photons to a pair of spinless particles without structure, any shape.

    Args:
        pair_squared: W^2, GeV^2, above 4 mass^2.
        cosine: of the angle between particle and photon in the rest frame of the pair.
        mass: of the particle, GeV.
    """
    squared, c = np.asarray(pair_squared, dtype=np.float64), np.asarray(cosine, dtype=np.float64)
    rest = 4.0 * mass**2 / squared
    angular = rest**2 + ((1.0 - rest) * (1.0 - c**2)) ** 2
    point = HBAR_C_SQUARED_FB * math.pi * FINE_STRUCTURE**2 * np.sqrt(1.0 - rest) / squared
    return np.asarray(point * angular / (1.0 - (1.0 - rest) * c**2) ** 2)


def spinless_fusion_cross_section_fb(pair_squared: ArrayLike, mass: float) -> Array:
    """Return sigma in fb, the integral of :func:`spinless_fusion_density_fb`, any shape.

    2 pi alpha^2/W^2 [b (1 + r) - r (1 - r/2) L], r = 4 m^2/W^2, L = 2 ln((1 + b) W/(2 m)).

    Example:
        >>> round(float(spinless_fusion_cross_section_fb(1.0, 0.13957039)) / 1e6, 1)
        96.8
    """
    squared = np.asarray(pair_squared, dtype=np.float64)
    rest = 4.0 * mass**2 / squared
    velocity = np.sqrt(1.0 - rest)
    logarithm = 2.0 * np.log((1.0 + velocity) / np.sqrt(rest))
    sum_of_terms = velocity * (1.0 + rest) - rest * (1.0 - 0.5 * rest) * logarithm
    return np.asarray(HBAR_C_SQUARED_FB * 2.0 * math.pi * FINE_STRUCTURE**2 / squared * sum_of_terms)
