from __future__ import annotations

import math

import numpy as np
import pytest

from darkreach.generators.backgrounds.radiative_pair_matrix_element import (
    RadiativePair,
    muon_pair_photon_matrix_element,
    radiative_bhabha_matrix_element,
)
from darkreach.kinematics import ELECTRON_MASS, FINE_STRUCTURE, MUON_MASS, boost

E_SQUARED = 4.0 * math.pi * FINE_STRUCTURE
METRIC = np.array([1.0, -1.0, -1.0, -1.0])
PAULI = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])
# the Dirac representation, not the chiral one of the code under test
GAMMA = np.array([np.kron([[1, 0], [0, -1]], np.eye(2)), *(np.kron([[0, 1], [-1, 0]], sigma) for sigma in PAULI)])


def dot(a: np.ndarray, b: np.ndarray) -> float:
    return float(a @ (METRIC * b))


def slash(momentum: np.ndarray) -> np.ndarray:
    return np.einsum("m,mij->ij", METRIC * momentum, GAMMA)


def propagator(momentum: np.ndarray, mass: float) -> np.ndarray:
    return (slash(momentum) + mass * np.eye(4)) / (dot(momentum, momentum) - mass**2)


def conjugate(matrix: np.ndarray) -> np.ndarray:
    return GAMMA[0] @ matrix.conj().T @ GAMMA[0]


def polarisations(photon: np.ndarray) -> list[np.ndarray]:
    direction = photon[1:] / photon[0]
    first = np.cross(direction, [0.3, -0.5, 0.81])
    first /= np.linalg.norm(first)
    return [np.array([0.0, *first]), np.array([0.0, *np.cross(direction, first)])]


def diagrams(
    momenta: list[np.ndarray], epsilon: np.ndarray, mass: float, *, exchange: bool
) -> tuple[list[tuple[np.ndarray, np.ndarray]], list[tuple[np.ndarray, np.ndarray]]]:
    """Pairs of vertices (4, 4, 4) of the lines (positron-electron, negative-positive) and of the exchanged ones."""
    p, pp, q, qp, k = momenta
    light, eps = ELECTRON_MASS, slash(epsilon)

    def two(after: np.ndarray, mass_after: float, before: np.ndarray, mass_before: float) -> np.ndarray:
        left, right = eps @ propagator(after, mass_after), propagator(before, mass_before) @ eps
        return np.array([left @ vertex + vertex @ right for vertex in GAMMA])

    incoming, outgoing = two(k - pp, light, p - k, light), two(q + k, mass, -qp - k, mass)
    annihilation = [
        (incoming / dot(q + qp, q + qp), GAMMA),
        (GAMMA / dot(p + pp, p + pp), outgoing),
    ]
    if not exchange:
        return annihilation, []
    electron, positron = two(q + k, light, p - k, light), two(k - pp, light, -qp - k, light)
    return annihilation, [
        (electron / dot(pp - qp, pp - qp), GAMMA),
        (GAMMA / dot(p - q, p - q), positron),
    ]


def traced(momenta: list[np.ndarray], mass: float, *, exchange: bool, vectors: list[np.ndarray] | None = None) -> float:
    """|M|^2 averaged over beam spins, by traces of Dirac matrices for each pair of diagrams."""
    p, pp, q, qp, k = momenta
    one = np.eye(4)
    spin_p, spin_pp = slash(p) + ELECTRON_MASS * one, slash(pp) - ELECTRON_MASS * one
    spin_q, spin_qp = slash(q) + mass * one, slash(qp) - mass * one
    total = 0.0
    for epsilon in polarisations(k) if vectors is None else vectors:
        annihilation, exchanges = diagrams(momenta, epsilon, mass, exchange=exchange)
        for mu in range(4):
            for nu in range(4):
                sign = METRIC[mu] * METRIC[nu]
                for a, b in annihilation:
                    for c, d in annihilation:
                        first = np.trace(spin_pp @ a[mu] @ spin_p @ conjugate(c[nu]))
                        total += sign * (first * np.trace(spin_q @ b[mu] @ spin_qp @ conjugate(d[nu]))).real
                    for c, d in exchanges:
                        ring = spin_pp @ a[mu] @ spin_p @ conjugate(c[nu]) @ spin_q @ b[mu] @ spin_qp @ conjugate(d[nu])
                        total -= 2.0 * sign * np.trace(ring).real
                for a, b in exchanges:
                    for c, d in exchanges:
                        first = np.trace(spin_q @ a[mu] @ spin_p @ conjugate(c[nu]))
                        total += sign * (first * np.trace(spin_pp @ b[mu] @ spin_qp @ conjugate(d[nu]))).real
    return E_SQUARED**3 * total / 4.0


