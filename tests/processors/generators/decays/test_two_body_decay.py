from __future__ import annotations

import numpy as np
import pytest

from darkreach.errors import ConfigError
from darkreach.generators.decays import boost_from_rest_frame, directions_about, two_body_decay, two_body_momentum
from darkreach.kinematics import boost, mass_squared

N = 40_000


def flying(mass: float, n: int, seed: int) -> np.ndarray:
    momentum = 2.0 * np.random.default_rng(seed).standard_normal((n, 3))
    energy = np.sqrt(np.sum(momentum**2, axis=1) + mass**2)
    return np.concatenate([energy[:, np.newaxis], momentum], axis=1)


@pytest.mark.reference
@pytest.mark.parametrize(
    ("mass", "momentum"), [(0.1, 2.616), (0.25, 2.611), (0.5, 2.593), (1.0, 2.520), (2.0, 2.230), (4.0, 1.036)]
)
def test_momentum_of_b_to_k_scalar(mass: float, momentum: float) -> None:
    # p* = lambda^(1/2)(m_B^2, m_K^2, m_S^2)/(2 m_B) of the specification's table
    assert abs(float(two_body_momentum(5.27941, 0.493677, mass)) - momentum) < 6e-4


def test_momentum_agrees_with_the_kaellen_function_and_is_zero_at_threshold() -> None:
    mass, one, two = 3.1, 0.7, 1.2
    kaellen = mass**4 + one**4 + two**4 - 2.0 * (mass**2 * one**2 + mass**2 * two**2 + one**2 * two**2)
    assert float(two_body_momentum(mass, one, two)) == pytest.approx(np.sqrt(kaellen) / (2.0 * mass), rel=1e-13)
    assert float(two_body_momentum(one + two, one, two)) == 0.0
    assert float(two_body_momentum(1.0, one, two)) == 0.0


@pytest.mark.parametrize("masses", [(0.0, 0.0), (0.494, 1.0), (0.000511, 0.000511)])
def test_four_momentum_and_masses_are_kept(masses: tuple[float, float]) -> None:
    mother = flying(1.6, N, seed=1)
    first, second = two_body_decay(mother, 1.6, *masses, np.random.default_rng(2))
    np.testing.assert_allclose(first + second, mother, rtol=0, atol=1e-13 * float(mother.max()))
    for product, mass in zip((first, second), masses, strict=True):
        np.testing.assert_allclose(mass_squared(product), mass**2, atol=2e-12)


def test_products_are_isotropic_in_the_rest_frame() -> None:
    mother = flying(2.0, N, seed=3)
    first, _ = two_body_decay(mother, 2.0, 0.3, 0.1, np.random.default_rng(4))
    at_rest = boost(first, -mother[:, 1:] / mother[:, :1])
    direction = at_rest[:, 1:] / np.linalg.norm(at_rest[:, 1:], axis=1, keepdims=True)
    # <n_i n_j> = delta_ij/3 with a standard deviation of sqrt(4/45) or sqrt(1/15) an event; <n_i> = 0
    np.testing.assert_allclose(direction.mean(axis=0), 0.0, atol=4.0 / np.sqrt(3.0 * N))
    np.testing.assert_allclose(direction.T @ direction / N, np.eye(3) / 3.0, atol=4.0 * np.sqrt(4.0 / 45.0 / N))
    flight = mother[:, 1:] / np.linalg.norm(mother[:, 1:], axis=1, keepdims=True)
    assert abs(float(np.mean(np.sum(flight * direction, axis=1)))) < 4.0 / np.sqrt(3.0 * N)


def test_the_helicity_angle_is_the_one_asked_for() -> None:
    mother = flying(0.9, 1000, seed=5)
    cosine = np.random.default_rng(6).uniform(-1.0, 1.0, 1000)
    first, _ = two_body_decay(mother, 0.9, 0.494, 0.140, np.random.default_rng(7), cosine=cosine)
    # invariant form: E_1 = (E_M E*_1 + c |p_M| p*)/m_M
    momentum = float(two_body_momentum(0.9, 0.494, 0.140))
    flight = np.linalg.norm(mother[:, 1:], axis=1)
    expected = (mother[:, 0] * np.hypot(momentum, 0.494) + cosine * flight * momentum) / 0.9
    np.testing.assert_allclose(first[:, 0], expected, rtol=1e-12)


def test_directions_about_an_axis_are_uniform_in_azimuth() -> None:
    axis = np.tile([0.3, -0.4, 1.2], (N, 1))
    directions = directions_about(axis, np.full(N, 0.6), np.random.default_rng(8))
    np.testing.assert_allclose(np.linalg.norm(directions, axis=1), 1.0, rtol=1e-12)
    np.testing.assert_allclose(directions @ axis[0] / 1.3, 0.6, rtol=1e-12)
    # the mean direction is the axis times the cosine; each transverse component varies by 0.8/sqrt(2)
    np.testing.assert_allclose(directions.mean(axis=0), 0.6 * axis[0] / 1.3, atol=4.0 * 0.8 / np.sqrt(N))
    at_rest = directions_about(np.zeros((1, 3)), np.ones(1), np.random.default_rng(9))
    assert at_rest.round(12).tolist() == [[0.0, 0.0, 1.0]]


def test_boost_by_the_mass_is_the_boost_by_the_velocity() -> None:
    mother, rest = flying(0.4, 500, seed=10), flying(0.1, 500, seed=11)
    expected = boost(rest, mother[:, 1:] / mother[:, :1])
    np.testing.assert_allclose(boost_from_rest_frame(rest, mother, 0.4), expected, rtol=1e-10, atol=1e-12)


def test_a_decay_above_its_mother_is_refused() -> None:
    with pytest.raises(ConfigError, match="heavier than what decays"):
        two_body_decay(flying(0.2, 3, seed=1), 0.2, 0.1057, 0.1057, np.random.default_rng(1))


def test_same_generator_state_same_decays() -> None:
    mother = flying(1.0, 50, seed=1)
    one, two = (two_body_decay(mother, 1.0, 0.1, 0.2, np.random.default_rng(3))[0] for _ in range(2))
    assert one.tobytes() == two.tobytes()
