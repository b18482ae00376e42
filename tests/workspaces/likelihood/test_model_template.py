"""Templates: a refilled model is the compiled one bit by bit; everything else is compiled anew or refused."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from darkreach.errors import WorkspaceError
from darkreach.likelihood import compile_workspace
from darkreach.likelihood.compile_workspaces import (
    TEMPLATES_KEPT,
    WorkspaceCompiler,
    compile_workspaces,
    pack_workspaces,
)
from darkreach.likelihood.model_arrays import CompiledModel
from darkreach.likelihood.model_template import make_template
from darkreach.likelihood.packed_models import unpack_model

Change = Callable[[dict[str, Any]], Any]


def assert_same(one: CompiledModel, other: CompiledModel) -> None:
    for name, ours, theirs in zip(one.arrays._fields, one.arrays, other.arrays, strict=True):
        assert ours.dtype == theirs.dtype, name
        assert ours.flags.c_contiguous
        np.testing.assert_array_equal(ours, theirs, err_msg=name, strict=True)
    for name in ("parameter_names", "gamma_names", "bin_names", "poi_bounds", "measurement"):
        assert getattr(one, name) == getattr(other, name)


def scaled(values: list[float], random: np.random.Generator) -> list[float]:
    return [value * float(random.uniform(0.5, 1.5)) for value in values]


def moved(workspace: dict[str, Any], random: np.random.Generator) -> dict[str, Any]:
    """The workspace with other numbers in about half its samples, zeros kept."""
    changed = copy.deepcopy(workspace)
    for channel in changed["channels"]:
        for sample in channel["samples"]:
            if random.random() < 0.5:
                sample["data"] = scaled(sample["data"], random)
            for modifier in sample["modifiers"]:
                data = modifier["data"]
                if random.random() < 0.5 or data is None:
                    continue
                if isinstance(data, list):
                    modifier["data"] = scaled(data, random)
                elif modifier["type"] == "histosys":
                    modifier["data"] = {side: scaled(values, random) for side, values in data.items()}
                else:
                    modifier["data"] = {side: value * float(random.uniform(0.9, 1.1)) for side, value in data.items()}
    if random.random() < 0.5:
        changed["observations"][0]["data"] = scaled(changed["observations"][0]["data"], random)
    return changed


@pytest.mark.parametrize("measurement", [None, "two"])
def test_refilled_models_are_the_compiled_ones(
    random_workspace: Callable[[int], dict[str, Any]], measurement: str | None
) -> None:
    refilled = 0
    for seed in range(120):
        random, workspace = np.random.default_rng(seed), random_workspace(seed)
        template = make_template(workspace, measurement)
        assert_same(template.model, compile_workspace(workspace, measurement))
        for _ in range(3):
            other = moved(workspace, random)
            model = template.refill(other)
            if model is not None:
                refilled += 1
                assert_same(model, compile_workspace(other, measurement))
    # the others have constraints set by the measurement, or a bin whose sum of samples changed its sign
    assert refilled > 200


def test_a_workspace_changed_in_place_is_noticed(all_modifiers: dict[str, Any]) -> None:
    template = make_template(all_modifiers)
    for channel in all_modifiers["channels"]:
        for sample in channel["samples"]:
            sample["data"][0] *= 1.25
            model = template.refill(all_modifiers)
            assert model is not None
            assert_same(model, compile_workspace(all_modifiers))


def test_integers_and_names_are_shared(all_modifiers: dict[str, Any]) -> None:
    template = make_template(all_modifiers)
    model = template.refill(moved(all_modifiers, np.random.default_rng(3)))
    assert model is not None
    assert model.arrays.shift_parameter is template.model.arrays.shift_parameter
    assert model.parameter_names is template.model.parameter_names
    assert not np.shares_memory(model.arrays.nominal, template.model.arrays.nominal)


@pytest.mark.parametrize(
    "settings", [{"bounds": [[0.0, 12.0]]}, {"inits": [0.5]}, {"bounds": [[-1.0, 3]], "inits": [0]}]
)
def test_start_and_bounds_of_the_parameter_of_interest_may_change(
    all_modifiers: dict[str, Any], settings: dict[str, Any]
) -> None:
    other = copy.deepcopy(all_modifiers)
    other["measurements"][0]["config"]["parameters"][0].update(settings)
    model = make_template(all_modifiers).refill(other)
    assert model is not None
    assert_same(model, compile_workspace(other))


def test_start_and_bounds_of_free_normalisations_may_change(all_modifiers: dict[str, Any]) -> None:
    settings = {"name": "k_measured", "inits": [1.0], "bounds": [[0.0, 10.0]]}
    all_modifiers["measurements"][0]["config"]["parameters"].append(settings)
    other, impossible, unknown = (copy.deepcopy(all_modifiers) for _ in range(3))
    other["measurements"][0]["config"]["parameters"][-1].update(inits=[0.25], bounds=[[-1.0, 1000.0]])
    template = make_template(all_modifiers)
    model = template.refill(other)
    assert model is not None
    assert_same(model, compile_workspace(other))
    assert model.arrays.upper[model.parameter_names.index("k_measured")] == 1000.0
    impossible["measurements"][0]["config"]["parameters"][-1].update(inits=[11.0])
    unknown["measurements"][0]["config"]["parameters"][-1].update(name="nothing")
    assert template.refill(impossible) is None
    assert template.refill(unknown) is None


def test_a_sample_may_have_another_name_in_the_same_place(all_modifiers: dict[str, Any]) -> None:
    other = copy.deepcopy(all_modifiers)
    sample(other)["name"] = "signal_of_1_gev"
    model = make_template(all_modifiers).refill(other)
    assert model is not None
    assert_same(model, compile_workspace(other))


def sample(workspace: dict[str, Any], channel: int = 0, number: int = 0) -> dict[str, Any]:
    return workspace["channels"][channel]["samples"][number]


def modifier(workspace: dict[str, Any], name: str) -> dict[str, Any]:
    return next(m for c in workspace["channels"] for s in c["samples"] for m in s["modifiers"] if m["name"] == name)


OTHER_STRUCTURES: list[Change] = [
    lambda w: w["channels"].reverse(),
    # a name that comes elsewhere in the order of samples
    lambda w: sample(w).update(name="a_signal"),
    lambda w: [sample(w, 0, 2).update(name="measured_a"), sample(w, 1, 0).update(name="measured_b")],
    lambda w: sample(w)["modifiers"].append({"name": "new", "type": "normfactor", "data": None}),
    lambda w: sample(w)["modifiers"].reverse(),
    lambda w: modifier(w, "efficiency").update(name="other_efficiency"),
    lambda w: modifier(w, "k_measured").update(name="lumi", type="lumi"),
    lambda w: w["measurements"][0]["config"]["parameters"][2].update(bounds=[[-3.0, 3.0]]),
    lambda w: w["measurements"][0]["config"]["parameters"][0].pop("bounds"),
    lambda w: w["measurements"][0]["config"].update(poi="k_measured"),
    lambda w: w["measurements"].reverse(),
    # a bin that had an uncertainty has none, and the reverse
    lambda w: [m["data"].__setitem__(1, 0.0) for s in (0, 1) for m in sample(w, 0, s)["modifiers"]
               if m["type"] == "staterror"],
    lambda w: modifier(w, "uncorrelated")["data"].__setitem__(1, 0.7),
    lambda w: modifier(w, "stat_cr")["data"].__setitem__(2, 0.7),
]  # fmt: skip


@pytest.mark.parametrize("change", OTHER_STRUCTURES)
def test_other_structures_are_compiled_anew(all_modifiers: dict[str, Any], change: Change) -> None:
    compiler = WorkspaceCompiler()
    first = compiler.compile(all_modifiers)
    other = copy.deepcopy(all_modifiers)
    change(other)
    assert make_template(all_modifiers).refill(other) is None
    assert_same(compiler.compile(other), compile_workspace(other))
    # both structures stay known
    again = compiler.compile(copy.deepcopy(all_modifiers))
    assert_same(again, first)
    assert again.arrays.block_bin is first.arrays.block_bin


UNUSABLE: list[tuple[Change, str]] = [
    (lambda w: sample(w)["data"].__setitem__(1, float("nan")), "bin content"),
    (lambda w: sample(w)["data"].__setitem__(1, float("inf")), "bin content"),
    (lambda w: sample(w)["data"].__setitem__(1, "2.0"), "not a number"),
    (lambda w: sample(w)["data"].__setitem__(1, None), "not a number"),
    (lambda w: sample(w)["data"].append(1.0), "number of bins"),
    (lambda w: sample(w).pop("data"), "schema"),
    (lambda w: modifier(w, "stat_sr")["data"].__setitem__(0, -1.0), "bin content"),
    (lambda w: modifier(w, "stat_sr")["data"].pop(), "number of bins"),
    (lambda w: modifier(w, "bend")["data"]["hi_data"].__setitem__(0, float("-inf")), "bin content"),
    (lambda w: modifier(w, "bend")["data"].pop("lo_data"), "schema"),
    (lambda w: modifier(w, "efficiency")["data"].update(lo=0.0), "extrapolated"),
    (lambda w: modifier(w, "efficiency")["data"].update(hi=float("inf")), "extrapolated"),
    (lambda w: modifier(w, "efficiency")["data"].update(hi=float("nan")), "extrapolated"),
    (lambda w: modifier(w, "uncorrelated")["data"].__setitem__(0, -1.0), "negative uncertainty"),
    (lambda w: w["observations"][1]["data"].__setitem__(0, -1.0), "bin content"),
    (lambda w: w["observations"][1]["data"].__setitem__(0, float("nan")), "bin content"),
    (lambda w: w["observations"].pop(), "no observation"),
    (lambda w: w["measurements"][0]["config"]["parameters"][0].update(bounds=[[2.0, 1.0]]), "contradict"),
    (lambda w: w["measurements"][0]["config"]["parameters"][0].update(inits=[11.0]), "starts outside"),
    (lambda w: w["measurements"][0]["config"]["parameters"][0].update(inits=[float("nan")]), "not a finite number"),
    (lambda w: w["measurements"][0]["config"]["parameters"][0].update(bounds=[[-2.0, 0.0]], inits=[-1.0]), "positive"),
    (lambda w: w["measurements"][0]["config"]["parameters"][0].update(fixed=True), "is fixed"),
    (lambda w: w["channels"].append(w["channels"][0]), "appears twice"),
]


@pytest.mark.parametrize(("change", "message"), UNUSABLE)
def test_unusable_numbers_are_refused_and_lose_no_other(
    all_modifiers: dict[str, Any], change: Change, message: str
) -> None:
    broken = copy.deepcopy(all_modifiers)
    change(broken)
    assert make_template(all_modifiers).refill(broken) is None
    before, error, after = compile_workspaces([all_modifiers, broken, copy.deepcopy(all_modifiers)])
    assert isinstance(error, WorkspaceError)
    assert message in error.what
    assert isinstance(before, CompiledModel)
    assert isinstance(after, CompiledModel)
    assert_same(before, after)


def test_only_the_last_structures_are_kept(all_modifiers: dict[str, Any]) -> None:
    compiler, versions = WorkspaceCompiler(), []
    for number in range(TEMPLATES_KEPT + 1):
        versions.append(copy.deepcopy(all_modifiers))
        versions[-1]["channels"][0]["name"] = versions[-1]["observations"][0]["name"] = f"sr_{number}"
    models = [compiler.compile(version) for version in versions]
    assert compiler.compile(versions[-1]).arrays.block_bin is models[-1].arrays.block_bin
    assert compiler.compile(versions[0]).arrays.block_bin is not models[0].arrays.block_bin


def test_packed_workspaces_are_the_compiled_ones(random_workspace: Callable[[int], dict[str, Any]]) -> None:
    workspaces: list[dict[str, Any]] = []
    for seed in range(12):
        random, workspace = np.random.default_rng(seed), random_workspace(seed)
        workspaces += [workspace, moved(workspace, random), {}, moved(workspace, random)]
    packed, models = pack_workspaces(workspaces)
    usable = [workspace for workspace in workspaces if workspace]
    assert sum(isinstance(model, WorkspaceError) for model in models) == 12
    assert packed.float_start.size == len(usable)
    assert np.unique(packed.integer_start).size < len(usable)
    good = [model for model in models if isinstance(model, CompiledModel)]
    for index, (workspace, model) in enumerate(zip(usable, good, strict=True)):
        compiled = compile_workspace(workspace)
        assert_same(model, compiled)
        for ours, theirs in zip(unpack_model(packed, index), compiled.arrays, strict=True):
            np.testing.assert_array_equal(ours, theirs, strict=True)
