"""Invisible dark photons re-weighted to invisible axions: the angular law of the photon, and the boost of the axion.

    (1/sigma) dsigma/dc = 3/8 (1 + c^2)  for e+e- -> gamma a  (with the coupling g a F Fdual/4),

against the law of the dark photon, which radiation along the beams dominates.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from darkreach.generators.signals.dark_photon_matrix_element import (
    dark_photon_cross_section_fb,
    dark_photon_density_fb,
)

Floats = NDArray[np.float64]


def axion_weights(cosine: Floats, mass: float, s: float) -> Floats:
    """Return the factors (k,) on the weights of dark photons that make them axions of the same total cross-section.

    Args:
        cosine: (k,) of the true angle between electron and photon in the CM.
        mass: of either, GeV.
        s: squared CM energy, GeV^2; what radiation along the beams took away is neglected.

    Example:
        >>> cosine = np.tanh(np.linspace(-9.0, 9.0, 4001))
        >>> measure = (1.0 - cosine**2) * (18.0 / 4000)
        >>> density = dark_photon_density_fb(3.0, 1.0, 111.9, cosine)
        >>> total = dark_photon_cross_section_fb(3.0, 1.0, 111.9)
        >>> bool(abs((axion_weights(cosine, 3.0, 111.9) * density * measure).sum() / total - 1) < 1e-3)
        True
    """
    axion = 0.375 * (1.0 + cosine**2)
    dark_photon = dark_photon_density_fb(mass, 1.0, s, cosine) / dark_photon_cross_section_fb(mass, 1.0, s)
    return np.asarray(axion / dark_photon)


def recoil_beta_gamma(direction: Floats, mass: float, total: Floats) -> Floats:
    """Return p/m (k,) in the laboratory of what photons with these directions (k, 3) recoil against.

    Args:
        direction: (k, 3) of the true photon, unit vectors in the laboratory.
        mass: of the recoil, GeV.
        total: (4,) four-momentum of the beams, GeV; radiation is neglected.
    """
    s = total[0] ** 2 - float(total[1:] @ total[1:])
    # k.P = (s - m^2)/2 for the two-body reaction
    energy = 0.5 * (s - mass**2) / (total[0] - direction @ total[1:])
    momentum = total[1:] - energy[:, np.newaxis] * direction
    return np.asarray(np.linalg.norm(momentum, axis=1) / mass)
