"""The curve through conditional fits: exact where a polynomial is, safe where points nearly coincide."""

from __future__ import annotations

import numpy as np
import pytest

from darkreach.limits.profile_curve import ProfileCurve, ProfilePoint


def curve_through(function, derivative, strengths) -> ProfileCurve:
    return ProfileCurve([ProfilePoint(x, function(x), derivative(x), np.array([x, 2.0 * x])) for x in strengths])


def test_four_points_with_slopes_reproduce_a_polynomial_of_degree_seven() -> None:
    polynomial = np.polynomial.Polynomial([0.0, 0.1, 2.0, -0.3, 0.05, 0.01, -0.002, 0.0003])
    curve = curve_through(polynomial, polynomial.deriv(), [0.0, 1.0, 2.0, 3.5])
    for x in (0.3, 1.5, 2.9):
        assert curve.between(x) == pytest.approx(polynomial(x), rel=1e-11)


def test_nearly_coinciding_points_do_not_amplify_rounding() -> None:
    rng = np.random.default_rng(1)
    points = [
        ProfilePoint(x, x**2 + 1e-9 * rng.normal(), 2.0 * x, np.zeros(1)) for x in (0.0, 1.0, 1.00001, 1.00002, 2.0)
    ]
    curve = ProfileCurve(points)
    for x in np.linspace(0.0, 2.0, 41):
        assert curve.between(float(x)) == pytest.approx(x**2, abs=1e-7)


def test_a_parabola_is_extended_as_a_parabola() -> None:
    curve = curve_through(lambda x: 4.0 * x**2, lambda x: 8.0 * x, [0.0, 1.0])
    assert curve.root_extended(5.0) == pytest.approx(100.0, rel=1e-12)


def test_beyond_the_points_values_follow_the_tangent() -> None:
    curve = curve_through(lambda x: x**2, lambda x: 2.0 * x, [1.0, 2.0])
    assert curve.between(3.0) == 8.0
    assert curve.between(0.0) == -1.0


def test_starting_parameters_lie_on_the_line_through_the_nearest_points() -> None:
    curve = curve_through(lambda x: x**2, lambda x: 2.0 * x, [0.0, 1.0, 2.0])
    np.testing.assert_allclose(curve.parameters(1.6), [1.6, 3.2])
    np.testing.assert_allclose(curve.parameters(3.0), [3.0, 6.0])


def test_a_second_fit_at_the_same_strength_counts_only_if_it_is_lower() -> None:
    curve = curve_through(lambda x: x**2, lambda x: 2.0 * x, [0.0, 1.0])
    curve.add(ProfilePoint(1.0, 1.5, 0.0, np.zeros(2)))
    assert curve.at(1.0).value == 1.0
    curve.add(ProfilePoint(1.0, 0.5, 0.0, np.zeros(2)))
    assert curve.at(1.0).value == 0.5
    assert [point.signal_strength for point in curve.points] == [0.0, 1.0]
