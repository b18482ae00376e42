from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from darkreach.generators.backgrounds.three_photon_matrix_element import three_photon_matrix_element
from darkreach.kinematics import FINE_STRUCTURE

E_SQUARED = 4.0 * math.pi * FINE_STRUCTURE
METRIC = np.diag([1.0, -1.0, -1.0, -1.0])


def dirac_matrices() -> np.ndarray:
    """gamma^mu in the chiral representation, (4, 4, 4)."""
    pauli = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])
    zero, one = np.zeros((2, 2)), np.eye(2)
    time = np.block([[zero, one], [one, zero]])
    return np.array([time, *(np.block([[zero, sigma], [-sigma, zero]]) for sigma in pauli)])


GAMMA = dirac_matrices()


def slash(momentum: np.ndarray) -> np.ndarray:
    return np.einsum("m,mn,nij->ij", momentum, METRIC, GAMMA)


def square(momentum: np.ndarray) -> float:
    return float(momentum @ METRIC @ momentum)


def polarisations(photon: np.ndarray) -> list[np.ndarray]:
    """Two transverse real polarisation vectors."""
    direction = photon[1:] / photon[0]
    first = np.cross(direction, [0.3, -0.5, 0.81])
    first /= np.linalg.norm(first)
    return [np.array([0.0, *first]), np.array([0.0, *np.cross(direction, first)])]


def amplitude_matrix(electron: np.ndarray, photons: np.ndarray, vectors: tuple[np.ndarray, ...]) -> np.ndarray:
    """Sum of the six diagrams between the spinors: eps_c S(q2) eps_b S(q1) eps_a, massless propagators."""
    total = np.zeros((4, 4), dtype=complex)
    for a, b, c in itertools.permutations(range(3)):
        q1 = electron - photons[a]
        q2 = q1 - photons[b]
        numerator = slash(vectors[c]) @ slash(q2) @ slash(vectors[b]) @ slash(q1) @ slash(vectors[a])
        total += numerator / (square(q1) * square(q2))
    return total


def traced(electron: np.ndarray, positron: np.ndarray, photons: np.ndarray) -> float:
    """|M|^2 summed over polarisations and averaged over beam spins, by Dirac traces."""
    result = 0.0
    for vectors in itertools.product(*(polarisations(photon) for photon in photons)):
        matrix = amplitude_matrix(electron, photons, vectors)
        conjugate = GAMMA[0] @ matrix.conj().T @ GAMMA[0]
        result += np.trace(slash(positron) @ matrix @ slash(electron) @ conjugate).real
    return E_SQUARED**3 * result / 4.0


def random_state(random: np.random.Generator, sqrt_s: float) -> np.ndarray:
    """Three massless momenta at rest in sum, (3, 4)."""
    vectors = random.normal(size=(3, 3))
    vectors -= vectors.mean(axis=0)
    momenta = np.concatenate([np.linalg.norm(vectors, axis=1, keepdims=True), vectors], axis=1)
    return momenta * sqrt_s / momenta[:, 0].sum()


@pytest.mark.agreement
@pytest.mark.parametrize("seed", range(12))
def test_formula_against_dirac_traces_of_six_diagrams(seed: int) -> None:
    sqrt_s = 10.58
    photons = random_state(np.random.default_rng(seed), sqrt_s)
    half = 0.5 * sqrt_s
    electron, positron = np.array([half, 0.0, 0.0, half]), np.array([half, 0.0, 0.0, -half])
    fraction, cosine = photons[:, :1] / half, photons[:, 3:] / photons[:, :1]
    formula = float(three_photon_matrix_element(np.array([sqrt_s**2]), fraction, cosine)[0])
    assert formula == pytest.approx(traced(electron, positron, photons), rel=1e-9)


def test_gauge_invariance_of_the_traced_amplitude() -> None:
    # a longitudinal polarisation must decouple, else the check above would prove nothing
    sqrt_s = 10.58
    photons = random_state(np.random.default_rng(99), sqrt_s)
    half = 0.5 * sqrt_s
    electron, positron = np.array([half, 0.0, 0.0, half]), np.array([half, 0.0, 0.0, -half])
    vectors = (photons[0], polarisations(photons[1])[0], polarisations(photons[2])[1])
    matrix = amplitude_matrix(electron, photons, vectors)
    conjugate = GAMMA[0] @ matrix.conj().T @ GAMMA[0]
    longitudinal = np.trace(slash(positron) @ matrix @ slash(electron) @ conjugate).real
    assert abs(E_SQUARED**3 * longitudinal / 4.0) < 1e-12 * traced(electron, positron, photons)


def test_soft_photon_limit() -> None:
    # |M|^2 -> |M(2 gamma)|^2 e^2 2 (p.p')/((p.k)(p'.k)) for a soft photon; |M(2 gamma)|^2 = 2 e^4 (u/t + t/u)
    s, soft, cosine, soft_cosine = np.array([100.0]), 1e-6, 0.4, -0.3
    fraction = np.array([[1.0 - 0.5 * soft], [1.0 - 0.5 * soft], [soft]])
    directions = np.array([[cosine], [-cosine], [soft_cosine]])
    two_photons = 2.0 * E_SQUARED**2 * 2.0 * (1.0 + cosine**2) / (1.0 - cosine**2)
    eikonal = E_SQUARED * 2.0 * (s / 2.0) / ((s / 4.0 * soft) ** 2 * (1.0 - soft_cosine**2))
    np.testing.assert_allclose(three_photon_matrix_element(s, fraction, directions), two_photons * eikonal, rtol=1e-5)
