"""Amplitudes of vector mesons that decay to pion pairs, and their phase space."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from darkreach.kinematics.constants import CHARGED_PION_MASS, NEUTRAL_PION_MASS

Array = NDArray[np.float64]
Amplitude = NDArray[np.complex128]

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(80)
_PION: Final = CHARGED_PION_MASS


def pair_velocity(mass: ArrayLike, particle: float) -> Array:
    """Return the velocity of each of two particles of equal mass (GeV) from a boson of ``mass``; 0 below threshold."""
    values = np.asarray(mass, dtype=np.float64)
    return np.asarray(np.sqrt(np.maximum(1.0 - (2.0 * particle / values) ** 2, 0.0)))


def pion_pair_width(mass: ArrayLike, pole: float, width: float) -> Array:
    """Return Gamma (q/q_0)^3 m_0/m in GeV: the width to pion pairs of a meson off its mass shell, GeV."""
    values = np.asarray(mass, dtype=np.float64)
    momentum = values * pair_velocity(values, _PION) / (pole * pair_velocity(pole, _PION))
    return np.asarray(width * momentum**3 * pole / values)


def gounaris_sakurai(mass: ArrayLike, pole: float, width: float) -> Amplitude:
    """Return the amplitude of a broad rho meson, one at zero energy, above the threshold of two charged pions.

    G. J. Gounaris and J. J. Sakurai, Phys. Rev. Lett. 21 (1968) 244. A meson of energy-dependent width together with
    the shift of its mass that goes with it.

    Args:
        mass: energy in GeV, any shape, at least that of two charged pions.
        pole: mass of the meson, GeV.
        width: of the meson, GeV.

    Example:
        At the pole its square is (1 + d width/pole)^2 (pole/width)^2, with d near 0.48:

        >>> round(float(abs(gounaris_sakurai(0.77, 0.77, 0.15))), 2)
        5.61
    """
    values = np.asarray(mass, dtype=np.float64)
    momentum, at_pole = 0.5 * values * pair_velocity(values, _PION), 0.5 * pole * float(pair_velocity(pole, _PION))
    logarithm = math.log((pole + 2.0 * at_pole) / (2.0 * _PION))
    loop = 2.0 / math.pi * momentum / values * np.log((values + 2.0 * momentum) / (2.0 * _PION))
    loop_at_pole = 2.0 / math.pi * at_pole / pole * logarithm
    slope = loop_at_pole * (1.0 / (8.0 * at_pole**2) - 0.5 / pole**2) + 0.5 / (math.pi * pole**2)
    at_zero = (
        3.0 / math.pi * (_PION / at_pole) ** 2 * logarithm
        + 0.5 * pole / (math.pi * at_pole)
        - _PION**2 * pole / (math.pi * at_pole**3)
    )
    shift = (momentum**2 * (loop - loop_at_pole) + (pole**2 - values**2) * at_pole**2 * slope) / at_pole**3
    own = pion_pair_width(values, pole, width)
    return np.asarray(
        pole**2 * (1.0 + at_zero * width / pole) / (pole**2 - values**2 + width * pole**2 * shift - 1j * pole * own)
    )


def narrow_meson(mass: ArrayLike, pole: float, width: float) -> Amplitude:
    """Return m_0^2/(m_0^2 - m^2 - i m Gamma) of a meson of constant width, one at zero energy."""
    values = np.asarray(mass, dtype=np.float64)
    return np.asarray(pole**2 / (pole**2 - values**2 - 1j * values * width))


def rho_pion_phase_space(mass: ArrayLike, rho_pole: float, rho_width: float) -> Array:
    """Return the mean of q^3 (GeV^3) of a pion beside a rho meson, over the line shape of the rho meson.

    The width of a vector meson to three pions goes like this; that the three charges of the rho meson interfere is
    left out.

    Args:
        mass: of the vector meson, GeV, any shape; the result is 0 below three pions.
        rho_pole: mass of the rho meson, GeV.
        rho_width: its width, GeV.
    """
    values = np.asarray(mass, dtype=np.float64)[..., np.newaxis]
    room = np.maximum(values - NEUTRAL_PION_MASS - 2.0 * _PION, 0.0)
    pair = 2.0 * _PION + 0.5 * room * (_NODES + 1.0)
    own = pion_pair_width(pair, rho_pole, rho_width)
    line = 2.0 / math.pi * pair**2 * own / ((pair**2 - rho_pole**2) ** 2 + (pair * own) ** 2)
    triangle = (values**2 - (pair + NEUTRAL_PION_MASS) ** 2) * (values**2 - (pair - NEUTRAL_PION_MASS) ** 2)
    momentum = np.sqrt(np.maximum(triangle, 0.0)) / (2.0 * values)
    return np.asarray((0.5 * room * _WEIGHTS * line * momentum**3).sum(axis=-1))
