"""Pairs of tau leptons in the laboratory, with radiation."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from darkreach.errors import ConfigError
from darkreach.generators.collisions import Collisions, generate_collisions
from darkreach.generators.decays import unit_quadrature
from darkreach.generators.radiator import radiator_exponent, sample_radiation
from darkreach.kinematics import FINE_STRUCTURE, HBAR_C_SQUARED_FB, TAU_MASS, Beams

Array = NDArray[np.float64]


@dataclass(frozen=True)
class TauPairs:
    """Trials of e+e- -> tau+ tau-.

    Attributes:
        negative: (n, 4) negative tau leptons, laboratory, GeV.
        positive: (n, 4) positive ones.
        radiated: (n, 4) photon along a beam.
        weight: (n,) of mean one if all radiation was allowed, or none; the mean share of the rate otherwise.
        collisions: what collided, with the way from its CM to the laboratory.
        in_cm: (4, n) negative tau leptons in that CM, components (E, u, v, n) with n along the electron, GeV.
    """

    negative: Array
    positive: Array
    radiated: Array
    weight: Array
    collisions: Collisions
    in_cm: Array


def tau_pair_cross_section_fb(s: ArrayLike) -> Array:
    """Return the lowest-order cross-section 4 pi alpha^2/(3 s) beta (3 - beta^2)/2, fb, at s in GeV^2 (any shape).

    Example:
        >>> round(float(tau_pair_cross_section_fb(10.58**2)) / 1e6, 3)
        0.772
    """
    squared = np.asarray(s, dtype=np.float64)
    speed = np.sqrt(np.maximum(1.0 - 4.0 * TAU_MASS**2 / squared, 0.0))
    return np.asarray(
        4.0 * math.pi * FINE_STRUCTURE**2 / (3.0 * squared) * speed * (1.5 - 0.5 * speed**2) * HBAR_C_SQUARED_FB
    )


def radiated_cross_section_fb(s: float) -> float:
    """Return the cross-section with all collinear radiation, fb: the radiator over the lowest order, alpha(0).

    Example:
        >>> 0.75 < radiated_cross_section_fb(10.58**2) / 1e6 < 0.95
        True
    """
    points, weights = unit_quadrature(400)
    largest = np.full(len(points), 1.0 - 4.0 * TAU_MASS**2 / s)
    fraction, density = sample_radiation(points, largest, radiator_exponent(s))
    return float(np.sum(weights * density * tau_pair_cross_section_fb(s * (1.0 - fraction))))


def tau_pairs(beams: Beams, n: int, random: np.random.Generator, *, maximum_isr_fraction: float) -> TauPairs:
    """Draw tau pairs with the angular distribution 1 + c^2 + (4 m^2/s) (1 - c^2); spins are left out.

    Args:
        beams: energies, spreads and crossing angle.
        n: number of trials.
        random: source of random numbers.
        maximum_isr_fraction: largest energy fraction radiated; 0 switches radiation off.

    Raises:
        ConfigError: the beams have too little energy.

    Example:
        >>> beams = Beams(7.004, 4.002, 0.083)
        >>> pairs = tau_pairs(beams, 5, np.random.default_rng(1), maximum_isr_fraction=0.0)
        >>> float((pairs.negative + pairs.positive)[0, 0].round(6)), pairs.weight.round(12).tolist()
        (11.006, [1.0, 1.0, 1.0, 1.0, 1.0])
    """
    require_tau_pairs(beams)
    threshold = 4.0 * TAU_MASS**2
    collisions = generate_collisions(beams, n, random, maximum_isr_fraction=maximum_isr_fraction, threshold=threshold)
    s = np.maximum(collisions.s, threshold)
    total = radiated_cross_section_fb(beams.s) if maximum_isr_fraction > 0.0 else tau_pair_cross_section_fb(beams.s)
    weight = collisions.weight * tau_pair_cross_section_fb(s) / total
    cosine = _cosine(threshold / s, random)
    energy = 0.5 * np.sqrt(s)
    momentum = np.sqrt(energy**2 - TAU_MASS**2)
    transverse = momentum * np.sqrt(np.maximum(1.0 - cosine**2, 0.0))
    azimuth = 2.0 * math.pi * random.random(n)
    components = np.stack([transverse * np.cos(azimuth), transverse * np.sin(azimuth), momentum * cosine])
    return TauPairs(
        collisions.to_laboratory(energy, *components),
        collisions.to_laboratory(energy, *-components),
        collisions.radiated,
        weight,
        collisions,
        np.concatenate([energy[np.newaxis], components]),
    )


def require_tau_pairs(beams: Beams) -> None:
    """Refuse beams below the threshold.

    Raises:
        ConfigError: the beams have too little energy.
    """
    if beams.s <= 4.0 * TAU_MASS**2:
        raise ConfigError(
            "the beams have too little energy for a pair of tau leptons",
            where="beam energies",
            allowed=f"centre-of-mass energy above {2.0 * TAU_MASS:.6g} GeV",
            given=f"{beams.sqrt_s:.6g} GeV",
            next_step="choose beams of more energy",
        )


def _cosine(rest: Array, random: np.random.Generator) -> Array:
    """Return cosines (n,) of density 1 + rest + (1 - rest) c^2 as a mixture of even ones and 3/2 c^2."""
    share = (1.0 - rest) / (3.0 * (1.0 + rest) + 1.0 - rest)
    even = 2.0 * random.random(len(rest)) - 1.0
    return np.asarray(np.where(random.random(len(rest)) < share, np.cbrt(even), even))
