"""Kinematics of lepton pairs and of what they recoil against, for measured or varied momenta.

Two functions with the same arguments and results: ``pair_kinematics`` is compiled, ``plain_pair_kinematics`` is its
oracle.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from darkreach.kinematics import boost
from darkreach.searches.pair_recoil import PairRecoils, pair_recoils, plain_pair_recoils
from darkreach.searches.track_pairs import TrackLists, TrackPairs

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class LeptonMomenta:
    """Leptons of k pairs, rows 2 i and 2 i + 1 are those of pair i.

    Attributes:
        momentum: (2 k,) GeV, laboratory.
        theta: (2 k,) rad.
        phi: (2 k,) rad.
        mass: (2 k,) of the flavour they were taken for, GeV.
    """

    momentum: Floats
    theta: Floats
    phi: Floats
    mass: Floats


@dataclass(frozen=True)
class PairKinematics:
    """What a selection cuts on; transverse momenta in the CM.

    Attributes:
        recoil: (4, k) E, px, py, pz in the laboratory, GeV.
        recoil_mass_squared: (k,) GeV^2; may be negative.
        recoil_theta: (k,) rad, laboratory.
        recoil_phi: (k,) rad, laboratory.
        pair_transverse: (k,) momentum of the pair across the beams, GeV.
        against_faster: (k,) momentum of the recoil across the lepton of larger momentum, GeV.
        against_slower: (k,) the same of the other lepton, GeV.
        smallest_transverse: (k,) of both leptons across the z axis, GeV, laboratory.
        smallest_theta: (k,) of both leptons, rad.
        largest_theta: (k,) rad.
    """

    recoil: Floats
    recoil_mass_squared: Floats
    recoil_theta: Floats
    recoil_phi: Floats
    pair_transverse: Floats
    against_faster: Floats
    against_slower: Floats
    smallest_transverse: Floats
    smallest_theta: Floats
    largest_theta: Floats


def pair_kinematics(leptons: LeptonMomenta, total: Floats, *, scale: float = 1.0) -> PairKinematics:
    """Return the kinematics of all pairs.

    Args:
        leptons: of the pairs.
        total: (4,) four-momentum (E, px, py, pz) of the beams, GeV.
        scale: of all momenta.

    Raises:
        DarkreachError: ``total`` is no four-momentum with a rest frame.
    """
    momenta = np.empty((4, len(leptons.momentum)))
    derived = np.empty((5, len(leptons.momentum) // 2))
    _write_momenta(leptons.momentum, leptons.theta, leptons.phi, leptons.mass, scale, momenta)
    recoils = pair_recoils(*_lists(momenta), total=total)
    _write_transverse(momenta, leptons.theta, total[1:] / total[0], derived)
    return _kinematics(recoils, derived)


def _lists(momenta: Floats) -> tuple[TrackLists, TrackPairs]:
    tracks = momenta.shape[1]
    none, first = np.zeros(0), np.arange(0, tracks, 2)
    lists = TrackLists(np.arange(0, tracks + 1, 2), none, none, momenta[0], momenta[1], momenta[2], momenta[3])
    return lists, TrackPairs(first // 2, first, first + 1, none, none)


def _kinematics(recoils: PairRecoils, derived: Floats) -> PairKinematics:
    return PairKinematics(
        recoils.momentum, recoils.mass_squared, recoils.theta, recoils.phi, recoils.pair_transverse_cm,
        derived[0], derived[1], derived[2], derived[3], derived[4],
    )  # fmt: skip


@njit(cache=True, nogil=True, error_model="numpy")
def _write_momenta(momentum: Floats, theta: Floats, phi: Floats, mass: Floats, scale: float, momenta: Floats) -> None:
    for lepton in range(momentum.size):
        size = scale * momentum[lepton]
        transverse = size * math.sin(theta[lepton])
        momenta[0, lepton] = math.sqrt(size * size + mass[lepton] * mass[lepton])
        momenta[1, lepton] = transverse * math.cos(phi[lepton])
        momenta[2, lepton] = transverse * math.sin(phi[lepton])
        momenta[3, lepton] = size * math.cos(theta[lepton])


@njit(cache=True, nogil=True, error_model="numpy")
def _write_transverse(momenta: Floats, theta: Floats, velocity: Floats, derived: Floats) -> None:
    """Write momenta of the recoil across both leptons in the CM, and what the acceptance of tracks needs."""
    u, v, w = velocity[0], velocity[1], velocity[2]
    gamma = 1.0 / math.sqrt(1.0 - (u * u + v * v + w * w))
    factor = gamma * gamma / (gamma + 1.0)
    cm = np.empty((2, 3))
    for pair in range(derived.shape[1]):
        transverse = np.inf
        for lepton in range(2):
            row = 2 * pair + lepton
            e, x, y, z = momenta[0, row], momenta[1, row], momenta[2, row], momenta[3, row]
            shift = factor * (x * u + y * v + z * w) - gamma * e
            cm[lepton, 0], cm[lepton, 1], cm[lepton, 2] = x + shift * u, y + shift * v, z + shift * w
            transverse = min(transverse, math.sqrt(x * x + y * y))
        # the recoil is minus the pair: its part across one lepton is that of the other
        x = cm[0, 1] * cm[1, 2] - cm[0, 2] * cm[1, 1]
        y = cm[0, 2] * cm[1, 0] - cm[0, 0] * cm[1, 2]
        z = cm[0, 0] * cm[1, 1] - cm[0, 1] * cm[1, 0]
        area = math.sqrt(x * x + y * y + z * z)
        one = math.sqrt(cm[0, 0] * cm[0, 0] + cm[0, 1] * cm[0, 1] + cm[0, 2] * cm[0, 2])
        two = math.sqrt(cm[1, 0] * cm[1, 0] + cm[1, 1] * cm[1, 1] + cm[1, 2] * cm[1, 2])
        derived[0, pair], derived[1, pair] = area / max(one, two), area / min(one, two)
        derived[2, pair] = transverse
        derived[3, pair] = min(theta[2 * pair], theta[2 * pair + 1])
        derived[4, pair] = max(theta[2 * pair], theta[2 * pair + 1])


def plain_pair_kinematics(leptons: LeptonMomenta, total: Floats, *, scale: float = 1.0) -> PairKinematics:
    """Return what ``pair_kinematics`` returns, by NumPy and the boost of the kinematics."""
    size = scale * leptons.momentum
    transverse = size * np.sin(leptons.theta)
    momenta = np.stack(
        [
            np.hypot(size, leptons.mass),
            transverse * np.cos(leptons.phi),
            transverse * np.sin(leptons.phi),
            size * np.cos(leptons.theta),
        ]
    )
    recoils = plain_pair_recoils(*_lists(momenta), total=total)
    pairs = boost(momenta.T, -total[1:] / total[0])[:, 1:].reshape(-1, 2, 3)
    recoil = -pairs.sum(axis=1)
    lengths = np.linalg.norm(pairs, axis=2)
    across = [
        np.linalg.norm(np.cross(recoil, np.take_along_axis(pairs, chosen, axis=1)[:, 0]), axis=1) / length
        for chosen, length in (
            (np.argmax(lengths, axis=1)[:, np.newaxis, np.newaxis], lengths.max(axis=1)),
            (np.argmin(lengths, axis=1)[:, np.newaxis, np.newaxis], lengths.min(axis=1)),
        )
    ]
    theta = leptons.theta.reshape(-1, 2)
    smallest = np.hypot(momenta[1], momenta[2]).reshape(-1, 2).min(axis=1)
    return _kinematics(recoils, np.stack([*across, smallest, theta.min(axis=1), theta.max(axis=1)]))
