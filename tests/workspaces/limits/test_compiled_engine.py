"""The compiled engine: pyhf's CLs at our limits, published numbers, invariances, and statuses without a limit.

Most tests run the interpreted form (the same steps, NumPy likelihood), which needs no compilation.
"""

from __future__ import annotations

import copy
import json
import math
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from darkreach.errors import LimitError, WorkspaceError
from darkreach.likelihood import allocate_scratch, compile_workspace, observed_dataset, pack_models
from darkreach.likelihood.reference_likelihood import evaluate
from darkreach.limits.asymptotic_cls import BANDS, expected_cls, observed_cls
from darkreach.limits.asymptotic_entry import row_of
from darkreach.limits.compiled_engine import CompiledEngine, solve_limits
from darkreach.limits.limit_json import limit_from_json
from darkreach.limits.results import Limit
from darkreach.sharing.hypothesis import Hypothesis

# what the finite-difference gradients of pyhf's numpy backend leave in CLs
PYHF_NOISE = 1e-6
INTERPRETED = CompiledEngine(use_numba=False)


@contextmanager
def tight_pyhf() -> Iterator[Any]:
    import pyhf

    before = pyhf.get_backend()
    pyhf.set_backend("numpy", pyhf.optimize.scipy_optimizer(tolerance=1e-12))
    try:
        with np.errstate(all="ignore"):
            yield pyhf
    finally:
        pyhf.set_backend(*before)


def pyhf_cls(workspace: Any, strength: float) -> tuple[float, list[float]]:
    with tight_pyhf() as pyhf:
        content = pyhf.Workspace(workspace)
        model = content.model()
        bounds = model.config.suggested_bounds()
        bounds[model.config.poi_index] = (0.0, 5.0 * max(strength, 2.0))
        observed, expected = pyhf.infer.hypotest(
            strength, content.data(model), model, test_stat="qtilde", return_expected_set=True, par_bounds=bounds
        )
    return float(observed), [float(value) for value in expected]


def assert_pyhf_agrees(workspace: Any, limits: list[Limit]) -> None:
    for limit in limits:
        assert limit.status == "ok", limit.reason
        assert pyhf_cls(workspace, limit.observed)[0] == pytest.approx(1.0 - limit.cl, abs=PYHF_NOISE)
        for index, value in enumerate(limit.expected):
            assert pyhf_cls(workspace, value)[1][index] == pytest.approx(1.0 - limit.cl, abs=PYHF_NOISE)


def search_workspace(seed: int, level: float = 20.0) -> dict[str, Any]:
    """Two channels of twelve bins: free background templates with shape systematics, and a spurious signal."""
    generator, x = np.random.default_rng(seed), (np.arange(12) + 0.5) / 12
    channels, observations = [], []
    for index in range(2):
        background = level * np.exp(-x) * generator.uniform(0.8, 1.2, 12)
        signal = 6.0 * np.exp(-0.5 * ((x - 0.5) / 0.08) ** 2) * (1.0 - 0.4 * index) + 1e-3
        wide, spurious = signal * (1.0 + 0.1 * np.sin(9.0 * x)), 0.5 * signal / signal.sum()
        shapes = [0.08 * np.sin(3.0 * (k + 1) * x + index) for k in range(3)]
        modifiers = [
            {"name": f"background_{index}", "type": "normfactor", "data": None},
            {"name": f"stat_{index}", "type": "staterror", "data": (0.1 * background).tolist()},
            *(histosys(f"shape_{k}", background * (1 + v), background * (1 - 0.9 * v)) for k, v in enumerate(shapes)),
        ]
        signal_modifiers = [
            {"name": "mu", "type": "normfactor", "data": None},
            {"name": "efficiency", "type": "normsys", "data": {"hi": 1.06, "lo": 0.94}},
            histosys("resolution", wide, 2.0 * signal - wide),
        ]
        samples = [
            {"name": "signal", "data": signal.tolist(), "modifiers": signal_modifiers},
            {"name": "background", "data": background.tolist(), "modifiers": modifiers},
            {"name": "spurious_signal", "data": [0.0] * 12, "modifiers": [histosys("spurious", spurious, -spurious)]},
        ]
        channels.append({"name": f"region_{index}", "samples": samples})
        observations.append({"name": f"region_{index}", "data": generator.poisson(background).astype(float).tolist()})
    measurement = {"name": "m", "config": {"poi": "mu", "parameters": []}}
    return {"channels": channels, "observations": observations, "measurements": [measurement], "version": "1.0.0"}


