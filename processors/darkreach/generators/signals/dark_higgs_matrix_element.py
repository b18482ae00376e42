"""e+e- -> A' h' by a virtual dark photon: cross-section and angular law.

With r_A = m_A^2/s, r_h = m_h^2/s, lambda = 1 + r_A^2 + r_h^2 - 2 r_A - 2 r_h - 2 r_A r_h and massless electrons,

    sigma = pi alpha alpha_D eps^2/(3 s) sqrt(lambda) (lambda + 12 r_A)/(1 - r_A)^2,
    dsigma/dcos ~ lambda sin^2 + 8 r_A

(B. Batell, M. Pospelov and A. Ritz, arXiv:0903.0363; here from the cross-section of Z H by its couplings).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from darkreach.kinematics import FINE_STRUCTURE, HBAR_C_SQUARED_FB

Array = NDArray[np.float64]


def triangle(s: ArrayLike, first_mass: float, second_mass: float) -> Array:
    """Return lambda(1, m1^2/s, m2^2/s); zero below threshold."""
    squared = np.asarray(s, dtype=np.float64)
    above = np.maximum(1.0 - (first_mass + second_mass) ** 2 / squared, 0.0)
    return np.asarray(above * (1.0 - (first_mass - second_mass) ** 2 / squared))


def dark_higgs_cross_section_fb(
    dark_photon_mass: float, dark_higgs_mass: float, mixing: float, dark_coupling: float, s: ArrayLike
) -> Array:
    """Return sigma(e+e- -> A' h') in fb; zero below threshold.

    Args:
        dark_photon_mass: GeV.
        dark_higgs_mass: GeV.
        mixing: epsilon.
        dark_coupling: alpha_D.
        s: squared CM energy, GeV^2, any shape.

    Example:
        >>> round(float(dark_higgs_cross_section_fb(9.0, 1.0, 1e-3, 1 / 137.036, 10.58**2)), 3)
        4.737
    """
    squared = np.asarray(s, dtype=np.float64)
    ratio = dark_photon_mass**2 / squared
    phase_space = triangle(squared, dark_photon_mass, dark_higgs_mass)
    scale = HBAR_C_SQUARED_FB * math.pi * FINE_STRUCTURE * dark_coupling * mixing**2 / (3.0 * squared)
    away = np.where(phase_space > 0.0, 1.0 - ratio, 1.0)
    return np.asarray(scale * np.sqrt(phase_space) * (phase_space + 12.0 * ratio) / away**2)


def sample_dark_higgs_cosine(
    s: Array, dark_photon_mass: float, dark_higgs_mass: float, random: np.random.Generator
) -> Array:
    """Return cosines (n,) of the dark photon to the electron in the CM, for squared CM energies (n,) in GeV^2.

    A share of 4 lambda/3 over 4 lambda/3 + 16 r_A follows sin^2, by inverting c^3 - 3 c = 2 - 4 r; the rest is flat.
    """
    sine_part = 4.0 / 3.0 * triangle(s, dark_photon_mass, dark_higgs_mass)
    flat_part = 16.0 * dark_photon_mass**2 / s
    uniform = random.random(len(s))
    bent = 2.0 * np.sin(np.arcsin(2.0 * uniform - 1.0) / 3.0)
    follows_sine = random.random(len(s)) * (sine_part + flat_part) < sine_part
    return np.asarray(np.where(follows_sine, bent, 2.0 * uniform - 1.0))
