from __future__ import annotations

import numpy as np
import pytest

from darkreach.errors import ConfigError
from darkreach.histograms import LARGEST_MIXING, effective_events, weight_mixing, weighted_bins


def test_equal_weights_count_and_scale_does_not_matter() -> None:
    values = np.random.default_rng(1).random(1000)
    edges = np.linspace(0.0, 1.0, 6)
    counts, _ = np.histogram(values, edges)
    for size in (1.0, 3e-7):
        bins = weighted_bins(values, np.full(1000, size), edges)
        assert bins.entries.tolist() == counts.tolist()
        assert bins.effective == pytest.approx(counts)
        assert bins.mean == pytest.approx(np.full(5, size))
        assert bins.largest.tolist() == [size] * 5


def test_relative_error_is_that_of_as_many_equal_events() -> None:
    # spread of the sum over many samples with a Poisson number of exponential weights: variance 2 mu, sum mu
    random = np.random.default_rng(2)
    sums, effective = [], []
    for _ in range(4000):
        weight = random.exponential(size=random.poisson(50))
        bins = weighted_bins(np.zeros(len(weight)), weight, [-1.0, 1.0])
        sums.append(bins.total[0])
        effective.append(bins.effective[0])
    relative = np.std(sums) / np.mean(sums)
    # n_eff -> n/2 for exponential weights, 4 % more for 50 events
    assert np.mean(effective) == pytest.approx(25.0, rel=0.06)
    assert 1.0 / relative**2 == pytest.approx(25.0, rel=0.06)


def test_edges_zero_weights_and_empty_bins() -> None:
    bins = weighted_bins([0.0, 1.0, 2.0, 2.0001, -0.1, 0.5], [1.0, 2.0, 4.0, 8.0, 16.0, 0.0], [0.0, 1.0, 2.0])
    assert bins.total.tolist() == [1.0, 6.0]
    assert bins.squared.tolist() == [1.0, 20.0]
    assert bins.entries.tolist() == [1, 2]
    empty = weighted_bins([], [], [0.0, 1.0])
    assert (empty.effective[0], empty.mean[0], empty.largest[0]) == (0.0, 0.0, 0.0)


def test_negative_weights_cost_effective_events() -> None:
    bins = weighted_bins([0.5] * 4, [1.0, 1.0, 1.0, -1.0], [0.0, 1.0])
    assert bins.effective[0] == 1.0
    assert effective_events([2.0], [4.0])[0] == 1.0


def test_mixing_is_told_bin_by_bin() -> None:
    edges = [0.0, 1.0, 2.0, 3.0, 4.0]
    light = weighted_bins([0.5, 1.5, 1.6], [1.0, 1.0, 3.0], edges)
    heavy = weighted_bins([0.5, 1.5, 2.5], [50.0, 8.0, 90.0], edges)
    mixing = weight_mixing({"light": light, "heavy": heavy})
    assert mixing.tolist() == [50.0, 4.0, 1.0, 1.0]
    assert (mixing > LARGEST_MIXING).tolist() == [True, False, False, False]


@pytest.mark.parametrize("edges", [[1.0, 1.0], [2.0, 1.0], [1.0]])
def test_edges_that_do_not_rise_are_refused(edges: list[float]) -> None:
    with pytest.raises(ConfigError, match="rise"):
        weighted_bins([1.0], [1.0], edges)
