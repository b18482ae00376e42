"""Importance sampling of three-body phase space for e+e- -> e+ e- gamma with small momentum transfers.

dPS3 = s x/(256 pi^3) beta' dx dcos dOmega'/(4 pi), x = 2 E*/sqrt(s) and cos of the photon in the CM, Omega' of the
electron in the rest frame of the pair. The photon comes as 1/x^2 and flat in rapidity. The electron comes from one of
three channels: 1/t to the incoming electron, 1/t' of the positron to the incoming one, and along or against the photon.
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
from darkreach.kinematics import ELECTRON_MASS

Array = NDArray[np.float64]

SHARES: Final = (0.4, 0.4, 0.2)
"""Shares of the trials: transfer of the electron, of the positron, collinear with the photon."""


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
    s: Array, minimum_energy: Array, rapidity: tuple[Array, Array], random: np.random.Generator
) -> PairPhotonStates:
    """Sample all states with a photon above a minimum energy and in a range of rapidity about the beam.

    Args:
        s: (n,) squared CM energy, GeV^2.
        minimum_energy: (n,) smallest photon energy in the CM, GeV.
        rapidity: smallest and largest atanh(cos) of the photon, each (n,), finite.
        random: source of random numbers.
    """
    n, (low, high) = len(s), rapidity
    smallest, largest = 2.0 * minimum_energy / np.sqrt(s), 1.0 - 4.0 * ELECTRON_MASS**2 / s
    # a collision without room for the photon has no phase space
    room = np.maximum(1.0 / smallest - 1.0 / largest, 0.0)
    x = np.minimum(1.0 / (1.0 / smallest - room * random.random(n)), largest)
    cosine = np.tanh(low + (high - low) * random.random(n))
    frame = _pair_frame(s, x, cosine, random)
    direction, density = _sample_electron(s, frame, random)
    velocity = frame.momentum / frame.energy
    phase_space = s * x * velocity / (256.0 * math.pi**3) * (room * x**2) * (high - low) * (1.0 - cosine**2) / density
    energy = 0.5 * np.sqrt(s) * x
    photon = np.concatenate([energy[np.newaxis], energy * frame.along])
    electron = frame.momentum * direction
    return PairPhotonStates(frame.leave(electron), frame.leave(-electron), photon, phase_space)


def _pair_frame(s: Array, x: Array, cosine: Array, random: np.random.Generator) -> _PairFrame:
    azimuth, sine = 2.0 * math.pi * random.random(len(s)), np.sqrt((1.0 - cosine) * (1.0 + cosine))
    along = np.stack([sine * np.cos(azimuth), sine * np.sin(azimuth), cosine])
    half = 0.5 * np.sqrt(s * (1.0 - x))
    momentum = np.sqrt(np.maximum(half**2 - ELECTRON_MASS**2, 0.0))
    root = np.sqrt(1.0 - x)
    return _PairFrame(half, momentum, (1.0 - 0.5 * x) / root, 0.5 * x / root, along)


def _sample_electron(s: Array, frame: _PairFrame, random: np.random.Generator) -> tuple[Array, Array]:
    """Return directions (3, n) of the electron in the frame of the pair and their density per dOmega/(4 pi)."""
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
    choice, uniform, sign = random.random(n), random.random(n), np.where(random.random(n) < 0.5, 1.0, -1.0)
    edges = np.cumsum(SHARES)
    channel = (choice > edges[0]).astype(np.intp) + (choice > edges[1])
    # the positron is near the incoming positron: the electron is opposite in this frame
    turned = np.stack([np.ones(n), -np.ones(n), sign])[channel, np.arange(n)]
    axis = np.where(channel == 0, axes[0], np.where(channel == 1, axes[1], axes[2]))
    offset = np.choose(channel, offsets)
    apart = offset * ((2.0 + offset) / offset) ** uniform - offset
    direction = turned * _about(axis, np.clip(apart, 0.0, 2.0), random.random(n))
    density = SHARES[0] * _pole(direction, axes[0], offsets[0])
    density += SHARES[1] * _pole(-direction, axes[1], offsets[1])
    density += 0.5 * SHARES[2] * (_pole(direction, axes[2], offsets[2]) + _pole(-direction, axes[2], offsets[2]))
    return direction, density


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
