"""Weighted events e+e- -> e+e- with both electrons in a range of angles, at lowest order with collinear radiation."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from darkreach.generators.backgrounds.pair_backgrounds import back_to_back
from darkreach.generators.backgrounds.pair_production_matrix_elements import bhabha_matrix_element
from darkreach.generators.collisions import generate_collisions
from darkreach.generators.final_state_events import FinalStateEvents
from darkreach.generators.hard_photon_cuts import HardPhotonCuts
from darkreach.kinematics import ELECTRON_MASS, HBAR_C_SQUARED_FB, Beams

Array = NDArray[np.float64]

BHABHA_PDG: Final = (11, -11)


def generate_bhabha(
    beams: Beams, cuts: HardPhotonCuts, n: int, random: np.random.Generator, *, maximum_isr_fraction: float
) -> FinalStateEvents:
    """Generate n trials with both electrons inside the cuts; the others have weight zero.

    Particles: e-, e+. Corrections of higher order at small angles, where momentum transfers and not s are the scale of
    the radiation, reach 10 %: the sample shows where Bhabha events go, their number comes from data.

    Args:
        beams: beam energies, spreads and crossing angle.
        cuts: energy and angles of both electrons; the range of angles must keep off the beams.
        n: number of trials.
        random: source of random numbers.
        maximum_isr_fraction: 0 for no radiation; see :func:`generate_collisions`.

    Raises:
        ConfigError: no phase space, or a range of angles that holds a beam (the exchange of a photon diverges).

    Example:
        >>> beams, cuts = Beams(5.29, 5.29, 0.0), HardPhotonCuts(1.0, *np.radians([10.0, 170.0]))
        >>> events = generate_bhabha(beams, cuts, 10, np.random.default_rng(1), maximum_isr_fraction=0.0)
        >>> events.momenta.shape
        (10, 2, 4)
    """
    cuts.check(beams, 0.0)
    cuts.check_off_beams(beams)
    collisions = generate_collisions(beams, n, random, maximum_isr_fraction=maximum_isr_fraction)
    low, high = cuts.rapidity_range(collisions)
    # the positron has the opposite rapidity; a strong radiation may leave nothing
    first, last = np.maximum(low, -high), np.minimum(high, -low)
    # 1/(1 - c) flat, as |M|^2 goes like 1/(1 - c)^2; with c = tanh(y) it is (exp(2 y) + 1)/2
    start = 0.5 * (np.exp(2.0 * first) + 1.0)
    room = np.maximum(0.5 * (np.exp(2.0 * last) + 1.0) - start, 0.0)
    inverse = start + room * random.random(n)
    cosine = 1.0 - 1.0 / inverse
    s = collisions.s
    energy = 0.5 * np.sqrt(s)
    momenta = back_to_back(collisions, energy, np.sqrt(energy**2 - ELECTRON_MASS**2), cosine, random.random(n))
    passed = cuts.inside(momenta[:, 0], beams) & cuts.inside(momenta[:, 1], beams)
    # dPS2 = dcos/(16 pi), dcos = (1 - c)^2 d(1/(1 - c))
    weight = bhabha_matrix_element(cosine) * room / inverse**2 / (16.0 * math.pi) / (2.0 * s)
    weight *= HBAR_C_SQUARED_FB * collisions.weight
    return FinalStateEvents(np.where(passed, weight, 0.0), BHABHA_PDG, momenta, collisions.radiated)
