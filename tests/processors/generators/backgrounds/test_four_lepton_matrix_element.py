from __future__ import annotations

import math
from itertools import product
from typing import Any

import numpy as np
import pytest

from darkreach.generators.backgrounds.four_lepton_matrix_element import FourLeptons, four_lepton_matrix_element
from darkreach.generators.backgrounds.radiative_pair_matrix_element import (
    RadiativePair,
    radiative_bhabha_matrix_element,
)
from darkreach.generators.decays import isotropic_directions, two_body_decay
from darkreach.kinematics import ELECTRON_MASS, FINE_STRUCTURE, MUON_MASS

Array = Any

METRIC = np.diag([1.0, -1.0, -1.0, -1.0])


def dirac_matrices() -> Array:
    """In the Dirac representation, which the code does not use."""
    zero, one = np.zeros((2, 2)), np.eye(2)
    pauli = [np.array(m) for m in ([[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]])]
    return np.array([np.block([[one, zero], [zero, -one]]), *(np.block([[zero, p], [-p, zero]]) for p in pauli)])


GAMMA = dirac_matrices()
LOWER = np.einsum("ij,jkl->ikl", METRIC, GAMMA)


def slash(vector: Array) -> Array:
    return np.einsum("i,ikl->kl", vector, LOWER)


def spinors(momentum: Array, mass: float, sign: float) -> list[Array]:
    """Columns of (p-slash +- m) that span the solutions, normalised by their own sum over spins."""
    operator = slash(momentum) + sign * mass * np.eye(4)
    upper = (0, 1) if sign > 0 else (2, 3)
    return [operator[:, i] / math.sqrt(momentum[0] + mass) for i in upper]


def by_dirac_matrices(legs: Array, mass: float, annihilation: bool) -> float:
    """The twelve diagrams from 4 x 4 matrices, one spin state after the other."""
    p, pp, q, qp, k, kp = legs
    states = [
        spinors(p, ELECTRON_MASS, 1),
        spinors(pp, ELECTRON_MASS, -1),
        spinors(q, ELECTRON_MASS, 1),
        spinors(qp, ELECTRON_MASS, -1),
        spinors(k, mass, 1),
        spinors(kp, mass, -1),
    ]
    flow = [p, -pp, q, -qp, k, -kp]
    masses = [ELECTRON_MASS] * 4 + [mass] * 2
    kinds = [(1.0, ((2, 0), (1, 3), (4, 5)))] + ([(-1.0, ((1, 0), (2, 3), (4, 5)))] if annihilation else [])
    total = 0.0
    for spins in product((0, 1), repeat=6):
        kets = [states[i][spins[i]] for i in range(6)]
        amplitude = 0.0 + 0.0j
        for sign, lines in kinds:
            for middle in range(3):
                others = [line for i, line in enumerate(lines) if i != middle]
                bra_leg, ket_leg = lines[middle]
                for one, two in (others, others[::-1]):
                    momenta = [flow[line[1]] - flow[line[0]] for line in (one, two)]
                    photons = []
                    for line, momentum in zip((one, two), momenta, strict=True):
                        current = np.array([kets[line[0]].conj() @ GAMMA[0] @ g @ kets[line[1]] for g in GAMMA])
                        photons.append(current / (momentum @ METRIC @ momentum))
                    inner = flow[ket_leg] + momenta[1]
                    line_mass = masses[bra_leg]
                    propagator = (slash(inner) + line_mass * np.eye(4)) / (inner @ METRIC @ inner - line_mass**2)
                    bra = kets[bra_leg].conj() @ GAMMA[0]
                    amplitude += sign * (bra @ slash(photons[0]) @ propagator @ slash(photons[1]) @ kets[ket_leg])
        total += abs(amplitude) ** 2
    return 0.25 * total * (4.0 * math.pi * FINE_STRUCTURE) ** 4


