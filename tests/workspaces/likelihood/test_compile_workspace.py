"""What compiling refuses, and pyhf's conventions for uncertainties."""

from __future__ import annotations

import copy
import json
import math
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from darkreach.errors import WorkspaceError
from darkreach.likelihood import compile_workspace


def test_staterror_is_relative_to_all_samples_that_carry_it(all_modifiers: dict[str, Any]) -> None:
    model = compile_workspace(all_modifiers)
    index = model.gamma_names.index("stat_sr[0]")
    assert model.arrays.gamma_width[index] == pytest.approx((1.5**2 + 0.1**2) ** 0.5 / 22.0)


def test_shapesys_has_tau_of_the_squared_relative_uncertainty(all_modifiers: dict[str, Any]) -> None:
    model = compile_workspace(all_modifiers)
    index = model.parameter_names.index("uncorrelated[0]")
    assert model.arrays.width[index] == pytest.approx(100.0)
    assert model.arrays.centre[index] == pytest.approx(100.0)


def test_measurement_configures_parameters(all_modifiers: dict[str, Any]) -> None:
    model = compile_workspace(all_modifiers)
    lumi, bend = model.parameter_names.index("lumi"), model.parameter_names.index("bend")
    assert model.arrays.width[lumi] == 0.03
    assert model.arrays.centre[lumi] == 1.02
    assert (model.arrays.lower[bend], model.arrays.upper[bend], model.arrays.initial[bend]) == (-4.0, 4.0, 0.2)
    assert compile_workspace(all_modifiers, "other").measurement == "other"


def signal(workspace: dict[str, Any]) -> dict[str, Any]:
    return workspace["channels"][0]["samples"][0]


def settings(workspace: dict[str, Any]) -> list[dict[str, Any]]:
    return workspace["measurements"][0]["config"]["parameters"]


BROKEN: list[tuple[Callable[[dict[str, Any]], Any], str]] = [
    (lambda w: w["measurements"][0]["config"].update(poi="nu"), "no modifier uses"),
    (lambda w: w["measurements"][0]["config"].update(poi="free_shape"), "more than one component"),
    (lambda w: settings(w)[0].update(fixed=True), "is fixed"),
    (lambda w: settings(w)[0].update(bounds=[[3.0, 1.0]]), "contradict"),
    (lambda w: settings(w)[0].update(inits=[11.0]), "starts outside"),
    (lambda w: settings(w)[0].update(sigmas=[1.0]), "no property 'sigmas'"),
    (lambda w: settings(w)[1].pop("auxdata"), "lacks auxdata"),
    (lambda w: settings(w)[1].update(sigmas=[0.0]), "no positive finite width"),
    (lambda w: settings(w).append(settings(w)[0]), "appears twice"),
    (lambda w: signal(w).update(data=[1.0, 2.0]), "number of bins"),
    (lambda w: signal(w).update(data=[1.0, 2.0, float("nan")]), "bin content"),
    (lambda w: w["observations"][0].update(data=[1.0, -2.0, 3.0]), "bin content"),
    (lambda w: w["observations"].pop(), "no observation"),
    (lambda w: signal(w)["modifiers"][0].update(type="normfaktor"), "unknown type"),
    (lambda w: signal(w)["modifiers"][2]["data"].update(lo=0.0), "extrapolated"),
    (lambda w: signal(w)["modifiers"].append(signal(w)["modifiers"][0]), "appears twice"),
    (lambda w: signal(w)["modifiers"].append({"name": "tilt", "type": "normfactor", "data": None}), "different kinds"),
    (lambda w: signal(w)["modifiers"].append({"name": "uncorrelated", "type": "shapesys", "data": [1.0] * 3}), "two"),
    (lambda w: w.pop("channels"), "schema"),
    (lambda w: w.update(channels=[]), "no channels"),
    (lambda w: signal(w)["data"].__setitem__(0, "2.0"), "not a number"),
    (lambda w: signal(w)["modifiers"][2]["data"].pop("lo"), "schema"),
    (lambda w: signal(w)["modifiers"][3]["data"].__setitem__(0, -0.1), "bin content"),
    (lambda w: w["channels"][0]["samples"][2]["modifiers"][1]["data"].__setitem__(0, -1.0), "negative uncertainty"),
    (lambda w: settings(w)[2].update(fixed=[True, False]), "`fixed` of parameter 'bend'"),
    (lambda w: settings(w)[2].update(fixed="no"), "`fixed` of parameter 'bend'"),
    (lambda w: settings(w)[2].update(auxdata=[float("nan")]), "not a finite number"),
    (lambda w: settings(w)[2].update(bounds=[[1.0]]), "pair of numbers"),
    (lambda w: settings(w).append({"name": "uncorrelated", "auxdata": [-1.0, 1.0, 1.0]}), "negative auxdata"),
    # its name changes in one of two channels only
    (lambda w: w["channels"][1]["samples"][0]["modifiers"][2].update(name="stat_sr"), "different channels"),
]


