"""Weighted events e+e- -> gamma A' with beam-energy spread and radiation, before the dark photon decays."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from darkreach.generators.collisions import Collisions, generate_collisions
from darkreach.generators.hard_photon_cuts import HardPhotonCuts
from darkreach.generators.signals.beam_momenta import beam_momenta
from darkreach.generators.signals.broad_resonance import BroadResonance
from darkreach.generators.signals.dark_photon_matrix_element import dark_photon_density_fb
from darkreach.generators.signals.spin_axes import across, to_rest_frame
from darkreach.kinematics import ELECTRON_MASS, Beams

Array = NDArray[np.float64]


@dataclass(frozen=True)
class PhotonRecoil:
    """Events of a photon and a vector boson, laboratory, GeV.

    Attributes:
        collisions: what collided, and what was radiated.
        weight_fb: (n,) the mean is the cross-section inside the cuts in fb; zero outside of them.
        photon: (n, 4).
        boson: (n, 4).
        mass: of the boson, GeV; of a broad one at its peak.
    """

    collisions: Collisions
    weight_fb: Array
    photon: Array
    boson: Array
    mass: float

    def polarisation(self, random: np.random.Generator) -> Array:
        """Return linear polarisations (n, 3) of the boson in its rest frame, drawn from its spin density.

        Without the electron mass the current of the beams p and p' and the photon give the boson of momentum Q a
        density of -[(p.Q)^2 + (p'.Q)^2] g/Q^2 - p p - p' p' up to terms along Q: it is polarised across one of the
        beams as seen in its rest frame, with probabilities as the squares of their energies there.
        """
        electron, positron = (to_rest_frame(beam, self.boson, self.mass) for beam in beam_momenta(self.collisions))
        squares = electron[:, 0] ** 2, positron[:, 0] ** 2
        from_electron = random.random(len(squares[0])) * (squares[0] + squares[1]) < squares[0]
        return across(np.where(from_electron[:, np.newaxis], electron, positron)[:, 1:], random)


def generate_photon_recoil(
    beams: Beams,
    mass: float,
    mixing: float,
    cuts: HardPhotonCuts,
    n: int,
    random: np.random.Generator,
    *,
    maximum_isr_fraction: float,
    resonance: BroadResonance | None = None,
) -> PhotonRecoil:
    """Generate n trials; photons are drawn evenly in rapidity about the beam, down to the electron mass.

    Args:
        beams: beam energies, spreads and crossing angle.
        mass: of the dark photon, GeV, below the CM energy.
        mixing: epsilon.
        cuts: the volume of the photon. A smallest energy is needed: radiation down to threshold would count soft
            photons twice.
        n: number of trials.
        random: source of random numbers.
        maximum_isr_fraction: 0 for no further radiation; see :func:`generate_collisions`.
        resonance: density of the squared mass of a broad boson, up to what the photon leaves; None for a narrow one.

    Raises:
        ConfigError: the cuts leave no phase space.

    Example:
        >>> beams, cuts = Beams(7.004, 4.002, 0.083), HardPhotonCuts(0.2, 0.0, math.pi)
        >>> random = np.random.default_rng(1)
        >>> events = generate_photon_recoil(beams, 3.0, 1e-3, cuts, 10000, random, maximum_isr_fraction=0.0)
        >>> bool(abs(events.weight_fb.mean() / 48.09 - 1) < 0.01)
        True
    """
    cuts.check(beams, mass)
    # radiation lowers s' and the smallest energy in its CM alike; 0.5 % leaves room for the spread of the beams
    lightest = mass if resonance is None else 0.0
    remaining = 0.995 * lightest**2 / (1.0 - 2.0 * cuts.minimum_energy_cm / beams.sqrt_s)
    collisions = generate_collisions(beams, n, random, maximum_isr_fraction=maximum_isr_fraction, threshold=remaining)
    s = collisions.s
    velocity = np.sqrt(1.0 - 4.0 * ELECTRON_MASS**2 / s)
    low, high = (np.arctanh(velocity * np.tanh(edge)) for edge in cuts.rapidity_range(collisions))
    rapidity = np.tanh(low + (high - low) * random.random(n))
    cosine = np.clip(rapidity / velocity, -1.0, 1.0)
    density = (high - low) * (1.0 - rapidity**2) / velocity
    masses, probability = _masses(
        mass, resonance, s - 2.0 * np.sqrt(s) * cuts.smallest_energy(collisions, beams), random
    )
    energy = 0.5 * np.maximum(s - masses**2, 0.0) / np.sqrt(s)
    sine, azimuth = np.sqrt(1.0 - cosine**2), 2.0 * math.pi * random.random(n)
    flight = energy * np.stack([sine * np.cos(azimuth), sine * np.sin(azimuth), cosine])
    photon = collisions.to_laboratory(energy, *flight)
    boson = collisions.to_laboratory(np.sqrt(energy**2 + masses**2), *-flight)
    weight = collisions.weight * density * probability * dark_photon_density_fb(masses, mixing, s, cosine)
    return PhotonRecoil(collisions, np.where(cuts.inside(photon, beams), weight, 0.0), photon, boson, mass)


def _masses(
    mass: float, resonance: BroadResonance | None, largest: Array, random: np.random.Generator
) -> tuple[Array, Array]:
    """Return masses (n,) of which the photon leaves at most ``largest`` (n,) GeV^2, and the probability of such."""
    if resonance is None:
        return np.full(len(largest), mass), np.ones(len(largest))
    room = np.maximum(largest, 0.0)
    return np.sqrt(resonance.draw(room, random.random(len(room)))), resonance.probability(room)
