"""Best fits: analytic counting experiments, pyhf with Minuit, the Hessian of pyhf's full likelihood."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from darkreach.errors import UnknownNameError
from darkreach.fits import fit, fit_model, pulls, scan

MU = {"name": "mu", "type": "normfactor", "data": None}


@pytest.mark.parametrize(("n", "s", "b"), [(130.0, 10.0, 100.0), (5.0, 2.0, 3.5), (80.0, 10.0, 100.0)])
def test_counting_experiment(counting: Callable[..., Any], n: float, s: float, b: float) -> None:
    result = fit(counting(n, s, b))
    assert result.status == "ok"
    assert result["mu"].value == pytest.approx((n - b) / s, rel=1e-9)
    assert result["mu"].error == pytest.approx(math.sqrt(n) / s, rel=1e-9)
    assert result.minimum == pytest.approx(0.0, abs=1e-9)


def test_declared_bounds_apply(counting: Callable[..., Any]) -> None:
    deficit = fit(counting(80.0, 10.0, 100.0, (0.0, 10.0)))
    assert (deficit["mu"].value, deficit["mu"].error, deficit["mu"].flag) == (0.0, None, "at lower bound")
    excess = fit(counting(300.0, 10.0, 100.0, (0.0, 10.0)))
    assert (excess["mu"].value, excess["mu"].flag) == (10.0, "at upper bound")
    assert fit(counting(300.0, 10.0, 100.0), poi_bounds=(0.0, 50.0))["mu"].value == pytest.approx(20.0)


def test_rates_of_empty_bins_stop_at_zero(counting: Callable[..., Any]) -> None:
    result = fit(counting(0.0, 2.0, 3.0))
    assert result["mu"].value == pytest.approx(-1.5, abs=1e-6)
    assert (result["mu"].error, result["mu"].flag) == (None, "at zero rate")
    assert any("c[0]" in note for note in result.notes)


def test_background_measured_elsewhere(on_off: Callable[..., Any]) -> None:
    """The gamma is eliminated in the fit; its error and correlation must come back from the block inverse."""
    n, s, m, tau = 60.0, 10.0, 160.0, 4.0
    result = fit(on_off(n, s, m, tau))
    error = math.sqrt(n + m / tau**2) / s
    assert result["mu"].value == pytest.approx((n - m / tau) / s, rel=1e-9)
    assert result["mu"].error == pytest.approx(error, rel=1e-9)
    assert result["off[0]"].error == pytest.approx(1.0 / math.sqrt(m), rel=1e-9)
    covariance = -(m / tau**2) / s
    expected = covariance / (error * math.sqrt(m) / tau)
    assert result.correlation[result.index("mu"), result.index("off[0]")] == pytest.approx(expected, rel=1e-9)
    assert result["off[0]"].pull == pytest.approx(0.0, abs=1e-9)
    assert result["off[0]"].constraint_ratio == pytest.approx(1.0, rel=1e-9)


@pytest.mark.agreement
def test_minuit_agrees(shape_workspace: Any, oracle: Any) -> None:
    reference, result = oracle(shape_workspace), fit(shape_workspace)
    values, errors, correlations, _ = reference.fit()
    places = [result.index(name) for name in reference.names]
    assert sorted(reference.names) == sorted(result.names)
    assert np.max(np.abs(result.values[places] - values) / errors) < 1e-4
    assert np.max(np.abs(result.errors[places] / errors - 1.0)) < 1e-4
    assert np.max(np.abs(result.correlation[np.ix_(places, places)] - correlations)) < 1e-4


@pytest.mark.agreement
def test_errors_are_those_of_the_full_likelihood(shape_workspace: Any, oracle: Any) -> None:
    """Second differences of pyhf's likelihood in all parameters, gammas included, inverted."""
    reference, result = oracle(shape_workspace), fit(shape_workspace)
    places = [result.index(name) for name in reference.names]
    best, steps = result.values[places], 0.02 * result.errors[places]
    inverse = np.linalg.inv(_hessian(reference.minus_log_likelihood, best, steps))
    errors = np.sqrt(np.diagonal(inverse))
    assert np.max(np.abs(result.errors[places] / errors - 1.0)) < 1e-6
    expected = inverse / np.outer(errors, errors)
    assert np.max(np.abs(result.correlation[np.ix_(places, places)] - expected)) < 1e-6


def _hessian(function: Callable[[Any], float], best: Any, steps: Any) -> Any:
    """Fourth-order central differences."""
    size = best.size
    unit = np.diag(steps)
    matrix = np.zeros((size, size))
    for i in range(size):
        for j in range(i + 1):

            def mixed(scale: float, i: int = i, j: int = j) -> float:
                a, b = scale * unit[i], scale * unit[j]
                ends = function(best + a + b) - function(best + a - b) - function(best - a + b) + function(best - a - b)
                return ends / (4.0 * scale * scale * steps[i] * steps[j])

            matrix[i, j] = matrix[j, i] = (4.0 * mixed(0.5) - mixed(1.0)) / 3.0
    return matrix


