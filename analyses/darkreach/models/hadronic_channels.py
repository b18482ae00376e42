"""What a dark photon decays to below 1.8 GeV: each channel over a pair of massless leptons, the ratio R of e+e- to it.

All masses are in GeV and of any shape. The mesons are those of ``hadron_settings``.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from darkreach.kinematics import FINE_STRUCTURE
from darkreach.kinematics.constants import CHARGED_KAON_MASS, CHARGED_PION_MASS, NEUTRAL_KAON_MASS
from darkreach.models.broad_resonance_amplitudes import (
    Amplitude,
    gounaris_sakurai,
    narrow_meson,
    pair_velocity,
    rho_pion_phase_space,
)
from darkreach.models.hadron_settings import MesonState, VectorMeson, hadron_settings

Array = NDArray[np.float64]


def pion_form_factor(mass: ArrayLike) -> Amplitude:
    """Return F(m) of the charged pion: rho mesons, the lightest mixed with the omega meson; above two pions.

    Example:
        >>> round(float(abs(pion_form_factor(0.75)) ** 2), 0)
        42.0
    """
    settings = hadron_settings().pion_form_factor
    omega, mixing = settings.omega, _factor(settings.omega)
    mixed = (1.0 + mixing * narrow_meson(mass, omega.mass, omega.width)) / (1.0 + mixing)
    first, *others = settings.states
    total = gounaris_sakurai(mass, first.mass, first.width) * mixed
    for state in others:
        total = total + _factor(state) * gounaris_sakurai(mass, state.mass, state.width)
    return np.asarray(total / (1.0 + sum(_factor(state) for state in others)))


def pion_pair_ratio(mass: ArrayLike) -> Array:
    """Return R of pi+ pi-, beta^3 |F|^2/4; zero below threshold.

    Example:
        >>> pion_pair_ratio([0.27, 0.5, 0.77]).round(2).tolist()
        [0.0, 0.5, 9.07]
    """
    values = np.asarray(mass, dtype=np.float64)
    # the form factor is asked for above its threshold only
    above = np.maximum(values, 2.0 * CHARGED_PION_MASS)
    return np.asarray(0.25 * pair_velocity(values, CHARGED_PION_MASS) ** 3 * np.abs(pion_form_factor(above)) ** 2)


def three_pion_ratio(mass: ArrayLike) -> Array:
    """Return R of pi+ pi- pi0 by the omega and the phi meson, as rho pi; their excitations are left out.

    Example:
        >>> three_pion_ratio([0.4, 0.78266]).round(1).tolist()
        [0.0, 11.1]
    """
    settings, values = hadron_settings(), np.asarray(mass, dtype=np.float64)
    rho = settings.rho.mass, settings.rho.width
    phase = math.radians(settings.phi_phase.value)
    total = np.zeros(values.shape, dtype=np.complex128)
    for meson, turn in ((settings.omega, 1.0), (settings.phi, np.exp(1j * phase))):
        strength = meson.three_pions * meson.width / float(rho_pion_phase_space(meson.mass, *rho))
        total += turn * math.sqrt(_electromagnetic(meson) * strength) * _propagator(values, meson)
    return np.asarray(rho_pion_phase_space(values, *rho) * np.abs(total) ** 2 / values)


def kaon_pair_ratio(mass: ArrayLike) -> Array:
    """Return R of K+ K- and of K_S K_L, beta^3 |F|^2/4 each, F by rho, omega and phi with ideal mixing.

    Example:
        >>> kaon_pair_ratio([0.98, 1.019461]).round(0).tolist()
        [0.0, 43.0]
    """
    return np.asarray(charged_kaon_pair_ratio(mass) + _kaon_ratio(mass, NEUTRAL_KAON_MASS, -1.0))


def charged_kaon_pair_ratio(mass: ArrayLike) -> Array:
    """Return R of K+ K- alone.

    Example:
        >>> charged_kaon_pair_ratio([0.98, 1.019461]).round(0).tolist()
        [0.0, 26.0]
    """
    return _kaon_ratio(mass, CHARGED_KAON_MASS, 1.0)


def photon_meson_ratio(mass: ArrayLike) -> Array:
    """Return R of a photon with a neutral pion (by the omega meson) or with an eta meson (by the phi meson).

    Example:
        >>> photon_meson_ratio([0.2, 0.78266]).round(2).tolist()
        [0.0, 1.04]
    """
    values, settings = np.asarray(mass, dtype=np.float64), hadron_settings()
    total = np.zeros(values.shape)
    for meson in (settings.omega, settings.phi):
        partner = meson.photon_partner_mass**2
        momentum = np.maximum(values - partner / values, 0.0) / (meson.mass - partner / meson.mass)
        width = meson.photon * meson.width * momentum**3
        total += _electromagnetic(meson) * width * np.abs(_propagator(values, meson)) ** 2 / values
    return np.asarray(total)


def continuum_ratio(mass: ArrayLike) -> Array:
    """Return R of four pions and of everything that has no channel of its own; zero below four charged pions.

    Example:
        >>> continuum_ratio([0.5, 1.33, 1.8]).round(2).tolist()
        [0.0, 1.02, 2.04]
    """
    values, rise = np.asarray(mass, dtype=np.float64), hadron_settings().continuum
    ratio = rise.height / (1.0 + np.exp(np.minimum((rise.middle - values) / rise.slope, 50.0)))
    return np.where(values > 4.0 * CHARGED_PION_MASS, ratio, 0.0)


def _kaon_ratio(mass: ArrayLike, kaon_mass: float, isovector: float) -> Array:
    """Return R of a pair of kaons; the rho meson adds to charged ones and takes from neutral ones."""
    settings, values = hadron_settings(), np.asarray(mass, dtype=np.float64)
    above = np.maximum(values, 2.0 * CHARGED_KAON_MASS)
    rho = 0.5 * gounaris_sakurai(above, settings.rho.mass, settings.rho.width)
    omega = narrow_meson(above, settings.omega.mass, settings.omega.width) / 6.0
    phi = settings.phi_to_kaons.value * narrow_meson(above, settings.phi.mass, settings.phi.width) / 3.0
    squared = np.abs(omega + phi + isovector * rho) ** 2
    return np.asarray(0.25 * pair_velocity(values, kaon_mass) ** 3 * squared)


def _factor(state: MesonState) -> complex:
    return complex(state.size * np.exp(1j * state.phase))


def _electromagnetic(meson: VectorMeson) -> float:
    """Return 9 m_0^3 Gamma_ee/alpha^2 (GeV^4): R of a decay of width Gamma_f is this times Gamma_f |D|^2/m."""
    return 9.0 * meson.mass**3 * meson.electrons * meson.width / FINE_STRUCTURE**2


def _propagator(mass: Array, meson: VectorMeson) -> Amplitude:
    return np.asarray(narrow_meson(mass, meson.mass, meson.width) / meson.mass**2)
