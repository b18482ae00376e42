"""An axion-like particle with photon coupling only, L = -(g/4) a F Ftilde: width, lifetime, production, kinematics.

arXiv:1709.00009 and arXiv:2007.13071. Masses in GeV, the coupling g in 1/GeV, lengths in cm, cross-sections in fb.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from darkreach.errors import DarkreachError
from darkreach.generators.signals.axion_matrix_element import axion_cross_section_fb
from darkreach.kinematics.constants import HBAR_C_CM


def photon_width_gev(mass: ArrayLike, coupling: ArrayLike) -> NDArray[np.float64]:
    """Return Gamma(a -> gamma gamma) = g^2 m^3/(64 pi) in GeV, the total width.

    Args:
        mass: GeV.
        coupling: 1/GeV.

    Example:
        The neutral pion, with the anomaly coupling alpha/(pi f_pi), f_pi = 92.4 MeV, has 7.7 eV:

        >>> coupling = 1 / 137.036 / (math.pi * 0.0924)
        >>> round(float(photon_width_gev(0.1349768, coupling)) * 1e9, 1)
        7.7
    """
    return np.asarray(np.square(coupling) * np.power(np.asarray(mass, dtype=np.float64), 3) / (64.0 * math.pi))


def proper_decay_length_cm(mass: ArrayLike, coupling: ArrayLike) -> NDArray[np.float64]:
    """Return c tau = hbar c/Gamma in cm; it goes as 1/(g^2 m^3).

    Example:
        >>> f"{float(proper_decay_length_cm(0.1, 1e-3)):.3g}"
        '0.00397'
    """
    return np.asarray(HBAR_C_CM / photon_width_gev(mass, coupling))


def decay_length_cm(mass: ArrayLike, coupling: ArrayLike, beta_gamma: ArrayLike) -> NDArray[np.float64]:
    """Return the mean decay length beta gamma c tau in cm, in the frame of ``beta_gamma`` = p/m."""
    return np.asarray(np.asarray(beta_gamma) * proper_decay_length_cm(mass, coupling))


def escape_probability(decay_length_cm: ArrayLike, distance_cm: float) -> NDArray[np.float64]:
    """Return exp(-L/lambda), the probability to fly further than L.

    Args:
        decay_length_cm: mean decay length lambda in the laboratory, any shape, not negative.
        distance_cm: L.

    Example:
        >>> escape_probability([0.0, 300.0, float("inf")], 300.0).round(4).tolist()
        [0.0, 0.3679, 1.0]
    """
    with np.errstate(divide="ignore"):
        return np.exp(-distance_cm / np.asarray(decay_length_cm, dtype=np.float64))


def cross_section_fb(mass: float, coupling: float, s: float) -> float:
    """Return sigma(e+e- -> gamma a) = (alpha g^2/24)(1 - m^2/s)^3 in fb, the formula the events are simulated with.

    Args:
        mass: GeV.
        coupling: 1/GeV.
        s: squared centre-of-mass energy, GeV^2.

    Example:
        >>> round(cross_section_fb(1e-6, 1e-3, 10.58**2), 1)
        118.4
    """
    return float(axion_cross_section_fb(mass, coupling, s))


def center_of_mass_beta_gamma(mass: float, sqrt_s: float) -> float:
    """Return p/m of an axion-like particle that recoils against a photon, in the centre-of-mass frame.

    Args:
        mass: GeV.
        sqrt_s: centre-of-mass energy, GeV.

    Raises:
        DarkreachError: the mass is not between zero and sqrt_s.
    """
    _check_mass(mass, sqrt_s)
    return (sqrt_s**2 - mass**2) / (2.0 * sqrt_s * mass)


def minimal_opening_angle(mass: float, sqrt_s: float) -> float:
    """Return the smallest angle between the decay photons in the centre-of-mass frame, 2 arcsin(m/E), in rad.

    Raises:
        DarkreachError: the mass is not between zero and sqrt_s.

    Example:
        >>> round(math.degrees(minimal_opening_angle(1.0, 10.58)), 1)
        21.6
    """
    _check_mass(mass, sqrt_s)
    energy = (sqrt_s**2 + mass**2) / (2.0 * sqrt_s)
    return 2.0 * math.asin(mass / energy)


def _check_mass(mass: float, sqrt_s: float) -> None:
    if not 0.0 < mass < sqrt_s:
        raise DarkreachError(
            "mass out of kinematic reach", allowed=f"between 0 and {sqrt_s:g} GeV", given=f"{mass:g} GeV"
        )
