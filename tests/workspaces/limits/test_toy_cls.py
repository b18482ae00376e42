"""Weighted p-values: plain counting, ties, failed toys, quantiles, and errors that describe the scatter."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import norm

from darkreach.limits.asymptotic_cls import BANDS
from darkreach.limits.toy_cls import (
    WeightedToys,
    expected_estimate,
    misrepresentation,
    observed_estimate,
    stratified_variance,
    tails,
)


def plain(signal_q, background_q, observed: float) -> WeightedToys:
    """Toys of two ensembles that each count for their own hypothesis only."""
    sizes = (len(background_q), len(signal_q))
    total = sum(sizes)
    ensemble = np.repeat([0, 1], sizes)
    return WeightedToys(
        strength=1.0,
        q_observed=observed,
        q=np.array([*background_q, *signal_q], dtype=np.float64),
        signal=np.where(ensemble == 1, total / sizes[1], 0.0),
        background=np.where(ensemble == 0, total / sizes[0], 0.0),
        ensemble=ensemble,
    )


def test_plain_weights_give_fractions_of_toys() -> None:
    toys = plain([0.0, 0.5, 1.0, 3.0], [0.0, 2.0, 2.5, 4.0, 5.0], 1.0)
    assert math.exp(observed_estimate(toys).log_cls) == pytest.approx((2 / 4) / (4 / 5))


@pytest.mark.parametrize("rounding", [-1e-9, 0.0, 1e-9])
def test_equal_values_count_whatever_their_rounding(rounding) -> None:
    toys = plain([1.0 + rounding, 0.0], [1.0 - rounding, 2.0], 1.0)
    assert math.exp(observed_estimate(toys).log_cls) == pytest.approx(0.5)


def test_data_above_the_tested_strength_have_cls_one() -> None:
    assert observed_estimate(plain([0.0, 1.0], [2.0, 3.0], 0.0)) == (0.0, 0.0)


def test_failed_toys_make_cls_larger() -> None:
    fine = plain([0.0, 0.5, 1.0, 3.0], [0.0, 2.0, 2.5, 4.0, 5.0], 1.0)
    for failed in range(fine.q.size):
        q = fine.q.copy()
        q[failed] = np.nan
        assert observed_estimate(fine._replace(q=q)).log_cls >= observed_estimate(fine).log_cls - 1e-12
    everything = fine._replace(q=np.full(fine.q.size, np.nan))
    signal, background = tails(everything, 1.0)
    assert signal.sum() == pytest.approx(fine.q.size)
    assert background.sum() == 0.0


def test_no_toy_as_extreme_is_not_a_number() -> None:
    assert observed_estimate(plain([0.0], [5.0], 3.0)).log_cls == -math.inf
    assert observed_estimate(plain([5.0], [0.0], 3.0)).log_cls == math.inf


def test_bands_are_quantiles_of_background_only_toys() -> None:
    generator = np.random.default_rng(4)
    background, signal = generator.exponential(2.0, 40_000), generator.exponential(1.3, 40_000)
    toys = plain(signal, background, 1.0)
    for band in BANDS:
        cut = np.quantile(background, 1.0 - norm.cdf(band))
        expected = np.mean(signal >= cut) / norm.cdf(band)
        assert math.exp(expected_estimate(toys, band).log_cls) == pytest.approx(expected, rel=0.03)


def test_bands_are_ordered_where_cls_does_not_fall_with_q() -> None:
    generator = np.random.default_rng(5)
    q = np.sort(generator.exponential(1.0, 4000))
    # the largest q are as probable under signal plus background as under background alone
    weights = np.where(q > 3.0, 1.0, 0.1)
    toys = WeightedToys(1.0, 1.0, q, weights, np.ones(q.size), np.zeros(q.size, dtype=np.int64))
    cls = [expected_estimate(toys, band).log_cls for band in BANDS]
    assert cls == sorted(cls)
    order = np.argsort(-q)
    each = np.cumsum(weights[order]) / np.arange(1, q.size + 1)
    for value, band in zip(cls, BANDS, strict=True):
        assert math.exp(value) == pytest.approx(np.quantile(each, norm.cdf(band)), rel=0.01)


def test_band_of_discrete_data_is_one_of_its_values() -> None:
    toys = plain([0.0] * 60 + [1.0] * 30 + [2.0] * 10, [0.0] * 10 + [1.0] * 50 + [2.0] * 40, 1.0)
    # 40 % of the background-only toys reach q = 2 and 90 % reach 1: the median is 1
    assert math.exp(expected_estimate(toys, 0).log_cls) == pytest.approx(0.4 / 0.9)
    assert math.exp(expected_estimate(toys, -1).log_cls) == pytest.approx(0.1 / 0.4)
    assert expected_estimate(toys, 2).log_cls == 0.0


def test_errors_describe_the_scatter_of_repetitions() -> None:
    generator = np.random.default_rng(8)
    values = {column: [] for column in range(6)}
    errors = {column: [] for column in range(6)}
    for _ in range(150):
        toys = plain(generator.exponential(1.3, 4000), generator.exponential(2.0, 4000), 2.0)
        estimates = [*(expected_estimate(toys, band) for band in BANDS), observed_estimate(toys)]
        for column, estimate in enumerate(estimates):
            values[column].append(estimate.log_cls)
            errors[column].append(estimate.error)
    for column in range(6):
        # 150 repetitions measure a width to six per cent
        assert np.std(values[column]) == pytest.approx(np.median(errors[column]), rel=0.25)


def test_toys_that_miss_a_hypothesis_are_noticed() -> None:
    generator = np.random.default_rng(2)
    x = generator.normal(0.0, 1.0, 4000)
    zeros = np.zeros(x.size, dtype=np.int64)

    def toys(shift: float) -> WeightedToys:
        weights = np.exp(shift * x - 0.5 * shift**2)
        return WeightedToys(1.0, 1.0, x, weights, np.ones(x.size), zeros)

    assert misrepresentation(toys(0.5)) == 0.0
    assert misrepresentation(toys(6.0)) > 0.1


def test_variance_within_ensembles() -> None:
    assert stratified_variance(np.array([0.0, 2.0, 5.0, 5.0]), np.array([0, 0, 1, 1])) == pytest.approx(2.0)
