"""Weighted events e+e- -> mu+ mu- gamma with a hard photon: the full tree amplitude with masses and interference."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from darkreach.generators.backgrounds.pair_mass_threshold import check_pair_mass
from darkreach.generators.backgrounds.pair_photon_phase_space import PairPhotonStates, sample_pair_and_photon
from darkreach.generators.backgrounds.radiative_pair_matrix_element import (
    RadiativePair,
    muon_pair_photon_matrix_element,
)
from darkreach.generators.collisions import generate_collisions
from darkreach.generators.final_state_events import FinalStateEvents
from darkreach.generators.hard_photon_cuts import HardPhotonCuts
from darkreach.kinematics import ELECTRON_MASS, HBAR_C_SQUARED_FB, MUON_MASS, Beams

Array = NDArray[np.float64]

MUON_PAIR_PHOTON_PDG: Final = (13, -13, 22)
"""mu-, mu+, photon."""


def generate_muon_pair_photon(
    beams: Beams,
    cuts: HardPhotonCuts,
    n: int,
    random: np.random.Generator,
    *,
    maximum_isr_fraction: float,
    minimum_pair_mass: float = 2.0 * MUON_MASS,
) -> FinalStateEvents:
    """Generate n trials; the mean weight is the cross-section in fb inside the cuts, trials outside have weight zero.

    Particles: mu-, mu+, photon. Where the photon is soft the tree is not enough: the sample is meant for a photon that
    is seen, or that takes so much energy that it shows up as missing.

    Args:
        beams: beam energies, spreads and crossing angle.
        cuts: the volume of the photon; the muons go anywhere.
        n: number of trials.
        random: source of random numbers.
        maximum_isr_fraction: 0 for no further radiation; see :func:`generate_collisions`.
        minimum_pair_mass: smallest mass of the muon pair, GeV.

    Raises:
        ConfigError: the cuts leave no phase space, or an infinite cross-section.

    Example:
        >>> beams, cuts = Beams(7.004, 4.002, 0.083), HardPhotonCuts(2.0, 0.3, 2.6)
        >>> events = generate_muon_pair_photon(beams, cuts, 20000, np.random.default_rng(1), maximum_isr_fraction=0.0)
        >>> events.momenta.shape, bool(abs(events.weight_fb.mean() / 50200 - 1) < 0.03)
        ((20000, 3, 4), True)
    """
    check_pair_mass(minimum_pair_mass, beams)
    cuts.check(beams, minimum_pair_mass)
    collisions = generate_collisions(
        beams, n, random, maximum_isr_fraction=maximum_isr_fraction, threshold=minimum_pair_mass**2
    )
    s = collisions.s
    states = sample_pair_and_photon(
        s,
        MUON_MASS,
        minimum_pair_squared=minimum_pair_mass**2,
        minimum_energy=cuts.smallest_energy(collisions, beams),
        rapidity=cuts.rapidity_range(collisions),
        random=random,
    )
    momenta = np.stack(
        [collisions.to_laboratory(*leg) for leg in (states.negative, states.positive, states.photon)], axis=1
    )
    kept = cuts.inside(momenta[:, 2], beams) & (states.phase_space > 0.0)
    weight = np.zeros(n)
    squared = muon_pair_photon_matrix_element(centre_of_mass_momenta(s[kept], states, kept))
    weight[kept] = HBAR_C_SQUARED_FB * (collisions.weight * states.phase_space / (2.0 * s))[kept] * squared
    return FinalStateEvents(weight, MUON_PAIR_PHOTON_PDG, momenta, collisions.radiated)


def centre_of_mass_momenta(s: Array, states: PairPhotonStates, rows: NDArray[np.bool_]) -> RadiativePair:
    """Return the momenta of the chosen states with massive beams of squared CM energy s (GeV^2) along n."""
    beam = np.zeros((2, len(s), 4))
    beam[:, :, 0] = 0.5 * np.sqrt(s)
    beam[0, :, 3] = np.sqrt(0.25 * s - ELECTRON_MASS**2)
    beam[1, :, 3] = -beam[0, :, 3]
    outgoing = (leg[:, rows].T for leg in (states.negative, states.positive, states.photon))
    return RadiativePair(beam[0], beam[1], *outgoing)
