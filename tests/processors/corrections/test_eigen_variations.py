from __future__ import annotations

import numpy as np
import pytest

from darkreach.corrections import eigen_variations
from darkreach.errors import InputFileError


def random_covariance(bins: int, rank: int, seed: int) -> np.ndarray:
    factors = np.random.default_rng(seed).normal(size=(bins, rank))
    return factors @ factors.T


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("rank", [1, 3, 12])
def test_shifts_rebuild_the_covariance_and_its_diagonal(seed: int, rank: int) -> None:
    covariance = random_covariance(12, rank, seed)
    found = eigen_variations(covariance)
    assert found.shifts.shape == (rank, 12)
    np.testing.assert_allclose(found.shifts.T @ found.shifts, covariance, rtol=1e-10, atol=1e-10)
    np.testing.assert_allclose(np.sum(found.shifts**2, axis=0), np.diag(covariance), rtol=1e-11)
    # independent: no shift has a part of another
    overlaps = found.shifts @ found.shifts.T
    np.testing.assert_allclose(overlaps, np.diag(np.diag(overlaps)), atol=1e-9 * overlaps.max())
    assert found.kept_fraction == pytest.approx(1.0)
    assert not found.dropped.any()


def test_random_numbers_thrown_with_the_shifts_have_the_covariance() -> None:
    covariance = random_covariance(4, 4, 7)
    shifts = eigen_variations(covariance).shifts
    thrown = np.random.default_rng(3).normal(size=(400_000, len(shifts))) @ shifts
    np.testing.assert_allclose(np.cov(thrown.T), covariance, atol=0.01 * covariance.max())


def test_two_bins_against_the_formula() -> None:
    # equal variances s^2 and correlation r: eigenvalues s^2 (1 +- r), along (1, 1) and (1, -1)
    variance, correlation = 0.04, 0.6
    found = eigen_variations(variance * np.array([[1.0, correlation], [correlation, 1.0]]))
    first = np.sqrt(variance * (1.0 + correlation) / 2.0)
    second = np.sqrt(variance * (1.0 - correlation) / 2.0)
    np.testing.assert_allclose(found.shifts, [[first, first], [second, -second]], rtol=1e-12)


def test_fully_correlated_is_one_shift_and_independent_is_one_a_bin() -> None:
    sizes = np.array([0.01, 0.03, 0.02])
    np.testing.assert_allclose(eigen_variations(np.outer(sizes, sizes)).shifts, [sizes], rtol=1e-12)
    np.testing.assert_allclose(eigen_variations(np.diag(sizes**2)).shifts, np.diag(sizes)[[1, 2, 0]], atol=1e-15)


@pytest.mark.parametrize("seed", range(8))
def test_sign_is_fixed_whatever_the_sign_of_the_factors(seed: int) -> None:
    covariance = random_covariance(9, 9, seed)
    shifts = eigen_variations(covariance).shifts
    largest = np.abs(shifts).argmax(axis=1)
    assert (shifts[np.arange(9), largest] > 0.0).all()
    # the order of the bins does not change the shifts
    order = np.random.default_rng(seed).permutation(9)
    np.testing.assert_allclose(eigen_variations(covariance[np.ix_(order, order)]).shifts, shifts[:, order], atol=1e-8)


@pytest.mark.parametrize(("fraction", "kept"), [(0.5, 1), (0.7, 1), (0.71, 2), (0.9, 2), (0.95, 3), (1.0, 3)])
def test_number_kept_is_the_smallest_that_carries_the_fraction(fraction: float, kept: int) -> None:
    rotation, _ = np.linalg.qr(np.random.default_rng(1).normal(size=(3, 3)))
    covariance = rotation @ np.diag([0.7, 0.2, 0.1]) @ rotation.T
    found = eigen_variations(covariance, fraction)
    assert len(found.shifts) == kept
    assert found.kept_fraction == pytest.approx([0.7, 0.9, 1.0][kept - 1])
    # nothing is lost without being told
    np.testing.assert_allclose(np.sum(found.shifts**2, axis=0) + found.dropped, np.diag(covariance), rtol=1e-10)


def test_no_variance_gives_no_shift() -> None:
    assert eigen_variations(np.zeros((3, 3))).shifts.shape == (0, 3)


@pytest.mark.parametrize(
    ("matrix", "fraction", "message"),
    [
        ([[1.0, 2.0], [2.0, 1.0]], 1.0, "negative variance"),
        ([[-1.0]], 1.0, "negative variance"),
        ([[1.0, 0.1], [0.2, 1.0]], 1.0, "not symmetric"),
        ([[1.0, np.nan], [np.nan, 1.0]], 1.0, "not finite"),
        ([[1.0, 0.0]], 1.0, "square"),
        ([[1.0]], 0.0, "fraction"),
        ([[1.0]], 1.5, "fraction"),
    ],
)
def test_what_is_no_covariance_is_refused(matrix: list[list[float]], fraction: float, message: str) -> None:
    with pytest.raises(InputFileError, match=message):
        eigen_variations(np.array(matrix), fraction)
