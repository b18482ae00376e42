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
from darkreach.generators.backgrounds.bhabha_photon_phase_space import sample_bhabha_and_photon
from darkreach.generators.backgrounds.muon_pair_photon_background import centre_of_mass_momenta
from darkreach.generators.backgrounds.radiative_pair_matrix_element import radiative_bhabha_matrix_element
from darkreach.generators.collisions import generate_collisions
from darkreach.generators.final_state_events import FinalStateEvents
from darkreach.generators.hard_photon_cuts import HardPhotonCuts
from darkreach.kinematics import HBAR_C_SQUARED_FB, Beams

Array = NDArray[np.float64]

BHABHA_PHOTON_PDG: Final = (11, -11, 22)
"""e-, e+, photon."""


def generate_radiative_bhabha(
    beams: Beams,
    cuts: HardPhotonCuts,
    n: int,
    random: np.random.Generator,
    *,
    electron_low: float,
    electron_high: float,
    maximum_isr_fraction: float,
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
    _check_lost(cuts, electron_low, electron_high)
    collisions = generate_collisions(beams, n, random, maximum_isr_fraction=maximum_isr_fraction)
    s = collisions.s
    smallest = cuts.smallest_energy(collisions, beams)
    states = sample_bhabha_and_photon(s, smallest, cuts.rapidity_range(collisions), random)
    momenta = np.stack(
        [collisions.to_laboratory(*leg) for leg in (states.negative, states.positive, states.photon)], axis=1
    )
    kept = cuts.inside(momenta[:, 2], beams) & (states.phase_space > 0.0)
    kept &= _lost(momenta[:, :2], electron_low, electron_high).all(axis=1)
    weight = np.zeros(n)
    squared = radiative_bhabha_matrix_element(centre_of_mass_momenta(s[kept], states, kept))
    weight[kept] = HBAR_C_SQUARED_FB * (collisions.weight * states.phase_space / (2.0 * s))[kept] * squared
    return FinalStateEvents(weight, BHABHA_PHOTON_PDG, momenta, collisions.radiated)


def _check_lost(cuts: HardPhotonCuts, low: float, high: float) -> None:
    if not 0.0 < low <= cuts.polar_low < cuts.polar_high <= high < math.pi:
        photon = f"{math.degrees(cuts.polar_low):.2f} to {math.degrees(cuts.polar_high):.2f} deg"
        raise ConfigError(
            "the photon must be where electrons would be seen",
            where="electron_low, electron_high",
            allowed=f"around the range of the photon, {photon}",
            given=f"{math.degrees(low):.2f} to {math.degrees(high):.2f} deg",
            next_step="narrow the photon to the range of the tracks, or widen that of the electrons",
        )


def _lost(electrons: Array, low: float, high: float) -> NDArray[np.bool_]:
    size = np.sqrt(np.square(electrons[..., 1:]).sum(axis=-1))
    return np.asarray((electrons[..., 3] > math.cos(low) * size) | (electrons[..., 3] < math.cos(high) * size))
