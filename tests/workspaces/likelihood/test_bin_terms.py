"""Closed-form gammas against numerical minimisation, deviances against their definition."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from darkreach.likelihood.bin_terms import best_gamma, deviance, deviance_curvature, deviance_slope, log_excess
from darkreach.likelihood.model_arrays import NORMAL, POISSON


def total(kind: int, gamma: float, count: float, plain: float, scaled: float, centre: float, width: float) -> float:
    rate = plain + gamma * scaled
    if rate <= 0.0 or gamma <= 0.0:
        return math.inf
    main = rate - count * math.log(rate)
    if kind == NORMAL:
        return main + 0.5 * ((gamma - centre) / width) ** 2
    return main + width * gamma - centre * math.log(gamma)


@pytest.mark.parametrize("kind", [NORMAL, POISSON])
@pytest.mark.parametrize(("plain", "scaled"), [(0.0, 5.0), (3.0, 5.0), (200.0, 0.1), (-1.0, 6.0), (9.0, -2.0)])
@pytest.mark.parametrize("count", [0.0, 1.0, 7.0, 40.0])
def test_best_gamma_is_the_numerical_minimum(kind: int, plain: float, scaled: float, count: float) -> None:
    centre, width = (1.0, 0.2) if kind == NORMAL else (25.0, 24.0)
    gamma = best_gamma(kind, count, plain, scaled, centre, width, 0.0)
    low = max(1e-9, -plain / scaled + 1e-9 if scaled > 0.0 else 1e-9)
    high = 20.0 if scaled > 0.0 else plain / -scaled - 1e-9
    arguments = (count, plain, scaled, centre, width)
    numeric = minimize_scalar(lambda x: total(kind, x, *arguments), bounds=(low, high), options={"xatol": 1e-10})
    if low < gamma < high:
        assert gamma == pytest.approx(numeric.x, abs=2e-6)
    else:
        # outside the physical region the caller bounds it: the numerical minimum must be at that end
        assert numeric.x == pytest.approx(low if gamma <= low else high, abs=1e-5)


@pytest.mark.parametrize("ratio", [0.2, 0.9, 0.999, 1.0, 1.0 + 1e-9, 1.002, 1.004, 3.0])
def test_deviance_is_the_poisson_likelihood_ratio(ratio: float) -> None:
    count = 50.0
    rate = ratio * count
    exact = float(np.longdouble(rate) - count - count * np.log(np.longdouble(rate) / count))
    assert deviance(count, rate, 0.0) == pytest.approx(exact, rel=1e-9, abs=1e-14)
    step = 1e-4 * rate
    assert deviance_slope(count, rate, 0.0) == pytest.approx(
        (deviance(count, rate + step, 0.0) - deviance(count, rate - step, 0.0)) / (2 * step), rel=1e-5, abs=1e-7
    )
    assert deviance_curvature(count, rate, 0.0) == pytest.approx(count / rate**2)


def test_tiny_differences_at_large_counts_keep_their_digits() -> None:
    # (rate - count)^2 / (2 count) with the next order below 1e-12
    assert deviance(1e12, 1e12 + 10.0, 0.0) == pytest.approx(5e-11, rel=1e-10, abs=0.0)
    assert log_excess(1e-9) == pytest.approx(5e-19, rel=1e-8, abs=0.0)


def test_continuation_below_the_smallest_rate_is_smooth() -> None:
    edge = 4.0 * 1e-12
    assert deviance(4.0, edge * (1 - 1e-7), 0.0) == pytest.approx(deviance(4.0, edge * (1 + 1e-7), 0.0), rel=1e-6)
    assert deviance_slope(4.0, edge * (1 - 1e-7), 0.0) == pytest.approx(
        deviance_slope(4.0, edge * (1 + 1e-7), 0.0), rel=1e-6
    )
    assert math.isfinite(deviance(4.0, -1.0, 0.0))


@pytest.mark.parametrize("kind", [NORMAL, POISSON])
@pytest.mark.parametrize(("plain", "scaled"), [(-4.0, 5.0), (-9.0, 3.0), (2.0, -7.0), (-0.5, 2.0)])
def test_floor_keeps_the_best_gamma_at_the_minimum_of_the_stiffened_term(
    kind: int, plain: float, scaled: float
) -> None:
    centre, width, stiffness = (1.0, 0.2, 300.0) if kind == NORMAL else (25.0, 24.0, 300.0)

    def stiffened(gamma: float) -> float:
        rate = plain + gamma * scaled
        own = 0.5 * ((gamma - centre) / width) ** 2 if kind == NORMAL else width * gamma - centre * math.log(gamma)
        return rate + 0.5 * stiffness * min(rate, 0.0) ** 2 + own

    gamma = best_gamma(kind, 0.0, plain, scaled, centre, width, stiffness)
    numeric = minimize_scalar(stiffened, bounds=(1e-9, 20.0), options={"xatol": 1e-11})
    assert gamma == pytest.approx(numeric.x, abs=1e-6)


def test_floor_acts_only_on_negative_rates_of_empty_bins() -> None:
    assert deviance(0.0, 2.0, 1e8) == 2.0
    assert deviance(3.0, 2.0, 1e8) == deviance(3.0, 2.0, 0.0)
    assert deviance(0.0, -2.0, 0.0) == -2.0
    # the minimum of rate + stiffness rate^2 / 2 is at -1 / stiffness
    assert deviance_slope(0.0, -1e-8, 1e8) == pytest.approx(0.0, abs=1e-12)
    assert deviance_curvature(0.0, -1e-8, 1e8) == 1e8
    assert deviance(0.0, -1e-3, 1e4) - deviance(0.0, 0.0, 1e4) == pytest.approx(-1e-3 + 0.5 * 1e4 * 1e-6)
