"""Upcrossings of a random field: S. O. Rice's expectation, thrown fields, and the closed form of the global p-value."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.signal import fftconvolve
from scipy.special import ndtr

from darkreach.errors import ConfigError
from darkreach.fits import ExpectedUpcrossings, expected_upcrossings, global_p_value
from darkreach.fits.upcrossings import count_upcrossings

RANGE, STEP, TOYS = 500, 0.1, 3000
"""In units of the resolution: scan of a Gaussian template over white noise."""


@pytest.fixture(scope="module")
def fields() -> np.ndarray:
    """Local significances of template fits to white noise, cut at zero as q0 is; shape (toys, hypotheses)."""
    random = np.random.default_rng(20)
    x = np.arange(-7.0, 7.0 + 0.5 * STEP, STEP)
    template = np.exp(-0.5 * x * x)
    template /= math.sqrt(float(np.sum(template**2)))
    size = round(RANGE / STEP) + 1
    rows = [
        np.maximum(fftconvolve(random.standard_normal(size + template.size - 1), template, mode="valid"), 0.0)
        for _ in range(TOYS)
    ]
    return np.array(rows, dtype=np.float32)


@pytest.mark.parametrize("level", [0.5, 1.0, 4.0])
def test_number_of_upcrossings_is_that_of_rice(fields: np.ndarray, level: float) -> None:
    """A template of width sigma gives correlation exp(-d^2 / 4 sigma^2), so N(0) = range / (2 pi sqrt(2) sigma)."""
    counted = expected_upcrossings(fields**2, level)
    theory = RANGE / (2.0 * math.pi * math.sqrt(2.0))
    assert theory == pytest.approx(56.27, abs=0.005)
    # a grid of a tenth of sigma misses crossings: 0.1 % of them
    assert abs(counted.at_zero - theory) < 4.0 * counted.error + 2e-3 * theory
    assert counted.error < 0.02 * theory


@pytest.mark.parametrize(("significance", "stated"), [(3.0, 0.466), (4.0, 0.0187)])
def test_closed_form_is_the_fraction_of_fields_above(fields: np.ndarray, significance: float, stated: float) -> None:
    counted = expected_upcrossings(fields**2, 0.5)
    found = global_p_value(significance, counted)
    above = float(np.mean(fields.max(axis=1) > significance))
    assert found.p_value == pytest.approx(stated, rel=5e-3)
    assert abs(found.p_value - above) < 3.0 * math.sqrt(above * (1.0 - above) / TOYS)


def test_one_scan_has_a_large_error(fields: np.ndarray) -> None:
    single = expected_upcrossings(fields[0] ** 2, 0.5)
    assert single.scans == 1
    assert single.error == pytest.approx(math.sqrt(single.counted) * math.exp(0.25))
    nothing = expected_upcrossings(np.zeros(10), 0.5)
    assert (nothing.at_zero, nothing.error) == (0.0, math.exp(0.25))


def test_error_of_the_number_becomes_that_of_the_p_value() -> None:
    low, centre, high = (ExpectedUpcrossings(value, 0.5, 0, 0.5, 100) for value in (9.5, 10.0, 10.5))
    spread = 0.5 * (global_p_value(3.2, high).p_value - global_p_value(3.2, low).p_value)
    assert global_p_value(3.2, centre).error == pytest.approx(spread, rel=1e-3)


def test_no_upcrossings_leave_the_local_p_value_even_far_in_the_tail() -> None:
    alone = ExpectedUpcrossings(0.0, 0.0, 0, 0.5, 1)
    assert global_p_value(9.0, alone).p_value == pytest.approx(float(ndtr(-9.0)), rel=1e-9)
    assert global_p_value(9.0, alone).significance == pytest.approx(9.0)
    assert global_p_value(1.0, ExpectedUpcrossings(1e3, 0.0, 0, 0.5, 1)).significance < -5.0


def test_counting() -> None:
    scans = np.array([[0.0, 2.0, 0.0, 1.0], [3.0, 0.5, 0.7, 0.9]])
    assert count_upcrossings(scans, 1.0).tolist() == [2, 0]
    with pytest.raises(ConfigError, match="level"):
        expected_upcrossings(scans, 0.0)
    with pytest.raises(ConfigError, match="scan"):
        expected_upcrossings(scans[:, :1], 1.0)
