"""Coverage and bias against exact sums over Poisson counts, and likelihoods that are wrong on purpose."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.stats import norm, poisson

from darkreach.fits import fit_model
from darkreach.limits.asymptotic_cls import observed_cls
from darkreach.sharing.hypothesis import Hypothesis
from darkreach.validation.bias_check import bias_of
from darkreach.validation.coverage_check import coverage_of, gaussian_coverage, median_exclusion
from darkreach.validation.hypothesis_check import HypothesisValidation, check_hypothesis, median_limit
from darkreach.validation.pseudo_experiments import (
    background_point,
    fitted_strengths,
    pseudo_experiments,
    upper_limits,
    with_signal,
)

BACKGROUND, SIGNAL, LEVEL, NUMBER = 40.0, 2.0, 0.9, 2000


def counting(observed: float, background: float = BACKGROUND) -> Hypothesis:
    modifier = {"name": "mu", "type": "normfactor", "data": None}
    workspace: dict[str, Any] = {
        "channels": [
            {
                "name": "c",
                "samples": [
                    {"name": "s", "data": [SIGNAL], "modifiers": [modifier]},
                    {"name": "b", "data": [background], "modifiers": []},
                ],
            }
        ],
        "observations": [{"name": "c", "data": [observed]}],
        "measurements": [{"name": "m", "config": {"poi": "mu", "parameters": []}}],
        "version": "1.0.0",
    }
    return Hypothesis("counting", {}, workspace)


def minus_log(count: float, mean: float) -> float:
    return mean - (count * math.log(mean) if count else 0.0)


def exact_limit(count: int) -> float:
    """Asymptotic CLs limit of a counting experiment, from the formulas of q-tilde."""

    def q(strength: float, events: float) -> float:
        best = max((events - BACKGROUND) / SIGNAL, 0.0)
        if best >= strength:
            return 0.0
        means = (BACKGROUND + strength * SIGNAL, BACKGROUND + best * SIGNAL)
        return 2.0 * (minus_log(events, means[0]) - minus_log(events, means[1]))

    def excess(strength: float) -> float:
        return observed_cls(q(strength, count), q(strength, BACKGROUND)) - (1.0 - LEVEL)

    start = max((count - BACKGROUND) / SIGNAL, 0.0) + 1e-6
    return float(brentq(excess, start, 100.0))


@pytest.mark.parametrize("strength", [3.0, 5.7])
def test_coverage_is_the_exact_sum(strength: float) -> None:
    model = fit_model(counting(BACKGROUND))
    counts = np.arange(10, 110)
    limits = np.array([exact_limit(int(count)) for count in counts])
    exact = float(poisson.pmf(counts, BACKGROUND + strength * SIGNAL) @ (limits >= strength))
    truth = with_signal(model, background_point(model), strength)
    found = coverage_of(upper_limits(model, pseudo_experiments(model, truth, NUMBER, 1), LEVEL), strength, LEVEL, 5.0)
    assert found.experiments == NUMBER
    assert abs(found.fraction - exact) < 4.0 * math.sqrt(exact * (1.0 - exact) / NUMBER)
    assert exact > LEVEL
    # another strength covers differently: the comparison can fail
    other = float(poisson.pmf(counts, BACKGROUND + strength * SIGNAL) @ (limits >= 1.5 * strength))
    assert abs(other - exact) > 8.0 * math.sqrt(exact * (1.0 - exact) / NUMBER)


def test_tolerances_are_three_errors() -> None:
    limits = np.concatenate([np.full(855, 2.0), np.full(145, 0.5)])
    found = coverage_of(limits, 1.0, 0.9, 1.0)
    assert (found.fraction, found.experiments) == (0.855, 1000)
    assert not found.passed
    assert coverage_of(np.append(limits, np.full(500, 3.0)), 1.0, 0.9, 1.0).passed
    assert not coverage_of(np.array([math.nan, *[3.0] * 999]), 1.0, 0.9, 1.0).passed
    assert coverage_of(np.array([math.inf] * 10), 1.0, 0.9, 1.0).fraction == 1.0
    # one below, two ties, one above
    assert median_exclusion(np.array([0.5, 1.0, 1.0, 2.0]), 1.0).fraction == 0.5
    assert median_exclusion(np.array([1.0, 1.0, 2.0, 2.0]), 1.0).fraction == 0.25


def test_limits_without_signal_are_the_exact_ones() -> None:
    model = fit_model(counting(BACKGROUND))
    datasets = pseudo_experiments(model, background_point(model), 300, 2)
    limits = upper_limits(model, datasets, LEVEL)
    assert limits == pytest.approx([exact_limit(int(data.counts[0])) for data in datasets], rel=1e-6)
    assert np.array_equal(upper_limits(model, datasets, LEVEL, threads=2), limits)
    median = median_limit(counting(BACKGROUND), LEVEL)
    assert median == pytest.approx(exact_limit(int(BACKGROUND)), rel=1e-6)
    # ties at the median count half
    excluded = float(poisson.cdf(BACKGROUND - 1, BACKGROUND) + 0.5 * poisson.pmf(BACKGROUND, BACKGROUND))
    many = upper_limits(model, pseudo_experiments(model, background_point(model), NUMBER, 3), LEVEL)
    assert abs(median_exclusion(many, median).fraction - excluded) < 4.0 * 0.5 / math.sqrt(NUMBER)


def test_bias_and_pull_are_the_exact_sums() -> None:
    model, strength = fit_model(counting(BACKGROUND)), 4.0
    truth = with_signal(model, background_point(model), strength)
    found = bias_of(fitted_strengths(model, pseudo_experiments(model, truth, NUMBER, 4)), strength)
    counts, mean = np.arange(10.0, 110.0), BACKGROUND + strength * SIGNAL
    probability = poisson.pmf(counts, mean)
    step = 0.5 * found.spread * SIGNAL
    curve = -counts * np.log1p(step / counts) - counts * np.log1p(-step / counts)
    pull = (counts - mean) / (step / np.sqrt(curve))
    exact = float(probability @ pull)
    assert exact == pytest.approx(-0.5 / math.sqrt(mean), rel=0.15)
    assert abs(found.pull_mean - exact) < 4.0 * found.pull_mean_error
    width = math.sqrt(float(probability @ (pull - exact) ** 2))
    assert abs(found.pull_width - width) < 4.0 * found.pull_width_error
    assert abs(found.bias) < 4.0 * found.bias_error
    assert found.bias_error == pytest.approx(1.0 / math.sqrt(NUMBER), rel=0.1)
    assert found.passed
    assert found.failed == 0


def test_gaussian_coverage_is_that_of_throws() -> None:
    z = 0.7 * norm.ppf(0.95)
    thrown = z + np.random.default_rng(6).standard_normal(200_000)
    covered = norm.cdf(thrown - z) >= 0.1 * norm.cdf(thrown)
    assert gaussian_coverage(0.7, 0.9) == pytest.approx(covered.mean(), abs=4.0 * covered.std() / math.sqrt(200_000))


def peak(background: float) -> Hypothesis:
    """A peak over a background whose size is known to 1 %."""
    x = np.arange(12.0)
    flat = np.full(12, background)
    known = {"name": "rate", "type": "normsys", "data": {"hi": 1.01, "lo": 0.99}}
    workspace = dict(counting(0.0).workspace) | {
        "channels": [
            {
                "name": "c",
                "samples": [
                    {"name": "s", "data": (5.0 * np.exp(-0.5 * (x - 6.0) ** 2)).tolist(),
                     "modifiers": [{"name": "mu", "type": "normfactor", "data": None}]},
                    {"name": "b", "data": flat.tolist(), "modifiers": [known]},
                ],
            }
        ],
        "observations": [{"name": "c", "data": np.round(flat).tolist()}],
    }  # fmt: skip
    return Hypothesis("peak", {}, workspace)


def checked(true_background: float) -> HypothesisValidation:
    """Fit with 50 events a bin what was thrown with another number."""
    assumed, true = peak(50.0), fit_model(peak(true_background))
    return check_hypothesis(
        assumed, fit_model(assumed), background_point(true), median_limit(assumed, LEVEL),
        confidence_level=LEVEL, experiments=500, seed=5, truth=true,
    )  # fmt: skip


def test_a_right_likelihood_passes() -> None:
    assert checked(50.0).failed == ()


def test_background_underestimated_by_a_fifth_fails() -> None:
    found = checked(60.0)
    assert not found.median.passed
    assert found.median.fraction < 0.35
    assert not any(one.passed for one in found.bias)
    assert all(one.bias > 0.5 for one in found.bias)


def test_background_overestimated_by_a_fifth_does_not_cover() -> None:
    found = checked(40.0)
    assert not found.coverage[-1].passed
    assert found.coverage[-1].fraction < 0.85
    assert all(one.bias < -0.5 for one in found.bias)
