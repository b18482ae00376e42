"""Likelihoods straight from arrays of the signal: equal, bit by bit, to those of the workspaces."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from darkreach.errors import UnknownNameError, WorkspaceError
from darkreach.likelihood import compile_workspace
from darkreach.likelihood.model_arrays import CompiledModel, ModelArrays
from darkreach.likelihood.packed_models import unpack_model
from darkreach.likelihood.scan_models import scan_models
from darkreach.likelihood.signal_scan import SignalScan, add_signal, scan_workspace


def carried(workspace: dict[str, Any], kind: str) -> set[str]:
    samples = [s for channel in workspace["channels"] for s in channel["samples"] if s["name"] == "signal"]
    return {m["name"] for sample in samples for m in sample["modifiers"] if m["type"] == kind}


def random_scan(workspace: dict[str, Any], seed: int, hypotheses: int) -> SignalScan:
    random = np.random.default_rng(seed)
    shape = hypotheses, sum(len(channel["samples"][0]["data"]) for channel in workspace["channels"])

    def numbers(low: float, high: float, *, zeros: float = 0.0) -> np.ndarray[Any, Any]:
        return np.where(random.random(shape) < zeros, 0.0, random.uniform(low, high, shape))

    nominal = numbers(-0.1, 10.0, zeros=0.2)
    return SignalScan(
        nominal,
        numbers(0.1, 1.0, zeros=0.3) if carried(workspace, "staterror") else None,
        {name: tuple(random.uniform(0.7, 1.4, (2, hypotheses))) for name in sorted(carried(workspace, "normsys"))},
        {name: (nominal * numbers(0.8, 1.2), nominal * numbers(0.8, 1.2))
         for name in sorted(carried(workspace, "histosys"))},
    )  # fmt: skip


def assert_same(ours: ModelArrays, theirs: ModelArrays) -> None:
    for name, one, other in zip(ours._fields, ours, theirs, strict=True):
        np.testing.assert_array_equal(one, other, err_msg=name, strict=True)


def assert_scan_is_compiled(workspace: dict[str, Any], scan: SignalScan, measurement: str | None = None) -> None:
    models = scan_models(workspace, scan, measurement=measurement)
    for index in range(scan.hypotheses):
        compiled = compile_workspace(scan_workspace(workspace, scan, index), measurement)
        view = models.model(index)
        assert_same(view.arrays, compiled.arrays)
        assert_same(unpack_model(models.packed, index), compiled.arrays)
        for entry in dataclasses.fields(CompiledModel)[1:]:
            assert getattr(view, entry.name) == getattr(compiled, entry.name)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10_000), hypotheses=st.integers(1, 7), measurement=st.sampled_from([None, "two"]))
def test_random_scans_equal_their_workspaces(
    random_workspace: Callable[[int], dict[str, Any]], seed: int, hypotheses: int, measurement: str | None
) -> None:
    workspace = random_workspace(seed)
    scan = random_scan(workspace, seed, hypotheses)
    try:
        assert_scan_is_compiled(workspace, scan, measurement)
    except WorkspaceError as error:
        assert "sets the constraint of a staterror" in error.what
        settings_of_staterrors = workspace["measurements"][0 if measurement is None else 1]["config"]["parameters"]
        assert any(item["name"].startswith("stat") for item in settings_of_staterrors)


def test_hypotheses_of_different_zero_bins_are_different_structures(all_modifiers: dict[str, Any]) -> None:
    # without the flat background the signal alone carries the staterror of its channel
    flat = all_modifiers["channels"][0]["samples"].pop(1)
    assert flat["name"] == "flat"
    nominal = np.zeros((4, 6))
    nominal[:, 3:] = [[1.0, 2.0, 0.0], [1.0, 2.0, 3.0], [3.0, 2.0, 0.0], [0.0, 1.0, 1.0]]
    high, low = np.linspace(1.1, 1.3, 4), np.linspace(0.9, 0.7, 4)
    scan = SignalScan(nominal, 0.1 * nominal, {"efficiency": (high, low)})
    models = scan_models(all_modifiers, scan)
    assert models.structure.tolist() == [0, 1, 0, 2]
    assert_scan_is_compiled(all_modifiers, scan)


def test_signal_is_added_to_a_background_only_workspace() -> None:
    background = {"name": "b", "data": [30.0, 20.0], "modifiers": []}
    workspace = {
        "channels": [{"name": name, "samples": [background]} for name in ("z", "a", "m")],
        "observations": [{"name": name, "data": [31.0, 19.0]} for name in ("z", "a", "m")],
        "measurements": [{"name": "x", "config": {"poi": "mu", "parameters": []}}],
        "version": "1.0.0",
    }
    kinds = [("normfactor", "mu"), ("staterror", "stat"), ("histosys", "width"), ("normsys", "rate")]
    complete = add_signal(workspace, {"a": kinds, "z": kinds})
    assert len(background["modifiers"]) == 0
    assert [len(channel["samples"]) for channel in workspace["channels"]] == [1, 1, 1]
    # channels in alphabetical order: a, m (without signal), z
    nominal = np.array([[1.0, 2.0, 0.0, 0.0, 5.0, 6.0], [2.0, 3.0, 0.0, 0.0, 6.0, 7.0]])
    scan = SignalScan(
        nominal, 0.1 * nominal, {"rate": (np.array([1.1, 1.2]), np.array([0.9, 0.8]))},
        {"width": (1.1 * nominal, 0.9 * nominal)},
    )  # fmt: skip
    assert_scan_is_compiled(complete, scan)
    made = scan_workspace(complete, scan, 1)
    assert made["channels"][0]["samples"][1]["data"] == [6.0, 7.0]
    with pytest.raises(WorkspaceError, match="in a channel without the signal"):
        scan_models(complete, dataclasses.replace(scan, nominal=nominal + 1.0))
    with pytest.raises(WorkspaceError, match="no such channel"):
        add_signal(workspace, {"other": kinds})
    with pytest.raises(WorkspaceError, match="already"):
        add_signal(complete, {"a": kinds})


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"statistical": None}, "no numbers for staterror 'stat_sr'"),
        ({"nominal": np.ones((3, 5)), "statistical": None}, "does not fit the workspace"),
        ({"nominal": np.ones((0, 6)), "statistical": None}, "does not fit the workspace"),
        ({"nominal": np.ones((3, 6))}, "without the signal sample"),
    ],
)
def test_scans_that_do_not_fit_are_refused(
    all_modifiers: dict[str, Any], changes: dict[str, Any], message: str
) -> None:
    nominal = np.zeros((3, 6))
    nominal[:, 3:] = 1.0
    scan = SignalScan(nominal, 0.1 * nominal)
    assert_scan_is_compiled(all_modifiers, scan)
    with pytest.raises(WorkspaceError, match=message):
        scan_models(all_modifiers, dataclasses.replace(scan, **changes))
    pair = (np.ones(3), np.ones(3))
    with pytest.raises(UnknownNameError, match="unknown normsys 'eficiency'"):
        scan_models(all_modifiers, dataclasses.replace(scan, normalisations={"eficiency": pair}))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"nominal": np.ones(3)}, "two axes"),
        ({"nominal": np.array([[1.0, np.nan]])}, "nominal rates .* not usable"),
        ({"statistical": np.array([[1.0, -1.0]])}, "statistical uncertainties .* not usable"),
        ({"statistical": np.ones((1, 3))}, "another shape"),
        ({"normalisations": {"rate": (np.array([1.1]), np.array([0.0]))}}, "rate at -1 .* not usable"),
        ({"normalisations": {"rate": (np.array([np.inf]), np.array([0.5]))}}, "rate at \\+1 .* not usable"),
        ({"shapes": {"width": (np.ones((1, 2)), np.full((1, 2), np.inf))}}, "width at -1 .* not usable"),
    ],
)
def test_unusable_numbers_are_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(WorkspaceError, match=message):
        SignalScan(**({"nominal": np.ones((1, 2))} | changes))
