"""Importance sampling of three-body phase space for e+e- -> l+ l- gamma with two channels.

dPS3 = 1/(2 pi) ds' (1 - s'/s)/(8 pi) (dcos/2) beta'/(8 pi) (du/2) (two azimuths), s' the squared pair mass, cos the
angle of the photon to the electron in the CM, u that of the lepton to the photon in the rest frame of the pair.
Radiation of the beams: s' as 1/(s' (s - s')), photon as 1/(1 - beta_e^2 cos^2), u flat. Radiation of the pair: s' as
s' as 1/(s - s'), the photon flat, u as 1/(1 - beta'^2 u^2), for k.q k.q' = (s - s')^2/16 (1 - beta'^2 u^2).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from darkreach.kinematics import ELECTRON_MASS

Array = NDArray[np.float64]

BEAM_SHARE: Final = 0.5
"""Share of the trials drawn from the channel of radiation by the beams."""


@dataclass(frozen=True)
class PairPhotonStates:
    """Momenta in the CM of the collision, components (E, u, v, n) with n along the electron, each (4, n), GeV.

    Attributes:
        negative: lepton.
        positive: antilepton.
        photon: photon.
        phase_space: (n,) dPS3 divided by the sampling density, GeV^2; its mean is the sampled volume.
    """

    negative: Array
    positive: Array
    photon: Array
    phase_space: Array


def sample_pair_and_photon(
    s: Array,
    mass: float,
    *,
    minimum_pair_squared: float,
    minimum_energy: Array,
    rapidity: tuple[Array, Array],
    random: np.random.Generator,
) -> PairPhotonStates:
    """Sample all states with a photon above a minimum energy and in a range of rapidity about the beam.

    Args:
        s: (n,) squared CM energy, GeV^2.
        mass: of the lepton, GeV.
        minimum_pair_squared: smallest squared pair mass, GeV^2, at least 4 mass^2.
        minimum_energy: (n,) smallest photon energy in the CM, GeV.
        rapidity: smallest and largest atanh(cos) of the photon, each (n,); may be infinite.
        random: source of random numbers.
    """
    n = len(s)
    # a collision below threshold keeps an empty range: its phase space is zero
    largest = np.maximum(s - 2.0 * np.sqrt(s) * minimum_energy, minimum_pair_squared)
    velocity = np.sqrt(1.0 - 4.0 * ELECTRON_MASS**2 / s)
    low, high = (np.arctanh(velocity * np.tanh(edge)) for edge in rapidity)
    of_beams = random.random(n) < BEAM_SHARE
    pair, mass_density = _sample_pair(s, minimum_pair_squared, largest, of_beams, random)
    cosine, angle_density = _sample_cosine(velocity, low, high, of_beams, random.random(n))
    pair_velocity = np.sqrt(np.maximum(1.0 - 4.0 * mass**2 / pair, 0.0))
    tilt, tilt_density = _sample_tilt(pair_velocity, of_beams, random.random(n))
    density = BEAM_SHARE * mass_density[0] * angle_density[0] * tilt_density[0]
    density += (1.0 - BEAM_SHARE) * mass_density[1] * angle_density[1] * tilt_density[1]
    measure = (1.0 - pair / s) * pair_velocity / (512.0 * math.pi**3)
    phase_space = np.where(largest > minimum_pair_squared, measure / density, 0.0)
    return PairPhotonStates(*_momenta(s, pair, mass, cosine, tilt, random), phase_space)


def _sample_pair(
    s: Array, smallest: float, largest: Array, of_beams: NDArray[np.bool_], random: np.random.Generator
) -> tuple[Array, tuple[Array, Array]]:
    """Return s' (n,) and its density in both channels, 1/GeV^2."""
    uniform = random.random(len(s))
    start, stop = np.log(smallest / (s - smallest)), np.log(largest / (s - largest))
    ratio = np.exp(start + (stop - start) * uniform)
    rest = np.log((s - smallest) / (s - largest))
    of_pair = s - (s - smallest) * np.exp(-rest * uniform)
    pair = np.clip(np.where(of_beams, s * ratio / (1.0 + ratio), of_pair), smallest, largest)
    # an empty range has density 1 here and no phase space where the caller looks
    span, rest = np.where(stop > start, stop - start, 1.0), np.where(rest > 0.0, rest, 1.0)
    return pair, (s / (pair * (s - pair) * span), 1.0 / ((s - pair) * rest))


def _sample_cosine(
    velocity: Array, low: Array, high: Array, of_beams: NDArray[np.bool_], uniform: Array
) -> tuple[Array, tuple[Array, Array]]:
    first, last = np.tanh(low) / velocity, np.tanh(high) / velocity
    of_beam = np.tanh(low + (high - low) * uniform) / velocity
    cosine = np.clip(np.where(of_beams, of_beam, first + (last - first) * uniform), -1.0, 1.0)
    return cosine, (velocity / ((1.0 - (velocity * cosine) ** 2) * (high - low)), 1.0 / (last - first))


def _sample_tilt(velocity: Array, of_beams: NDArray[np.bool_], uniform: Array) -> tuple[Array, tuple[float, Array]]:
    # a pair at rest has no direction: any small velocity gives the flat density
    safe = np.maximum(velocity, 1e-9)
    reach = np.arctanh(safe)
    tilt = np.where(of_beams, 2.0 * uniform - 1.0, np.tanh(reach * (2.0 * uniform - 1.0)) / safe)
    return tilt, (0.5, safe / ((1.0 - (safe * tilt) ** 2) * 2.0 * reach))


def _momenta(
    s: Array, pair: Array, mass: float, cosine: Array, tilt: Array, random: np.random.Generator
) -> tuple[Array, Array, Array]:
    n = len(s)
    azimuth, turn = 2.0 * math.pi * random.random(n), 2.0 * math.pi * random.random(n)
    sine = np.sqrt((1.0 - cosine) * (1.0 + cosine))
    along = np.stack([sine * np.cos(azimuth), sine * np.sin(azimuth), cosine])
    polar = np.stack([cosine * np.cos(azimuth), cosine * np.sin(azimuth), -sine])
    around = np.stack([-np.sin(azimuth), np.cos(azimuth), np.zeros(n)])
    root_s, half_mass = np.sqrt(s), 0.5 * np.sqrt(pair)
    energy = 0.5 * (s - pair) / root_s
    momentum = np.sqrt(np.maximum(half_mass**2 - mass**2, 0.0))
    across = momentum * np.sqrt((1.0 - tilt) * (1.0 + tilt))
    normal = across * (np.cos(turn) * polar + np.sin(turn) * around)
    # boost against the photon: gamma = (sqrt(s) - E)/M, gamma beta = E/M
    gamma, recoil = 0.5 * (root_s - energy) / half_mass, 0.5 * energy / half_mass
    photon, negative, positive = np.empty((4, n)), np.empty((4, n)), np.empty((4, n))
    photon[0], photon[1:] = energy, energy * along
    for lepton, sign in ((negative, 1.0), (positive, -1.0)):
        forward = sign * momentum * tilt
        lepton[0] = gamma * half_mass - recoil * forward
        lepton[1:] = (gamma * forward - recoil * half_mass) * along + sign * normal
    return negative, positive, photon
