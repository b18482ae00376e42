"""Dark Higgsstrahlung, e+e- -> A' h': cross-section by epsilon squared times alpha_D, and the decays of the h'.

arXiv:0903.0363. A dark Higgs boson of mass m_h, with the vertex 2 g_D m_A g^{mu nu} to two dark photons of mass m_A.
Masses and widths in GeV, cross-sections in fb, lengths in cm.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from darkreach.generators.signals.dark_higgs_matrix_element import dark_higgs_cross_section_fb
from darkreach.kinematics import ELECTRON_MASS, FINE_STRUCTURE, HBAR_C_CM, MUON_MASS, TAU_MASS

Array = NDArray[np.float64]


def born_cross_section_fb(
    dark_photon_mass: float, dark_higgs_mass: float, epsilon_squared_alpha_dark: float, sqrt_s: float
) -> float:
    """Return sigma(e+e- -> A' h') in fb without radiation, the formula the events are simulated with.

    Args:
        dark_photon_mass: GeV.
        dark_higgs_mass: GeV; the result is zero where the two are too heavy.
        epsilon_squared_alpha_dark: epsilon squared times alpha_D, which the cross-section goes with.
        sqrt_s: centre-of-mass energy, GeV.

    Example:
        >>> round(born_cross_section_fb(9.0, 1.0, 1e-6 / 137.036, 10.58), 3)
        4.737
    """
    return float(
        dark_higgs_cross_section_fb(dark_photon_mass, dark_higgs_mass, 1.0, epsilon_squared_alpha_dark, sqrt_s**2)
    )


def dark_photon_pair_width_gev(dark_higgs_mass: ArrayLike, dark_photon_mass: ArrayLike, alpha_dark: float) -> Array:
    """Return Gamma(h' -> A' A') = (alpha_D m_h^3/(8 m_A^2)) sqrt(1 - 4 x) (1 - 4 x + 12 x^2), x = m_A^2/m_h^2, in GeV.

    Zero below threshold. Nothing competes with it above: the other decays take two loops' worth of epsilon.

    Example:
        >>> round(float(dark_photon_pair_width_gev(4.0, 1.0, 0.1)), 4)
        0.5521
    """
    higgs = np.asarray(dark_higgs_mass, dtype=np.float64)
    ratio = np.minimum((np.asarray(dark_photon_mass, dtype=np.float64) / higgs) ** 2, 0.25)
    polarisations = 1.0 - 4.0 * ratio + 12.0 * ratio**2
    scale = alpha_dark * higgs / (8.0 * ratio)
    return np.asarray(scale * np.sqrt(1.0 - 4.0 * ratio) * polarisations)


def light_dark_higgs_width_gev(
    dark_higgs_mass: ArrayLike,
    dark_photon_mass: ArrayLike,
    mixing: ArrayLike,
    alpha_dark: float,
    *,
    loop_integral: float = 1.0,
) -> Array:
    """Return the width (GeV) of a dark Higgs boson lighter than the dark photon, to charged leptons by a loop.

    Gamma = sum_l alpha_D alpha^2 epsilon^4 m_h/(2 pi^2) (m_l/m_A)^2 beta^3 I^2. Good to its order of magnitude: the
    integral of the loop is of order one and not computed, and hadrons of similar width are left out.

    Args:
        dark_higgs_mass: GeV, below the mass of the dark photon.
        dark_photon_mass: GeV.
        mixing: epsilon.
        alpha_dark: alpha_D.
        loop_integral: I.
    """
    higgs = np.asarray(dark_higgs_mass, dtype=np.float64)
    total = np.zeros(())
    for lepton in (ELECTRON_MASS, MUON_MASS, TAU_MASS):
        velocity = np.sqrt(np.maximum(1.0 - (2.0 * lepton / higgs) ** 2, 0.0))
        total = total + (lepton / np.asarray(dark_photon_mass, dtype=np.float64)) ** 2 * velocity**3
    coupling = alpha_dark * FINE_STRUCTURE**2 * np.asarray(mixing, dtype=np.float64) ** 4 * loop_integral**2
    return np.asarray(coupling * higgs / (2.0 * math.pi**2) * total)


def light_dark_higgs_decay_length_cm(
    dark_higgs_mass: ArrayLike, dark_photon_mass: ArrayLike, mixing: ArrayLike, alpha_dark: float
) -> Array:
    """Return c tau in cm of a dark Higgs boson lighter than the dark photon; see ``light_dark_higgs_width_gev``.

    Example:
        Thousands of kilometres, so that none decays in a detector; at fixed epsilon^2 alpha_D it goes as alpha_D, and
        near 2e-6, the weakest limits of such searches, it is less than a metre for alpha_D = alpha and 5 GeV:

        >>> f"{float(light_dark_higgs_decay_length_cm(1.0, 2.0, 1e-3, 1 / 137.036)):.1e}"
        '3.8e+08'
    """
    return np.asarray(HBAR_C_CM / light_dark_higgs_width_gev(dark_higgs_mass, dark_photon_mass, mixing, alpha_dark))