def histosys(name: str, high: Any, low: Any) -> dict[str, Any]:
    return {"name": name, "type": "histosys", "data": {"hi_data": list(high), "lo_data": list(low)}}


@pytest.mark.reference
def test_limits_of_the_documentation_of_pyhf(two_bins) -> None:
    (limit,) = INTERPRETED.limits(two_bins(), [0.95])
    # the published digits carry the noise of pyhf's default minimizer
    assert limit.observed == pytest.approx(1.01156939, rel=1e-5)
    expected = [0.55988001, 0.75702336, 1.06234693, 1.50116923, 2.05078596]
    assert list(limit.expected) == pytest.approx(expected, rel=1e-5)


@pytest.mark.agreement
@pytest.mark.parametrize("data", [(51.0, 48.0), (75.0, 70.0), (30.0, 35.0), (0.0, 0.0)])
def test_pyhf_gives_the_asked_cls_at_our_limits(two_bins, data) -> None:
    hypothesis = two_bins(data=data)
    assert_pyhf_agrees(hypothesis.workspace, INTERPRETED.limits(hypothesis, [0.90, 0.95]))


@pytest.mark.slow
@pytest.mark.agreement
@pytest.mark.parametrize("seed", [1, 2])
def test_pyhf_gives_the_asked_cls_for_a_search(seed) -> None:
    workspace = search_workspace(seed)
    assert_pyhf_agrees(workspace, INTERPRETED.limits(Hypothesis("search", {}, workspace), [0.90, 0.95]))


@pytest.mark.agreement
def test_compiled_and_interpreted_engines_give_the_same_limits(two_bins) -> None:
    hypotheses = [two_bins(), *(Hypothesis(f"s{seed}", {}, search_workspace(seed)) for seed in range(4))]
    for hypothesis in hypotheses:
        pairs = zip(
            CompiledEngine().limits(hypothesis, [0.90, 0.95]), INTERPRETED.limits(hypothesis, [0.90, 0.95]), strict=True
        )
        for compiled, interpreted in pairs:
            assert compiled.observed == pytest.approx(interpreted.observed, rel=1e-9)
            assert list(compiled.expected) == pytest.approx(list(interpreted.expected), rel=1e-9)


def test_cls_is_evaluated_again_at_every_limit() -> None:
    for seed in range(5):
        for limit in INTERPRETED.limits(Hypothesis("search", {}, search_workspace(seed)), [0.90, 0.95]):
            assert limit.status == "ok"
            assert limit.quality.cls_at_observed == pytest.approx(1.0 - limit.cl, abs=1e-7)
            assert list(limit.quality.cls_at_expected) == pytest.approx([1.0 - limit.cl] * 5, abs=1e-7)


@pytest.mark.parametrize("scale", [1e-8, 1e-3, 1e6])
def test_limits_scale_with_the_signal_and_ignore_its_declared_bound(two_bins, scale) -> None:
    (plain,) = INTERPRETED.limits(two_bins(), [0.95])
    (scaled,) = INTERPRETED.limits(two_bins(signal=(12.0 * scale, 11.0 * scale)), [0.95])
    assert scaled.observed * scale == pytest.approx(plain.observed, rel=1e-7)
    assert [value * scale for value in scaled.expected] == pytest.approx(list(plain.expected), rel=1e-7)
    assert ("widened" in scaled.quality.note) == (scale < 1.0)


def test_negative_lower_bound_is_replaced_by_zero_and_said(two_bins) -> None:
    data = (40.0, 40.0)
    (bounded,) = INTERPRETED.limits(two_bins(data=data), [0.95])
    (negative,) = INTERPRETED.limits(two_bins(data=data, bounds=(-10.0, 10.0)), [0.95])
    assert negative.observed == bounded.observed
    assert "lower bound -10" in negative.quality.note


def test_levels_are_independent_and_in_the_order_asked(two_bins) -> None:
    both = INTERPRETED.limits(two_bins(), [0.95, 0.68, 0.90])
    for limit in both:
        (alone,) = INTERPRETED.limits(two_bins(), [limit.cl])
        assert limit.observed == pytest.approx(alone.observed, rel=1e-7)
        assert list(limit.expected) == pytest.approx(list(alone.expected), rel=1e-7)
    assert [limit.cl for limit in both] == [0.95, 0.68, 0.90]


def test_signal_without_events_has_no_sensitivity(two_bins) -> None:
    (limit,) = INTERPRETED.limits(two_bins(signal=(0.0, 0.0)), [0.95])
    assert (limit.status, limit.observed, limit.expected) == ("no_sensitivity", None, ())
    assert limit.reason


