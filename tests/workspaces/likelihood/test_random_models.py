"""Random mixtures of all modifiers: rates and likelihood of the compiled arrays equal those of pyhf."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from darkreach.likelihood import compile_workspace
from darkreach.likelihood.model_arrays import EXPONENTIAL_FACTOR, NORMAL, UNCONSTRAINED, CompiledModel, FloatArray

QUICK_SEEDS, SLOW_SEEDS = range(120), range(1000, 4000)


def block_rates(model: CompiledModel, block: int, theta: FloatArray, gamma: FloatArray) -> FloatArray:
    """Expected events of one sample of one channel, written down once more from the meaning of the arrays."""
    arrays = model.arrays
    cells = slice(arrays.block_cell[block], arrays.block_cell[block + 1])
    size = cells.stop - cells.start
    bins = slice(arrays.block_bin[block], arrays.block_bin[block] + size)
    rates = arrays.nominal[cells].copy()
    for entry in range(arrays.shift_first[block], arrays.shift_first[block + 1]):
        alpha, at = theta[arrays.shift_parameter[entry]], arrays.shift_cell[entry]
        up, down = arrays.shift_up[at : at + size], arrays.shift_down[at : at + size]
        if abs(alpha) > 1.0:
            rates += alpha * (up if alpha > 0.0 else down)
        else:
            even = alpha**2 * (15.0 - 10.0 * alpha**2 + 3.0 * alpha**4) / 16.0
            rates += 0.5 * alpha * (up + down) + even * (up - down)
    for entry in range(arrays.factor_first[block], arrays.factor_first[block + 1]):
        alpha, polynomial = theta[arrays.factor_parameter[entry]], arrays.factor_polynomial[entry]
        if arrays.factor_kind[entry] != EXPONENTIAL_FACTOR:
            rates *= alpha
        elif abs(alpha) < 1.0:
            rates *= 1.0 + sum(polynomial[power] * alpha ** (power + 1) for power in range(6))
        else:
            rates *= math.exp(abs(alpha) * polynomial[6 if alpha > 0.0 else 7])
    for entry in range(arrays.bin_factor_first[block], arrays.bin_factor_first[block + 1]):
        at = arrays.bin_factor_cell[entry]
        members = arrays.bin_factor_parameter[at : at + size]
        rates *= np.where(members >= 0, theta[members], 1.0)
    return np.where(arrays.scaled[cells] == 1, rates * gamma[bins], rates)


def expected_rates(model: CompiledModel, theta: FloatArray, gamma: FloatArray) -> FloatArray:
    rates = np.zeros(model.arrays.counts.size)
    for block, first in enumerate(model.arrays.block_bin):
        own = block_rates(model, block, theta, gamma)
        rates[first : first + own.size] += own
    return rates


def constraint(kind: int, value: float, centre: float, width: float) -> float:
    if kind == UNCONSTRAINED:
        return 0.0
    return -0.5 * ((value - centre) / width) ** 2 if kind == NORMAL else centre * math.log(value) - width * value


def log_likelihood(model: CompiledModel, theta: FloatArray, gamma: FloatArray) -> float:
    arrays, rates = model.arrays, expected_rates(model, theta, gamma)
    total = float(np.sum(arrays.counts * np.log(rates) - rates))
    rows = zip(arrays.constraint, theta, arrays.centre, arrays.width, strict=True)
    total += sum(constraint(*row) for row in rows)
    rows = zip(arrays.gamma_constraint, gamma, arrays.gamma_centre, arrays.gamma_width, strict=True)
    return total + sum(constraint(*row) for row in rows)


def random_values(model: CompiledModel, random: np.random.Generator) -> tuple[FloatArray, FloatArray]:
    arrays = model.arrays
    scalar = np.array(["[" not in name for name in model.parameter_names])
    theta = np.where(
        arrays.held == 1,
        arrays.initial,
        np.where(scalar & (arrays.constraint == NORMAL) & (arrays.centre < 0.5),
                 random.uniform(-2.0, 2.0, scalar.size), random.uniform(0.7, 1.3, scalar.size)),
    )  # fmt: skip
    return theta, np.where(arrays.gamma_constraint == UNCONSTRAINED, 1.0, random.uniform(0.7, 1.3, arrays.counts.size))


def check_against_pyhf(workspace: dict[str, Any], measurement: str, seed: int) -> int:
    """Compare at random parameter values; return at how many of them the likelihood is finite."""
    import pyhf

    content = pyhf.Workspace(workspace)
    theirs = content.model(measurement_name=measurement)
    data = np.array(content.data(theirs))
    model, random = compile_workspace(workspace, measurement), np.random.default_rng(seed)
    offsets = []
    for _ in range(4):
        theta, gamma = random_values(model, random)
        ours = dict(zip(model.gamma_names, gamma, strict=True)) | dict(zip(model.parameter_names, theta, strict=True))
        parameters = np.array(theirs.config.suggested_init(), dtype=float)
        for place, name in enumerate(theirs.config.par_names):
            parameters[place] = ours.get(name, parameters[place])
        rates = expected_rates(model, theta, gamma)
        np.testing.assert_allclose(theirs.expected_actualdata(parameters), rates, rtol=1e-12, atol=1e-12)
        if rates.min() > 0.0:
            offsets.append(log_likelihood(model, theta, gamma) - float(theirs.logpdf(parameters, data)[0]))
    np.testing.assert_allclose(offsets, offsets[:1] * len(offsets), rtol=0.0, atol=2e-10)
    check_parameters(model, theirs.config)
    return len(offsets)


def check_parameters(model: CompiledModel, config: Any) -> None:
    """Start values, bounds, what is fixed and the auxiliary data are those of pyhf."""
    arrays = model.arrays
    known = {name: place for place, name in enumerate(config.par_names)}
    for index, name in enumerate(model.parameter_names):
        place = known.pop(name)
        assert bool(arrays.held[index]) == config.suggested_fixed()[place], name
        assert arrays.initial[index] == config.suggested_init()[place], name
        if index != arrays.poi[0]:
            assert (arrays.lower[index], arrays.upper[index]) == tuple(config.suggested_bounds()[place]), name
    for index, name in enumerate(model.gamma_names):
        if name:
            place = known.pop(name)
            assert not config.suggested_fixed()[place]
            assert (arrays.gamma_lower[index], arrays.gamma_upper[index]) == tuple(config.suggested_bounds()[place])
    # what is in neither is a bin-wise factor fixed to one
    for name, place in known.items():
        assert config.suggested_fixed()[place], name
        assert config.suggested_init()[place] == 1.0, name


def compare(seeds: range, random_workspace: Callable[[int], dict[str, Any]]) -> None:
    compared = 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        for seed in seeds:
            workspace = random_workspace(seed)
            compared += check_against_pyhf(workspace, ("one", "two")[seed % 2], seed)
    # negative rates, where no likelihood exists, must stay rare for the test to mean something
    assert compared > 3 * len(seeds)


@pytest.mark.agreement
def test_rates_likelihood_and_settings_equal_pyhf(random_workspace: Callable[[int], dict[str, Any]]) -> None:
    compare(QUICK_SEEDS, random_workspace)


@pytest.mark.agreement
@pytest.mark.slow
def test_thousands_of_models_equal_pyhf(random_workspace: Callable[[int], dict[str, Any]]) -> None:
    compare(SLOW_SEEDS, random_workspace)


def test_every_modifier_and_setting_occurs(random_workspace: Callable[[int], dict[str, Any]]) -> None:
    texts = [repr(random_workspace(seed)) for seed in QUICK_SEEDS]
    for word in ("normsys", "histosys", "staterror", "shapesys", "shapefactor", "lumi", "factors", "sigmas", "'fixed'"):
        assert sum(word in text for text in texts) > 20, word
