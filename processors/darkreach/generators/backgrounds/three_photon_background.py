"""Weighted events e+e- -> gamma gamma gamma inside generator cuts, with beam-energy spread and radiation."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from darkreach.errors import ConfigError
from darkreach.generators.backgrounds.three_photon_matrix_element import three_photon_matrix_element
from darkreach.generators.backgrounds.three_photon_phase_space import sample_three_photons
from darkreach.generators.collisions import generate_collisions
from darkreach.generators.generated_events import BEAM_PDG, GeneratedEvents
from darkreach.generators.hard_photon_cuts import HardPhotonCuts
from darkreach.kinematics import HBAR_C_SQUARED_FB, Beams

Array = NDArray[np.float64]

LARGEST_SHARE: Final = 0.3
"""Three photons share sqrt(s): cuts on the energy of each must stay below a third of it."""


def generate_three_photons(
    beams: Beams, cuts: HardPhotonCuts, n: int, random: np.random.Generator, *, maximum_isr_fraction: float
) -> GeneratedEvents:
    """Generate n trials; the mean weight is the cross-section in fb inside the cuts, trials outside have weight zero.

    Photons outside of the cuts are not here: one along a beam is the radiation of ``two_photon``, two are
    ``three_photon_lost``.

    Args:
        beams: beam energies, spreads and crossing angle.
        cuts: passed by all three photons; off the beams, as collinear photons diverge.
        n: number of trials.
        random: source of random numbers.
        maximum_isr_fraction: 0 for no radiation; see :func:`generate_collisions`.

    Raises:
        ConfigError: the cuts leave no phase space, or an infinite cross-section.

    Example:
        >>> beams, cuts = Beams(7.004, 4.002, 0.083), HardPhotonCuts(0.65, *np.radians([37.3, 123.7]))
        >>> events = generate_three_photons(beams, cuts, 20000, np.random.default_rng(1), maximum_isr_fraction=0.0)
        >>> bool(abs(events.weight_fb.mean() / 14050 - 1) < 0.03)
        True
    """
    check_three_photon_cuts(cuts, beams)
    collisions = generate_collisions(beams, n, random, maximum_isr_fraction=maximum_isr_fraction)
    s = collisions.s
    minimum = 2.0 * cuts.smallest_energy(collisions, beams) / np.sqrt(s)
    low, high = cuts.rapidity_range(collisions)
    state = sample_three_photons(s, minimum, low, high, random)
    squared = three_photon_matrix_element(s, state.energy_fraction, state.direction[:, 2])
    # 2 s is the flux, 3! the identical photons
    weight = HBAR_C_SQUARED_FB * collisions.weight * squared * state.phase_space / (12.0 * s)
    energies = 0.5 * np.sqrt(s) * state.energy_fraction
    photons = np.stack(
        [collisions.to_laboratory(energies[i], *(energies[i] * state.direction[i])) for i in range(3)], axis=1
    )
    return GeneratedEvents(
        weight_fb=np.where(cuts.inside(photons, beams).all(axis=1), weight, 0.0),
        photons=photons,
        isr=collisions.radiated,
        mother_pdg=np.broadcast_to(np.int32(BEAM_PDG), (n, 3)),
        decay_beta_gamma=np.zeros(n),
    )


def check_three_photon_cuts(cuts: HardPhotonCuts, beams: Beams) -> None:
    """Refuse cuts that leave three photons no phase space, or that hold a beam line.

    Raises:
        ConfigError: naming the cut and what it may be.
    """
    cuts.check(beams, 0.0)
    cuts.check_off_beams(beams)
    largest = LARGEST_SHARE * beams.sqrt_s
    if not cuts.minimum_energy_cm < largest:
        raise ConfigError(
            "three photons cannot all have this minimum energy",
            where="minimum_energy_cm",
            allowed=f"above 0 and below {largest:.2f} GeV (three photons share sqrt(s))",
            given=f"{cuts.minimum_energy_cm} GeV",
            next_step="choose a value some resolutions below the photon threshold of the selection",
        )
