"""Pairs of B mesons from the Y(4S) in the laboratory."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from darkreach.errors import ConfigError
from darkreach.generators.collisions import generate_collisions
from darkreach.kinematics import Beams

Array = NDArray[np.float64]


def require_b_pairs(beams: Beams, b_mass: float) -> None:
    """Refuse beams that are not at the Y(4S).

    Raises:
        ConfigError: naming the range of the centre-of-mass energy.
    """
    if not 2.0 * b_mass < beams.sqrt_s < 10.62:
        raise ConfigError(
            "pairs of B mesons are made at the Y(4S) only",
            where="beam energies",
            allowed=f"centre-of-mass energy above {2.0 * b_mass:.5g} and below 10.62 GeV",
            given=f"{beams.sqrt_s:.5g} GeV",
            next_step="choose beams at the Y(4S)",
        )


def b_meson_pairs(beams: Beams, b_mass: float, n: int, random: np.random.Generator) -> tuple[Array, Array, Array]:
    """Draw e+e- -> Y(4S) -> B Bbar; the mesons have the angular distribution sin^2(theta*) of two spinless particles.

    Radiation is left out: photons of more than 20 MeV leave too little energy for two B mesons, and what softer ones
    take from the rate is part of the reference cross-section. The rate is constant over the spread of the beams.

    Returns:
        First and second meson (n, 4), laboratory, GeV, and (n,) one, or zero where the beams have too little energy.

    Example:
        >>> first, second, possible = b_meson_pairs(Beams(7.004, 4.002, 0.083), 5.27941, 4, np.random.default_rng(1))
        >>> float((first + second)[0, 0].round(6)), float(possible.min())
        (11.006, 1.0)
    """
    collisions = generate_collisions(beams, n, random, maximum_isr_fraction=0.0)
    s = collisions.s
    possible = s > 4.0 * b_mass**2
    energy = 0.5 * np.sqrt(np.where(possible, s, 4.0 * b_mass**2))
    momentum = np.sqrt(energy**2 - b_mass**2)
    cosine = sine_squared_cosine(random.random(n))
    transverse = momentum * np.sqrt(np.maximum(1.0 - cosine**2, 0.0))
    azimuth = 2.0 * math.pi * random.random(n)
    components = np.stack([transverse * np.cos(azimuth), transverse * np.sin(azimuth), momentum * cosine])
    first = collisions.to_laboratory(energy, *components)
    second = collisions.to_laboratory(energy, *-components)
    return first, second, possible.astype(np.float64)


def sine_squared_cosine(uniform: Array) -> Array:
    """Return cosines (n,) distributed as 3/4 (1 - c^2), by the inverse of (2 + 3 c - c^3)/4.

    Example:
        >>> sine_squared_cosine(np.array([0.0, 0.5, 1.0])).round(12).tolist()
        [-1.0, 0.0, 1.0]
    """
    return np.asarray(2.0 * np.cos((2.0 * math.pi - np.arccos(1.0 - 2.0 * uniform)) / 3.0))
