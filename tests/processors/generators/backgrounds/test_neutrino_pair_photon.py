from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.integrate import dblquad

from darkreach.errors import ConfigError
from darkreach.generators.backgrounds.neutrino_pair_photon import (
    FERMI_CONSTANT,
    SINE_SQUARED,
    Z_MASS,
    generate_neutrino_pair_photon,
    neutrino_pair_cross_section_fb,
    neutrino_pair_photon_density_fb,
)
from darkreach.generators.hard_photon_cuts import HardPhotonCuts
from darkreach.kinematics import FINE_STRUCTURE, HBAR_C_SQUARED_FB, Beams, boost

METRIC = np.array([1.0, -1.0, -1.0, -1.0])
PAULI = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])
GAMMA = np.array([np.kron([[1, 0], [0, -1]], np.eye(2)), *(np.kron([[0, 1], [-1, 0]], sigma) for sigma in PAULI)])
GAMMA5 = 1j * GAMMA[0] @ GAMMA[1] @ GAMMA[2] @ GAMMA[3]
LEFT, RIGHT = (np.eye(4) - GAMMA5) / 2, (np.eye(4) + GAMMA5) / 2


def slash(momentum: np.ndarray) -> np.ndarray:
    return np.einsum("m,mij->ij", METRIC * momentum, GAMMA)


def square(momentum: np.ndarray) -> float:
    return float(momentum @ (METRIC * momentum))


def conjugate(matrix: np.ndarray) -> np.ndarray:
    return GAMMA[0] @ matrix.conj().T @ GAMMA[0]


def squared_amplitude(
    p: np.ndarray, pp: np.ndarray, q: np.ndarray, qp: np.ndarray, k: np.ndarray, flavour: str
) -> float:
    """|M|^2 of one flavour from -2 sqrt(2) G_F [nubar gamma P_L nu][ebar gamma (gL P_L + gR P_R) e] by traces."""
    propagator = Z_MASS**2 / (Z_MASS**2 - square(q + qp))
    g_left = (SINE_SQUARED - 0.5) * propagator + (1.0 if flavour == "e" else 0.0)
    coupling = g_left * LEFT + SINE_SQUARED * propagator * RIGHT
    direction = k[1:] / k[0]
    first = np.cross(direction, [0.3, -0.5, 0.81])
    first /= np.linalg.norm(first)
    total = 0.0
    for vector in (first, np.cross(direction, first)):
        eps = slash(np.array([0.0, *vector]))
        before, after = slash(p - k) @ eps / square(p - k), eps @ slash(k - pp) / square(k - pp)
        vertices = [gamma @ coupling @ before + after @ gamma @ coupling for gamma in GAMMA]
        for mu in range(4):
            for nu in range(4):
                electrons = np.trace(slash(pp) @ vertices[mu] @ slash(p) @ conjugate(vertices[nu]))
                neutrinos = np.trace(slash(q) @ GAMMA[mu] @ LEFT @ slash(qp) @ conjugate(GAMMA[nu] @ LEFT))
                total += METRIC[mu] * METRIC[nu] * (electrons * neutrinos).real
    return 8.0 * FERMI_CONSTANT**2 * 4.0 * math.pi * FINE_STRUCTURE * total / 4.0


@pytest.mark.agreement
@pytest.mark.parametrize(("x", "cosine"), [(0.1, 0.3), (0.5, -0.8), (0.9, 0.95)])
def test_density_against_dirac_traces(x: float, cosine: float) -> None:
    sqrt_s = 10.58
    s, half = sqrt_s**2, sqrt_s / 2
    p, pp = np.array([half, 0, 0, half]), np.array([half, 0, 0, -half])
    photon = half * x * np.array([1.0, math.sqrt(1 - cosine**2), 0.0, cosine])
    velocity = -photon[1:] / (sqrt_s - photon[0])
    energy = 0.5 * math.sqrt(s * (1 - x))
    # |M|^2 is of second degree in the direction of the neutrino: three nodes and four azimuths average it exactly
    nodes, weights = np.polynomial.legendre.leggauss(3)
    average = 0.0
    for node, weight in zip(nodes, weights, strict=True):
        for azimuth in np.arange(4) * math.pi / 2 + 0.2:
            sine = math.sqrt(1 - node**2)
            way = np.array([sine * math.cos(azimuth), sine * math.sin(azimuth), node])
            pair = boost(np.array([[energy, *energy * way], [energy, *-energy * way]]), velocity)
            by_flavour = [squared_amplitude(p, pp, pair[0], pair[1], photon, name) for name in ("e", "mu")]
            average += weight / 8.0 * (by_flavour[0] + 2.0 * by_flavour[1])
    # dPS3 = s dx/(2 pi) x/(8 pi) dc/2 1/(8 pi)
    measure = s * x / (256.0 * math.pi**3)
    traced = HBAR_C_SQUARED_FB * average * measure / (2.0 * s)
    assert float(neutrino_pair_photon_density_fb(s, x, cosine)) == pytest.approx(traced, rel=1e-9)


@pytest.mark.reference
def test_total_cross_section() -> None:
    # 0.25 pb at 10.58 GeV in the tables of the experiment, two digits
    assert float(neutrino_pair_cross_section_fb(10.58**2)) == pytest.approx(250.0, rel=0.1)


def test_generator_against_quadrature() -> None:
    n, beams = 200_000, Beams(5.29, 5.29, 0.0)
    cuts = HardPhotonCuts(1.0, math.radians(20.0), math.radians(150.0))
    events = generate_neutrino_pair_photon(beams, cuts, n, np.random.default_rng(41), maximum_isr_fraction=0.0)
    low, high = math.cos(math.radians(150.0)), math.cos(math.radians(20.0))
    expected, _ = dblquad(
        lambda c, x: float(neutrino_pair_photon_density_fb(beams.s, x, c)), 1.0 / 5.29, 1.0, low, high
    )
    error = events.weight_fb.std() / math.sqrt(n)
    assert error < 3e-3 * expected
    assert abs(events.weight_fb.mean() - expected) < 4.0 * error


@pytest.mark.parametrize("radiation", [0.0, 0.35])
def test_sampling_covers_the_cuts(radiation: float) -> None:
    n, beams, random = 200_000, Beams(7.004, 4.002, 0.083, 0.0051, 0.0024), np.random.default_rng(42)
    tight, wide = HardPhotonCuts(2.0, 0.6, 2.2), HardPhotonCuts(1.0, 0.3, 2.6)
    direct = generate_neutrino_pair_photon(beams, tight, n, random, maximum_isr_fraction=radiation).weight_fb
    events = generate_neutrino_pair_photon(beams, wide, 2 * n, random, maximum_isr_fraction=radiation)
    selected = np.where(tight.inside(events.momenta[:, 0], beams), events.weight_fb, 0.0)
    error = math.hypot(direct.std() / math.sqrt(n), selected.std() / math.sqrt(2 * n))
    assert error < 0.006 * direct.mean()
    assert abs(direct.mean() - selected.mean()) < 4.0 * error


def test_photons_along_the_beams_are_refused() -> None:
    with pytest.raises(ConfigError, match="along the beams"):
        generate_neutrino_pair_photon(
            Beams(7.004, 4.002, 0.083),
            HardPhotonCuts(1.0, 0.01, 2.0),
            5,
            np.random.default_rng(1),
            maximum_isr_fraction=0.0,
        )
