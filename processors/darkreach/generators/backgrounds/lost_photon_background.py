"""Weighted events e+e- -> gamma gamma gamma with one photon in the detector and two lost near the beams.

What makes one photon alone, by where the other two of e+e- -> gamma gamma (gamma) go, [low, high] the angles in which
photons are measured:

    both outside                       ``three_photon_lost``: the full tree with the electron mass, here
    one outside, one inside but lost   ``two_photon`` with these angles and radiation along the beams
    none outside, one soft             ``two_photon`` too: the radiator holds soft photons of any angle
    both inside, hard and lost         ``three_photon``, weights of two losses

The angles must be the same in all of them. Where one photon is soft the others are back to back, so that both outside
and one inside leaves none soft: the tree is finite. The radiator of ``two_photon`` puts photons of all angles exactly
along the beams: a fifth of the hard ones (4/(ln(s/m_e^2) - 1) for 10 to 160 deg) would be seen there, and is in
``three_photon`` as well; this overlap is in the radiative tail only.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from darkreach.errors import ConfigError
from darkreach.generators.backgrounds.candidate_choice import resampled
from darkreach.generators.backgrounds.lost_photon_phase_space import sample_lost_photons
from darkreach.generators.backgrounds.massive_three_photon_matrix_element import massive_three_photon_matrix_element
from darkreach.generators.collisions import Collisions, generate_collisions
from darkreach.generators.final_state_events import FinalStateEvents
from darkreach.generators.hard_photon_cuts import HardPhotonCuts
from darkreach.kinematics import ELECTRON_MASS, HBAR_C_SQUARED_FB, Beams

Array = NDArray[np.float64]

THREE_PHOTON_PDG: Final = (22, 22, 22)
"""The seen photon first."""

_CANDIDATES: Final = 8
"""Trials of which one is taken: most have no photon that is seen, and are cheap."""


def generate_lost_photons(
    beams: Beams,
    cuts: HardPhotonCuts,
    n: int,
    random: np.random.Generator,
    *,
    photon_low: float,
    photon_high: float,
    maximum_isr_fraction: float,
) -> FinalStateEvents:
    """Generate n trials; the mean weight is the cross-section in fb of the volume, trials outside have weight zero.

    Args:
        beams: beam energies, spreads and crossing angle.
        cuts: the volume of the photon that is seen.
        n: number of trials.
        random: source of random numbers.
        photon_low: rad, laboratory; the other photons are below,
        photon_high: rad, or above.
        maximum_isr_fraction: 0 for no further radiation; see :func:`generate_collisions`.

    Raises:
        ConfigError: no phase space.

    Example:
        >>> beams, cuts = Beams(7.004, 4.002, 0.083), HardPhotonCuts(1.8, math.radians(30), math.radians(130))
        >>> lost = {"photon_low": math.radians(10), "photon_high": math.radians(160)}
        >>> random = np.random.default_rng(1)
        >>> generate_lost_photons(beams, cuts, 100, random, maximum_isr_fraction=0.0, **lost).momenta.shape
        (100, 3, 4)
    """
    check_lost_photons(cuts, beams, photon_low, photon_high)
    events = _weighted(beams, cuts, (photon_low, photon_high), _CANDIDATES * n, random, maximum_isr_fraction)
    return resampled(events, _CANDIDATES, random)


def check_lost_photons(cuts: HardPhotonCuts, beams: Beams, photon_low: float, photon_high: float) -> None:
    """Refuse cuts that leave no phase space, and photons that are seen where others are lost.

    Raises:
        ConfigError: naming the cut and what it may be.
    """
    cuts.check(beams, 0.0)
    cuts.check_off_beams(beams)
    half = 0.5 * beams.crossing_angle
    if not half < photon_low <= cuts.polar_low < cuts.polar_high <= photon_high < math.pi - half:
        photon = f"{math.degrees(cuts.polar_low):.2f} to {math.degrees(cuts.polar_high):.2f} deg"
        raise ConfigError(
            "the photon must be where it is seen",
            where="photon_low, photon_high",
            allowed=f"around the range of the photon, {photon}, and off the beams",
            given=f"{math.degrees(photon_low):.2f} to {math.degrees(photon_high):.2f} deg",
            next_step="choose the acceptance of the calorimeter",
        )


def _weighted(
    beams: Beams,
    cuts: HardPhotonCuts,
    measured: tuple[float, float],
    n: int,
    random: np.random.Generator,
    maximum_isr_fraction: float,
) -> FinalStateEvents:
    collisions = generate_collisions(beams, n, random, maximum_isr_fraction=maximum_isr_fraction)
    s = collisions.s
    openings = _openings(collisions, *measured)
    states = sample_lost_photons(s, openings, _smallest_energy(collisions, cuts, openings), random)
    momenta = np.stack([collisions.to_laboratory(*photon) for photon in states.photons], axis=1)
    theta = np.arctan2(np.hypot(momenta[:, 1:, 1], momenta[:, 1:, 2]), momenta[:, 1:, 3])
    kept = cuts.inside(momenta[:, 0], beams) & ((theta < measured[0]) | (theta > measured[1])).all(axis=1)
    beam = np.zeros((2, int(kept.sum()), 4))
    beam[:, :, 0] = 0.5 * np.sqrt(s[kept])
    beam[0, :, 3] = np.sqrt(0.25 * s[kept] - ELECTRON_MASS**2)
    beam[1, :, 3] = -beam[0, :, 3]
    squared = massive_three_photon_matrix_element(beam[0], beam[1], np.moveaxis(states.photons[..., kept], 2, 0))
    weight = np.zeros(n)
    # of three identical photons any may be the seen one: 3/3!
    weight[kept] = 0.5 * HBAR_C_SQUARED_FB * (collisions.weight * states.phase_space / (2.0 * s))[kept] * squared
    return FinalStateEvents(weight, THREE_PHOTON_PDG, momenta, collisions.radiated)


def _smallest_energy(collisions: Collisions, cuts: HardPhotonCuts, openings: Array) -> Array:
    """Return the energy (n,) that both lost photons have at least, GeV: E sin(theta) of the seen one is bounded."""
    root = np.sqrt(collisions.s)
    widest = np.clip(openings.max(axis=0), 0.0, 1.0)
    steepest = np.sqrt(widest * (2.0 - widest))
    low, high = cuts.rapidity_range(collisions)
    flattest = 1.0 / np.cosh(np.maximum(np.abs(low), np.abs(high)))
    return np.asarray(np.maximum(0.5 * root - root * steepest / (flattest + steepest), 0.0))


def _openings(collisions: Collisions, low: float, high: float) -> Array:
    """Return 1 - cos (2, n) in the CM of the widest photon near the electron beam and near the positron beam.

    Args:
        collisions: n collisions.
        low: rad, laboratory; photons near the electron beam are below.
        high: rad, laboratory; photons near the positron beam are above.
    """
    half = collisions.half_crossing_angle
    shift = -0.5 * np.log(collisions.electron_energy / collisions.positron_energy)

    def rapidity(theta: float, side: float) -> Array:
        to_electron, to_positron = 1.0 - math.cos(theta - side * half), 1.0 + math.cos(theta + side * half)
        return np.asarray(shift - 0.5 * math.log(to_electron / to_positron))

    # the angle in the CM rises with the azimuth to one side: the extremes are in the plane of the beams
    forward = np.minimum(rapidity(low, 1.0), rapidity(low, -1.0))
    backward = np.maximum(rapidity(high, 1.0), rapidity(high, -1.0))
    return np.stack([1.0 - np.tanh(forward), 1.0 + np.tanh(backward)])
