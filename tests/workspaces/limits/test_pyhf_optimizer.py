"""The rescaled minimizer on functions whose minimum is known."""

from __future__ import annotations

import numpy as np
import pytest

from darkreach.limits.pyhf_optimizer import minimize_round


@pytest.mark.parametrize("condition", [1.0, 1e4, 1e8])
def test_minimum_of_a_correlated_parabola_at_any_condition(condition) -> None:
    curvature = np.array([[1.0, 0.5 * np.sqrt(condition)], [0.5 * np.sqrt(condition), condition]])
    centre = np.array([0.7, 1.0 + 0.5 / np.sqrt(condition)])
    found = minimize_round(
        lambda x: float((x - centre) @ curvature @ (x - centre)),
        [0.0, 1.0],
        bounds=[(-5.0, 5.0), (0.0, 10.0)],
        method="SLSQP",
        tol=1e-12,
        options={},
    )
    assert found.success
    assert found.fun == pytest.approx(0.0, abs=1e-8)


def test_a_minimum_outside_the_bounds_is_found_on_them() -> None:
    found = minimize_round(
        lambda x: float((x[0] + 3.0) ** 2 + (x[1] - 1.0) ** 2),
        [0.0, 0.5],
        bounds=[(0.0, 5.0), (0.0, 2.0)],
        method="SLSQP",
        tol=1e-12,
        options={},
    )
    np.testing.assert_allclose(found.x, [0.0, 1.0], atol=1e-4)
    assert found.x[0] == 0.0


def test_a_minimizer_that_stops_early_is_not_believed() -> None:
    found = minimize_round(
        lambda x: float(np.sum(np.abs(x - 0.3) ** 1.5) + 5.0 * np.sin(40.0 * x[0]) ** 2),
        [0.9, 0.1],
        bounds=[(-5.0, 5.0), (-5.0, 5.0)],
        method="SLSQP",
        tol=1e-12,
        options={"maxiter": 1},
    )
    assert not found.success
    assert "no minimum" in found.message
