"""The decay chi_2 -> chi_1 l- l+ by a virtual dark photon, of Majorana fermions with an off-diagonal vector current.

With P = p_2, p = p_1, k and k' of the leptons and q = k + k',

    |M|^2 = 8 g_D^2 eps^2 e^2/(q^2 - m_A^2)^2 {2 (P.k)(p.k') + 2 (P.k')(p.k) + 2 m_l^2 P.p - (q^2 + 2 m_l^2) m_1 m_2},

averaged over the spin of chi_2. For a small splitting Delta this gives 4 eps^2 alpha alpha_D Delta^5/(15 pi m_A^4) (M.
Duerr et al., arXiv:1911.03176).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from darkreach.generators.decays import ThreeBodyDecay, three_body_decay
from darkreach.kinematics import FINE_STRUCTURE

Array = NDArray[np.float64]


def excited_dark_matter_decay(
    dark_photon_mass: float, masses: tuple[float, float], lepton_mass: float, couplings: tuple[float, float]
) -> ThreeBodyDecay:
    """Return the decay to lepton, antilepton and chi_1, with its width.

    Args:
        dark_photon_mass: GeV, above the splitting.
        masses: of chi_1 and chi_2, GeV.
        lepton_mass: GeV.
        couplings: epsilon and alpha_D.

    Raises:
        ConfigError: the splitting is too small for the pair.

    Example:
        >>> f"{excited_dark_matter_decay(3.0, (1.0, 1.1), 0.511e-3, (1e-3, 0.1)).width:.3g}"
        '6.66e-18'
    """
    light, heavy = masses
    mixing, dark_coupling = couplings
    scale = 8.0 * (4.0 * math.pi) ** 2 * mixing**2 * FINE_STRUCTURE * dark_coupling

    def squared(s12: Array, s13: Array, s23: Array) -> Array:
        lepton = lepton_mass**2
        # particle 3 is chi_1: (P - k)^2 = s23, (P - k')^2 = s13
        cross = (heavy**2 + lepton - s23) * (s23 - light**2 - lepton)
        cross += (heavy**2 + lepton - s13) * (s13 - light**2 - lepton)
        braces = 0.5 * cross + lepton * (light**2 + heavy**2 - s12) - (s12 + 2.0 * lepton) * light * heavy
        return np.asarray(scale * braces / (s12 - dark_photon_mass**2) ** 2)

    return three_body_decay(heavy, (lepton_mass, lepton_mass, light), squared)
