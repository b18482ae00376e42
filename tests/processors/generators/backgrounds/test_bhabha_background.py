from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.integrate import quad

from darkreach.errors import ConfigError
from darkreach.generators.backgrounds.bhabha_background import generate_bhabha
from darkreach.generators.backgrounds.pair_production_matrix_elements import (
    bhabha_matrix_element,
    muon_pair_matrix_element,
)
from darkreach.generators.hard_photon_cuts import HardPhotonCuts
from darkreach.kinematics import ELECTRON_MASS, FINE_STRUCTURE, HBAR_C_SQUARED_FB, Beams, mass_squared

HEAD_ON = Beams(5.29, 5.29, 0.0)
EXACT = Beams(7.004, 4.002, 0.083)
E_FOURTH = (4.0 * math.pi * FINE_STRUCTURE) ** 2
GAMMA_0 = np.diag([1, 1, -1, -1]).astype(complex)
PAULI = [np.array([[0, 1], [1, 0]]), np.array([[0, -1j], [1j, 0]]), np.array([[1, 0], [0, -1]])]
GAMMA = np.array([GAMMA_0, *(np.kron(np.array([[0, 1], [-1, 0]]), sigma) for sigma in PAULI)])
METRIC = np.diag([1.0, -1.0, -1.0, -1.0])


@pytest.mark.agreement
@pytest.mark.parametrize("cosine", [-0.9, -0.2, 0.5, 0.97])
def test_matrix_element_against_explicit_traces(cosine: float) -> None:
    sine = math.sqrt(1.0 - cosine**2)
    p, pp = np.array([1.0, 0.0, 0.0, 1.0]), np.array([1.0, 0.0, 0.0, -1.0])
    q, qp = np.array([1.0, sine, 0.0, cosine]), np.array([1.0, -sine, 0.0, -cosine])
    slashed = [np.einsum("i,ij,jab->ab", leg, METRIC, GAMMA) for leg in (p, pp, q, qp)]
    electron, positron, negative, positive = slashed
    s, t = 4.0, -2.0 * (1.0 - cosine)
    lowered = np.einsum("mn,nab->mab", METRIC, GAMMA)
    total = 0.0
    for m in range(4):
        for n in range(4):
            a, b, c, d = GAMMA[m], GAMMA[n], lowered[m], lowered[n]
            along = np.trace(positron @ a @ electron @ b) * np.trace(negative @ c @ positive @ d) / s**2
            across = np.trace(negative @ a @ electron @ b) * np.trace(positron @ c @ positive @ d) / t**2
            both = np.trace(negative @ a @ electron @ b @ positron @ c @ positive @ d) / (s * t)
            total += (along + across - 2.0 * both).real
    assert float(bhabha_matrix_element(cosine)) == pytest.approx(0.25 * E_FOURTH * total, rel=1e-10)


def test_annihilation_alone_is_the_muon_pair() -> None:
    # the terms without t: (t^2 + u^2)/s^2, those of massless muons
    cosine = -0.3
    t, u = -0.5 * (1.0 - cosine), -0.5 * (1.0 + cosine)
    exchange = 2.0 * E_FOURTH * ((1.0 + u**2) / t**2 + 2.0 * u**2 / t)
    rest = float(bhabha_matrix_element(cosine)) - exchange
    assert rest == pytest.approx(float(muon_pair_matrix_element(1.0, cosine, 0.0)), rel=1e-10)


@pytest.mark.parametrize("degrees", [15.0, 45.0])
def test_cross_section_against_quadrature(degrees: float) -> None:
    n, edge = 200_000, math.cos(math.radians(degrees))
    cuts = HardPhotonCuts(1.0, math.radians(degrees), math.pi - math.radians(degrees))
    events = generate_bhabha(HEAD_ON, cuts, n, np.random.default_rng(91), maximum_isr_fraction=0.0)
    integral, _ = quad(lambda cosine: float(bhabha_matrix_element(cosine)), -edge, edge)
    expected = HBAR_C_SQUARED_FB * integral / (32.0 * math.pi * HEAD_ON.s)
    error = events.weight_fb.std() / math.sqrt(n)
    assert error < 2e-3 * expected
    assert abs(events.weight_fb.mean() - expected) < 4.0 * error
    assert events.weight_fb.max() < 4.0 * events.weight_fb.mean()


def test_small_angles_are_rutherford_scattering() -> None:
    # 16 pi alpha^2/s (1/theta1^2 - 1/theta2^2) of the exchange alone at 3 to 4 degrees, up to theta^2 (measured 0.3 %)
    low, high = math.radians(3.0), math.radians(4.0)
    cuts = HardPhotonCuts(1.0, low, math.pi - low)
    events = generate_bhabha(HEAD_ON, cuts, 400_000, np.random.default_rng(92), maximum_isr_fraction=0.0)
    theta = np.arctan2(np.hypot(events.momenta[:, 0, 1], events.momenta[:, 0, 2]), events.momenta[:, 0, 3])
    weight = np.where(theta < high, events.weight_fb, 0.0)
    expected = HBAR_C_SQUARED_FB * 16.0 * math.pi * FINE_STRUCTURE**2 / HEAD_ON.s * (1.0 / low**2 - 1.0 / high**2)
    assert weight.mean() == pytest.approx(expected, rel=0.01)


@pytest.mark.parametrize("radiation", [0.0, 0.35])
def test_cuts_and_momentum(radiation: float) -> None:
    n, random = 100_000, np.random.default_rng(93)
    tight, wide = HardPhotonCuts(2.0, 0.6, 2.2), HardPhotonCuts(1.0, 0.4, 2.5)
    direct = generate_bhabha(EXACT, tight, n, random, maximum_isr_fraction=radiation)
    events = generate_bhabha(EXACT, wide, 3 * n, random, maximum_isr_fraction=radiation)
    both = tight.inside(events.momenta[:, 0], EXACT) & tight.inside(events.momenta[:, 1], EXACT)
    selected = np.where(both, events.weight_fb, 0.0)
    error = math.hypot(direct.weight_fb.std() / math.sqrt(n), selected.std() / math.sqrt(3 * n))
    assert error < 0.01 * direct.weight_fb.mean()
    assert abs(direct.weight_fb.mean() - selected.mean()) < 4.0 * error
    total = events.momenta.sum(axis=1) + events.isr
    np.testing.assert_allclose(total, np.tile(EXACT.four_momentum, (3 * n, 1)), atol=1e-9)
    np.testing.assert_allclose(mass_squared(events.momenta), ELECTRON_MASS**2, atol=1e-9)


def test_angles_along_the_beams_are_refused() -> None:
    with pytest.raises(ConfigError, match="along the beams"):
        generate_bhabha(EXACT, HardPhotonCuts(1.0, 0.03, 2.0), 5, np.random.default_rng(1), maximum_isr_fraction=0.0)
