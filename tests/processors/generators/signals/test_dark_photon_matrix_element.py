from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.integrate import quad

from darkreach.generators.signals.dark_photon_matrix_element import (
    dark_photon_cross_section_fb,
    dark_photon_density_fb,
)
from darkreach.kinematics import ELECTRON_MASS, FINE_STRUCTURE, HBAR_C_SQUARED_FB

S = 10.58**2
METRIC = np.diag([1.0, -1.0, -1.0, -1.0])


def dirac_matrices() -> NDArray[np.complex128]:
    pauli = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])
    gamma = np.zeros((4, 4, 4), dtype=np.complex128)
    gamma[0] = np.diag([1, 1, -1, -1])
    for i in range(3):
        gamma[i + 1, :2, 2:], gamma[i + 1, 2:, :2] = pauli[i], -pauli[i]
    return gamma


GAMMA = dirac_matrices()
LOWERED = np.einsum("mn,nab->mab", METRIC, GAMMA)


def slash(momentum: NDArray[np.float64]) -> NDArray[np.complex128]:
    return np.einsum("m,mab->ab", momentum, LOWERED)


def traced_density_fb(mass: float, sine: float) -> float:
    """dsigma/dc at eps = 1 by explicit traces with massive electrons, at a photon this far from the electron."""
    root, me = math.sqrt(S), ELECTRON_MASS
    energy, momentum = 0.5 * root, math.sqrt(0.25 * S - me**2)
    k = 0.5 * (S - mass**2) / root
    cosine = math.sqrt(1.0 - sine**2)
    p, pp = np.array([energy, 0, 0, momentum]), np.array([energy, 0, 0, -momentum])
    photon = k * np.array([1.0, sine, 0.0, cosine])
    # E - p cos written without the difference of nearly equal numbers
    away = (me**2 * cosine**2 + energy**2 * sine**2) / (energy + momentum * cosine)
    p_k, pp_k = k * away, k * (energy + momentum * cosine)
    unit = me * np.eye(4)
    first = np.einsum("nab,bc,mcd->nmad", LOWERED, slash(p - photon) + unit, LOWERED) / (-2.0 * p_k)
    second = np.einsum("mab,bc,ncd->nmad", LOWERED, slash(photon - pp) + unit, LOWERED) / (-2.0 * pp_k)
    amplitude = first + second
    barred = np.einsum("ab,nmcb,cd->nmad", GAMMA[0], amplitude.conj(), GAMMA[0])
    # currents are conserved: both polarisation sums are -g
    product = np.einsum("ab,nmbc,cd,rsda,nr,ms->", slash(pp) - unit, amplitude, slash(p) + unit, barred, METRIC, METRIC)
    squared = 0.25 * (4.0 * math.pi * FINE_STRUCTURE) ** 2 * product.real
    return float(HBAR_C_SQUARED_FB * squared * k / momentum / (32.0 * math.pi * S))


@pytest.mark.agreement
@pytest.mark.parametrize("mass", [0.5, 3.0, 8.0])
@pytest.mark.parametrize("sine", [0.9, 0.1, 1e-2, 1e-3, 2e-4, 5e-5, 1e-5])
def test_density_is_that_of_traces_with_massive_electrons(mass: float, sine: float) -> None:
    # 1e-3 and less is where the electron mass matters: 2 m_e/sqrt(s) = 9.7e-5
    ours = float(dark_photon_density_fb(mass, 1.0, S, math.sqrt(1.0 - sine**2)))
    assert ours == pytest.approx(traced_density_fb(mass, sine), rel=2e-5)


@pytest.mark.reference
@pytest.mark.parametrize(
    ("mass", "full", "wide", "narrow"),
    [(0.1, 43943.6, 5904.4, 1830.73), (3.0, 48090.4, 6843.77, 2247.45), (8.0, 136145.0, 24134.4, 9400.55)],
)
def test_cross_sections(mass: float, full: float, wide: float, narrow: float) -> None:
    # pb at eps = 1: 4 pi alpha^2/(s (1 - x)) (1 + x^2)(ln(s/m_e^2) - 1), and inside |cos| < 0.94 and 0.6
    assert float(dark_photon_cross_section_fb(mass, 1.0, S)) / 1e3 == pytest.approx(full, rel=1e-5)
    for reach, expected in ((0.94, wide), (0.6, narrow)):
        inside, _ = quad(lambda c: float(dark_photon_density_fb(mass, 1.0, S, c)), -reach, reach, epsrel=1e-9)
        assert inside / 1e3 == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("mass", [0.02, 2.0, 9.5])
def test_density_integrates_to_the_cross_section(mass: float) -> None:
    velocity = math.sqrt(1.0 - 4.0 * ELECTRON_MASS**2 / S)

    def in_rapidity(y: float) -> float:
        cosine = min(math.tanh(y) / velocity, 1.0)
        return float(dark_photon_density_fb(mass, 1e-3, S, cosine)) / (velocity * math.cosh(y) ** 2)

    half, _ = quad(in_rapidity, 0.0, math.atanh(velocity), epsrel=1e-9, limit=200)
    assert 2.0 * half == pytest.approx(float(dark_photon_cross_section_fb(mass, 1e-3, S)), rel=1e-6)


def test_twice_two_photons_at_small_mass() -> None:
    # 2 x 2 pi alpha^2/s [ln((1 + c)/(1 - c)) - c] for eps = 1, |cos| < c
    c = 0.6
    expected = HBAR_C_SQUARED_FB * 4.0 * math.pi * FINE_STRUCTURE**2 / S * (math.log((1 + c) / (1 - c)) - c)
    inside, _ = quad(lambda cosine: float(dark_photon_density_fb(1e-4, 1.0, S, cosine)), -c, c)
    assert inside == pytest.approx(expected, rel=1e-6)


def test_nothing_below_threshold_and_even_in_the_angle() -> None:
    assert float(dark_photon_density_fb(11.0, 1.0, S, 0.3)) == 0.0
    density = dark_photon_density_fb(3.0, 1.0, S, np.array([-0.7, 0.7]))
    assert density[0] == pytest.approx(density[1], rel=1e-14)
