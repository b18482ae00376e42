"""Discovery significance: closed forms of counting experiments, Li and Ma, pyhf."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pyhf
import pytest

from darkreach.fits import discovery_significance


def test_counting_experiment(counting: Callable[..., Any]) -> None:
    n, s, b = 17.0, 6.0, 8.0
    found = discovery_significance(counting(n, s, b))
    assert found.q0 == pytest.approx(2.0 * (n * math.log(n / b) - (n - b)), rel=1e-9)
    assert found.significance == pytest.approx(math.sqrt(found.q0))
    assert found.p_value == pytest.approx(0.5 * math.erfc(found.significance / math.sqrt(2.0)))
    # arXiv:1007.1727, equation 97
    assert found.expected_significance == pytest.approx(
        math.sqrt(2.0 * ((s + b) * math.log(1.0 + s / b) - s)), rel=1e-9
    )


def test_li_and_ma(on_off: Callable[..., Any]) -> None:
    """T. Li and Y. Ma, ApJ 272 (1983) 317, equation 17, with alpha = 1 / tau."""
    n, m, tau = 60.0, 160.0, 4.0
    alpha, total = 1.0 / tau, n + m
    on = n * math.log((1.0 + alpha) / alpha * n / total)
    off = m * math.log((1.0 + alpha) * m / total)
    found = discovery_significance(on_off(n, 10.0, m, tau))
    assert found.significance == pytest.approx(math.sqrt(2.0 * (on + off)), rel=1e-9)


def test_a_deficit_is_no_discovery(counting: Callable[..., Any]) -> None:
    workspace = counting(80.0, 10.0, 100.0)
    capped, uncapped = (discovery_significance(workspace, uncapped=flag) for flag in (False, True))
    assert (capped.q0, capped.significance, capped.p_value) == (0.0, 0.0, 0.5)
    expected = -math.sqrt(2.0 * (80.0 * math.log(0.8) + 20.0))
    assert uncapped.significance == pytest.approx(expected, rel=1e-9)
    assert uncapped.p_value is not None and uncapped.p_value > 0.5


def test_declared_bounds_do_not_matter(counting: Callable[..., Any]) -> None:
    narrow, wide = (discovery_significance(counting(400.0, 1.0, 100.0, (0.0, top))) for top in (10.0, 1e4))
    assert narrow == wide
    assert narrow.best_strength == pytest.approx(300.0)


@pytest.mark.agreement
def test_pyhf_agrees(shape_workspace: Any, oracle: Any) -> None:
    reference, found = oracle(shape_workspace), discovery_significance(shape_workspace)
    model = reference.model
    p_value, expected = pyhf.infer.hypotest(
        0.0, reference.data, model, test_stat="q0", return_expected=True, par_bounds=[
            (0.0, 10.0) if index == model.config.poi_index else bounds
            for index, bounds in enumerate(model.config.suggested_bounds())
        ],
    )  # fmt: skip
    assert found.p_value == pytest.approx(float(p_value), rel=1e-5)
    assert found.expected_p_value == pytest.approx(float(expected), rel=1e-4)


def test_events_without_background_are_a_stated_failure(counting: Callable[..., Any]) -> None:
    found = discovery_significance(counting(3.0, 2.0, 0.0))
    assert found.status == "failed"
    assert "without signal" in found.reason and "c[0]" in found.reason


def test_signal_in_a_bin_without_background_has_no_expected_significance(counting: Callable[..., Any]) -> None:
    workspace = counting(12.0, 4.0, 8.0)
    for sample, rate in zip(workspace["channels"][0]["samples"], (1.0, 0.0), strict=True):
        sample["data"].append(rate)
    workspace["observations"][0]["data"].append(0.0)
    found = discovery_significance(workspace)
    assert found.status == "ok"
    assert found.significance is not None and found.expected_significance is None
    assert "c[1]" in found.reason
