"""The profiled likelihood: derivatives against finite differences, values against pyhf, kernel against reference."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from darkreach.likelihood import allocate_scratch, compile_workspace, observed_dataset, reference_likelihood
from darkreach.likelihood.model_arrays import CompiledModel, FloatArray, Scratch
from darkreach.likelihood.profiled_likelihood import evaluate

STEP = 1e-5


def random_points(model: CompiledModel, number: int) -> list[FloatArray]:
    arrays, generator = model.arrays, np.random.default_rng(11)
    points = []
    for _ in range(number):
        point = arrays.initial + generator.normal(0.0, 0.4, arrays.initial.size)
        points.append(np.clip(point, arrays.lower + 0.05, np.minimum(arrays.upper, 20.0) - 0.05))
    # the factor of the signal may be exactly zero, where ratios of factors are not defined
    points[-1][arrays.poi[0]] = 0.0
    return points


def full_hessian(scratch: Scratch) -> FloatArray:
    return np.tril(scratch.hessian) + np.tril(scratch.hessian, -1).T


def test_gradient_and_hessian_equal_finite_differences(all_modifiers: dict[str, Any]) -> None:
    model = compile_workspace(all_modifiers)
    data, scratch = observed_dataset(model.arrays), allocate_scratch(model.arrays)
    for point in random_points(model, 4):
        evaluate(model.arrays, data, point, scratch)
        gradient, hessian = scratch.gradient.copy(), full_hessian(scratch)
        for index in range(point.size):
            values, slopes = [], []
            for sign in (1.0, -1.0):
                moved = point.copy()
                moved[index] += sign * STEP
                values.append(evaluate(model.arrays, data, moved, scratch))
                slopes.append(scratch.gradient.copy())
            assert gradient[index] == pytest.approx((values[0] - values[1]) / (2 * STEP), rel=1e-6, abs=1e-6)
            numeric = (slopes[0] - slopes[1]) / (2 * STEP)
            np.testing.assert_allclose(hessian[index], numeric, rtol=1e-6, atol=1e-6 * np.abs(hessian).max())


@pytest.mark.agreement
def test_kernel_and_numpy_reference_are_the_same_function(all_modifiers: dict[str, Any]) -> None:
    model = compile_workspace(all_modifiers)
    data = observed_dataset(model.arrays)
    for point in random_points(model, 6):
        kernel, reference = allocate_scratch(model.arrays), allocate_scratch(model.arrays)
        value = evaluate(model.arrays, data, point, kernel)
        assert reference_likelihood.evaluate(model.arrays, data, point, reference) == pytest.approx(value, rel=1e-12)
        np.testing.assert_allclose(reference.gradient, kernel.gradient, rtol=1e-9, atol=1e-9)
        np.testing.assert_allclose(full_hessian(reference), full_hessian(kernel), rtol=1e-9, atol=1e-9)
        np.testing.assert_allclose(reference.gamma, kernel.gamma, rtol=1e-12)


@pytest.mark.agreement
@pytest.mark.parametrize("measurement", ["main", "other"])
def test_differences_of_log_likelihood_and_rates_equal_those_of_pyhf(
    all_modifiers: dict[str, Any], measurement: str
) -> None:
    import pyhf

    workspace = pyhf.Workspace(all_modifiers)
    theirs = workspace.model(measurement_name=measurement)
    data = np.array(workspace.data(theirs))
    model = compile_workspace(all_modifiers, measurement)
    scratch = allocate_scratch(model.arrays)
    offsets = []
    for point in random_points(model, 5):
        value = evaluate(model.arrays, observed_dataset(model.arrays), point, scratch)
        parameters = np.array(theirs.config.suggested_init(), dtype=float)
        for index, name in enumerate(theirs.config.par_names):
            if name in model.parameter_names:
                parameters[index] = point[model.parameter_names.index(name)]
            elif name in model.gamma_names:
                parameters[index] = scratch.gamma[model.gamma_names.index(name)]
        np.testing.assert_allclose(theirs.expected_actualdata(parameters), scratch.rate, rtol=1e-12)
        offsets.append(value + float(theirs.logpdf(parameters, data)[0]))
    # our values are relative to the saturated model, pyhf's carry all constants
    np.testing.assert_allclose(offsets, offsets[0], rtol=0.0, atol=1e-10)


def test_fixed_bins_and_second_gammas_of_a_bin_stay_out_of_the_closed_form(all_modifiers: dict[str, Any]) -> None:
    model = compile_workspace(all_modifiers)
    assert model.gamma_names == ("stat_cr[0]", "stat_cr[1]", "", "stat_sr[0]", "stat_sr[1]", "stat_sr[2]")
    # uncorrelated[1] has no uncertainty and is fixed to one
    assert {name for name in model.parameter_names if name.startswith("uncorrelated")} == {
        "uncorrelated[0]",
        "uncorrelated[2]",
    }
