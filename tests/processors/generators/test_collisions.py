from __future__ import annotations

import numpy as np
import pytest

from darkreach.generators.collisions import generate_collisions
from darkreach.generators.radiator import radiator_exponent, radiator_integral
from darkreach.kinematics import Beams, boost, mass_squared

BEAMS = Beams(7.004, 4.002, 0.083, 0.0051, 0.0024)
EXACT = Beams(7.004, 4.002, 0.083)


def test_boost_there_and_back() -> None:
    random = np.random.default_rng(1)
    momenta = random.normal(size=(1000, 4))
    momenta[:, 0] = np.sqrt(1.0 + (momenta[:, 1:] ** 2).sum(axis=1))
    back = boost(boost(momenta, EXACT.boost), -EXACT.boost)
    np.testing.assert_allclose(back, momenta, atol=1e-12)
    np.testing.assert_allclose(mass_squared(boost(momenta, EXACT.boost)), 1.0, atol=1e-12)


def test_laboratory_frame_agrees_with_the_boost() -> None:
    n = 500
    random = np.random.default_rng(2)
    collisions = generate_collisions(BEAMS, n, random, maximum_isr_fraction=0.35)
    k = random.normal(size=(3, n))
    energy = np.sqrt(1.7**2 + (k**2).sum(axis=0))
    total = collisions.four_momentum
    # the electron direction in the CM, by a boost of its own
    half = collisions.half_crossing_angle
    electron = np.outer(collisions.electron_energy, [1.0, np.sin(half), 0.0, np.cos(half)])
    velocity = total[:, 1:] / total[:, :1]
    along = boost(electron, -velocity)[:, 1:]
    n_axis = along / np.linalg.norm(along, axis=1, keepdims=True)
    v_axis = np.tile([0.0, 1.0, 0.0], (n, 1))
    u_axis = np.cross(v_axis, n_axis)
    momentum = k[0, :, None] * u_axis + k[1, :, None] * v_axis + k[2, :, None] * n_axis
    expected = boost(np.concatenate([energy[:, None], momentum], axis=1), velocity)
    np.testing.assert_allclose(collisions.to_laboratory(energy, *k), expected, atol=1e-12)


def test_beams_without_spread_and_radiation() -> None:
    collisions = generate_collisions(EXACT, 3, np.random.default_rng(1), maximum_isr_fraction=0.0)
    np.testing.assert_allclose(collisions.four_momentum, np.tile(EXACT.four_momentum, (3, 1)), atol=1e-13)
    np.testing.assert_allclose(collisions.s, EXACT.s, rtol=1e-14)
    assert (collisions.radiated == 0.0).all()
    assert (collisions.weight == 1.0).all()


def test_radiation_lowers_s_by_its_fraction_and_conserves_momentum() -> None:
    collisions = generate_collisions(EXACT, 10_000, np.random.default_rng(4), maximum_isr_fraction=0.35)
    total = collisions.four_momentum + collisions.radiated
    np.testing.assert_allclose(total, np.tile(EXACT.four_momentum, (10_000, 1)), atol=1e-12)
    np.testing.assert_allclose(mass_squared(collisions.radiated), 0.0, atol=1e-12)
    from_electron = collisions.radiated[:, 3] > 0
    fraction = collisions.radiated[:, 0] / np.where(from_electron, 7.004, 4.002)
    np.testing.assert_allclose(collisions.s / EXACT.s, 1.0 - fraction, atol=1e-12)
    # each beam radiates half of the photons
    hard = fraction > 1e-6
    assert abs(from_electron[hard].mean() - 0.5) < 5 * 0.5 / np.sqrt(hard.sum())
    expected = radiator_integral(0.35, radiator_exponent(EXACT.s))
    assert collisions.weight.mean() == pytest.approx(expected, abs=5 * collisions.weight.std() / 100)


def test_energy_spread_of_the_cm() -> None:
    collisions = generate_collisions(BEAMS, 100_000, np.random.default_rng(5), maximum_isr_fraction=0.0)
    # sigma(sqrt s) = sqrt(s)/2 of the quadratic sum of the relative spreads, about 5 MeV
    expected = 0.5 * BEAMS.sqrt_s * np.hypot(0.0051 / 7.004, 0.0024 / 4.002)
    assert np.sqrt(collisions.s).std() == pytest.approx(expected, rel=0.01)
    assert expected == pytest.approx(0.005, abs=5e-4)