def direction(random: np.random.Generator) -> np.ndarray:
    vector = random.normal(size=3)
    return np.asarray(vector / np.linalg.norm(vector))


def state(seed: int, sqrt_s: float, mass: float, recoil: float | None = None) -> list[np.ndarray]:
    """e- e+ -> l- l+ gamma at rest in sum; the photon energy random or given."""
    random = np.random.default_rng(seed)
    beam = math.sqrt(0.25 * sqrt_s**2 - ELECTRON_MASS**2)
    highest = 0.5 * (sqrt_s**2 - 4.0 * mass**2) / sqrt_s
    energy = highest * random.uniform(0.1, 0.9) if recoil is None else recoil
    along = direction(random)
    half = 0.5 * math.sqrt(sqrt_s**2 - 2.0 * sqrt_s * energy)
    momentum = math.sqrt(half**2 - mass**2) * direction(random)
    pair = boost(np.array([[half, *momentum], [half, *-momentum]]), -energy / (sqrt_s - energy) * along)
    photon = energy * np.array([1.0, *along])
    half_s = 0.5 * sqrt_s
    return [np.array([half_s, 0.0, 0.0, beam]), np.array([half_s, 0.0, 0.0, -beam]), pair[0], pair[1], photon]


def packed(momenta: list[np.ndarray]) -> RadiativePair:
    return RadiativePair(*(leg[np.newaxis] for leg in momenta))


@pytest.mark.agreement
@pytest.mark.parametrize("sqrt_s", [10.58, 0.6])
@pytest.mark.parametrize("seed", range(6))
def test_muons_against_dirac_traces(seed: int, sqrt_s: float) -> None:
    momenta = state(seed, sqrt_s, MUON_MASS)
    ours = float(muon_pair_photon_matrix_element(packed(momenta))[0])
    assert ours == pytest.approx(traced(momenta, MUON_MASS, exchange=False), rel=1e-9)


@pytest.mark.agreement
@pytest.mark.parametrize("sqrt_s", [10.58, 0.003])
@pytest.mark.parametrize("seed", range(5))
def test_electrons_against_dirac_traces(seed: int, sqrt_s: float) -> None:
    # at 3 MeV the electron mass is no small thing: its terms are tested as well
    momenta = state(seed, sqrt_s, ELECTRON_MASS)
    ours = float(radiative_bhabha_matrix_element(packed(momenta))[0])
    assert ours == pytest.approx(traced(momenta, ELECTRON_MASS, exchange=True), rel=1e-9)


@pytest.mark.parametrize(("mass", "exchange"), [(MUON_MASS, False), (ELECTRON_MASS, True)])
def test_gauge_invariance_of_the_traced_amplitude(mass: float, exchange: bool) -> None:
    # a longitudinal polarisation must decouple, else the checks above would prove nothing
    momenta = state(99, 10.58, mass)
    longitudinal = traced(momenta, mass, exchange=exchange, vectors=[momenta[4]])
    assert abs(longitudinal) < 1e-10 * traced(momenta, mass, exchange=exchange)


