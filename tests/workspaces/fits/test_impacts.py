"""Impacts against refits by pyhf and Minuit, and against errors with whole groups held."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest

from darkreach.errors import UnknownNameError
from darkreach.fits import fit, impacts


@pytest.mark.agreement
def test_minuit_finds_the_same_shifts(shape_workspace: Any, oracle: Any) -> None:
    found, reference = impacts(shape_workspace), oracle(shape_workspace)
    poi = reference.names.index("mu")
    central = reference.fit()[0][poi]
    shifts = {impact.parameter.name: impact for impact in found.ranked}
    assert sorted(shifts) == sorted(set(reference.names) - {"mu"})
    # normal, Poisson and unconstrained; in theta and eliminated
    for name in ("tilt", "stat[2]", "uncorrelated[2]", "k"):
        impact, fitted = shifts[name], found.fit[name]
        up = reference.fit({name: fitted.value + fitted.error})[0][poi] - central
        assert impact.postfit_up == pytest.approx(up, abs=2e-4 * found.fit["mu"].error)
        if fitted.prefit_error is None:
            assert impact.prefit_down is None
        else:
            down = reference.fit({name: fitted.value - fitted.prefit_error})[0][poi] - central
            assert impact.prefit_down == pytest.approx(down, abs=2e-4 * found.fit["mu"].error)


def test_shifts_are_ordered_and_do_not_depend_on_threads(shape_workspace: Any) -> None:
    one, two = impacts(shape_workspace), impacts(shape_workspace, threads=2)
    assert one.as_dict() == two.as_dict()
    sizes = [impact.size for impact in one.ranked]
    assert sizes == sorted(sizes, reverse=True)


def test_shifts_follow_the_correlation_where_the_likelihood_is_a_parabola(shape_workspace: Any) -> None:
    workspace = copy.deepcopy(shape_workspace)
    # a hundred thousand times the luminosity: everything unconstrained is Gaussian
    for channel in workspace["channels"]:
        for sample in channel["samples"]:
            sample["data"] = [1e5 * value for value in sample["data"]]
            sample["modifiers"] = [m for m in sample["modifiers"] if m["type"] == "normfactor"]
    for observation in workspace["observations"]:
        observation["data"] = [1e5 * value for value in observation["data"]]
    found = impacts(workspace)
    (impact,) = found.ranked
    linear = found.fit.correlation[found.fit.index("mu"), found.fit.index("k")] * found.fit["mu"].error
    assert impact.postfit_up == pytest.approx(linear, rel=5e-3)
    assert impact.postfit_down == pytest.approx(-linear, rel=5e-3)


def test_groups_are_what_vanishes_when_their_parameters_are_held(shape_workspace: Any) -> None:
    found = impacts(shape_workspace, groups={"shapes": ["tilt", "shift"], "simulation": ["stat*"]})
    best = found.fit
    held = copy.deepcopy(shape_workspace)
    held["measurements"][0]["config"]["parameters"] += [
        {"name": name, "inits": [best[name].value], "fixed": True} for name in ("tilt", "shift")
    ]
    remaining = fit(held)["mu"].error
    groups = {group.name: group for group in found.groups}
    assert groups["shapes"].impact ** 2 == pytest.approx(best["mu"].error ** 2 - remaining**2, rel=1e-6)
    assert groups["simulation"].members == tuple(f"stat[{index}]" for index in range(6))


def test_default_groups_and_statistical_error_add_up(shape_workspace: Any) -> None:
    found = impacts(shape_workspace)
    groups = {group.name: group.impact for group in found.groups}
    assert set(groups) == {"stat", "uncorrelated", "all constrained"}
    assert found.statistical is not None
    total = np.hypot(groups["all constrained"], found.statistical)
    assert total == pytest.approx(found.fit["mu"].error, rel=1e-12)


def test_a_group_of_unknown_parameters_is_refused(shape_workspace: Any) -> None:
    with pytest.raises(UnknownNameError, match="tlt"):
        impacts(shape_workspace, groups={"shapes": ["tlt"]})


def test_a_shift_stops_at_the_bound_of_its_parameter(shape_workspace: Any) -> None:
    workspace = copy.deepcopy(shape_workspace)
    workspace["measurements"][0]["config"]["parameters"].append({"name": "tilt", "bounds": [[-5.0, 0.1]]})
    (tilt,) = [impact for impact in impacts(workspace).ranked if impact.parameter.name == "tilt"]
    assert "bound" in tilt.note