@pytest.mark.parametrize(("spoil", "message"), BROKEN)
def test_unusable_workspaces_are_refused(
    all_modifiers: dict[str, Any], spoil: Callable[[dict[str, Any]], Any], message: str
) -> None:
    workspace = copy.deepcopy(all_modifiers)
    spoil(workspace)
    with pytest.raises(WorkspaceError, match=message):
        compile_workspace(workspace)


def test_unknown_measurement_is_refused(all_modifiers: dict[str, Any]) -> None:
    with pytest.raises(WorkspaceError, match="no such measurement"):
        compile_workspace(all_modifiers, "third")


def test_fixed_parameters_need_neither_room_nor_width(all_modifiers: dict[str, Any]) -> None:
    settings(all_modifiers)[1].update(fixed=True, bounds=[[1.0, 1.0]], sigmas=[0.0])
    model = compile_workspace(all_modifiers)
    lumi = model.parameter_names.index("lumi")
    assert (model.arrays.held[lumi], model.arrays.width[lumi]) == (1, 1.0)


def test_components_can_be_fixed_one_by_one(all_modifiers: dict[str, Any]) -> None:
    settings(all_modifiers).append({"name": "free_shape", "inits": [1.0, 2.0, 3.0], "fixed": [False, True, False]})
    model = compile_workspace(all_modifiers)
    held = dict(zip(model.parameter_names, model.arrays.held, strict=True))
    assert [held[f"free_shape[{index}]"] for index in range(3)] == [0, 1, 0]


@pytest.mark.agreement
def test_shapefactor_of_channels_of_different_length(all_modifiers: dict[str, Any]) -> None:
    """pyhf gives a shapefactor as many components as the first channel has bins; further bins would have none."""
    import pyhf

    shapefactor = {"name": "free_shape", "type": "shapefactor", "data": None}
    short = {"name": "z_short", "samples": [{"name": "free", "data": [7.0, 5.0], "modifiers": [shapefactor]}]}
    all_modifiers["channels"].append(short)
    all_modifiers["observations"].append({"name": "z_short", "data": [7.0, 5.0]})
    model = compile_workspace(all_modifiers)
    entry = model.arrays.bin_factor_cell[-1]
    names = [model.parameter_names[place] for place in model.arrays.bin_factor_parameter[entry:]]
    assert names == ["free_shape[0]", "free_shape[1]"]
    theirs = pyhf.Workspace(all_modifiers).model().config
    assert [name for name in theirs.par_names if name.startswith("free_shape")] == [*names, "free_shape[2]"]
    short["name"] = all_modifiers["observations"][-1]["name"] = "a_short"
    with pytest.raises(WorkspaceError, match="more bins here than in the first channel"):
        compile_workspace(all_modifiers)


SHARED = Path(__file__).parents[4] / "shared" / "workspaces"


@pytest.mark.agreement
@pytest.mark.skipif(not SHARED.is_dir(), reason="no public workspaces on this machine")
def test_public_workspaces_compile_where_pyhf_builds_a_model() -> None:
    import pyhf

    compiled = 0
    for path in sorted(SHARED.rglob("*.json")):
        content = json.loads(path.read_text())
        for entry in content.get("measurements", []) if isinstance(content, dict) else []:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)
                try:
                    theirs = pyhf.Workspace(content).model(measurement_name=entry["name"])
                except pyhf.exceptions.InvalidModel:
                    # a background without the signal that the parameter of interest belongs to
                    with pytest.raises(WorkspaceError, match="no modifier uses the parameter of interest"):
                        compile_workspace(content, entry["name"])
                    continue
            model = compile_workspace(content, entry["name"])
            compiled += 1
            start = np.array(theirs.config.suggested_init())
            at_start = {name: start[place] for place, name in enumerate(theirs.config.par_names)}
            named = zip(model.parameter_names, model.arrays.initial, strict=True)
            assert all(math.isclose(value, at_start[name]) for name, value in named), path
    assert compiled >= 9