def test_data_where_only_signal_can_be_is_a_failure_with_the_bin_named(counting) -> None:
    (limit,) = INTERPRETED.limits(counting(background=0.0, observed=2.0), [0.95])
    assert limit.status == "failed"
    assert "channel[0]" in limit.reason
    assert limit.observed is None


def test_no_background_and_no_data_has_the_closed_form(counting) -> None:
    # q = q_A = 2 mu, so CLs = 2 (1 - Phi(sqrt(2 mu)))
    (limit,) = INTERPRETED.limits(counting(background=0.0, observed=0.0), [0.95])
    assert limit.observed == pytest.approx(0.5 * 1.9599639845400545**2, rel=1e-7)
    assert limit.expected[2] == pytest.approx(limit.observed, rel=1e-7)


def test_asimov_data_belong_to_the_exact_fit_without_signal() -> None:
    # q_A follows these parameters to first order, so a fit good in its value only is not enough
    for seed in range(1, 7):
        arrays = compile_workspace(search_workspace(seed)).arrays
        sizes = [(arrays.initial.size, arrays.counts.size)]
        numbers = row_of(solve_limits(pack_models([arrays]), sizes, [0.95], use_numba=False), 0, *sizes[0])
        scratch = allocate_scratch(arrays)
        evaluate(arrays, observed_dataset(arrays), numbers.background, scratch)
        inside = (numbers.background > arrays.lower) & (numbers.background < arrays.upper) & (scratch.held == 0)
        scale = np.sqrt(np.diag(scratch.hessian)[inside])
        assert np.max(np.abs(scratch.gradient[inside]) / scale) < 1e-7


def empty_bin(background: list[float], down: list[float]) -> dict[str, Any]:
    """Two bins without events; the systematic takes the first background below zero at one standard deviation."""
    up = [2.0 * value - low for value, low in zip(background, down, strict=True)]
    modifiers = [{"name": "shape", "type": "histosys", "data": {"hi_data": up, "lo_data": down}}]
    signal = {"name": "s", "data": [1.0, 1.0], "modifiers": [{"name": "mu", "type": "normfactor", "data": None}]}
    return {
        "channels": [{"name": "c", "samples": [signal, {"name": "b", "data": background, "modifiers": modifiers}]}],
        "observations": [{"name": "c", "data": [0.0, 0.0]}],
        "measurements": [{"name": "m", "config": {"poi": "mu", "parameters": []}}],
        "version": "1.0.0",
    }


def test_rates_of_empty_bins_are_kept_from_becoming_negative() -> None:
    # at one standard deviation below, the background is (0.5 - 4, 3 - 1): only the first bin can become negative
    workspace = empty_bin([0.5, 3.0], [-3.5, 2.0])
    (limit,) = INTERPRETED.limits(Hypothesis("low", {}, workspace), [0.95])
    assert limit.status == "ok"
    assert "bins without events were kept from becoming negative" in limit.quality.note

    def half_deviance(alpha: float, mu: float, counts: tuple[float, float]) -> float:
        rates = (0.5 + 4.0 * alpha + mu, 3.0 + alpha + mu)
        if min(rates) < 0.0:
            return math.inf
        logs = sum(n * math.log(n / rate) for n, rate in zip(counts, rates, strict=True) if n > 0.0)
        return sum(rates) - sum(counts) + logs + 0.5 * (alpha - centre) ** 2

    def profiled(mu: float, counts: tuple[float, float]) -> tuple[float, float]:
        lowest = max(-5.0, -(0.5 + mu) / 4.0)
        found = minimize_scalar(half_deviance, bounds=(lowest, 5.0), args=(mu, counts), options={"xatol": 1e-12})
        return min((found.fun, found.x), (half_deviance(lowest + 1e-12, mu, counts), lowest))

    centre = 0.0
    _, alpha = profiled(0.0, (0.0, 0.0))
    assert alpha == pytest.approx(-0.125, abs=1e-6)
    centre, asimov = alpha, (0.0, 3.0 + alpha)
    for band, strength in zip(BANDS, limit.expected, strict=True):
        assert expected_cls(2.0 * profiled(strength, asimov)[0], band) == pytest.approx(0.05, abs=1e-6)


