"""Importance sampling of massless three-body phase space for e+e- -> gamma gamma gamma.

dPS3 = s/(128 pi^3) dx_1 dx_3 (dcos_1/2) (dphi/2 pi) (dpsi/2 pi), whose volume is s/(256 pi^3). Photon 3 is the softest,
which is one third of phase space. Soft photons are taken as dx_3/x_3, the polar angle of photon 1 flat in rapidity:
what remains of |M|^2 varies little.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class ThreePhotons:
    """Photons in the CM of the collision, whose third axis is the electron direction.

    Attributes:
        energy_fraction: (3, n) energies in units of sqrt(s)/2; the last photon is the softest.
        direction: (3, 3, n) unit vectors, by photon and component.
        phase_space: (n,) dPS3 divided by the sampling density, GeV^2; its mean is the sampled volume.
    """

    energy_fraction: Array
    direction: Array
    phase_space: Array


def sample_three_photons(
    s: Array, minimum_fraction: Array, rapidity_low: Array, rapidity_high: Array, random: np.random.Generator
) -> ThreePhotons:
    """Sample all three-photon states with energies above a minimum and photon 1 in a range of rapidity.

    Args:
        s: (n,) squared CM energy, GeV^2.
        minimum_fraction: (n,) smallest photon energy in units of sqrt(s)/2, below 2/3.
        rapidity_low: (n,) smallest atanh(cos) of photon 1.
        rapidity_high: (n,) largest atanh(cos) of photon 1.
        random: source of random numbers.
    """
    n = len(s)
    energies, density = _sample_energies(minimum_fraction, random)
    rapidity = rapidity_low + (rapidity_high - rapidity_low) * random.random(n)
    cosine = np.tanh(rapidity)
    angular = 0.5 * (rapidity_high - rapidity_low) * (1.0 - cosine**2)
    direction = _directions(energies, cosine, random)
    # 3: any of the photons may be the softest
    volume = 3.0 * s / (128.0 * math.pi**3) * density * angular
    return ThreePhotons(energies, direction, volume)


def _sample_energies(minimum: Array, random: np.random.Generator) -> tuple[Array, Array]:
    """Return (3, n) energy fractions and the area in (x_1, x_3) divided by the sampling density."""
    n = len(minimum)
    log_range = np.log((2.0 / 3.0) / minimum)
    softest = minimum * np.exp(log_range * random.random(n))
    # x_1 and x_2 = 2 - x_3 - x_1 must stay between x_3 and 1
    low = np.maximum(1.0 - softest, softest)
    width = np.minimum(softest, 2.0 - 3.0 * softest)
    first = low + width * random.random(n)
    energies = np.stack([first, 2.0 - softest - first, softest])
    return energies, log_range * softest * width


def _directions(energies: Array, cosine: Array, random: np.random.Generator) -> Array:
    """Return unit vectors: photon 1 at a polar angle and a random azimuth, the plane of the event turned about it."""
    n = len(cosine)
    azimuth, turn = 2.0 * math.pi * random.random(n), 2.0 * math.pi * random.random(n)
    sine = np.sqrt(1.0 - cosine**2)
    first = np.stack([sine * np.cos(azimuth), sine * np.sin(azimuth), cosine])
    # two unit vectors normal to photon 1: along growing polar angle and growing azimuth
    polar = np.stack([cosine * np.cos(azimuth), cosine * np.sin(azimuth), -sine])
    around = np.stack([-np.sin(azimuth), np.cos(azimuth), np.zeros(n)])
    normal = np.cos(turn) * polar + np.sin(turn) * around
    x1, x2, x3 = energies
    # momentum balance: x2 sin(12) = x3 sin(13), both on opposite sides of photon 1
    across = np.sqrt(np.maximum((1.0 - x1) * (1.0 - x2) * (1.0 - x3), 0.0)) * 2.0 / x1
    along_2 = 1.0 - 2.0 * (1.0 - x3) / (x1 * x2)
    along_3 = 1.0 - 2.0 * (1.0 - x2) / (x1 * x3)
    second = along_2 * first + (across / x2) * normal
    third = along_3 * first - (across / x3) * normal
    return np.stack([first, second, third])