def random_legs(n: int, random: np.random.Generator, mass: float = MUON_MASS, energy: float = 5.29) -> Array:
    """Momenta (n, 6, 4) of random states, with masses."""
    size = math.sqrt(energy**2 - ELECTRON_MASS**2)
    beams = np.tile([[energy, 0, 0, size], [energy, 0, 0, -size]], (n, 1, 1))
    whole = np.tile([2.0 * energy, 0, 0, 0], (n, 1))
    total = 2.0 * energy
    pair = 2.0 * mass + 1e-6 + (0.9 * total - 2.0 * mass) * random.random(n)
    rest = 2.0 * ELECTRON_MASS + 1e-6 + (total - pair - 2.0 * ELECTRON_MASS - 2e-6) * random.random(n)
    muons, electrons = two_body_decay(whole, total, pair, rest, random)
    light = two_body_decay(electrons, rest, ELECTRON_MASS, ELECTRON_MASS, random)
    heavy = two_body_decay(muons, pair, mass, mass, random)
    return np.concatenate([beams, np.stack([*light, *heavy], axis=1)], axis=1)


def ours(legs: Array, mass: float = MUON_MASS, *, annihilation: bool = True) -> Array:
    return four_lepton_matrix_element(FourLeptons(*np.moveaxis(legs, 1, 0)), mass, annihilation=annihilation)


@pytest.mark.agreement
@pytest.mark.parametrize("annihilation", [True, False])
def test_against_dirac_matrices(annihilation: bool) -> None:
    legs = random_legs(12, np.random.default_rng(31))
    expected = [by_dirac_matrices(one, MUON_MASS, annihilation) for one in legs]
    np.testing.assert_allclose(ours(legs, annihilation=annihilation), expected, rtol=1e-9)


def test_rotations_and_exchange_of_charges_change_nothing() -> None:
    legs = random_legs(200, np.random.default_rng(32))
    values = ours(legs)
    rotation, _ = np.linalg.qr(np.random.default_rng(33).normal(size=(3, 3)))
    rotation *= np.linalg.det(rotation)
    turned = legs.copy()
    turned[..., 1:] = legs[..., 1:] @ rotation.T
    np.testing.assert_allclose(ours(turned), values, rtol=1e-8)
    np.testing.assert_allclose(ours(legs[:, [1, 0, 3, 2, 5, 4]]), values, rtol=1e-8)


def test_a_light_pair_is_a_radiated_photon() -> None:
    # integrated over the angles of a pair of mass W far below all other scales:
    # |M(gamma*)|^2 alpha/(3 pi) (1 + 2 m^2/W^2) beta dW^2/W^2 / (|M|^2 dPS2 dW^2/(2 pi)) -> 1
    random, directions, mass = np.random.default_rng(34), 4000, 1e-3
    pair_squared = (3.0 * mass) ** 2
    legs = random_legs(1, random, energy=1.0)[0]
    flight = isotropic_directions(1, random)[0]
    size, total = 0.5, 2.0
    pair = np.concatenate([[math.hypot(size, math.sqrt(pair_squared))], size * flight])
    rest = np.array([total, 0, 0, 0]) - pair
    rest_mass = math.sqrt(rest[0] ** 2 - (rest[1:] ** 2).sum())
    light = two_body_decay(rest[np.newaxis], rest_mass, ELECTRON_MASS, ELECTRON_MASS, random)
    heavy = two_body_decay(np.tile(pair, (directions, 1)), math.sqrt(pair_squared), mass, mass, random)
    states = np.empty((directions, 6, 4))
    states[:, :2] = legs[:2]
    states[:, 2], states[:, 3], states[:, 4], states[:, 5] = light[0], light[1], heavy[0], heavy[1]
    velocity = math.sqrt(1.0 - 4.0 * mass**2 / pair_squared)
    values = ours(states, mass)
    mean, error = values.mean(), values.std() / math.sqrt(directions)
    photon = np.concatenate([[size], size * flight])
    real = radiative_bhabha_matrix_element(RadiativePair(legs[:1], legs[1:2], light[0], light[1], photon[np.newaxis]))[
        0
    ]
    conversion = FINE_STRUCTURE / (3.0 * math.pi) * (1.0 + 2.0 * mass**2 / pair_squared) * velocity / pair_squared
    expected = real * conversion / (velocity / (8.0 * math.pi) / (2.0 * math.pi))
    assert error < 0.02 * mean
    assert abs(mean - expected) < 4.0 * error + 0.002 * mean
