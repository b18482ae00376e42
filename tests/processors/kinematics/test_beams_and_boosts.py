"""Beams, boosts and photon kinematics against closed forms and conservation laws."""

from __future__ import annotations

import math

import numpy as np
import pytest

from darkreach.kinematics import (
    Beams,
    boost,
    boosted_energy,
    mass_squared,
    pair_mass_squared,
    photon_momenta,
    recoil_mass_squared,
)

SUPERKEKB = Beams(7.004, 4.002, 0.083)


def test_superkekb_numbers() -> None:
    np.testing.assert_allclose(SUPERKEKB.four_momentum, [11.006, 0.4566, 0.0, 2.9994], atol=6e-5)
    assert SUPERKEKB.sqrt_s == pytest.approx(10.5796, abs=1e-4)
    assert np.linalg.norm(SUPERKEKB.boost) == pytest.approx(0.2757, abs=6e-5)
    assert SUPERKEKB.beta_gamma == pytest.approx(0.2868, abs=6e-5)
    # s of two massless beams at an angle: 2 E1 E2 (1 + cos(crossing angle))
    assert SUPERKEKB.s == pytest.approx(2 * 7.004 * 4.002 * (1 + math.cos(0.083)), rel=1e-12)


def test_total_momentum_is_at_rest_in_the_centre_of_mass() -> None:
    rest = boost(SUPERKEKB.four_momentum, -SUPERKEKB.boost)
    np.testing.assert_allclose(rest, [SUPERKEKB.sqrt_s, 0, 0, 0], atol=1e-12)


def test_boost_there_and_back() -> None:
    random = np.random.default_rng(1)
    momenta = photon_momenta(random.uniform(0.1, 7, 1000), random.uniform(0, np.pi, 1000), random.uniform(-3, 3, 1000))
    velocity = random.normal(size=(1000, 3))
    velocity *= (random.uniform(0, 0.99, 1000) / np.linalg.norm(velocity, axis=1))[:, np.newaxis]
    there = boost(momenta, velocity)
    scale = there[:, :1]
    assert np.max(np.abs(boost(there, -velocity) - momenta) / scale) < 1e-12
    np.testing.assert_allclose(mass_squared(there) / scale[:, 0] ** 2, 0.0, atol=1e-12)


def test_two_collinear_boosts_add_as_velocities_do() -> None:
    momentum = np.array([2.0, 0.3, -0.4, 1.0])
    twice = boost(boost(momentum, [0, 0, 0.3]), [0, 0, 0.5])
    np.testing.assert_allclose(twice, boost(momentum, [0, 0, 0.8 / 1.15]), rtol=1e-14)


def test_no_boost_changes_nothing() -> None:
    momentum = np.array([2.0, 0.3, -0.4, 1.0])
    np.testing.assert_array_equal(boost(momentum, [0.0, 0.0, 0.0]), momentum)


def test_boosted_energy_is_the_energy_of_the_boosted_momentum() -> None:
    random = np.random.default_rng(2)
    momenta = photon_momenta(random.uniform(0.1, 7, 50), random.uniform(0, np.pi, 50), random.uniform(-3, 3, 50))
    np.testing.assert_allclose(
        boosted_energy(momenta, SUPERKEKB.boost), boost(momenta, -SUPERKEKB.boost)[:, 0], rtol=1e-13
    )


def test_pair_mass_of_back_to_back_and_of_collinear_photons() -> None:
    energy, theta, phi = np.array([2.0, 3.0]), np.array([0.5, math.pi - 0.5]), np.array([0.1, 0.1 + math.pi])
    first, second = photon_momenta(energy, theta, phi)
    assert pair_mass_squared(first, second) == pytest.approx(4 * 2.0 * 3.0, rel=1e-14)
    assert pair_mass_squared(first, 2.0 * first) == pytest.approx(0.0, abs=1e-14)


def test_pair_mass_keeps_digits_for_close_photons() -> None:
    # m^2 = 2 E1 E2 (1 - cos a) = 4 E1 E2 sin^2(a/2)
    angle = 1e-5
    first = photon_momenta(np.array(2.0), np.array(1.0), np.array(0.0))
    second = photon_momenta(np.array(3.0), np.array(1.0 + angle), np.array(0.0))
    exact = 4 * 2.0 * 3.0 * math.sin(0.5 * angle) ** 2
    assert pair_mass_squared(first, second) == pytest.approx(exact, rel=1e-5)


def test_recoil_mass_inverts_the_two_body_energy() -> None:
    masses, sqrt_s = np.array([0.0, 0.2, 3.0, 9.7]), SUPERKEKB.sqrt_s
    energy = (sqrt_s**2 - masses**2) / (2 * sqrt_s)
    np.testing.assert_allclose(recoil_mass_squared(energy, sqrt_s), masses**2, atol=1e-12)
