"""Three-body phase space of e+e- -> l- l+ X in variables in which both propagators are smooth.

With the denominators D1 = (q + k)^2 - m'^2 and D2 = (q' + k)^2 - m^2 of the two diagrams, D1 + D2 = 2 sqrt(s) E_k and
D1 - D2 = (D1 + D2) c. E_k is drawn in its logarithm, c as a hyperbolic tangent:

    dPS3 = dD1 dD2/(128 pi^3 s) times directions, dD1 dD2 = (D1 + D2)/2 d(D1 + D2) dc.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from darkreach.generators.decays import two_body_momentum
from darkreach.generators.signals.lepton_pair_boson_matrix_element import LeptonPairMomenta

Array = NDArray[np.float64]


@dataclass(frozen=True)
class LeptonPairBosonStates:
    """Points of phase space.

    Attributes:
        momenta: of n events.
        volume: (n,) dPS3 per unit square of the variables, GeV^2; its mean over the square is the phase space.
    """

    momenta: LeptonPairMomenta
    volume: Array


def lepton_pair_boson_states(
    s: Array, masses: tuple[float, float, float], place: tuple[Array, Array], rotation: tuple[Array, Array, Array]
) -> LeptonPairBosonStates:
    """Return the states at points of the unit square and orientations; no volume below threshold.

    Args:
        s: (n,) squared CM energy, GeV^2.
        masses: of lepton, antilepton and boson, GeV; m_X > |m - m'|, so that no propagator is on its mass shell.
        place: two coordinates (n,) from 0 to 1, of the boson energy and of c.
        rotation: cosine of the boson to the electron, its azimuth in turns, turn of the pair about it, each (n,).

    Example:
        >>> rng = np.random.default_rng(1)
        >>> n, draw = 40000, lambda: rng.random(40000)
        >>> rotation = (2 * draw() - 1, draw(), draw())
        >>> states = lepton_pair_boson_states(np.full(n, 100.0), (0.0, 0.0, 0.01), (draw(), draw()), rotation)
        >>> bool(abs(states.volume.mean() / (100.0 / (256 * math.pi**3)) - 1) < 0.05)
        True
    """
    first, second, mass = masses
    root = np.sqrt(s)
    threshold = (first + second) ** 2
    largest = (s + mass**2 - threshold) / (2.0 * root)
    opened = largest > mass
    # sine: square roots at both ends of the range become smooth functions of the coordinate
    log_range = np.where(opened, np.log(np.maximum(largest / mass, 1.0)), 0.0)
    energy = np.minimum(mass * np.exp(log_range * np.sin(0.5 * math.pi * place[0]) ** 2), np.maximum(largest, mass))
    energy_jacobian = energy * log_range * 0.5 * math.pi * np.sin(math.pi * place[0])
    pair = np.maximum(s + mass**2 - 2.0 * root * energy, threshold)
    pair_mass = np.sqrt(np.maximum(pair, 1e-300))
    momentum = np.sqrt((energy - mass) * (energy + mass))
    in_pair = two_body_momentum(pair_mass, first, second)
    total = 2.0 * root * energy
    reach = 4.0 * momentum * root / pair_mass * in_pair / total
    offset = (first**2 - second**2) * (s - mass**2 + pair) / pair / total
    low, high = np.arctanh(offset - reach), np.arctanh(offset + reach)
    c = np.tanh(low + (high - low) * place[1])
    # cosine of the lepton against the boson in the rest frame of the pair
    cosine = np.clip((c - offset) / np.where(reach > 0.0, reach, 1.0), -1.0, 1.0)
    volume = energy_jacobian * root * total * (1.0 - c**2) * (high - low) / (128.0 * math.pi**3 * s)
    boson, along, across = _directions(rotation)
    lepton_energy = 0.5 * (pair + first**2 - second**2) / pair_mass
    other_energy = pair_mass - lepton_energy
    forward, normal = -in_pair * cosine, in_pair * np.sqrt((1.0 - cosine) * (1.0 + cosine))
    gamma, recoil = (root - energy) / pair_mass, momentum / pair_mass
    states = []
    for energy_there, sign in ((lepton_energy, 1.0), (other_energy, -1.0)):
        parallel = gamma * sign * forward - recoil * energy_there
        full = np.empty((len(s), 4))
        full[:, 0] = gamma * energy_there - recoil * sign * forward
        full[:, 1:] = (parallel * boson + sign * normal * (along + across)).T
        states.append(full)
    flight = np.empty((len(s), 4))
    flight[:, 0], flight[:, 1:] = energy, (momentum * boson).T
    return LeptonPairBosonStates(LeptonPairMomenta(states[0], states[1], flight), np.where(opened, volume, 0.0))


def _directions(rotation: tuple[Array, Array, Array]) -> tuple[Array, Array, Array]:
    """Return the direction of the boson and two parts, (3, n) each, of a unit vector across it."""
    cosine, azimuth, turn = rotation[0], 2.0 * math.pi * rotation[1], 2.0 * math.pi * rotation[2]
    sine = np.sqrt((1.0 - cosine) * (1.0 + cosine))
    boson = np.stack([sine * np.cos(azimuth), sine * np.sin(azimuth), cosine])
    polar = np.stack([cosine * np.cos(azimuth), cosine * np.sin(azimuth), -sine])
    around = np.stack([-np.sin(azimuth), np.cos(azimuth), np.zeros(len(cosine))])
    return boson, np.cos(turn) * polar, np.sin(turn) * around
