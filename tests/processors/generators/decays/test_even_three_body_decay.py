from __future__ import annotations

import math

import numpy as np
import pytest

from darkreach.errors import ConfigError
from darkreach.generators.decays import effective_fraction, even_three_body_decay, three_body_decay
from darkreach.kinematics import mass_squared

N = 60_000
MASSES = (0.14, 0.2, 0.3)


def test_each_mass_has_the_dalitz_plane_of_a_fixed_mass() -> None:
    """Half of the mothers are light and half are heavy: each half agrees with the decay of that mass."""
    mass = np.where(np.arange(N) % 2 == 0, 0.9, 1.7)
    momentum = np.tile([0.3, -1.0, 2.0], (N, 1))
    energy = np.sqrt(mass**2 + np.sum(momentum**2, axis=1))
    mother = np.concatenate([energy[:, np.newaxis], momentum], axis=1)
    products, weight = even_three_body_decay(mother, mass, MASSES, np.random.default_rng(1))
    np.testing.assert_allclose(products.sum(axis=1), mother, atol=1e-12)
    for place, product in enumerate(MASSES):
        np.testing.assert_allclose(mass_squared(products[:, place]), product**2, atol=1e-11)
    for one in (0.9, 1.7):
        rows = mass == one
        fixed, even = three_body_decay(one, MASSES).generate(mother[rows], np.random.default_rng(2))
        assert float(weight[rows].mean()) == pytest.approx(1.0, abs=4.0 * float(weight[rows].std()) / math.sqrt(N / 2))
        for i, j in ((0, 1), (0, 2), (1, 2)):
            drawn, expected = (mass_squared(some[:, i] + some[:, j]) for some in (products[rows], fixed))
            error = math.sqrt((np.var(weight[rows] * drawn) + np.var(even * expected)) / (N / 2))
            assert abs(float(np.mean(weight[rows] * drawn) - np.mean(even * expected))) < 4.0 * error
    assert effective_fraction(weight) > 0.85


def test_mothers_at_the_threshold_are_refused() -> None:
    with pytest.raises(ConfigError, match="heavier"):
        even_three_body_decay(np.array([[0.6, 0, 0, 0]]), np.array([0.6]), MASSES, np.random.default_rng(1))
