"""The judges of limits judge rightly, and the generated likelihoods are what they claim to be."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

# the judges lie beside the programs that use them, and are no package
sys.path.insert(0, str(Path(__file__).parent))

from bounded_newton import minimise
from hard_likelihoods import hard_workspace
from reference_judge import ReferenceJudge

from darkreach.likelihood import compile_workspace
from darkreach.limits import compute_limits, make_engine
from darkreach.limits.asymptotic_cls import expected_cls
from darkreach.sharing import Hypothesis


def counting_workspace(signal: float, background: float, observed: float) -> dict[str, Any]:
    modifier = {"name": "mu", "type": "normfactor", "data": None}
    samples = [
        {"name": "signal", "data": [signal], "modifiers": [modifier]},
        {"name": "background", "data": [background], "modifiers": []},
    ]
    return {
        "channels": [{"name": "c", "samples": samples}],
        "observations": [{"name": "c", "data": [observed]}],
        "measurements": [{"name": "m", "config": {"poi": "mu", "parameters": []}}],
        "version": "1.0.0",
    }


def test_newton_leaves_a_saddle_and_ends_at_a_wall() -> None:
    # x^4 - x^2 + y has a saddle-like start at x = 0.1 and no minimum in y but the wall
    def value(point: Any) -> float:
        return float(point[0] ** 4 - point[0] ** 2 + point[1])

    def derivatives(point: Any) -> tuple[Any, Any]:
        return np.array([4.0 * point[0] ** 3 - 2.0 * point[0], 1.0]), np.diag([12.0 * point[0] ** 2 - 2.0, 0.0])

    bounds = np.array([[-2.0, 2.0], [0.5, 3.0]])
    lowest, where = minimise(value, derivatives, np.array([0.1, 2.0]), bounds, np.array([True, True]))
    assert lowest == pytest.approx(0.25, abs=1e-12)
    assert where == pytest.approx([np.sqrt(0.5), 0.5], abs=1e-6)


def test_reference_judge_gives_the_analytic_cls_of_a_counting_experiment() -> None:
    background, strength = 10.0, 7.0
    judge = ReferenceJudge(counting_workspace(1.0, background, background), 50.0)
    rate = background + strength
    q_asimov = 2.0 * (rate - background - background * np.log(rate / background))
    observed, bands = judge.cls(strength)
    for band, found in zip((-2, -1, 0, 1, 2), bands, strict=True):
        assert found == pytest.approx(expected_cls(q_asimov, band), rel=1e-9)
    # data equal to the background expectation
    assert observed == pytest.approx(bands[2], rel=1e-9)


@pytest.mark.slow
def test_reference_judge_notices_a_limit_one_in_a_thousand_off() -> None:
    workspace = counting_workspace(2.0, 30.0, 33.0)
    (limit,) = compute_limits([Hypothesis("h", {}, workspace)], [0.95], engine=make_engine("compiled"))
    assert limit.observed is not None
    judge = ReferenceJudge(workspace, 200.0)
    right = judge.residuals(limit.observed, limit.expected, 0.05)
    wrong = judge.residuals(1.001 * limit.observed, limit.expected, 0.05)
    assert max(map(abs, right)) < 1e-6
    assert abs(wrong[0]) > 1e-5


@pytest.mark.parametrize("seed", [0, 1])
def test_hard_likelihoods_extrapolate_below_zero_and_are_reproducible(seed: int) -> None:
    workspace = hard_workspace(seed)
    assert workspace == hard_workspace(seed)
    assert len(compile_workspace(workspace).parameter_names) > 50
    lowest = min(
        min(np.array(sample["data"]) + 3.0 * (np.array(modifier["data"][side]) - np.array(sample["data"])))
        for channel in workspace["channels"]
        for sample in channel["samples"]
        for modifier in sample["modifiers"]
        if modifier["type"] == "histosys"
        for side in ("hi_data", "lo_data")
    )
    assert lowest < 0.0
