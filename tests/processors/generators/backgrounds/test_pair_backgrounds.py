from __future__ import annotations

import math

import numpy as np
import pytest

from darkreach.errors import ConfigError
from darkreach.generators.backgrounds.pair_backgrounds import generate_muon_pairs, generate_two_photons
from darkreach.generators.backgrounds.pair_production_matrix_elements import muon_pair_matrix_element
from darkreach.generators.hard_photon_cuts import HardPhotonCuts
from darkreach.generators.radiator import radiator_exponent, radiator_integral
from darkreach.kinematics import FINE_STRUCTURE, HBAR_C_SQUARED_FB, MUON_MASS, Beams, mass_squared

HEAD_ON = Beams(5.29, 5.29, 0.0)
EXACT = Beams(7.004, 4.002, 0.083)
S = 10.58**2


@pytest.mark.reference
@pytest.mark.parametrize(("degrees", "nanobarn"), [(10.0, 4.52), (15.0, 3.60), (45.0, 1.23)])
def test_two_photons_against_closed_form(degrees: float, nanobarn: float) -> None:
    n, edge = 200_000, math.cos(math.radians(degrees))
    cuts = HardPhotonCuts(1.0, math.radians(degrees), math.pi - math.radians(degrees))
    events = generate_two_photons(HEAD_ON, cuts, n, np.random.default_rng(31), maximum_isr_fraction=0.0)
    error = events.weight_fb.std() / math.sqrt(n)
    closed = HBAR_C_SQUARED_FB * 2.0 * math.pi * FINE_STRUCTURE**2 / S * (math.log((1 + edge) / (1 - edge)) - edge)
    assert error < 2e-3 * closed
    assert abs(events.weight_fb.mean() - closed) < 4.0 * error
    assert closed / 1e6 == pytest.approx(nanobarn, rel=0.003)


def test_two_photons_by_angle() -> None:
    cuts = HardPhotonCuts(1.0, math.radians(10.0), math.radians(170.0))
    events = generate_two_photons(HEAD_ON, cuts, 200_000, np.random.default_rng(32), maximum_isr_fraction=0.0)
    cosine = events.momenta[:, 0, 3] / events.momenta[:, 0, 0]
    edges = np.linspace(-0.98, 0.98, 9)
    counts, _ = np.histogram(cosine, edges, weights=events.weight_fb / len(events))
    # (1 + c^2)/(1 - c^2) integrates to 2 atanh(c) - c
    primitive = 2.0 * np.arctanh(edges) - edges
    expected = HBAR_C_SQUARED_FB * math.pi * FINE_STRUCTURE**2 / S * np.diff(primitive)
    np.testing.assert_allclose(counts, expected, rtol=0.02)


@pytest.mark.parametrize("radiation", [0.0, 0.35])
def test_two_photons_cuts_and_momentum(radiation: float) -> None:
    n, random = 100_000, np.random.default_rng(33)
    tight, wide = HardPhotonCuts(2.0, 0.6, 2.2), HardPhotonCuts(1.0, 0.3, 2.6)
    direct = generate_two_photons(EXACT, tight, n, random, maximum_isr_fraction=radiation)
    events = generate_two_photons(EXACT, wide, 2 * n, random, maximum_isr_fraction=radiation)
    both = tight.inside(events.momenta[:, 0], EXACT) & tight.inside(events.momenta[:, 1], EXACT)
    selected = np.where(both, events.weight_fb, 0.0)
    error = math.hypot(direct.weight_fb.std() / math.sqrt(n), selected.std() / math.sqrt(2 * n))
    assert error < 0.006 * direct.weight_fb.mean()
    assert abs(direct.weight_fb.mean() - selected.mean()) < 4.0 * error
    total = events.momenta.sum(axis=1) + events.isr
    np.testing.assert_allclose(total, np.tile(EXACT.four_momentum, (2 * n, 1)), atol=1e-9)


