"""Weighted events e+e- -> A' h' and the spin of the dark photons in them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from darkreach.generators.collisions import Collisions, generate_collisions
from darkreach.generators.decays import boost_from_rest_frame, two_body_momentum
from darkreach.generators.signals.beam_momenta import beam_momenta
from darkreach.generators.signals.dark_higgs_matrix_element import (
    dark_higgs_cross_section_fb,
    sample_dark_higgs_cosine,
)
from darkreach.generators.signals.pair_decays import DecayedBosons
from darkreach.generators.signals.spin_axes import along_or_across, to_rest_frame
from darkreach.kinematics import Beams

Array = NDArray[np.float64]


@dataclass(frozen=True)
class DarkHiggsstrahlung:
    """Events of a dark photon and a dark Higgs boson, laboratory, GeV.

    Attributes:
        collisions: what collided, and what was radiated.
        weight_fb: (n,) the mean is the cross-section in fb.
        dark_photon: (n, 4).
        dark_higgs: (n, 4).
        mass: of the dark photon, GeV.
    """

    collisions: Collisions
    weight_fb: Array
    dark_photon: Array
    dark_higgs: Array
    mass: float

    def polarisation(self, random: np.random.Generator) -> Array:
        """Return linear polarisations (n, 3) of the dark photon in its rest frame, drawn from its spin density.

        The vertex h' A' A' is the metric: the dark photon carries the polarisation of the virtual one, that of the
        beams, p p' + p' p - g s/2: in its rest frame 2 E E' along the bisector of the beams, s/2 along their normal.
        """
        electron, positron = (
            to_rest_frame(beam, self.dark_photon, self.mass) for beam in beam_momenta(self.collisions)
        )
        bisector = electron[:, 1:] / electron[:, :1] + positron[:, 1:] / positron[:, :1]
        normal = np.cross(electron[:, 1:], positron[:, 1:])
        along, upright = 2.0 * electron[:, 0] * positron[:, 0], 0.5 * self.collisions.s
        chosen = random.random(len(along)) * (along + upright) < along
        return np.where(chosen[:, np.newaxis], bisector, normal)


def generate_dark_higgsstrahlung(
    beams: Beams,
    masses: tuple[float, float],
    mixing: float,
    dark_coupling: float,
    n: int,
    random: np.random.Generator,
    *,
    maximum_isr_fraction: float,
) -> DarkHiggsstrahlung:
    """Generate n events; the angle follows the cross-section, so the weights vary with radiation alone.

    Args:
        beams: beam energies, spreads and crossing angle.
        masses: of the dark photon and the dark Higgs boson, GeV.
        mixing: epsilon.
        dark_coupling: alpha_D.
        n: number of events.
        random: source of random numbers.
        maximum_isr_fraction: 0 for no radiation; see :func:`generate_collisions`.

    Example:
        >>> beams, random = Beams(7.004, 4.002, 0.083), np.random.default_rng(1)
        >>> events = generate_dark_higgsstrahlung(beams, (1.0, 4.0), 1e-3, 0.1, 10, random, maximum_isr_fraction=0.0)
        >>> round(float(events.weight_fb.mean()), 3)
        1.879
    """
    collisions = generate_collisions(
        beams, n, random, maximum_isr_fraction=maximum_isr_fraction, threshold=sum(masses) ** 2
    )
    s = collisions.s
    weight = collisions.weight * dark_higgs_cross_section_fb(*masses, mixing, dark_coupling, s)
    cosine = sample_dark_higgs_cosine(s, *masses, random)
    sine, azimuth = np.sqrt((1.0 - cosine) * (1.0 + cosine)), 2.0 * math.pi * random.random(n)
    momentum = two_body_momentum(np.sqrt(s), *masses)
    flight = momentum * np.stack([sine * np.cos(azimuth), sine * np.sin(azimuth), cosine])
    dark_photon = collisions.to_laboratory(np.sqrt(momentum**2 + masses[0] ** 2), *flight)
    dark_higgs = collisions.to_laboratory(np.sqrt(momentum**2 + masses[1] ** 2), *-flight)
    return DarkHiggsstrahlung(collisions, weight, dark_photon, dark_higgs, masses[0])


def first_cascade_polarisation(first: Array, second: Array, mass: float, random: np.random.Generator) -> Array:
    """Return polarisations (n, 3) of one of the dark photons of h' -> A' A' in its rest frame, whatever the other does.

    The vertex is the metric: summed over the polarisations of the other one, of momentum K, the density is 1 + K K/m^2.

    Args:
        first: (n, 4) the dark photon, laboratory, GeV.
        second: (n, 4) the other one.
        mass: of a dark photon, GeV.
        random: source of random numbers.
    """
    other = to_rest_frame(second, first, mass)[:, 1:]
    return along_or_across(other, 1.0 + np.einsum("ni,ni->n", other, other) / mass**2, random)


def second_cascade_polarisation(first: DecayedBosons, second: Array, mass: float, random: np.random.Generator) -> Array:
    """Return polarisations (n, 3) of the other dark photon in its rest frame, given the decay of the first one.

    The decay a + b d d of the first one is a mixture of its polarisations: d itself for scalars, all three with weight
    1 - beta^2 and the two across d with weight beta^2 for leptons. Each counts by its length in the second rest frame,
    1 + (e.K)^2/m^2, and turns into the polarisation of the second one.

    Args:
        first: decays of the first dark photon.
        second: (n, 4) the other one, laboratory, GeV.
        mass: of a dark photon, GeV.
        random: source of random numbers.
    """
    other = to_rest_frame(second, first.boson, mass)[:, 1:]
    decay = to_rest_frame(first.direction, first.boson, mass)[:, 1:]
    along = np.einsum("ni,ni->n", decay, other)[:, np.newaxis]
    square = np.einsum("ni,ni->n", other, other) / mass**2
    free = along_or_across(other, 1.0 + square, random)
    # across the decay: in the plane of the decay and the second dark photon, or upright
    plane, upright = other - along * decay, np.cross(decay, other)
    square_across = np.einsum("ni,ni->n", plane, plane) / mass**2
    in_plane = random.random(len(square)) * (2.0 + square_across) < 1.0 + square_across
    bound = np.where(in_plane[:, np.newaxis], plane, upright)
    whole = (1.0 + first.slope) * (3.0 + square)
    is_free = random.random(len(square)) * (whole - first.slope * (2.0 + square_across)) < whole
    unit = np.zeros((len(square), 4))
    unit[:, 1:] = np.where(is_free[:, np.newaxis], free, bound)
    unit[:, 1:] = np.where(first.constant[:, np.newaxis] == 0.0, decay, unit[:, 1:])
    unit[:, 1:] /= np.maximum(np.linalg.norm(unit[:, 1:], axis=1, keepdims=True), 1e-300)
    return to_rest_frame(boost_from_rest_frame(unit, first.boson, mass), second, mass)[:, 1:]