def test_no_minimum_with_a_negative_rate_is_taken_for_the_lowest() -> None:
    # both variations remove the signal of the bin without events, and make it negative beyond one standard deviation;
    # mirror images lead there from anywhere, and would find the rate 0.5 + mu (1 - mu) at the pull mu
    workspace = empty_bin([0.5, 10.0], [0.5, 10.0])
    signal, background = workspace["channels"][0]["samples"]
    background["modifiers"] = []
    signal["data"] = [1.0, 2.0]
    signal["modifiers"].append({"name": "shape", "type": "histosys", "data": {"hi_data": [0, 2], "lo_data": [0, 2]}})
    workspace["observations"][0]["data"] = [0.0, 10.0]
    # or else the reward of negative rates would outrun the second bin
    workspace["measurements"][0]["config"]["parameters"] = [{"name": "shape", "bounds": [[-2.0, 2.0]]}]
    (limit,) = INTERPRETED.limits(Hypothesis("mirrored", {}, workspace), [0.95])
    assert limit.status == "ok"
    assert "bins without events were kept from becoming negative" in limit.quality.note
    mu = limit.observed

    def asimov(pull: float) -> float:
        # pyhf's code4p inside one standard deviation
        rate = 0.5 + mu * (1.0 - pull**2 * (15.0 - 10.0 * pull**2 + 3.0 * pull**4) / 8.0)
        return rate - 0.5 - 0.5 * math.log(rate / 0.5) + 0.5 * pull**2

    second_bin = 2.0 * mu - 10.0 * math.log1p(0.2 * mu)
    # the pull that leaves nothing in the first bin; without signal it holds 0.5 events
    q = ((0.5 + mu) / mu) ** 2 - 2.0 * 0.5 + 2.0 * second_bin
    q_asimov = 2.0 * (minimize_scalar(asimov, bounds=(0.0, 1.0), options={"xatol": 1e-10}).fun + second_bin)
    assert observed_cls(q, q_asimov) == pytest.approx(0.05, abs=1e-6)


def absorbed(loss: float) -> dict[str, Any]:
    """One bin whose signal vanishes where its systematic is at 1 / loss standard deviations."""
    shape = {"name": "shape", "type": "histosys"}
    shape["data"] = {"hi_data": [5.0 * (1.0 - loss)], "lo_data": [5.0 * (1.0 + loss)]}  # type: ignore[assignment]
    modifiers = [{"name": "mu", "type": "normfactor", "data": None}, shape]
    samples = [{"name": "s", "data": [5.0], "modifiers": modifiers}, {"name": "b", "data": [4.0], "modifiers": []}]
    return {
        "channels": [{"name": "c", "samples": samples}],
        "observations": [{"name": "c", "data": [4.0]}],
        "measurements": [{"name": "m", "config": {"poi": "mu", "parameters": []}}],
        "version": "1.0.0",
    }


def test_limits_beyond_which_the_signal_is_absorbed_do_not_exist() -> None:
    # q rises to the squared pull that removes the signal: 2.1^2, above the median's 1.96^2 and below 2.36^2 at +1
    (limit,) = INTERPRETED.limits(Hypothesis("some", {}, absorbed(1.0 / 2.1)), [0.95])
    assert limit.status == "ok"
    assert limit.observed == pytest.approx(limit.expected[2], rel=1e-6)
    assert limit.expected[0] < limit.expected[1] < limit.expected[2] < math.inf
    assert limit.expected[3:] == (math.inf, math.inf)
    assert "no expected limit at +1, +2 standard deviations" in limit.quality.note
    assert limit.as_dict()["expected"][3:] == [None, None]
    again = limit_from_json(json.loads(json.dumps(limit.as_dict())))
    assert again.expected == limit.expected
    # 1.9^2 is not enough for the observed limit, nor for the median
    (none,) = INTERPRETED.limits(Hypothesis("none", {}, absorbed(1.0 / 1.9)), [0.95])
    assert none.status == "no_sensitivity"
    assert "nuisance parameters absorb the signal; expected limits: -2 sigma" in none.reason


def test_unusable_input_is_refused(two_bins) -> None:
    with pytest.raises(LimitError, match="confidence level"):
        INTERPRETED.limits(two_bins(), [95.0])
    broken = copy.deepcopy(dict(two_bins().workspace))
    broken["measurements"][0]["config"]["poi"] = "nothing"
    with pytest.raises(WorkspaceError, match="parameter of interest"):
        INTERPRETED.limits(Hypothesis("broken", {}, broken), [0.95])


def test_importing_the_engine_does_not_import_numba() -> None:
    code = "import sys, darkreach.limits.compiled_engine; print('numba' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True).stdout == "False\n"
