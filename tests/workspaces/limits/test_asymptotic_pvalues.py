"""log CLs of the kernel against the SciPy form used by the pyhf engine, and its derivative against differences."""

from __future__ import annotations

import math

import pytest
from scipy.special import log_ndtr

from darkreach.limits.asymptotic_cls import observed_cls
from darkreach.limits.asymptotic_pvalues import log_cls, log_normal_cdf


@pytest.mark.parametrize("value", [-60.0, -20.1, -19.9, -5.0, 0.0, 3.0, 9.0])
def test_log_of_the_normal_distribution(value: float) -> None:
    assert log_normal_cdf(value) == pytest.approx(float(log_ndtr(value)), rel=1e-11, abs=1e-17)


@pytest.mark.parametrize(("q", "asimov"), [(0.0, 2.0), (1.0, 3.8), (3.8, 3.8), (6.0, 2.5), (900.0, 40.0)])
def test_both_branches_agree_with_the_definition(q: float, asimov: float) -> None:
    value, _ = log_cls(q, 1.0, asimov, 1.0)
    assert math.exp(value) == pytest.approx(observed_cls(q, asimov), rel=1e-10)


@pytest.mark.parametrize(("q", "asimov"), [(1.0, 3.8), (6.0, 2.5)])
def test_derivative(q: float, asimov: float) -> None:
    slope_q, slope_asimov, step = 1.3, 0.7, 1e-6
    _, slope = log_cls(q, slope_q, asimov, slope_asimov)
    above = log_cls(q + step * slope_q, slope_q, asimov + step * slope_asimov, slope_asimov)[0]
    below = log_cls(q - step * slope_q, slope_q, asimov - step * slope_asimov, slope_asimov)[0]
    assert slope == pytest.approx((above - below) / (2.0 * step), rel=1e-7)
