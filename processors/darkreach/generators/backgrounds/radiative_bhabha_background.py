"""Weighted events e+e- -> e+ e- gamma with a hard photon in the detector and both electrons lost near the beams.

The full tree amplitude: annihilation, exchange, their interference, and the electron mass, which bounds the smallest
momentum transfers (one electron usually leaves exactly along its beam).
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from darkreach.errors import ConfigError
from darkreach.generators.backgrounds.bhabha_photon_phase_space import (
    BhabhaPhotonStates,
    flat_grid,
    sample_bhabha_and_photon,
)
from darkreach.generators.backgrounds.muon_pair_photon_background import centre_of_mass_momenta
from darkreach.generators.backgrounds.radiative_pair_matrix_element import radiative_bhabha_matrix_element
from darkreach.generators.backgrounds.sampling_grid import SamplingGrid
from darkreach.generators.collisions import Collisions, generate_collisions
from darkreach.generators.final_state_events import FinalStateEvents
from darkreach.generators.hard_photon_cuts import HardPhotonCuts
from darkreach.kinematics import HBAR_C_SQUARED_FB, Beams

Array = NDArray[np.float64]

BHABHA_PHOTON_PDG: Final = (11, -11, 22)
"""e-, e+, photon."""

LEARNING_ROUNDS: Final = 4
LEARNING_TRIALS: Final = 200_000


def generate_radiative_bhabha(
    beams: Beams,
    cuts: HardPhotonCuts,
    n: int,
    random: np.random.Generator,
    *,
    electron_low: float,
    electron_high: float,
    maximum_isr_fraction: float,
    grid: SamplingGrid | None = None,
) -> FinalStateEvents:
    """Generate n trials; the mean weight is the cross-section in fb inside the cuts, trials outside have weight zero.

    Particles: e-, e+, photon. Both electrons leave outside the range of angles in which they would be seen.

    Args:
        beams: beam energies, spreads and crossing angle.
        cuts: the volume of the photon, inside the range of seen electrons.
        n: number of trials.
        random: source of random numbers.
        electron_low: rad, laboratory; electrons below are lost.
        electron_high: rad, laboratory; electrons above are lost.
        maximum_isr_fraction: 0 for no further radiation; see :func:`generate_collisions`.
        grid: of :func:`learn_bhabha_grid` with the same cuts; without one the weights are uneven.

    Raises:
        ConfigError: no phase space, or a photon where electrons are lost too (collinear radiation has no bound there).

    Example:
        >>> beams, cuts = Beams(7.004, 4.002, 0.083), HardPhotonCuts(1.8, math.radians(22), math.radians(145))
        >>> lost = {"electron_low": math.radians(17), "electron_high": math.radians(150)}
        >>> random = np.random.default_rng(1)
        >>> events = generate_radiative_bhabha(beams, cuts, 100, random, maximum_isr_fraction=0.0, **lost)
        >>> events.momenta.shape
        (100, 3, 4)
    """
    cuts.check(beams, 0.0)
    cuts.check_off_beams(beams)
    check_lost_electrons(cuts, electron_low, electron_high)
    collisions = generate_collisions(beams, n, random, maximum_isr_fraction=maximum_isr_fraction)
    events, _ = _weighted(beams, cuts, (electron_low, electron_high), collisions, grid or flat_grid(), random)
    return events


def learn_bhabha_grid(beams: Beams, cuts: HardPhotonCuts, *, electron_low: float, electron_high: float) -> SamplingGrid:
    """Return the density of trials that makes the weights of these cuts even: the same grid at every call.

    Args:
        beams: beam energies, spreads and crossing angle.
        cuts: the volume of the photon.
        electron_low: rad, laboratory; electrons below are lost.
        electron_high: rad, laboratory; electrons above are lost.
    """
    # random numbers of its own: the grid belongs to the cuts, not to the sample
    grid, random = flat_grid(), np.random.default_rng(0)
    for _ in range(LEARNING_ROUNDS):
        collisions = generate_collisions(beams, LEARNING_TRIALS, random, maximum_isr_fraction=0.0)
        events, sampled = _weighted(beams, cuts, (electron_low, electron_high), collisions, grid, random)
        if not events.weight_fb.any():
            return grid
        grid = grid.adapted(sampled.point, sampled.channel_share * events.weight_fb**2)
    return grid


def _weighted(
    beams: Beams,
    cuts: HardPhotonCuts,
    lost: tuple[float, float],
    collisions: Collisions,
    grid: SamplingGrid,
    random: np.random.Generator,
) -> tuple[FinalStateEvents, BhabhaPhotonStates]:
    s = collisions.s
    smallest = cuts.smallest_energy(collisions, beams)
    sampled = sample_bhabha_and_photon(s, smallest, cuts.rapidity_range(collisions), grid, random)
    states = sampled.states
    momenta = np.stack(
        [collisions.to_laboratory(*leg) for leg in (states.negative, states.positive, states.photon)], axis=1
    )
    kept = cuts.inside(momenta[:, 2], beams) & (states.phase_space > 0.0)
    kept &= _lost(momenta[:, :2], *lost).all(axis=1)
    weight = np.zeros(len(s))
    squared = radiative_bhabha_matrix_element(centre_of_mass_momenta(s[kept], states, kept))
    weight[kept] = HBAR_C_SQUARED_FB * (collisions.weight * states.phase_space / (2.0 * s))[kept] * squared
    return FinalStateEvents(weight, BHABHA_PHOTON_PDG, momenta, collisions.radiated), sampled


def check_lost_electrons(cuts: HardPhotonCuts, electron_low: float, electron_high: float) -> None:
    """Refuse photons where electrons are lost too: collinear radiation has no bound there.

    Args:
        cuts: the volume of the photon.
        electron_low: rad, laboratory; electrons below are lost.
        electron_high: rad, laboratory; electrons above are lost.

    Raises:
        ConfigError: the photon is not inside the range of seen electrons.
    """
    if not 0.0 < electron_low <= cuts.polar_low < cuts.polar_high <= electron_high < math.pi:
        photon = f"{math.degrees(cuts.polar_low):.2f} to {math.degrees(cuts.polar_high):.2f} deg"
        raise ConfigError(
            "the photon must be where electrons would be seen",
            where="electron_low, electron_high",
            allowed=f"around the range of the photon, {photon}",
            given=f"{math.degrees(electron_low):.2f} to {math.degrees(electron_high):.2f} deg",
            next_step="narrow the photon to the range of the tracks, or widen that of the electrons",
        )


def _lost(electrons: Array, low: float, high: float) -> NDArray[np.bool_]:
    size = np.sqrt(np.square(electrons[..., 1:]).sum(axis=-1))
    return np.asarray((electrons[..., 3] > math.cos(low) * size) | (electrons[..., 3] < math.cos(high) * size))
