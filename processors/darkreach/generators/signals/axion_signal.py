"""Weighted events e+e- -> gamma a, a -> gamma gamma, with beam-energy spread and initial-state radiation."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from darkreach.generators.collisions import Collisions, generate_collisions
from darkreach.generators.generated_events import AXION_PDG, BEAM_PDG, GeneratedEvents
from darkreach.generators.signals.axion_matrix_element import axion_cross_section_fb, sample_axion_cosine
from darkreach.kinematics import Beams

Array = NDArray[np.float64]


def generate_axion_signal(
    beams: Beams,
    mass_gev: float,
    coupling: float,
    n: int,
    random: np.random.Generator,
    *,
    maximum_isr_fraction: float,
) -> GeneratedEvents:
    """Generate n events; the mean weight is the cross-section in fb at the coupling (1/GeV).

    Photon 0 recoils against the axion-like particle, photons 1 and 2 are its decay, isotropic in its rest frame.

    Args:
        beams: beam energies, spreads and crossing angle.
        mass_gev: mass of the axion-like particle, GeV, below the CM energy.
        coupling: g_agg, 1/GeV.
        n: number of events.
        random: source of random numbers.
        maximum_isr_fraction: 0 for no radiation; see :func:`generate_collisions`.

    Example:
        >>> beams = Beams(7.004, 4.002, 0.083)
        >>> events = generate_axion_signal(beams, 1.0, 1e-3, 10, np.random.default_rng(1), maximum_isr_fraction=0.0)
        >>> events.photons.shape, round(float(events.weight_fb.mean()), 1)
        ((10, 3, 4), 115.2)
    """
    collisions = generate_collisions(beams, n, random, maximum_isr_fraction=maximum_isr_fraction, threshold=mass_gev**2)
    s = collisions.s
    weight = collisions.weight * axion_cross_section_fb(mass_gev, coupling, s)
    # recoil energy (s - m^2)/(2 sqrt s); max guards the rare collision below threshold, whose weight is zero
    recoil = 0.5 * np.maximum(s - mass_gev**2, 0.0) / np.sqrt(s)
    direction = _directions(sample_axion_cosine(random.random(n)), random.random(n))
    decay = _decay_photon(mass_gev, recoil, direction, random)
    first = collisions.to_laboratory(recoil, *(recoil * direction))
    second = collisions.to_laboratory(*decay)
    photons = np.empty((n, 3, 4))
    photons[:, 0] = first
    photons[:, 1] = second
    photons[:, 2] = _axion(collisions, mass_gev, recoil, direction) - second
    axion_momentum = photons[:, 1, 1:] + photons[:, 2, 1:]
    return GeneratedEvents(
        weight_fb=weight,
        photons=photons,
        isr=collisions.radiated,
        mother_pdg=np.broadcast_to(np.array([BEAM_PDG, AXION_PDG, AXION_PDG], dtype=np.int32), (n, 3)),
        decay_beta_gamma=np.sqrt(np.einsum("ni,ni->n", axion_momentum, axion_momentum)) / mass_gev,
    )


def _directions(cosine: Array, turn: Array) -> Array:
    """Return unit vectors (3, n) from the cosine to the third axis and the azimuth in turns."""
    sine = np.sqrt(np.maximum(1.0 - cosine**2, 0.0))
    azimuth = 2.0 * math.pi * turn
    return np.stack([sine * np.cos(azimuth), sine * np.sin(azimuth), cosine])


def _axion(collisions: Collisions, mass: float, recoil: Array, direction: Array) -> Array:
    return collisions.to_laboratory(np.sqrt(recoil**2 + mass**2), *(-recoil * direction))


def _decay_photon(mass: float, recoil: Array, direction: Array, random: np.random.Generator) -> Array:
    """Return the CM four-momentum (4, n) of one photon of the decay; the particle flies against ``direction``."""
    n = len(recoil)
    at_rest = 0.5 * mass * _directions(2.0 * random.random(n) - 1.0, random.random(n))
    energy = np.sqrt(recoil**2 + mass**2)
    along = -np.einsum("in,in->n", at_rest, direction) * recoil
    photon = np.empty((4, n))
    photon[0] = (0.5 * mass * energy + along) / mass
    # boost of the three-vector: k + P ((k.P)/(m (E + m)) + k0/m), with P = -recoil direction
    factor = along / (mass * (energy + mass)) + 0.5
    photon[1:] = at_rest - factor * recoil * direction
    return photon
