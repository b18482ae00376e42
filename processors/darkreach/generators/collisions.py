"""Single collisions: beam energies with their spread, radiation, and the way from the CM to the laboratory.

With massless beams along the fixed light-like directions l1 and l2, every four-momentum is
k = (alpha E1) l1 + (beta E2) l2 + k_u e_u + k_v e_v, where alpha, beta = (E* +- k*_n)/sqrt(s'). This is the full boost
with the crossing angle, exact for any beam energies, and it cannot lose momentum by rounding.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from darkreach.generators.radiator import radiator_exponent, sample_radiation
from darkreach.kinematics import Beams

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Collisions:
    """Colliding electrons and positrons after their radiation.

    Attributes:
        electron_energy: (n,) GeV, laboratory, after radiation.
        positron_energy: (n,) GeV, laboratory, after radiation.
        half_crossing_angle: rad, between each beam and the z axis.
        radiated: (n, 4) four-momentum of the collinear photon, laboratory, GeV; zero without radiation.
        weight: (n,) radiator weight; its mean is the integral of the structure function. One without radiation.
    """

    electron_energy: Array
    positron_energy: Array
    half_crossing_angle: float
    radiated: Array
    weight: Array

    @property
    def s(self) -> Array:
        """Squared CM energy (n,) of what collides, GeV^2."""
        cosine = math.cos(self.half_crossing_angle)
        return 4.0 * cosine**2 * self.electron_energy * self.positron_energy

    @property
    def four_momentum(self) -> Array:
        """Total four-momentum (n, 4) of what collides, laboratory, GeV."""
        n = len(self.weight)
        zero = np.zeros(n)
        return self.to_laboratory(np.sqrt(self.s), zero, zero, zero)

    def to_laboratory(self, energy: Array, k_u: Array, k_v: Array, k_n: Array) -> Array:
        """Return laboratory four-momenta (n, 4) from the CM energy and components (n,), GeV.

        In the CM the n axis is the direction of the electron, v is the laboratory y axis, u completes u x v = n.
        """
        sine, cosine = math.sin(self.half_crossing_angle), math.cos(self.half_crossing_angle)
        inverse_sqrt_s = 1.0 / np.sqrt(self.s)
        along_electron = (energy + k_n) * inverse_sqrt_s * self.electron_energy
        along_positron = (energy - k_n) * inverse_sqrt_s * self.positron_energy
        total = along_electron + along_positron
        result = np.empty((len(energy), 4))
        result[:, 0] = total + (sine / cosine) * k_u
        result[:, 1] = sine * total + k_u / cosine
        result[:, 2] = k_v
        result[:, 3] = cosine * (along_electron - along_positron)
        return result


def generate_collisions(
    beams: Beams, n: int, random: np.random.Generator, *, maximum_isr_fraction: float, threshold: float = 0.0
) -> Collisions:
    """Draw beam energies and, if asked for, one photon collinear with the electron or the positron.

    Args:
        beams: energies, crossing angle and energy spreads (zero spread: exact energies).
        n: number of collisions.
        random: source of random numbers.
        maximum_isr_fraction: largest energy fraction radiated; 0 switches radiation off.
        threshold: squared mass in GeV^2 that must remain; limits the fraction event by event.
    """
    electron = beams.electron_energy + beams.electron_energy_spread * random.standard_normal(n)
    positron = beams.positron_energy + beams.positron_energy_spread * random.standard_normal(n)
    half = 0.5 * beams.crossing_angle
    radiated, weight = np.zeros((n, 4)), np.ones(n)
    if maximum_isr_fraction > 0.0:
        s = 4.0 * math.cos(half) ** 2 * electron * positron
        # below threshold nothing can be made: such events keep x = 0 and get no weight from their cross-section
        largest = np.clip(1.0 - threshold / s, 0.0, maximum_isr_fraction)
        fraction, weight = sample_radiation(random.random(n), largest, radiator_exponent(beams.s))
        from_electron = random.random(n) < 0.5
        radiated = _collinear_photons(electron, positron, fraction, from_electron, half)
        electron = np.where(from_electron, (1.0 - fraction) * electron, electron)
        positron = np.where(from_electron, positron, (1.0 - fraction) * positron)
    return Collisions(electron, positron, half, radiated, weight)


def _collinear_photons(
    electron: Array, positron: Array, fraction: Array, from_electron: NDArray[np.bool_], half: float
) -> Array:
    energy = fraction * np.where(from_electron, electron, positron)
    photon = np.zeros((len(energy), 4))
    photon[:, 0] = energy
    photon[:, 1] = energy * math.sin(half)
    photon[:, 3] = energy * math.cos(half) * np.where(from_electron, 1.0, -1.0)
    return photon
