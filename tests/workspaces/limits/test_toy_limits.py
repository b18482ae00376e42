"""Limits by toys: published numbers, an independent integration, honest errors, adaptive numbers, coverage."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.stats import norm, poisson

from darkreach.limits import limit_engine
from darkreach.limits.exact_counting import Counting, exact_limits
from darkreach.sharing.hypothesis import Hypothesis


def by_toys(hypothesis, cl=0.95, **options):
    (limit,) = limit_engine("compiled", method="toys", **options).limits(hypothesis, [cl])
    assert limit.status == "ok", limit.reason
    return limit


@pytest.mark.reference
def test_table_of_counting_limits(counting, published_counting_limit) -> None:
    background, events, at_90, at_95 = published_counting_limit
    hypothesis = counting(background=background, observed=float(events))
    low, high = limit_engine("compiled", method="toys").limits(hypothesis, [0.90, 0.95])
    assert low.observed == pytest.approx(at_90, rel=0.02)
    assert high.observed == pytest.approx(at_95, rel=0.02)
    assert (low.method, high.method) == ("toys", "toys")


def test_bands_of_a_counting_experiment(counting) -> None:
    limit = by_toys(counting(background=3.0, observed=3.0))
    exact = exact_limits(Counting(3, 3.0, 1.0), 0.95).strengths
    for value, error, expected in zip(limit.expected, limit.quality.expected_errors, exact[:5], strict=True):
        assert value == pytest.approx(expected, abs=max(4.0 * error, 1e-3))


@pytest.mark.slow
def test_errors_describe_the_scatter_of_seeds(counting) -> None:
    hypothesis = counting(background=2.0, observed=4.0)
    exact = exact_limits(Counting(4, 2.0, 1.0), 0.95).strengths[-1]
    limits = [by_toys(hypothesis, toys=500, seed=seed) for seed in range(40)]
    pulls = [(limit.observed - exact) / limit.quality.observed_error for limit in limits]
    # 40 pulls: the mean is known to 0.16, the width to 11 %
    assert abs(np.mean(pulls)) < 0.5
    assert 0.7 < np.std(pulls) < 1.35


@pytest.mark.parametrize(("background", "events"), [(10.0, 0), (14.0, 2), (1.0, 12), (0.2, 6)])
def test_rare_deficits_and_excesses(counting, background, events) -> None:
    # probabilities under background alone of 5e-5, 9e-5, 1e-11 and 7e-8
    limit = by_toys(counting(background=background, observed=float(events)))
    exact = exact_limits(Counting(events, background, 1.0), 0.95).strengths[-1]
    assert limit.observed == pytest.approx(exact, rel=0.02)
    assert limit.observed == pytest.approx(exact, abs=4.0 * limit.quality.observed_error + 1e-6 * exact)


def uncertain_background_limit(events: int, background: float, sigma: float, cl: float) -> float:
    """The limit of one bin whose background has a normal relative uncertainty, without toys.

    Everything is in closed form: q-tilde of (events, auxiliary measurement), and its distribution by summing over
    events and integrating over the measurement.
    """
    measured = np.linspace(1.0 - 6.0 * sigma, 1.0 + 6.0 * sigma, 4001)
    step = measured[1] - measured[0]

    def best_factor(n, signal, centre):
        # the positive root of the derivative of the likelihood by the background's factor
        variance = (background * sigma) ** 2
        offset = variance - signal - centre * background
        rate = 0.5 * (np.sqrt(offset**2 + 4.0 * n * variance) - offset)
        return (rate - signal) / background

    def twice_nll(n, signal, factor, centre):
        rate = signal + factor * background
        logarithm = n * np.log(np.maximum(n, 1e-300) / np.maximum(rate, 1e-300)) if n > 0 else 0.0
        return 2.0 * (rate - n + logarithm) + ((factor - centre) / sigma) ** 2

    def q(n, signal, centre):
        free = np.maximum(n - centre * background, 0.0)
        at_zero = np.where(free > 0.0, centre, best_factor(n, 0.0, centre))
        best = twice_nll(n, free, at_zero, centre)
        tested = twice_nll(n, signal, best_factor(n, signal, centre), centre)
        return np.where(free >= signal, 0.0, tested - best)

    def tail(true_signal, true_factor, signal, cut):
        density = norm.pdf(measured, true_factor, sigma) * step
        rate = true_signal + true_factor * background
        numbers = range(int(poisson.ppf(1.0 - 1e-12, rate)) + 1)
        return sum(
            poisson.pmf(n, rate) * np.sum(density[q(n, signal, measured) >= cut - 1e-9 * (1.0 + cut)]) for n in numbers
        )

    def excess(signal):
        cut = float(q(events, signal, np.array([1.0]))[0])
        factors = [float(best_factor(events, true, 1.0)) for true in (0.0, signal)]
        above, below = tail(signal, factors[1], signal, cut), tail(0.0, factors[0], signal, cut)
        return math.log(above / below / (1.0 - cl))

    return float(brentq(excess, 1.0, 20.0, xtol=1e-5))


@pytest.mark.agreement
@pytest.mark.parametrize(("events", "background"), [(0, 1.5), (2, 1.5), (6, 4.0)])
def test_uncertain_background_against_integration(make_workspace, events, background) -> None:
    samples = [
        {"name": "s", "data": [1.0], "modifiers": [{"name": "mu", "type": "normfactor", "data": None}]},
        {
            "name": "b",
            "data": [background],
            "modifiers": [{"name": "stat", "type": "staterror", "data": [0.2 * background]}],
        },
    ]
    workspace = make_workspace(samples, [float(events)], bounds=(0.0, 100.0))
    limit = by_toys(Hypothesis("uncertain", {}, workspace))
    expected = uncertain_background_limit(events, background, 0.2, 0.95)
    assert limit.observed == pytest.approx(expected, rel=0.02)
    assert limit.observed == pytest.approx(expected, abs=4.0 * limit.quality.observed_error + 1e-3)


def test_a_smaller_budget_is_kept_and_said(two_bins) -> None:
    hypothesis = two_bins(signal=(2.0, 3.0), data=(48.0, 50.0))
    rough = by_toys(hypothesis, toys=500)
    assert "statistical error" in rough.quality.note
    assert rough.quality.toys % 500 == 0
    assert rough.quality.observed_error / rough.observed > 0.01
    fine = by_toys(hypothesis)
    assert fine.quality.observed_error / fine.observed <= 0.01
    assert fine.quality.toys > rough.quality.toys
    assert rough.observed == pytest.approx(fine.observed, abs=5.0 * rough.quality.observed_error)


def test_many_background_events_have_the_asymptotic_limit(make_workspace) -> None:
    mu = {"name": "mu", "type": "normfactor", "data": None}
    measured = {"name": "measured", "type": "shapesys", "data": [20.0, 30.0]}
    samples = [
        {"name": "s", "data": [40.0, 40.0], "modifiers": [mu]},
        {"name": "b", "data": [2000.0, 1500.0], "modifiers": [measured]},
    ]
    hypothesis = Hypothesis("many", {}, make_workspace(samples, [2020.0, 1490.0]))
    limit = by_toys(hypothesis)
    (asymptotic,) = limit_engine("compiled").limits(hypothesis, [0.95])
    assert limit.observed == pytest.approx(asymptotic.observed, rel=0.03)
    for value, error, expected in zip(limit.expected, limit.quality.expected_errors, asymptotic.expected, strict=True):
        assert value == pytest.approx(expected, abs=4.0 * error + 0.01 * expected)


def test_cls_at_the_limit_is_within_its_error(two_bins) -> None:
    limit = by_toys(two_bins(data=(45.0, 60.0)))
    assert limit.quality.cls_at_observed == pytest.approx(0.05, rel=0.01)
    assert list(limit.quality.cls_at_expected) == pytest.approx([0.05] * 5, rel=0.02)
    assert all(low < high for low, high in zip(limit.expected, limit.expected[1:], strict=False))


@pytest.mark.slow
def test_coverage_at_low_counts(make_workspace) -> None:
    """A true signal is excluded at 95 % in at most five per cent of experiments."""
    true, generator, missed, experiments = 1.0, np.random.default_rng(7), 0, 150
    mu = {"name": "mu", "type": "normfactor", "data": None}
    stat = {"name": "stat", "type": "staterror", "data": [0.2, 0.3]}
    samples = [
        {"name": "s", "data": [2.0, 1.0], "modifiers": [mu]},
        {"name": "b", "data": [0.8, 1.5], "modifiers": [stat]},
    ]
    for index in range(experiments):
        factors = np.maximum(generator.normal(1.0, [0.25, 0.2]), 0.0)
        data = generator.poisson(np.array([2.0, 1.0]) * true + np.array([0.8, 1.5]) * factors)
        workspace = make_workspace(samples, data.astype(float).tolist(), bounds=(0.0, 100.0))
        missed += by_toys(Hypothesis(str(index), {}, workspace), toys=500).observed < true
    assert missed <= 0.05 * experiments + 2.5 * math.sqrt(0.05 * 0.95 * experiments)


@pytest.mark.slow
@pytest.mark.agreement
def test_cls_of_pyhf_toys_at_our_limit(make_workspace) -> None:
    """pyhf's own toys give CLs = 0.05 at the limit from ours."""
    import pyhf

    mu = {"name": "mu", "type": "normfactor", "data": None}
    efficiency = {"name": "eff", "type": "normsys", "data": {"hi": 1.1, "lo": 0.9}}
    uncertainty = {"name": "unc", "type": "shapesys", "data": [0.5, 0.6]}
    samples = [
        {"name": "s", "data": [2.0, 3.0], "modifiers": [mu, efficiency]},
        {"name": "b", "data": [1.5, 2.5], "modifiers": [uncertainty]},
    ]
    workspace = make_workspace(samples, [2.0, 1.0])
    limit = by_toys(Hypothesis("low", {}, workspace))
    content, toys = pyhf.Workspace(workspace), 800
    model = content.model()
    np.random.seed(3)  # noqa: NPY002  pyhf's toys know only this generator
    with np.errstate(all="ignore"):
        calculator = pyhf.infer.calculators.ToyCalculator(
            content.data(model), model, test_stat="qtilde", ntoys=toys, track_progress=False
        )
        distributions = calculator.distributions(limit.observed)
        observed = calculator.teststatistic(limit.observed)
    signal, background = (float(distribution.pvalue(observed)) for distribution in distributions)
    relative = math.sqrt((1.0 - signal) / (signal * toys) + (1.0 - background) / (background * toys))
    assert signal / background == pytest.approx(0.05, rel=4.0 * relative)
