"""Importance sampling of e+e- -> e+ e- and a pair of muons whose transverse momentum has a minimum.

    dPS4 = dW^2 dY d^2k d^2k' dOmega/(4 pi) beta/(64 pi^2 (2 pi)^5 J),  J = p+ p'- - p- p'+,

W, Y and beta the mass, rapidity and velocity of the muons in the rest frame of the pair, k and k' the transverse
momenta of electron and positron, p+- = E +- p_z. W^2 comes as dW^2/W^2 or dW^2/(W^2 + P_min^2)^2 and Y flat; the
transverse momentum P of the pair by a power law, and one of the k by its propagator, 1/(k^2 + x^2 m_e^2), that of
either electron in half of the trials. The muons are even in angle or as two photons make them, in half of the trials.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from darkreach.generators.backgrounds.fusion_phase_space import electrons_beside_pair
from darkreach.generators.backgrounds.pair_fusion import pair_beside_electrons
from darkreach.kinematics import ELECTRON_MASS, MUON_MASS

Array = NDArray[np.float64]

TRANSVERSE_POWER: Final = 4.0
"""dP/P^4: where both electrons are lost large transverse momenta have no room."""


@dataclass(frozen=True)
class TransversePairStates:
    """Momenta in the CM, third axis along the electron beam, (n, 4) each, GeV.

    Attributes:
        electron: scattered electron.
        positron: scattered positron.
        negative: negative muon.
        positive: positive muon.
        phase_space: (n,) dPS4 divided by the sampling density, GeV^4; zero where such a state does not exist.
    """

    electron: Array
    positron: Array
    negative: Array
    positive: Array
    phase_space: Array


def sample_transverse_pairs(
    s: Array, minimum_pair_squared: float, minimum_transverse: float, random: np.random.Generator
) -> TransversePairStates:
    """Sample all states with a pair above a mass and a transverse momentum in which the electrons go on forward.

    Args:
        s: (n,) squared CM energy, GeV^2.
        minimum_pair_squared: smallest W^2, GeV^2, at least that of two muons.
        minimum_transverse: smallest transverse momentum of the pair about the beam, GeV, above 0.
        random: source of random numbers.
    """
    n = len(s)
    pair, transverse, volume = _pair_and_transverse(s, minimum_pair_squared, minimum_transverse, random)
    across = np.sqrt(pair + (transverse**2).sum(axis=0))
    reach = np.log(np.maximum(np.sqrt(s) / across, 1.0))
    rapidity = reach * (2.0 * random.random(n) - 1.0)
    kicks, kick_density = _kicks(s, across, rapidity, transverse, random)
    electron, positron, exists = electrons_beside_pair(s, pair, rapidity, kicks)
    velocity = np.sqrt(np.maximum(1.0 - 4.0 * MUON_MASS**2 / pair, 0.0))
    cosine, angle_density = _cosine(velocity, random)
    negative, positive = pair_beside_electrons(s, pair, electron, positron, MUON_MASS, cosine, random)
    plus, minus = electron[:, 0] + electron[:, 3], electron[:, 0] - electron[:, 3]
    jacobian = plus * (positron[:, 0] - positron[:, 3]) - minus * (positron[:, 0] + positron[:, 3])
    exists &= (jacobian > 0.0) & (reach > 0.0)
    measure = velocity / (64.0 * math.pi**2 * (2.0 * math.pi) ** 5 * np.where(exists, jacobian, 1.0))
    volume = np.where(exists, volume * 2.0 * reach * measure / (kick_density * 2.0 * angle_density), 0.0)
    return TransversePairStates(electron, positron, negative, positive, volume)


def _pair_and_transverse(
    s: Array, smallest: float, minimum: float, random: np.random.Generator
) -> tuple[Array, Array, Array]:
    """Return W^2 (n,), the transverse momentum of the pair (2, n) and dW^2 d^2P over their density, GeV^4."""
    n = len(s)
    span, uniform = np.log(np.maximum(s / smallest, 1.0)), random.random(n)
    # half of the trials as dW^2/W^2, half as dW^2/(W^2 + P^2)^2, which the photons of large Q^2 make
    scale = minimum**2
    first, last = scale / (smallest + scale), scale / (s + scale)
    wide = scale / (first + (last - first) * uniform) - scale
    pair = np.where(random.random(n) < 0.5, smallest * np.exp(span * uniform), np.maximum(wide, smallest))
    mass_density = 0.5 / (pair * span) + 0.5 * scale / ((first - last) * (pair + scale) ** 2)
    power = 1.0 - TRANSVERSE_POWER
    low, high = minimum**power, np.maximum(0.5 * np.sqrt(s), minimum) ** power
    size = (low + (high - low) * random.random(n)) ** (1.0 / power)
    # d^2P = 2 pi P dP, dP over its density = P^(1 - power) (high - low)/power
    area = 2.0 * math.pi * size * size ** (1.0 - power) * (high - low) / power
    azimuth = 2.0 * math.pi * random.random(n)
    return pair, size * np.stack([np.cos(azimuth), np.sin(azimuth)]), area / mass_density


def _kicks(
    s: Array, across: Array, rapidity: Array, transverse: Array, random: np.random.Generator
) -> tuple[Array, Array]:
    """Return the transverse momenta of both electrons (2, 2, n) and the density per d^2k of the one that is drawn."""
    n, largest = len(s), 0.25 * s
    fraction = np.minimum(np.stack([np.exp(rapidity), np.exp(-rapidity)]) * across / np.sqrt(s), 1.0)
    floor = (fraction * ELECTRON_MASS) ** 2
    side = (random.random(n) < 0.5).astype(np.intp)
    own, span = floor[side, np.arange(n)], np.log((largest + floor) / floor)
    squared = own * np.expm1(span[side, np.arange(n)] * random.random(n))
    azimuth = 2.0 * math.pi * random.random(n)
    drawn = np.sqrt(squared) * np.stack([np.cos(azimuth), np.sin(azimuth)])
    other = -transverse - drawn
    kicks = np.where(side == 0, np.stack([drawn, other]), np.stack([other, drawn]))
    sizes = np.square(kicks).sum(axis=1)
    density = np.where(sizes <= largest, 1.0 / (math.pi * (sizes + floor) * span), 0.0)
    return kicks.swapaxes(0, 1), 0.5 * density.sum(axis=0)


def _cosine(velocity: Array, random: np.random.Generator) -> tuple[Array, Array]:
    """Return cosines (n,) of the muon and their density."""
    safe = np.clip(velocity, 1e-9, 1.0 - 1e-12)
    reach = np.arctanh(safe)
    uniform = 2.0 * random.random(len(velocity)) - 1.0
    cosine = np.where(random.random(len(velocity)) < 0.5, uniform, np.tanh(reach * uniform) / safe)
    return cosine, 0.25 + 0.25 * safe / (reach * (1.0 - (safe * cosine) ** 2))
