"""Weighted events e+e- -> gamma gamma gamma inside generator cuts, with beam-energy spread and radiation."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from darkreach.errors import ConfigError
from darkreach.generators.backgrounds.three_photon_matrix_element import three_photon_matrix_element
from darkreach.generators.backgrounds.three_photon_phase_space import sample_three_photons
from darkreach.generators.collisions import Collisions, generate_collisions
from darkreach.generators.generated_events import BEAM_PDG, GeneratedEvents
from darkreach.kinematics import HBAR_C_SQUARED_FB, Beams, boosted_energy

Array = NDArray[np.float64]


@dataclass(frozen=True)
class GeneratorCuts:
    """The generated volume: all three photons must pass.

    Attributes:
        minimum_energy_cm: GeV, in the CM of the nominal beams.
        polar_low: rad, laboratory.
        polar_high: rad, laboratory.
    """

    minimum_energy_cm: float
    polar_low: float
    polar_high: float


def generate_three_photons(
    beams: Beams, cuts: GeneratorCuts, n: int, random: np.random.Generator, *, maximum_isr_fraction: float
) -> GeneratedEvents:
    """Generate n trials; the mean weight is the cross-section in fb inside the cuts, trials outside have weight zero.

    Args:
        beams: beam energies, spreads and crossing angle.
        cuts: the generated volume; a finite one is needed, as soft and collinear photons diverge.
        n: number of trials.
        random: source of random numbers.
        maximum_isr_fraction: 0 for no radiation; see :func:`generate_collisions`.

    Raises:
        ConfigError: the cuts leave no phase space, or an infinite cross-section.

    Example:
        >>> beams, cuts = Beams(7.004, 4.002, 0.083), GeneratorCuts(0.65, math.radians(37.3), math.radians(123.7))
        >>> events = generate_three_photons(beams, cuts, 20000, np.random.default_rng(1), maximum_isr_fraction=0.0)
        >>> bool(abs(events.weight_fb.mean() / 14050 - 1) < 0.03)
        True
    """
    _check(cuts, beams)
    collisions = generate_collisions(beams, n, random, maximum_isr_fraction=maximum_isr_fraction)
    s = collisions.s
    minimum = 2.0 * cuts.minimum_energy_cm * _smallest_doppler_factor(collisions, beams) / np.sqrt(s)
    low, high = _rapidity_range(collisions, cuts)
    state = sample_three_photons(s, minimum, low, high, random)
    squared = three_photon_matrix_element(s, state.energy_fraction, state.direction[:, 2])
    # 2 s is the flux, 3! the identical photons
    weight = HBAR_C_SQUARED_FB * collisions.weight * squared * state.phase_space / (12.0 * s)
    energies = 0.5 * np.sqrt(s) * state.energy_fraction
    photons = np.stack(
        [collisions.to_laboratory(energies[i], *(energies[i] * state.direction[i])) for i in range(3)], axis=1
    )
    return GeneratedEvents(
        weight_fb=np.where(_inside(photons, cuts, beams), weight, 0.0),
        photons=photons,
        isr=collisions.radiated,
        mother_pdg=np.broadcast_to(np.int32(BEAM_PDG), (n, 3)),
        decay_beta_gamma=np.zeros(n),
    )


def _check(cuts: GeneratorCuts, beams: Beams) -> None:
    if not 0.0 < cuts.minimum_energy_cm < 0.3 * beams.sqrt_s:
        raise ConfigError(
            "the three-photon generator cannot use this minimum photon energy",
            where="simulation.background_minimum_energy_cm",
            allowed=f"between 0 and {0.3 * beams.sqrt_s:.2f} GeV (three photons share sqrt(s))",
            given=f"{cuts.minimum_energy_cm} GeV",
            next_step="choose a value some resolutions below the photon threshold of the selection",
        )
    half = 0.5 * beams.crossing_angle
    if not half < cuts.polar_low < cuts.polar_high < math.pi - half:
        raise ConfigError(
            "the three-photon generator cannot use this range of polar angles",
            where="simulation.background_polar_range",
            allowed=f"inside {math.degrees(half):.2f} to {180.0 - math.degrees(half):.2f} deg (the beam lines)",
            given=f"{math.degrees(cuts.polar_low):.2f} to {math.degrees(cuts.polar_high):.2f} deg",
            next_step="choose a range some resolutions wider than that of the selection",
        )


def _smallest_doppler_factor(collisions: Collisions, beams: Beams) -> Array:
    """Return the smallest possible (energy in the collision's CM)/(energy in the nominal CM) of any photon, (n,)."""
    ratio = np.sqrt(
        collisions.electron_energy * beams.positron_energy / (collisions.positron_energy * beams.electron_energy)
    )
    return np.asarray(np.minimum(ratio, 1.0 / ratio))


def _rapidity_range(collisions: Collisions, cuts: GeneratorCuts) -> tuple[Array, Array]:
    """Return the smallest and largest CM rapidity about the beam of a photon inside the laboratory polar range.

    tan^2(theta*/2) = (E1/E2) (1 - n.n1)/(1 - n.n2) is monotonic in the azimuth between 0 and pi, so the extremes are
    in the plane of the beams.
    """
    half = collisions.half_crossing_angle
    shift = -0.5 * np.log(collisions.electron_energy / collisions.positron_energy)

    def rapidity(theta: float, side: float) -> float:
        to_electron = 1.0 - math.cos(theta - side * half)
        to_positron = 1.0 + math.cos(theta + side * half)
        return -0.5 * math.log(to_electron / to_positron)

    low = min(rapidity(cuts.polar_high, side) for side in (1.0, -1.0))
    high = max(rapidity(cuts.polar_low, side) for side in (1.0, -1.0))
    return low + shift, high + shift


def _inside(photons: Array, cuts: GeneratorCuts, beams: Beams) -> NDArray[np.bool_]:
    # cos(theta) = pz/E falls from polar_low to polar_high
    energy, pz = photons[..., 0], photons[..., 3]
    inside = (pz <= math.cos(cuts.polar_low) * energy) & (pz >= math.cos(cuts.polar_high) * energy)
    inside &= boosted_energy(photons, beams.boost) >= cuts.minimum_energy_cm
    return np.asarray(inside.all(axis=1))
