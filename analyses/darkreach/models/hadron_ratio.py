"""R = Gamma(A' -> hadrons)/Gamma(A' -> two massless leptons): channels below 1.8 GeV, quarks above."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from darkreach.kinematics import TAU_MASS
from darkreach.models.broad_resonance_amplitudes import pair_velocity
from darkreach.models.dark_photon import CHARM_THRESHOLD, CONTINUUM_THRESHOLD
from darkreach.models.hadron_settings import hadron_settings
from darkreach.models.hadronic_channels import (
    continuum_ratio,
    kaon_pair_ratio,
    photon_meson_ratio,
    pion_pair_ratio,
    three_pion_ratio,
)

Array = NDArray[np.float64]


def hadron_ratio(mass: ArrayLike) -> Array:
    """Return R of all hadrons, without charmonium and bottomonium: it holds up to 10.5 GeV but at their narrow peaks.

    Args:
        mass: GeV, any shape.

    Example:
        >>> hadron_ratio([0.2, 0.5, 1.2, 3.0, 9.0]).round(2).tolist()
        [0.0, 0.5, 0.83, 2.16, 3.52]
    """
    values = np.asarray(mass, dtype=np.float64)
    channels = (pion_pair_ratio, three_pion_ratio, kaon_pair_ratio, photon_meson_ratio, continuum_ratio)
    below = np.asarray(sum(channel(np.minimum(values, CONTINUUM_THRESHOLD)) for channel in channels))
    return np.where(values < CONTINUUM_THRESHOLD, below, corrected_quark_ratio(values))


def corrected_quark_ratio(mass: ArrayLike) -> Array:
    """Return 3 sum Q^2 (1 + alpha_s/pi): u, d, s, and above two D mesons c with v (3 - v^2)/2 of its quark mass.

    That mean of the resonances between 3.7 and 4.5 GeV is good to their scatter only.

    Args:
        mass: GeV, any shape, above a GeV.

    Example:
        >>> corrected_quark_ratio([2.0, 9.0]).round(2).tolist()
        [2.19, 3.52]
    """
    values = np.asarray(mass, dtype=np.float64)
    velocity = pair_velocity(values, hadron_settings().quarks.charm_mass)
    charm = np.where(values < CHARM_THRESHOLD, 0.0, 4.0 / 3.0 * 0.5 * velocity * (3.0 - velocity**2))
    return np.asarray((2.0 + charm) * (1.0 + strong_coupling(values) / math.pi))


def strong_coupling(mass: ArrayLike) -> Array:
    """Return alpha_s at an energy (GeV, above a GeV), to lowest order, with three and above two D mesons four quarks.

    Example:
        >>> strong_coupling([1.77693, 10.0]).round(3).tolist()
        [0.312, 0.179]
    """
    values = np.asarray(mass, dtype=np.float64)
    three = 27.0 / (6.0 * math.pi) * np.log(np.clip(values, 1.0, CHARM_THRESHOLD) / TAU_MASS)
    four = 25.0 / (6.0 * math.pi) * np.log(np.maximum(values, CHARM_THRESHOLD) / CHARM_THRESHOLD)
    return np.asarray(1.0 / (1.0 / hadron_settings().quarks.strong_coupling + three + four))
