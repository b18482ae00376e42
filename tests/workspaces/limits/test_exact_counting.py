"""Exact counting limits: published numbers, the definition in sixty digits, and what is not a counting experiment."""

from __future__ import annotations

import math
from decimal import Decimal, getcontext

import pytest
from scipy.stats import poisson

from darkreach.likelihood.compile_workspace import compile_workspace
from darkreach.limits.asymptotic_cls import BANDS
from darkreach.limits.exact_counting import (
    Counting,
    band_events,
    counting_limit,
    counting_of,
    exact_limits,
    log_cumulative,
)


@pytest.mark.reference
def test_table_of_counting_limits(published_counting_limit) -> None:
    background, events, at_90, at_95 = published_counting_limit
    counting = Counting(events, background, 1.0)
    assert counting_limit(events, counting, 0.90)[0] == pytest.approx(at_90, rel=1e-3)
    assert counting_limit(events, counting, 0.95)[0] == pytest.approx(at_95, rel=1e-3)


@pytest.mark.parametrize("background", [0.0, 0.3, 7.0, 200.0])
def test_without_events_the_limit_is_that_of_no_background(background) -> None:
    counting = Counting(0, background, 0.25)
    assert counting_limit(0, counting, 0.90)[0] == pytest.approx(4.0 * math.log(10.0), rel=1e-10)
    assert counting_limit(0, counting, 0.95)[0] == pytest.approx(4.0 * math.log(20.0), rel=1e-10)


@pytest.mark.parametrize(("events", "mean"), [(0, 5.0), (3, 0.2), (20, 45.0), (100, 900.0), (2, 3000.0), (50, 4000.0)])
def test_cumulative_probability_in_forty_digits(events, mean) -> None:
    getcontext().prec = 60
    exact = sum(Decimal(mean) ** n / Decimal(math.factorial(n)) for n in range(events + 1))
    assert log_cumulative(events, mean) == pytest.approx(float(exact.ln() - Decimal(mean)), rel=1e-12)


def test_cls_at_every_limit_is_one_minus_the_confidence_level() -> None:
    counting = Counting(4, 2.7, 0.6)
    limits = exact_limits(counting, 0.95)
    numbers = [*(band_events(counting.background, band) for band in BANDS), counting.observed]
    for strength, cls, events in zip(limits.strengths, limits.cls, numbers, strict=True):
        mean = counting.background + strength * counting.signal
        assert poisson.cdf(events, mean) / poisson.cdf(events, counting.background) == pytest.approx(0.05, rel=1e-8)
        assert cls == pytest.approx(0.05, rel=1e-8)


@pytest.mark.parametrize("background", [0.1, 1.0, 3.0, 27.3])
def test_bands_are_quantiles_of_the_limit_distribution(background) -> None:
    for band in BANDS:
        events = band_events(background, band)
        wanted = 0.5 * math.erfc(-band / math.sqrt(2.0))
        assert poisson.cdf(events, background) >= wanted
        assert events == 0 or poisson.cdf(events - 1, background) < wanted


def test_background_free_experiment_has_limits_whatever_is_seen() -> None:
    limits = exact_limits(Counting(2, 0.0, 1.0), 0.95)
    assert limits.strengths[-1] == pytest.approx(6.2958, abs=1e-4)
    assert limits.strengths[:5] == pytest.approx([-math.log(0.05)] * 5, rel=1e-9)


def test_a_million_events() -> None:
    limit, cls = counting_limit(10**6, Counting(10**6, 1e6, 1.0), 0.95)
    assert limit == pytest.approx(1.96 * 1e3, rel=2e-3)
    assert cls == pytest.approx(0.05, rel=1e-7)


def model_of(make_workspace, samples, data):
    return compile_workspace(make_workspace(samples, data))


def sample(name, data, *modifiers):
    return {"name": name, "data": data, "modifiers": list(modifiers)}


MU = {"name": "mu", "type": "normfactor", "data": None}
NORMSYS = {"name": "e", "type": "normsys", "data": {"hi": 1.1, "lo": 0.9}}


def test_counting_experiment_is_recognised(make_workspace) -> None:
    model = model_of(make_workspace, [sample("s", [0.5], MU), sample("b", [2.0]), sample("c", [1.0])], [4.0])
    assert counting_of(model) == Counting(4, 3.0, 0.5)


def test_bins_without_signal_say_nothing(make_workspace) -> None:
    model = model_of(make_workspace, [sample("s", [0.0, 0.5], MU), sample("b", [7.0, 2.0])], [4.0, 1.0])
    assert counting_of(model) == Counting(1, 2.0, 0.5)


@pytest.mark.parametrize(
    ("samples", "data", "reason"),
    [
        ([sample("s", [1.0, 1.0], MU), sample("b", [1.0, 1.0])], [1.0, 1.0], "2 bins have signal"),
        (
            [
                sample("s", [1.0], MU),
                sample("b", [1.0], {"name": "e", "type": "normsys", "data": {"hi": 1.1, "lo": 0.9}}),
            ],
            [1.0],
            "nuisance parameters (e)",
        ),
        (
            [sample("s", [1.0], MU), sample("b", [1.0], {"name": "st", "type": "staterror", "data": [0.3]})],
            [1.0],
            "nuisance parameters (st[0])",
        ),
        ([sample("s", [1.0], MU, {**MU, "name": "k"}), sample("b", [1.0])], [1.0], "nuisance parameters (k)"),
        ([sample("s", [0.0], MU), sample("b", [1.0])], [1.0], "0 bins have signal"),
        ([sample("s", [1.0], MU), sample("b", [1.0])], [1.5], "not whole"),
    ],
)
def test_what_is_not_a_counting_experiment(make_workspace, samples, data, reason) -> None:
    given = counting_of(model_of(make_workspace, samples, data))
    assert isinstance(given, str)
    assert reason in given
