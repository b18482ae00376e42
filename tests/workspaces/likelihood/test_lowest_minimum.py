"""One-sided shape systematics: two minima each, of which the lowest must be found from either side."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from darkreach.likelihood import allocate_scratch, compile_workspace, observed_dataset
from darkreach.likelihood.lowest_minimum import find_mirrors, lowest_minimum
from darkreach.likelihood.newton_fit import CONVERGED, minimise


def one_sided(preference: float) -> dict[str, Any]:
    """A large signal whose two systematics reduce it in both directions, one direction a little more."""
    modifiers: list[dict[str, Any]] = [{"name": "mu", "type": "normfactor", "data": None}]
    for name, loss in (("first", 0.5), ("second", 0.4)):
        data = {"hi_data": [10.0 * (1 - loss)], "lo_data": [10.0 * (1 - loss - preference)]}
        modifiers.append({"name": name, "type": "histosys", "data": data})
    background = {"name": "background", "data": [20.0], "modifiers": []}
    samples = [{"name": "signal", "data": [10.0], "modifiers": modifiers}, background]
    return {
        "channels": [{"name": "c", "samples": samples}],
        "observations": [{"name": "c", "data": [21.0]}],
        "measurements": [{"name": "m", "config": {"poi": "mu", "parameters": []}}],
        "version": "1.0.0",
    }


@pytest.mark.parametrize("preference", [0.02, -0.02])
def test_the_lowest_of_four_minima_is_found_from_each_of_them(preference: float) -> None:
    model = compile_workspace(one_sided(preference))
    arrays, data, scratch = model.arrays, observed_dataset(model.arrays), allocate_scratch(model.arrays)
    assert find_mirrors(arrays, scratch) == 2
    poi, strength = arrays.poi[0], 4.0
    minima = []
    for signs in itertools.product((1.0, -1.0), repeat=2):
        theta = np.zeros(3)
        theta[[index for index in range(3) if index != poi]] = signs
        theta[poi] = strength
        start = theta.copy()
        status, value = minimise(arrays, data, theta, scratch.held, scratch)
        assert status == CONVERGED
        minima.append((start, value))
    values = [value for _, value in minima]
    # the minima do differ, or the test would not test
    assert max(values) - min(values) > 0.01
    for start, _ in minima:
        theta = start.copy()
        status, value = lowest_minimum(arrays, data, theta, start, scratch.held, 2, scratch)
        assert status == CONVERGED
        assert value == pytest.approx(min(values), abs=1e-9)


def test_mirror_images_reach_a_minimum_that_no_start_leads_to() -> None:
    # the lowest minimum has opposite signs; the declared start values lie in the worst corner
    workspace = one_sided(0.02)
    low = workspace["channels"][0]["samples"][0]["modifiers"][2]["data"]
    low["hi_data"], low["lo_data"] = low["lo_data"], low["hi_data"]
    declared = [{"name": "first", "inits": [1.0]}, {"name": "second", "inits": [-1.0]}]
    workspace["measurements"][0]["config"]["parameters"] = declared
    model = compile_workspace(workspace)
    arrays, data, scratch = model.arrays, observed_dataset(model.arrays), allocate_scratch(model.arrays)
    first, second = (model.parameter_names.index(name) for name in ("first", "second"))
    mirrors = find_mirrors(arrays, scratch)
    found = {}
    for signs in itertools.product((1.0, -1.0), repeat=2):
        theta = np.zeros(3)
        theta[arrays.poi[0]], theta[first], theta[second] = 4.0, *signs
        found[signs] = minimise(arrays, data, theta, scratch.held, scratch)[1]
    assert min(found, key=lambda signs: found[signs]) == (-1.0, 1.0)
    theta = np.zeros(3)
    theta[arrays.poi[0]], theta[first], theta[second] = 4.0, 1.0, 1.0
    _, value = lowest_minimum(arrays, data, theta, theta.copy(), scratch.held, mirrors, scratch)
    assert value == pytest.approx(found[-1.0, 1.0], abs=1e-9)


def test_two_sided_systematics_have_no_mirror_images(all_modifiers: dict[str, Any]) -> None:
    arrays = compile_workspace(all_modifiers).arrays
    scratch = allocate_scratch(arrays)
    for index in range(arrays.shift_up.size):
        arrays.shift_down[index] = arrays.shift_up[index]
    assert find_mirrors(arrays, scratch) == 0
