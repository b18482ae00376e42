"""Importance sampling of three-body phase space for e+e- -> e+ e- gamma with small momentum transfers.

dPS3 = s x/(256 pi^3) beta' dx dcos dOmega'/(4 pi), x = 2 E*/sqrt(s) and cos of the photon in the CM, Omega' of the
electron in the rest frame of the pair. The photon comes as 1/x^2 and flat in rapidity, unless a grid tells more about
the cuts. The electron comes from one of five channels: 1/t to the incoming electron, 1/t' of the positron to the
incoming one, along or against the photon, and wide angles to the incoming electron or positron.

With E', P' of the incoming lepton and k' of the pair in its rest frame, -t = 2 P' k' (a - cos) and
a - 1 = m^2 (E' - E_l')^2/(P' k' (E' E_l' - m^2 + P' k')), free of the cancellation that a small angle suffers from.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from darkreach.generators.backgrounds.pair_photon_phase_space import PairPhotonStates
from darkreach.generators.backgrounds.sampling_grid import SamplingGrid
from darkreach.kinematics import ELECTRON_MASS

Array = NDArray[np.float64]

SHARES: Final = (0.35, 0.35, 0.1, 0.1, 0.1)
"""Shares of the trials: transfer of the electron, of the positron, collinear with the photon; wide angles to either."""

WIDE_OFFSET: Final = 0.01
"""1 - cos at which the density of wide angles falls, that of 8 degrees: both leptons leave well off the beams."""

CELLS: Final = 20
"""Cells of the grid along the energy and along the rapidity of the photon."""


@dataclass(frozen=True)
class BhabhaPhotonStates:
    """States and what is needed to learn a better density from them.

    Attributes:
        states: momenta and phase space.
        point: (2, n) energy and rapidity of the photon as a point of the unit square.
        channel_share: (5, n) probability that each channel made the state.
    """

    states: PairPhotonStates
    point: Array
    channel_share: Array


def flat_grid() -> SamplingGrid:
    """Return the grid that knows nothing about the cuts."""
    return SamplingGrid.flat(SHARES, CELLS)


@dataclass(frozen=True)
class _PairFrame:
    """The rest frame of the pair; vectors (3, n), numbers (n,)."""

    energy: Array  # of each lepton of the pair
    momentum: Array
    gamma: Array
    recoil: Array  # gamma beta
    along: Array  # direction of the photon

    def enter(self, energy: Array, vector: Array) -> tuple[Array, Array]:
        """Return energy and momentum of a lepton of the CM in this frame."""
        forward = np.einsum("in,in->n", vector, self.along)
        shifted = self.gamma * forward + self.recoil * energy
        return self.gamma * energy + self.recoil * forward, vector + (shifted - forward) * self.along

    def leave(self, vector: Array) -> Array:
        """Return the CM four-momentum (4, n) of a lepton of the pair."""
        forward = np.einsum("in,in->n", vector, self.along)
        shifted = self.gamma * forward - self.recoil * self.energy
        result = np.empty((4, len(forward)))
        result[0] = self.gamma * self.energy - self.recoil * forward
        result[1:] = vector + (shifted - forward) * self.along
        return result


def sample_bhabha_and_photon(
    s: Array, minimum_energy: Array, rapidity: tuple[Array, Array], grid: SamplingGrid, random: np.random.Generator
) -> BhabhaPhotonStates:
    """Sample all states with a photon above a minimum energy and in a range of rapidity about the beam.

    Args:
        s: (n,) squared CM energy, GeV^2.
        minimum_energy: (n,) smallest photon energy in the CM, GeV.
        rapidity: smallest and largest atanh(cos) of the photon, each (n,), finite.
        grid: channels, and for each the density of 1/x and of the rapidity of the photon in units of their ranges.
        random: source of random numbers.
    """
    n, (low, high) = len(s), rapidity
    smallest, largest = 2.0 * minimum_energy / np.sqrt(s), 1.0 - 4.0 * ELECTRON_MASS**2 / s
    # a collision without room for the photon has no phase space
    room = np.maximum(1.0 / smallest - 1.0 / largest, 0.0)
    channel, point = grid.draw(n, random)
    x = np.minimum(1.0 / (1.0 / smallest - room * point[0]), largest)
    cosine = np.tanh(low + (high - low) * point[1])
    frame = _pair_frame(s, x, cosine, random)
    direction, poles = _sample_electron(s, frame, channel, random)
    densities = grid.density(point) * poles
    density = densities.sum(axis=0)
    velocity = frame.momentum / frame.energy
    phase_space = s * x * velocity / (256.0 * math.pi**3) * (room * x**2) * (high - low) * (1.0 - cosine**2) / density
    energy = 0.5 * np.sqrt(s) * x
    photon = np.concatenate([energy[np.newaxis], energy * frame.along])
    electron = frame.momentum * direction
    states = PairPhotonStates(frame.leave(electron), frame.leave(-electron), photon, phase_space)
    return BhabhaPhotonStates(states, point, densities / density)


def _pair_frame(s: Array, x: Array, cosine: Array, random: np.random.Generator) -> _PairFrame:
    azimuth, sine = 2.0 * math.pi * random.random(len(s)), np.sqrt((1.0 - cosine) * (1.0 + cosine))
    along = np.stack([sine * np.cos(azimuth), sine * np.sin(azimuth), cosine])
    half = 0.5 * np.sqrt(s * (1.0 - x))
    momentum = np.sqrt(np.maximum(half**2 - ELECTRON_MASS**2, 0.0))
    root = np.sqrt(1.0 - x)
    return _PairFrame(half, momentum, (1.0 - 0.5 * x) / root, 0.5 * x / root, along)


def _sample_electron(
    s: Array, frame: _PairFrame, channel: NDArray[np.intp], random: np.random.Generator
) -> tuple[Array, Array]:
    """Return directions (3, n) of the electron in the frame of the pair, and densities (5, n) per dOmega/(4 pi)."""
    n = len(s)
    energy = 0.5 * np.sqrt(s)
    beam = np.zeros((3, n))
    beam[2] = np.sqrt(energy**2 - ELECTRON_MASS**2)
    axes, offsets = [], []
    for vector in (beam, -beam):
        inside, moved = frame.enter(energy, vector)
        size = np.sqrt(inside**2 - ELECTRON_MASS**2)
        axes.append(moved / size)
        product = np.maximum(size * frame.momentum, 1e-300)
        apart = ELECTRON_MASS**2 * (inside - frame.energy) ** 2
        offsets.append(apart / (product * (inside * frame.energy - ELECTRON_MASS**2 + product)))
    # the offset of a pole along the photon: 1/beta - 1 of the electron
    offsets.append(ELECTRON_MASS**2 / (frame.momentum * (frame.energy + frame.momentum)))
    axes.append(frame.along)
    axes += axes[:2]
    offsets += [np.full(n, WIDE_OFFSET)] * 2
    # the positron is near the incoming positron: the electron is opposite in this frame
    sign = np.where(random.random(n) < 0.5, 1.0, -1.0)
    turned = np.stack([np.ones(n), -np.ones(n), sign, np.ones(n), -np.ones(n)])[channel, np.arange(n)]
    axis = np.stack(axes)[channel, :, np.arange(n)].T
    offset = np.choose(channel, offsets)
    apart = offset * ((2.0 + offset) / offset) ** random.random(n) - offset
    direction = turned * _about(axis, np.clip(apart, 0.0, 2.0), random.random(n))
    poles = [_pole(direction, axes[i], offsets[i]) for i in (0, 2, 3)]
    opposite = [_pole(-direction, axes[i], offsets[i]) for i in (1, 2, 4)]
    return direction, np.stack([poles[0], opposite[0], 0.5 * (poles[1] + opposite[1]), poles[2], opposite[2]])


def _pole(direction: Array, axis: Array, offset: Array) -> Array:
    """Return the density of 1/(a - cos) about an axis, normalised to mean 1 over the sphere; offset = a - 1."""
    # 1 - cos from the difference of the unit vectors, precise for small angles
    apart = 0.5 * np.square(direction - axis).sum(axis=0)
    return np.asarray(2.0 / ((offset + apart) * np.log((2.0 + offset) / offset)))


def _about(axis: Array, apart: Array, turn: Array) -> Array:
    """Return unit vectors at 1 - cos = ``apart`` from an axis (3, n), at an azimuth in turns."""
    # a vector normal to the axis and to the coordinate axis it is farther from
    steep = np.abs(axis[2]) > 0.8
    first = np.where(
        steep,
        np.stack([np.zeros_like(apart), -axis[2], axis[1]]),
        np.stack([-axis[1], axis[0], np.zeros_like(apart)]),
    )
    first /= np.sqrt(np.square(first).sum(axis=0))
    second = np.cross(axis, first, axis=0)
    across, azimuth = np.sqrt(apart * (2.0 - apart)), 2.0 * math.pi * turn
    return np.asarray((1.0 - apart) * axis + across * (np.cos(azimuth) * first + np.sin(azimuth) * second))
