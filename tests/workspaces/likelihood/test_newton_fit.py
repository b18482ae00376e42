"""Fits against SciPy's bounded minimiser, at bounds, from infeasible starts, and the refusal to call them converged."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest
from scipy.optimize import minimize

from darkreach.likelihood import allocate_scratch, compile_workspace, observed_dataset
from darkreach.likelihood.newton_fit import CONVERGED, IMPOSSIBLE_BIN, minimise
from darkreach.likelihood.profiled_likelihood import evaluate


@pytest.mark.agreement
@pytest.mark.parametrize("data_scale", [1.0, 0.5, 0.0, 3.0])
@pytest.mark.parametrize("hold", [True, False])
def test_no_other_minimiser_finds_a_lower_point(all_modifiers: dict[str, Any], data_scale: float, hold: bool) -> None:
    workspace = copy.deepcopy(all_modifiers)
    for observation in workspace["observations"]:
        observation["data"] = [round(value * data_scale) for value in observation["data"]]
    arrays = compile_workspace(workspace).arrays
    data, scratch, theta = observed_dataset(arrays), allocate_scratch(arrays), arrays.initial.copy()
    status, best = minimise(arrays, data, theta, scratch.held if hold else arrays.held, scratch)
    assert status == CONVERGED
    upper = np.minimum(arrays.upper, 50.0)
    lower = arrays.lower.copy()
    if hold:
        lower[arrays.poi[0]] = upper[arrays.poi[0]] = arrays.initial[arrays.poi[0]]

    def function(point: Any) -> tuple[float, Any]:
        return evaluate(arrays, data, point, scratch), scratch.gradient.copy()

    other = minimize(
        function,
        arrays.initial,
        jac=True,
        bounds=list(zip(lower, upper, strict=True)),
        method="L-BFGS-B",
        options={"maxiter": 5000, "ftol": 1e-15, "gtol": 1e-9},
    )
    # the other minimiser may stop early, ours may not
    assert best <= other.fun + 1e-9
    assert best == pytest.approx(other.fun, abs=1e-4)
    assert np.all((theta >= lower) & (theta <= upper))


def test_fit_starts_where_a_template_is_negative(all_modifiers: dict[str, Any]) -> None:
    workspace = copy.deepcopy(all_modifiers)
    workspace["channels"][0]["samples"][2]["data"] = [-60.0, 8.0, 6.0]
    workspace["channels"][0]["samples"][2]["modifiers"] = [{"name": "k_extra", "type": "normfactor", "data": None}]
    arrays = compile_workspace(workspace).arrays
    scratch, theta = allocate_scratch(arrays), arrays.initial.copy()
    status, _ = minimise(arrays, observed_dataset(arrays), theta, scratch.held, scratch)
    assert status == CONVERGED
    assert np.all(scratch.rate > 0.0)


def test_events_where_no_rate_can_be_positive_are_reported(all_modifiers: dict[str, Any]) -> None:
    workspace = copy.deepcopy(all_modifiers)
    for channel in workspace["channels"]:
        for sample in channel["samples"]:
            sample["data"][2] = 0.0
            sample["modifiers"] = [entry for entry in sample["modifiers"] if entry["type"] != "histosys"]
    arrays = compile_workspace(workspace).arrays
    scratch, theta = allocate_scratch(arrays), arrays.initial.copy()
    status, _ = minimise(arrays, observed_dataset(arrays), theta, scratch.held, scratch)
    assert status == IMPOSSIBLE_BIN


def removed_signal(signal: float, background: float, counts: tuple[float, float]) -> dict[str, Any]:
    """Two bins; both variations of the systematic remove the signal of the first one."""
    shape = {"name": "shape", "type": "histosys", "data": {"hi_data": [0.0, signal], "lo_data": [0.0, signal]}}
    modifiers = [{"name": "mu", "type": "normfactor", "data": None}, shape]
    samples = [
        {"name": "s", "data": [signal, signal], "modifiers": modifiers},
        {"name": "b", "data": [background, 10.0], "modifiers": []},
    ]
    return {
        "channels": [{"name": "c", "samples": samples}],
        "observations": [{"name": "c", "data": list(counts)}],
        "measurements": [{"name": "m", "config": {"poi": "mu", "parameters": []}}],
        "version": "1.0.0",
    }


def test_fit_leaves_the_saddle_of_a_symmetric_systematic() -> None:
    # the gradient vanishes at the nominal value although the likelihood falls on both sides
    model = compile_workspace(removed_signal(5.0, 1.0, (1.0, 10.0)))
    arrays, data = model.arrays, observed_dataset(model.arrays)
    scratch = allocate_scratch(arrays)
    theta = np.zeros(2)
    theta[arrays.poi[0]] = 1.0
    held = scratch.held.copy()
    held[arrays.poi[0]] = 1
    status, _ = minimise(arrays, data, theta, held, scratch)
    assert status == CONVERGED
    assert abs(theta[model.parameter_names.index("shape")]) > 0.5
    assert np.all(np.abs(scratch.gradient[held == 0]) < 1e-4)


@pytest.mark.parametrize("strength", [2.0, 4.0])
def test_fit_reaches_the_floor_of_rates_in_few_steps(strength: float) -> None:
    # 0.5 + mu (1 - |pull|) = 0 at the minimum; the floor is so stiff that halved steps would need hundreds of trials
    model = compile_workspace(removed_signal(1.0, 0.5, (0.0, 10.0)))
    arrays, data = model.arrays, observed_dataset(model.arrays)
    scratch = allocate_scratch(arrays)
    scratch.stiffness[0] = 1e8
    shape = model.parameter_names.index("shape")
    theta = np.zeros(2)
    theta[arrays.poi[0]], theta[shape] = strength, 0.5
    held = scratch.held.copy()
    held[arrays.poi[0]] = 1
    status, _ = minimise(arrays, data, theta, held, scratch)
    assert status == CONVERGED
    assert theta[shape] == pytest.approx(1.0 + 0.5 / strength, abs=1e-7)
    assert scratch.counter[0] < 30
