"""Which bins the likelihood uses, and how scarce ones are merged."""

from __future__ import annotations

import numpy as np
import pytest

from darkreach.building.used_bins import UsedBins, choose_bins
from darkreach.errors import WorkspaceError

EDGES = np.arange(9.0)


def chosen(counts, kept=None, flat=None, weight=1.0):
    values = weight * np.array(counts, dtype=float)
    return choose_bins(values, weight * values, EDGES, "here", kept, flat)


def test_well_filled_bins_stay_as_they_are():
    assert chosen([10] * 8) == UsedBins(tuple(range(8)), 8)
    assert chosen([10] * 8, kept=(3.0, 4.0)).merged == 0
    # a matter of simulated events, not of weights
    assert chosen([10] * 8, weight=1.0e-4) == chosen([10] * 8, weight=1.0e4) == UsedBins(tuple(range(8)), 8)


def test_scarce_ends_are_cut_off_outside_the_mass_range():
    assert chosen([9, 9, 10, 50, 50, 10, 9, 9], kept=(3.5, 4.5)) == UsedBins((2, 3, 4, 5), 6)


def test_the_mass_range_itself_is_never_cut_off():
    assert chosen([0, 0, 0, 0, 50, 50, 0, 0], kept=(2.5, 6.5)) == UsedBins((2, 5), 7)
    # ends exactly at edges
    assert chosen([0, 0, 0, 0, 50, 50, 0, 0], kept=(2.0, 7.0)) == UsedBins((2, 5), 7)


def test_scarce_bins_inside_take_in_their_upper_neighbours():
    used = chosen([20, 4, 4, 4, 20, 0, 0, 20], kept=(0.0, 8.0))
    assert used == UsedBins((0, 1, 4, 5), 8)
    assert used.merged == 4
    np.testing.assert_array_equal(used.edges(EDGES), [0.0, 1.0, 4.0, 5.0, 8.0])
    np.testing.assert_array_equal(used.sums(np.array([20.0, 4.0, 4.0, 4.0, 20.0, 0.0, 0.0, 20.0])), [20, 12, 20, 20])


def test_the_last_bins_join_the_one_before():
    assert chosen([20, 20, 3, 3, 0, 0, 0, 0]) == UsedBins((0, 1), 8)


def test_every_bin_holds_enough():
    random = np.random.default_rng(1)
    for _ in range(100):
        values = random.poisson(random.uniform(0.0, 20.0, 8)).astype(float)
        weights = random.uniform(0.5, 2.0)
        if values.sum() < 10.0:
            continue
        used = choose_bins(weights * values, weights**2 * values, EDGES, "here")
        assert np.all(used.sums(values) >= 10.0)
        assert used.sums(values).sum() == values.sum()


def test_too_little_in_all():
    with pytest.raises(WorkspaceError, match="no bin holds enough") as caught:
        chosen([1, 2, 0, 0, 0, 0, 0, 0])
    assert (caught.value.where, caught.value.given) == ("here", "3 in all bins together")


def test_a_flat_background_needs_no_simulation_unless_its_events_are_coarse():
    flat = np.full(8, 5.0)
    counts = [100, 100, 0, 0, 0, 0, 100, 100]
    # one simulated event is 0.01 expected ones: none seen means none of importance
    assert chosen(counts, flat=flat, weight=0.01) == UsedBins(tuple(range(8)), 8)
    # one is 50: empty bins say nothing
    assert chosen(counts, flat=flat, weight=50.0) == UsedBins((0, 1, 2, 7), 8)
