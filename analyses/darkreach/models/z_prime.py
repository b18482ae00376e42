"""The Z' of L_mu - L_tau: L = g' Z'_mu (mubar gamma mu - taubar gamma tau + nubar_mu gamma P_L nu_mu - nubar_tau ...).

arXiv:1403.1269 and arXiv:1912.11276. Masses in GeV, the coupling g' has no unit.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from darkreach.kinematics import HBAR_C_CM, MUON_MASS, TAU_MASS
from darkreach.models.leptonic_width import leptonic_width_gev

Array = NDArray[np.float64]


def neutrino_width_gev(mass: ArrayLike, coupling: ArrayLike) -> Array:
    """Return Gamma(Z' -> nu nubar) = g'^2 m/(12 pi) in GeV, two left-handed flavours of g'^2 m/(24 pi) each."""
    return np.asarray(np.square(coupling) * np.asarray(mass, dtype=np.float64) / (12.0 * math.pi))


def total_width_gev(mass: ArrayLike, coupling: ArrayLike) -> Array:
    """Return the width to neutrinos, muons and taus in GeV.

    Example:
        >>> round(float(total_width_gev(1.0, 1.0)), 4)
        0.053
    """
    charged = [leptonic_width_gev(mass, coupling, lepton) for lepton in (MUON_MASS, TAU_MASS)]
    return np.asarray(neutrino_width_gev(mass, coupling) + charged[0] + charged[1])


def neutrino_branching(mass: ArrayLike) -> Array:
    """Return BR(Z' -> nu nubar): 1 below the muon threshold, then near 1/2, then near 1/3.

    Example:
        >>> neutrino_branching([0.1, 0.25, 1.0, 4.0]).round(3).tolist()
        [1.0, 0.58, 0.5, 0.379]
    """
    return np.asarray(neutrino_width_gev(mass, 1.0) / total_width_gev(mass, 1.0))


def muon_branching(mass: ArrayLike) -> Array:
    """Return BR(Z' -> mu+ mu-), 0 below threshold.

    Example:
        >>> muon_branching([0.1, 0.25, 1.0]).round(3).tolist()
        [0.0, 0.42, 0.5]
    """
    return np.asarray(leptonic_width_gev(mass, 1.0, MUON_MASS) / total_width_gev(mass, 1.0))


def tau_branching(mass: ArrayLike) -> Array:
    """Return BR(Z' -> tau+ tau-), 0 below threshold."""
    return np.asarray(leptonic_width_gev(mass, 1.0, TAU_MASS) / total_width_gev(mass, 1.0))


def proper_decay_length_cm(mass: ArrayLike, coupling: ArrayLike) -> Array:
    """Return c tau = hbar c/Gamma in cm.

    Example:
        >>> f"{float(proper_decay_length_cm(0.1, 1.0)):.2g}"
        '7.4e-12'
    """
    return np.asarray(HBAR_C_CM / total_width_gev(mass, coupling))
