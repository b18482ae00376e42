from __future__ import annotations

import math

import numpy as np
import pytest

from darkreach.errors import ConfigError
from darkreach.generators.decays import effective_fraction, tabulate_density, three_body_decay
from darkreach.kinematics import mass_squared

N = 50_000
MASSES = (0.3, 0.2, 0.4)


def at_rest(mass: float, n: int) -> np.ndarray:
    return np.tile([mass, 0.0, 0.0, 0.0], (n, 1))


def test_massless_phase_space_has_the_analytic_area_and_width() -> None:
    # area of the massless Dalitz plane m^4/2, so Gamma = |M|^2 m/(512 pi^3)
    decay = three_body_decay(2.0, (0.0, 0.0, 0.0))
    assert decay.integral == pytest.approx(8.0, rel=1e-9)
    assert decay.width == pytest.approx(2.0 / (512.0 * math.pi**3), rel=1e-9, abs=0.0)


def test_muon_decay_width_and_spectrum() -> None:
    # |M|^2 = 64 G_F^2 (p_mu.p_nubar_e)(p_e.p_nu_mu), averaged over spins; 1 = e, 2 = nubar_e, 3 = nu_mu
    mass, fermi = 0.1056583755, 1.1663788e-5
    decay = three_body_decay(
        mass,
        (0.0, 0.0, 0.0),
        lambda s12, s13, s23: 64.0 * fermi**2 * 0.5 * (mass**2 - s13) * 0.5 * s13,
    )
    assert decay.width == pytest.approx(fermi**2 * mass**5 / (192.0 * math.pi**3), rel=1e-9, abs=0.0)
    products, weight = decay.generate(at_rest(mass, N), np.random.default_rng(1))
    # Michel spectrum of the electron x^2 (3 - 2x): <x> = 7/10; of the other neutrino x^2 (1 - x): <x> = 3/5
    for place, mean in ((0, 0.7), (1, 0.6)):
        x = 2.0 * products[:, place, 0] / mass
        assert float(np.mean(weight * x)) == pytest.approx(mean, abs=4.0 * 0.25 / math.sqrt(N))


def test_momentum_is_kept_and_masses_are_right() -> None:
    mother = np.tile([5.0, 0.0, 3.0, 0.0], (N, 1))
    products, weight = three_body_decay(4.0, MASSES).generate(mother, np.random.default_rng(2))
    np.testing.assert_allclose(products.sum(axis=1), mother, atol=1e-12)
    for place, mass in enumerate(MASSES):
        np.testing.assert_allclose(mass_squared(products[:, place]), mass**2, atol=1e-11)
    assert effective_fraction(weight) > 0.99


def test_flat_dalitz_plane_against_plain_rejection() -> None:
    """Points thrown evenly on s12, s13 and kept inside the boundary give the same moments."""
    mass = 1.5
    products, weight = three_body_decay(mass, MASSES).generate(at_rest(mass, N), np.random.default_rng(3))
    random = np.random.default_rng(4)
    one, two, three = MASSES
    s12 = random.uniform((one + two) ** 2, (mass - three) ** 2, 20 * N)
    s13 = random.uniform((one + three) ** 2, (mass - two) ** 2, 20 * N)
    energy1 = (s12 + one**2 - two**2) / (2 * np.sqrt(s12))
    energy3 = (mass**2 - s12 - three**2) / (2 * np.sqrt(s12))
    cosine = (s13 - one**2 - three**2 - 2 * energy1 * energy3) / (
        2 * np.sqrt(energy1**2 - one**2) * np.sqrt(energy3**2 - three**2)
    )
    inside = np.abs(cosine) < 1.0
    for (i, j), thrown in (((0, 1), s12[inside]), ((0, 2), s13[inside])):
        drawn = mass_squared(products[:, i] + products[:, j])
        for power in (1, 2):
            expected, spread = np.mean(thrown**power), np.std(thrown**power)
            assert abs(np.mean(weight * drawn**power) - expected) < 4.0 * spread * math.sqrt(1 / N + 1 / inside.sum())
    area = three_body_decay(mass, MASSES).integral
    box = ((mass - three) ** 2 - (one + two) ** 2) * ((mass - two) ** 2 - (one + three) ** 2)
    assert area == pytest.approx(box * inside.mean(), rel=4.0 / math.sqrt(inside.sum()))


def test_weights_follow_a_squared_amplitude_with_a_peak() -> None:
    def amplitude(s12: np.ndarray, s13: np.ndarray, s23: np.ndarray) -> np.ndarray:
        return (1.0 + s13 + 0.0 * s23) / ((s12 - 0.6) ** 2 + 0.02**2)

    mass = 1.5
    decay = three_body_decay(mass, MASSES, amplitude)
    products, weight = decay.generate(at_rest(mass, N), np.random.default_rng(5))
    flat, even = three_body_decay(mass, MASSES).generate(at_rest(mass, 10 * N), np.random.default_rng(6))
    invariants = [mass_squared(flat[:, i] + flat[:, j]) for i, j in ((0, 1), (0, 2), (1, 2))]
    importance = even * amplitude(*invariants)
    area = three_body_decay(mass, MASSES).integral
    error = float(np.std(importance) / math.sqrt(10 * N)) * area
    assert abs(float(np.mean(importance)) * area - decay.integral) < 4.0 * error
    assert float(np.mean(weight)) == pytest.approx(1.0, abs=4.0 * float(np.std(weight)) / math.sqrt(N))
    assert effective_fraction(weight) > 0.95
    s12 = mass_squared(products[:, 0] + products[:, 1])
    below = float(np.mean(weight * (s12 < 0.6)))
    expected = float(np.sum(importance * (invariants[0] < 0.6)) / np.sum(importance))
    assert below == pytest.approx(expected, abs=0.015)


def test_the_plane_of_the_decay_is_isotropic() -> None:
    products, _ = three_body_decay(1.5, MASSES).generate(at_rest(1.5, N), np.random.default_rng(7))
    normal = np.cross(products[:, 0, 1:], products[:, 1, 1:])
    normal /= np.linalg.norm(normal, axis=1, keepdims=True)
    np.testing.assert_allclose(normal.T @ normal / N, np.eye(3) / 3.0, atol=4.0 * math.sqrt(4.0 / 45.0 / N))
    assert np.all(np.abs(normal.mean(axis=0)) < 4.0 / math.sqrt(3.0 * N))


def test_impossible_decays_are_refused_with_the_range() -> None:
    with pytest.raises(ConfigError, match="heavier") as refused:
        three_body_decay(0.8, MASSES)
    assert refused.value.allowed == "sum of the masses below 0.8 GeV"


def test_a_table_integrates_what_its_cells_miss() -> None:
    """A step inside a cell: the table is coarse there, the weights make it exact."""
    table = tabulate_density(lambda u, v: np.where(u + v < 0.73, 1.0, 0.0), cells=(4, 4))
    u, v, weight = table.sample(N, np.random.default_rng(8))
    assert float(weight.mean()) == pytest.approx(0.73**2 / 2, abs=4.0 * float(np.std(weight)) / math.sqrt(N))
    assert np.all(weight[u + v > 0.73] == 0.0)
