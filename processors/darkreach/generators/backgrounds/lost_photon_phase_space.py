"""Importance sampling of e+e- -> gamma gamma gamma with two photons near the beams and one that balances them.

dPS3 = E3 dE3 dOmega3/(2 (2 pi)^3) E2^2 dOmega2/(2 (2 pi)^2 Q^2), Q^2 = s - 2 sqrt(s) E3: two photons near the beams and
the direction of one leave nothing free. One of them has any energy and comes along a beam, 1/(1 - beta cos), the other
evenly in 1 - cos or with a linear density near the other beam: it balances the photon that is seen. The density is the
mean of both orders, as nobody knows which is which.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from darkreach.kinematics import ELECTRON_MASS

Array = NDArray[np.float64]

_SAME_SIDE: Final = 0.1
"""Share of the trials with both photons near the same beam."""


@dataclass(frozen=True)
class LostPhotonStates:
    """States in the CM, third axis along the electron.

    Attributes:
        photons: (3, 4, n) as (E, u, v, n), GeV; the first is the one to be seen.
        phase_space: (n,) dPS3 divided by the sampling density, GeV^2.
    """

    photons: Array
    phase_space: Array


def sample_lost_photons(s: Array, openings: Array, smallest: Array, random: np.random.Generator) -> LostPhotonStates:
    """Sample all states whose second and third photon are hard and inside of two cones about the beams.

    Args:
        s: (n,) squared CM energy, GeV^2.
        openings: 1 - cos of the largest angle to the electron and to the positron, (2, n), above 0.
        smallest: (n,) energy of the second and third photon, at least, GeV; below half of the CM energy.
        random: source of random numbers.
    """
    n, half = len(s), 0.5 * np.sqrt(s)
    offset = ELECTRON_MASS**2 / (half * (half + np.sqrt(half**2 - ELECTRON_MASS**2)))
    # the collinear photon first; on the same side only in few states: a hard photon balances those of opposite ones
    first = random.integers(0, 2, n)
    sides = np.stack([first, np.where(random.random(n) < _SAME_SIDE, first, 1 - first)])
    largest = openings[sides, np.arange(n)]
    collinear = offset * ((offset + largest[0]) / offset) ** random.random(n) - offset
    uniform = random.random(n)
    spread = largest[1] * np.where(random.random(n) < 0.5, uniform, np.sqrt(uniform))
    # 1 - cos to the nearer beam
    apart = np.stack([np.clip(collinear, 0.0, largest[0]), spread])
    azimuth, sine = 2.0 * math.pi * random.random((2, n)), np.sqrt(apart * (2.0 - apart))
    along = (1.0 - apart) * (1.0 - 2.0 * sides)
    directions = np.stack([sine * np.cos(azimuth), sine * np.sin(azimuth), along], axis=1)
    third = smallest + (half - smallest) * random.random(n)
    # (P - k3 - k2)^2 = 0, with 1 - cos between both without a cancellation
    between = 0.5 * np.square(directions[0] - directions[1]).sum(axis=0)
    second = 2.0 * half * (half - third) / (2.0 * half - third * between)
    photons = np.empty((3, 4, n))
    photons[2, 0], photons[1, 0] = third, second
    photons[2, 1:], photons[1, 1:] = third * directions[0], second * directions[1]
    photons[0, 0] = 2.0 * half - second - third
    photons[0, 1:] = -photons[1, 1:] - photons[2, 1:]
    pole = 1.0 / ((offset + apart) * np.log((offset + largest) / offset))
    even = 0.5 / largest + apart / largest**2
    # both azimuths, one side of two, one of both orders
    together = np.where(sides[0] == sides[1], _SAME_SIDE, 1.0 - _SAME_SIDE) / (4.0 * math.pi**2) / 4.0
    summed = _density(half, smallest, np.stack([third, second]), pole, even)
    return LostPhotonStates(photons, 1.0 / (together * summed))


def _density(half: Array, smallest: Array, energies: Array, pole: Array, even: Array) -> Array:
    """Return the sum of both orders of the density per dPS3, 1/GeV^2; energies and densities are (2, n)."""
    total = np.zeros_like(half)
    for one, other in ((0, 1), (1, 0)):
        squared = 4.0 * half * (half - energies[one])
        measure = (half - smallest) * energies[one] * energies[other] ** 2 / (4.0 * (2.0 * math.pi) ** 5 * squared)
        # a state at the edge of phase space has no measure in either order
        total += pole[one] * even[other] / np.maximum(measure, 1e-300)
    return total
