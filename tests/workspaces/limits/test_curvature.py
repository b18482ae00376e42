"""Coordinates in which a function is round."""

from __future__ import annotations

import numpy as np
import pytest

from darkreach.limits.curvature import rounding_transform, uncertainties

WIDE = np.full(3, 1e3)


def correlated(seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    root = rng.normal(size=(3, 3)) * np.array([1.0, 30.0, 1000.0])[:, None]
    return root @ root.T


@pytest.mark.parametrize("seed", range(5))
def test_the_hessian_becomes_the_unit_matrix(seed) -> None:
    hessian = correlated(seed)
    transform = rounding_transform(lambda x: 0.5 * float(x @ hessian @ x), np.zeros(3), -WIDE, WIDE)
    np.testing.assert_allclose(transform.T @ hessian @ transform, np.eye(3), atol=2e-5)


def test_uncertainties_are_those_with_the_others_held() -> None:
    hessian = correlated(1)
    found = uncertainties(lambda x: 0.5 * float(x @ hessian @ x), np.zeros(3), -WIDE, WIDE)
    np.testing.assert_allclose(found, 1.0 / np.sqrt(np.diag(hessian)), rtol=1e-5)


def test_a_direction_without_curvature_is_limited_by_its_range() -> None:
    low, high = np.array([-4.0, 0.0]), np.array([4.0, 10.0])
    found = uncertainties(lambda x: 0.5 * float(x[0] ** 2), np.zeros(2), low, high)
    np.testing.assert_allclose(found, [1.0, 2.5], rtol=1e-5)


def test_at_a_bound_only_the_inside_is_looked_at() -> None:
    low, high = np.zeros(1), np.full(1, 10.0)

    def objective(x: np.ndarray) -> float:
        assert x[0] >= 0.0
        return float(8.0 * (x[0] - 1.0) ** 2)

    np.testing.assert_allclose(uncertainties(objective, np.zeros(1), low, high), [0.25], rtol=1e-5)
