"""Intervals at neighbouring masses joined to regions."""

from __future__ import annotations

import math

import numpy as np

from darkreach.couplings.exclusion_strips import exclusion_strips


def test_a_mass_without_an_interval_parts_two_regions() -> None:
    scan = [(1.7, []), (1.8, [(0.5, 2.0)]), (1.9, [(1.0, 3.0)]), (2.0, []), (2.1, [(1.0, 2.0)])]
    first, second = exclusion_strips(scan)
    assert first.masses_gev.tolist() == [1.8, 1.9]
    assert second.masses_gev.tolist() == [2.1]
    assert first.outline(10.0).tolist() == [[1.8, 0.5], [1.9, 1.0], [1.9, 3.0], [1.8, 2.0], [1.8, 0.5]]


def test_two_islands_side_by_side_stay_two() -> None:
    scan = [(mass, [(0.1, 0.2), (0.4 + mass, 2.0 + mass)]) for mass in (1.0, 2.0, 3.0)]
    low, high = exclusion_strips(scan)
    assert low.upper.tolist() == [0.2, 0.2, 0.2]
    assert high.lower.tolist() == [1.4, 2.4, 3.4]


def test_where_one_meets_two_new_regions_begin() -> None:
    scan = [(1.0, [(0.1, 1.0)]), (2.0, [(0.1, 1.0)]), (3.0, [(0.1, 0.3), (0.6, 1.0)]), (4.0, [(0.1, 1.0)])]
    assert [strip.masses_gev.tolist() for strip in exclusion_strips(scan)] == [[1.0, 2.0], [3.0], [3.0], [4.0]]
    # neighbours that do not overlap are apart
    assert len(exclusion_strips([(1.0, [(0.1, 0.2)]), (2.0, [(0.3, 0.4)])])) == 2
    assert exclusion_strips([(1.0, []), (2.0, [])]) == []


def test_equal_intervals_of_different_regions_are_not_mixed_up() -> None:
    same = (0.1, 0.2)
    strips = exclusion_strips([(1.0, [same]), (2.0, [same, (0.5, 0.6)]), (3.0, [same])])
    assert [strip.masses_gev.tolist() for strip in strips] == [[1.0, 2.0, 3.0], [2.0]]


def test_regions_of_the_lifetime_have_the_same_edges() -> None:
    (strip,) = exclusion_strips([(1.0, [(0.1, math.inf)]), (2.0, [(0.2, 0.5)])])
    lifetime = strip.of_lifetime(lambda mass, coupling: mass / coupling**2)
    np.testing.assert_allclose(lifetime.lower, [0.0, 8.0])
    np.testing.assert_allclose(lifetime.upper, [100.0, 50.0])
    assert strip.outline(1.0)[3].tolist() == [1.0, 1.0]