@pytest.mark.agreement
def test_massless_closed_form() -> None:
    # F. A. Berends et al., Nucl. Phys. B 206 (1982) 61, in the form (t^2 + ...)/(s s') times the eikonal factors
    mass = 1e-3
    for seed in range(20):
        momenta = state(seed, 10.58, mass)
        p, pp, q, qp, k = momenta
        a, b, c, d = (dot(leg, k) for leg in (p, pp, q, qp))
        s, pair = dot(p + pp, p + pp), dot(q + qp, q + qp)
        t, tp, u, up = -2.0 * dot(p, q), -2.0 * dot(pp, qp), -2.0 * dot(p, qp), -2.0 * dot(pp, q)
        eikonal = s / (a * b) + pair / (c * d) - t / (a * c) - tp / (b * d) + u / (a * d) + up / (b * c)
        closed = E_SQUARED**3 * (t**2 + tp**2 + u**2 + up**2) / (s * pair) * eikonal
        ours = float(muon_pair_photon_matrix_element(packed(momenta), mass)[0])
        assert ours == pytest.approx(closed, rel=1e-4)


@pytest.mark.parametrize(("mass", "sqrt_s"), [(MUON_MASS, 10.58), (MUON_MASS, 0.4)])
def test_soft_photon_limit(mass: float, sqrt_s: float) -> None:
    # |M|^2 -> -e^2 |M(Born)|^2 (p/pk - p'/p'k - q/qk + q'/q'k)^2, Born = 2 e^4 (t^2 + u^2 + ...)/s^2 with the mass
    momenta = state(5, sqrt_s, mass, recoil=1e-7 * sqrt_s)
    p, pp, q, qp, k = momenta
    current = p / dot(p, k) - pp / dot(pp, k) - q / dot(q, k) + qp / dot(qp, k)
    s = sqrt_s**2
    velocity_squared = 1.0 - 4.0 * mass**2 / s
    cosine = q[3] / math.sqrt(float(q[1:] @ q[1:]))
    # with the electron mass of relative size 4 m_e^2/s
    light = 4.0 * ELECTRON_MASS**2 / s
    born = E_SQUARED**2 * (1.0 + light + 4.0 * mass**2 / s + velocity_squared * (1.0 - light) * cosine**2)
    expected = -E_SQUARED * dot(current, current) * born
    assert float(muon_pair_photon_matrix_element(packed(momenta))[0]) == pytest.approx(expected, rel=1e-5)


def test_lorentz_invariance_and_exchange_of_charges() -> None:
    for value, mass in ((muon_pair_photon_matrix_element, MUON_MASS), (radiative_bhabha_matrix_element, ELECTRON_MASS)):
        momenta = state(7, 10.58, mass)
        expected = float(value(packed(momenta))[0])
        moved = [boost(leg[np.newaxis], [0.3, -0.4, 0.5])[0] for leg in momenta]
        assert float(value(packed(moved))[0]) == pytest.approx(expected, rel=1e-6)
        p, pp, q, qp, k = momenta
        assert float(value(packed([pp, p, qp, q, k]))[0]) == pytest.approx(expected, rel=1e-9)


def test_photon_along_a_beam_is_precise() -> None:
    # the same state seen from a frame turned by an angle, where the collinear product is formed by other numbers
    momenta = state(3, 10.58, MUON_MASS)
    for tilt in (1e-2, 1e-4, 1e-6):
        energy = momenta[4][0]
        photon = energy * np.array([1.0, math.sin(tilt), 0.0, math.cos(tilt)])
        half = 0.5 * math.sqrt(10.58**2 - 2.0 * 10.58 * energy)
        momentum = math.sqrt(half**2 - MUON_MASS**2) * np.array([0.6, 0.0, 0.8])
        velocity = -photon[1:] / (10.58 - energy)
        pair = boost(np.array([[half, *momentum], [half, *-momentum]]), velocity)
        collinear = [momenta[0], momenta[1], pair[0], pair[1], photon]
        turned = [np.array([leg[0], leg[3], leg[1], leg[2]]) for leg in collinear]
        first = float(muon_pair_photon_matrix_element(packed(collinear))[0])
        assert float(muon_pair_photon_matrix_element(packed(turned))[0]) == pytest.approx(first, rel=1e-6)