@pytest.mark.parametrize("sqrt_s", [10.58, 0.25])
def test_muon_pairs_against_closed_form(sqrt_s: float) -> None:
    n, beams = 100_000, Beams(0.5 * sqrt_s, 0.5 * sqrt_s, 0.0)
    random = np.random.default_rng(34)
    events = generate_muon_pairs(beams, n, random, maximum_isr_fraction=0.0, minimum_pair_mass=2.0 * MUON_MASS)
    velocity = math.sqrt(1.0 - 4.0 * MUON_MASS**2 / sqrt_s**2)
    closed = HBAR_C_SQUARED_FB * 4.0 * math.pi * FINE_STRUCTURE**2 / (3.0 * sqrt_s**2)
    closed *= velocity * (3.0 - velocity**2) / 2.0
    error = events.weight_fb.std() / math.sqrt(n)
    assert error < 2e-3 * closed
    assert abs(events.weight_fb.mean() - closed) < 4.0 * error
    np.testing.assert_allclose(mass_squared(events.momenta), MUON_MASS**2, atol=1e-9)
    if sqrt_s > 10.0:
        # Sherpa 774.6 pb and 775.9 pb of the massless formula
        assert closed / 1e3 == pytest.approx(775.3, rel=2e-3)
        cosine = events.momenta[:, 0, 3] / np.linalg.norm(events.momenta[:, 0, 1:], axis=1)
        moment = float((events.weight_fb * cosine**2).mean() / events.weight_fb.mean())
        # <c^2> of 1 + c^2 is (1/3 + 1/5)/(4/3)
        assert moment == pytest.approx(0.4, abs=0.004)


@pytest.mark.reference
def test_muon_pairs_with_radiation() -> None:
    # exponentiated radiator times Born with fixed alpha, by quadrature in steps of the radiator integral
    n, minimum = 400_000, 2.0
    events = generate_muon_pairs(
        HEAD_ON, n, np.random.default_rng(35), maximum_isr_fraction=0.999, minimum_pair_mass=minimum
    )
    exponent, largest = radiator_exponent(S), 1.0 - minimum**2 / S
    edges = largest * np.linspace(0.0, 1.0, 4001) ** (1.0 / exponent)
    shares = np.diff([radiator_integral(float(edge), exponent) for edge in edges])
    left = S * (1.0 - 0.5 * (edges[1:] + edges[:-1]))
    velocity = np.sqrt(1.0 - 4.0 * MUON_MASS**2 / left)
    born = HBAR_C_SQUARED_FB * 4.0 * math.pi * FINE_STRUCTURE**2 / (3.0 * left) * velocity * (3.0 - velocity**2) / 2.0
    expected = float((shares * born).sum())
    error = events.weight_fb.std() / math.sqrt(n)
    assert error < 4e-3 * expected
    assert abs(events.weight_fb.mean() - expected) < 4.0 * error + 1e-3 * expected
    total = events.momenta.sum(axis=1) + events.isr
    np.testing.assert_allclose(total, np.tile(HEAD_ON.four_momentum, (n, 1)), atol=1e-9)
    assert mass_squared(events.momenta.sum(axis=1)).min() > minimum**2 - 1e-6


@pytest.mark.agreement
def test_muon_pair_matrix_element_against_dirac_traces() -> None:
    metric = np.diag([1.0, -1.0, -1.0, -1.0])
    s, cosine = 0.2, 0.37
    half, momentum = math.sqrt(s) / 2, math.sqrt(s / 4 - MUON_MASS**2)
    p, pp = np.array([half, 0, 0, half]), np.array([half, 0, 0, -half])
    q = np.array([half, momentum * math.sqrt(1 - cosine**2), 0, momentum * cosine])
    qp = np.array([half, *-q[1:]])

    def dot(a: np.ndarray, b: np.ndarray) -> float:
        return float(a @ metric @ b)

    def tensor(a: np.ndarray, b: np.ndarray, mass: float) -> np.ndarray:
        return 4.0 * (np.outer(a, b) + np.outer(b, a) - metric * (dot(a, b) + mass**2))

    beams, muons = tensor(p, pp, 0.0), tensor(q, qp, MUON_MASS)
    lowered = metric @ muons @ metric
    traced = (4 * math.pi * FINE_STRUCTURE) ** 2 * float((beams * lowered).sum()) / (4.0 * s**2)
    assert float(muon_pair_matrix_element(s, cosine, MUON_MASS)) == pytest.approx(traced, rel=1e-12)


def test_impossible_requests_are_refused() -> None:
    random = np.random.default_rng(1)
    with pytest.raises(ConfigError, match="along the beams"):
        generate_two_photons(EXACT, HardPhotonCuts(1.0, 0.01, 2.0), 5, random, maximum_isr_fraction=0.0)
    with pytest.raises(ConfigError, match="minimum mass"):
        generate_muon_pairs(EXACT, 5, random, maximum_isr_fraction=0.0, minimum_pair_mass=0.1)