def test_interpreted_equals_compiled(shape_workspace: Any) -> None:
    compiled, interpreted = fit(shape_workspace), fit(fit_model(shape_workspace, use_numba=False))
    assert np.max(np.abs(compiled.values - interpreted.values) / compiled.errors) < 1e-9
    assert np.max(np.abs(compiled.errors / interpreted.errors - 1.0)) < 1e-9


def test_asimov_data_give_back_their_parameters(shape_workspace: Any) -> None:
    result = fit(shape_workspace, data="asimov", asimov_poi=0.7)
    assert result["mu"].value == pytest.approx(0.7, abs=1e-7)
    assert result.minimum == pytest.approx(0.0, abs=1e-9)
    assert max(abs(pull.value) for pull in pulls(result, unconstrained=False)) < 1e-7


def test_pulls_have_the_units_of_their_constraints(shape_workspace: Any) -> None:
    result = fit(shape_workspace)
    listed = {pull.name: pull for pull in pulls(result)}
    assert listed["k"].value == result["k"].value
    assert listed["lumi"].value == pytest.approx((result["lumi"].value - 1.0) / 0.02)
    # shapesys of 10 % is a count of 100
    assert listed["uncorrelated[0]"].value == pytest.approx((result["uncorrelated[0]"].value - 1.0) / 0.1)
    assert listed["tilt"].error == pytest.approx(result["tilt"].error)


def test_degenerate_parameters_have_no_error(counting: Callable[..., Any]) -> None:
    workspace = counting(130.0, 10.0, 100.0)
    workspace["channels"][0]["samples"][1]["modifiers"].append({"name": "k", "type": "normfactor", "data": None})
    result = fit(workspace)
    assert result.status == "ok"
    assert {result["mu"].flag, result["k"].flag} == {"degenerate"}


def test_a_parameter_without_effect_has_no_error(counting: Callable[..., Any]) -> None:
    workspace = counting(130.0, 10.0, 100.0)
    idle = {"name": "idle", "data": [0.0], "modifiers": [{"name": "k", "type": "normfactor", "data": None}]}
    workspace["channels"][0]["samples"].append(idle)
    result = fit(workspace)
    assert result["k"].flag == "no effect"
    assert result["mu"].error == pytest.approx(math.sqrt(130.0) / 10.0)


def test_impossible_data_are_a_stated_failure(counting: Callable[..., Any]) -> None:
    workspace = counting(5.0, 0.0, 0.0)
    result = fit(workspace)
    assert result.status == "failed"
    assert "c[0]" in result.reason
    assert all(np.isnan(result.errors))


def test_several_minima_are_noted(counting: Callable[..., Any]) -> None:
    """A background that only grows, whichever way its systematic moves: one side is a little better."""
    workspace = counting(1150.0, 1.0, 1000.0, (0.0, 1.0))
    background = workspace["channels"][0]["samples"][1]
    background["modifiers"] += [
        {"name": "grows", "type": "histosys", "data": {"hi_data": [1049.0], "lo_data": [1048.0]}},
    ]
    result = fit(workspace)
    assert result["grows"].value > 0.5
    assert any("several minima" in note for note in result.notes)
    mirrored = scan(workspace, "grows", [-result["grows"].value])
    assert 0.0 < mirrored.delta[0] < 5.0


def test_unknown_parameter_names_the_nearest(shape_workspace: Any) -> None:
    with pytest.raises(UnknownNameError) as caught:
        fit_model(shape_workspace).parameter("efficency")
    assert caught.value.next_step == "did you mean 'efficiency'?"
    assert "stat[0..5]" in str(caught.value.allowed)


def test_a_failed_result_is_json_too(on_off: Callable[..., Any]) -> None:
    workspace = on_off(5.0, 0.0, 160.0, 4.0)
    workspace["channels"][0]["samples"].pop(0)
    workspace["channels"][0]["samples"].append({"name": "s", "data": [0.0], "modifiers": [MU]})
    workspace["channels"][0]["samples"][0]["modifiers"].append({"name": "off2", "type": "normfactor", "data": None})
    workspace["measurements"][0]["config"]["parameters"].append({"name": "off2", "inits": [0.0], "fixed": True})
    result = fit(workspace)
    assert result.status == "failed"
    assert json.loads(json.dumps(result.as_dict(), allow_nan=False))["status"] == "failed"


def test_the_result_is_json(shape_workspace: Any) -> None:
    again = json.loads(json.dumps(fit(shape_workspace).as_dict(), allow_nan=False))
    assert again["poi"] == "mu"
    assert len(again["correlation"]) == len(again["parameters"])
