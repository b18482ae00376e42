"""Weighted events e+e- -> gamma gamma and e+e- -> mu+ mu- at lowest order with radiation collinear with the beams."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from darkreach.generators.backgrounds.pair_mass_threshold import check_pair_mass
from darkreach.generators.backgrounds.pair_production_matrix_elements import (
    muon_pair_matrix_element,
    two_photon_matrix_element,
)
from darkreach.generators.collisions import Collisions, generate_collisions
from darkreach.generators.final_state_events import FinalStateEvents
from darkreach.generators.hard_photon_cuts import HardPhotonCuts
from darkreach.kinematics import HBAR_C_SQUARED_FB, MUON_MASS, Beams

Array = NDArray[np.float64]

TWO_PHOTON_PDG: Final = (22, 22)
MUON_PAIR_PDG: Final = (13, -13)


def generate_two_photons(
    beams: Beams, cuts: HardPhotonCuts, n: int, random: np.random.Generator, *, maximum_isr_fraction: float
) -> FinalStateEvents:
    """Generate n trials e+e- -> gamma gamma with both photons inside the cuts; the others have weight zero.

    With radiation it holds a third photon, exactly along a beam whatever its angle; hard ones off the beams are in
    ``three_photon`` too. ``lost_photon_background`` says which process has what makes one photon alone.

    Args:
        beams: beam energies, spreads and crossing angle.
        cuts: passed by both photons; the range of angles must keep off the beams.
        n: number of trials.
        random: source of random numbers.
        maximum_isr_fraction: 0 for no radiation; see :func:`generate_collisions`.

    Raises:
        ConfigError: no phase space, or a range of angles that holds a beam (the massless formula diverges).

    Example:
        >>> beams, cuts = Beams(5.29, 5.29, 0.0), HardPhotonCuts(1.0, math.radians(10), math.radians(170))
        >>> events = generate_two_photons(beams, cuts, 20000, np.random.default_rng(1), maximum_isr_fraction=0.0)
        >>> bool(abs(events.weight_fb.mean() / 4.52e6 - 1) < 0.01)
        True
    """
    cuts.check(beams, 0.0)
    cuts.check_off_beams(beams)
    collisions = generate_collisions(beams, n, random, maximum_isr_fraction=maximum_isr_fraction)
    low, high = cuts.rapidity_range(collisions)
    # the second photon has the opposite rapidity; a strong radiation may leave nothing
    first, last = np.maximum(low, -high), np.minimum(high, -low)
    cosine = np.tanh(first + (last - first) * random.random(n))
    width = np.where(last > first, (last - first) * (1.0 - cosine**2), 0.0)
    s = collisions.s
    energy = 0.5 * np.sqrt(s)
    momenta = back_to_back(collisions, energy, energy, cosine, random.random(n))
    passed = cuts.inside(momenta[:, 0], beams) & cuts.inside(momenta[:, 1], beams)
    # 1/2: identical photons; dPS2 = dcos/2/(8 pi)
    weight = 0.5 * two_photon_matrix_element(cosine) * width / (16.0 * math.pi) / (2.0 * s)
    weight *= HBAR_C_SQUARED_FB * collisions.weight
    return FinalStateEvents(np.where(passed, weight, 0.0), TWO_PHOTON_PDG, momenta, collisions.radiated)


def generate_muon_pairs(
    beams: Beams, n: int, random: np.random.Generator, *, maximum_isr_fraction: float, minimum_pair_mass: float
) -> FinalStateEvents:
    """Generate n events e+e- -> mu+ mu-, muons anywhere; the mean weight is the cross-section in fb.

    Particles: mu-, mu+. The radiated photon is exactly along a beam: use the sample where no photon is seen.

    Args:
        beams: beam energies, spreads and crossing angle.
        n: number of events.
        random: source of random numbers.
        maximum_isr_fraction: 0 for no radiation; see :func:`generate_collisions`.
        minimum_pair_mass: smallest mass of the pair, GeV, at least that of two muons.

    Raises:
        ConfigError: no pair can have the minimum mass.

    Example:
        >>> random = np.random.default_rng(1)
        >>> options = {"maximum_isr_fraction": 0.0, "minimum_pair_mass": 0.3}
        >>> events = generate_muon_pairs(Beams(5.29, 5.29, 0.0), 20000, random, **options)
        >>> bool(abs(events.weight_fb.mean() / 775900 - 1) < 0.01)
        True
    """
    check_pair_mass(minimum_pair_mass, beams)
    collisions = generate_collisions(
        beams, n, random, maximum_isr_fraction=maximum_isr_fraction, threshold=minimum_pair_mass**2
    )
    s = collisions.s
    cosine = 2.0 * random.random(n) - 1.0
    energy = 0.5 * np.sqrt(s)
    momentum = np.sqrt(np.maximum(energy**2 - MUON_MASS**2, 0.0))
    momenta = back_to_back(collisions, energy, momentum, cosine, random.random(n))
    # dPS2 = beta/(8 pi) dcos/2, the sampled density of cos is 1/2
    weight = muon_pair_matrix_element(s, cosine, MUON_MASS) * (momentum / energy) / (8.0 * math.pi) / (2.0 * s)
    # the radiator ends exactly at the minimum mass, where rounding may go either way
    weight = np.where(s >= minimum_pair_mass**2 * (1.0 - 1e-12), HBAR_C_SQUARED_FB * collisions.weight * weight, 0.0)
    return FinalStateEvents(weight, MUON_PAIR_PDG, momenta, collisions.radiated)


def back_to_back(collisions: Collisions, energy: Array, momentum: Array, cosine: Array, turn: Array) -> Array:
    """Return laboratory momenta (n, 2, 4) of a pair, GeV.

    Args:
        collisions: n collisions.
        energy: (n,) of each particle in the CM, GeV.
        momentum: (n,) of each particle in the CM, GeV.
        cosine: (n,) of the CM angle between the electron beam and the first particle.
        turn: (n,) azimuth in turns.
    """
    across, azimuth = momentum * np.sqrt((1.0 - cosine) * (1.0 + cosine)), 2.0 * math.pi * turn
    u, v, along = across * np.cos(azimuth), across * np.sin(azimuth), momentum * cosine
    return np.stack(
        [collisions.to_laboratory(energy, u, v, along), collisions.to_laboratory(energy, -u, -v, -along)], axis=1
    )
