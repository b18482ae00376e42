from __future__ import annotations

import numpy as np
import pytest

from darkreach.response.helix import closest_approach

FIELD = 1.5


def along_the_helix(vertex: np.ndarray, momentum: np.ndarray, charge: float, steps: np.ndarray) -> np.ndarray:
    """Points (k, 3) of the solution of the equation of motion dp/ds = constant q p x B."""
    direction = momentum[1:] / np.linalg.norm(momentum[1:])
    # |p| in GeV, length in cm
    rate = charge * 2.99792458e-3 * FIELD / np.linalg.norm(momentum[1:])
    angle = rate * steps
    x, y, z = direction
    # rotation about z: d(px)/ds = rate py, d(py)/ds = -rate px
    along_x = (x * np.sin(angle) + y * (1.0 - np.cos(angle))) / rate
    along_y = (y * np.sin(angle) - x * (1.0 - np.cos(angle))) / rate
    return vertex + np.stack([along_x, along_y, z * steps], axis=1)


@pytest.mark.parametrize("charge", [1.0, -1.0])
@pytest.mark.agreement
def test_closest_point_of_the_path(charge: float) -> None:
    random = np.random.default_rng(1)
    vertex = random.normal(0.0, 8.0, (30, 3))
    transverse, phi = random.uniform(0.3, 2.0, 30), random.uniform(-np.pi, np.pi, 30)
    along = random.normal(0.0, 1.0, 30)
    momentum = np.column_stack([np.zeros(30), transverse * np.cos(phi), transverse * np.sin(phi), along])
    distance, z = closest_approach(vertex, momentum, np.full(30, charge), FIELD)
    for row in range(30):
        # forward tracks go far along z for every cm across
        stretch = np.linalg.norm(momentum[row, 1:]) / np.hypot(*momentum[row, 1:3])
        steps = stretch * np.linspace(-60.0, 60.0, 60_001)
        points = along_the_helix(vertex[row], momentum[row], charge, steps)
        radius = np.hypot(points[:, 0], points[:, 1])
        closest = np.argmin(radius)
        assert 0 < closest < len(steps) - 1
        assert distance[row] == pytest.approx(radius[closest], abs=1e-3)
        assert z[row] == pytest.approx(points[closest, 2], abs=2e-3 * stretch)


def test_a_stiff_track_is_a_straight_line() -> None:
    momentum = np.array([[0.0, 3e5, 0.0, 4e5]])
    distance, z = closest_approach(np.array([[5.0, 2.0, 7.0]]), momentum, np.ones(1), FIELD)
    # closest to the axis 5 cm earlier in x
    assert distance[0] == pytest.approx(2.0, rel=1e-4)
    assert z[0] == pytest.approx(7.0 - 5.0 * 4.0 / 3.0, rel=1e-4)


def test_tracks_from_the_axis_point_back_to_it() -> None:
    random = np.random.default_rng(2)
    vertex = np.array([[0.0, 0.0, 3.0]] * 5)
    momentum = np.concatenate([np.zeros((5, 1)), random.normal(size=(5, 3))], axis=1)
    distance, z = closest_approach(vertex, momentum, np.ones(5), FIELD)
    np.testing.assert_allclose(distance, 0.0, atol=1e-12)
    np.testing.assert_allclose(z, 3.0, atol=1e-9)
