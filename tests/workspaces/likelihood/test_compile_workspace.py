"""What compiling refuses, and pyhf's conventions for uncertainties."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

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
