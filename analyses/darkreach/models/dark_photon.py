"""A dark photon with kinetic mixing, L = epsilon e A'_mu J^mu, and dark matter it may decay to.

arXiv:0903.3941 and arXiv:1702.03327. Masses in GeV; epsilon and alpha_D have no unit.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from darkreach.kinematics import ELECTRON_MASS, FINE_STRUCTURE, MUON_MASS, TAU_MASS
from darkreach.models.leptonic_width import leptonic_width_gev

Array = NDArray[np.float64]

CONTINUUM_THRESHOLD: Final = 1.8
"""Mass above which quarks stand for hadrons, GeV."""

CHARM_THRESHOLD: Final = 3.73
"""Mass of two D mesons, GeV."""


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


def quark_ratio(mass: ArrayLike) -> Array:
    """Return R = Gamma_hadrons/Gamma(massless lepton) of free quarks, 3 sum Q^2: 0, 2 (u d s) or 10/3 (u d s c).

    Zero below 1.8 GeV, where resonances rule (R reaches 19 at the omega and 46 at the phi): what uses it there counts
    lepton pairs only. Corrections of the strong interaction, 4-10 % above, and charmonium are left out.

    Example:
        >>> quark_ratio([1.0, 3.0, 5.0]).round(3).tolist()
        [0.0, 2.0, 3.333]
    """
    boson = np.asarray(mass, dtype=np.float64)
    return np.where(boson < CONTINUUM_THRESHOLD, 0.0, np.where(boson < CHARM_THRESHOLD, 2.0, 10.0 / 3.0))


def visible_width_gev(mass: ArrayLike, mixing: ArrayLike) -> Array:
    """Return the width to e, mu and tau pairs and, above 1.8 GeV, to free quarks, in GeV.

    Args:
        mass: GeV, of a shape that goes with that of the mixing.
        mixing: epsilon.

    Example:
        >>> f"{float(visible_width_gev(0.1, 1e-3)):.4g}"
        '2.432e-10'
    """
    leptons = sum(charged_lepton_width_gev(mass, mixing, lepton) for lepton in (ELECTRON_MASS, MUON_MASS, TAU_MASS))
    return np.asarray(leptons + quark_ratio(mass) * charged_lepton_width_gev(mass, mixing, 0.0))


def lepton_branching(mass: ArrayLike, lepton_mass: float) -> Array:
    """Return BR(A' -> l+ l-) without dark decays; see ``visible_width_gev`` for what is counted.

    Example:
        >>> lepton_branching([0.1, 0.25], ELECTRON_MASS).round(3).tolist()
        [1.0, 0.58]
    """
    return np.asarray(charged_lepton_width_gev(mass, 1.0, lepton_mass) / visible_width_gev(mass, 1.0))
