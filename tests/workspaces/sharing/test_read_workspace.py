from __future__ import annotations

import copy
import json

import pytest

from darkreach.errors import WorkspaceError
from darkreach.sharing import plain_hypothesis, read_workspace


def refused(path, **options):
    with pytest.raises(WorkspaceError) as caught:
        read_workspace(path, **options)
    return caught.value


def test_content_is_returned_unchanged(workspace, write):
    assert read_workspace(write(workspace)) == workspace


def test_missing_file(tmp_path):
    error = refused(tmp_path / "nowhere.json")
    assert error.where == str(tmp_path / "nowhere.json")
    assert "No such file" in error.given


def test_folder(tmp_path):
    assert "directory" in refused(tmp_path).given


def test_too_large(workspace, write):
    error = refused(write(workspace), maximum_bytes=100)
    assert error.allowed == "at most 100 bytes"


def test_invalid_json_has_line_and_column(write):
    error = refused(write('{\n "channels": [,]\n}'))
    assert error.where.endswith("workspace.json:2:15")


def test_truncated_file(workspace, write):
    assert "not JSON" in refused(write(json.dumps(workspace)[:-20])).what


def test_not_text(tmp_path):
    path = tmp_path / "workspace.json"
    path.write_bytes(b"\x1f\x8b\x00")
    assert refused(path).where.endswith("byte 1")


def test_repeated_key(write):
    assert "'a' stands twice" in refused(write('{"a": 1, "b": 2, "a": 3}')).what


def test_deep_nesting(write):
    assert "nested too deeply" in refused(write("[" * 200000 + "]" * 200000)).what


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_non_finite_number_is_located(workspace, write, number):
    text = json.dumps(workspace).replace("19.0", number)
    error = refused(write(text))
    assert error.where.endswith("$.channels[0].samples[0].modifiers[0].data.lo_data[1]")


def test_list_and_patchset_are_recognised(write):
    assert "JSON patch" in refused(write([])).next_step
    assert "patchset" in refused(write({"patches": []})).what


@pytest.mark.parametrize(
    ("change", "where", "what"),
    [
        (lambda w: w.pop("observations"), "$", "'observations' is a required property"),
        (lambda w: w.update(version="2.0.0"), "$.version", "1.0.0"),
        (lambda w: w.update(extra=1), "$", "'extra' was unexpected"),
        (lambda w: w["channels"][0]["samples"][0].pop("data"), "$.channels[0].samples[0]", "'data' is a required"),
        (lambda w: w["channels"][0]["samples"][0]["data"].__setitem__(1, "2"), "$.channels[0].samples[0].data[1]",
         "not of type 'number'"),
        (lambda w: w["channels"][0]["samples"][0]["data"].__setitem__(1, True), "$.channels[0].samples[0].data[1]",
         "not of type 'number'"),
        (lambda w: w["channels"][0]["samples"][0].update(data=[]), "$.channels[0].samples[0].data", "[]"),
        (lambda w: w["channels"][0]["samples"][0]["modifiers"][1]["data"].pop("lo"),
         "$.channels[0].samples[0].modifiers[1].data", "'lo' is a required"),
        (lambda w: w["channels"][0]["samples"][0]["modifiers"][1].update(type="nonsense"),
         "$.channels[0].samples[0].modifiers[1].type", "unknown modifier type"),
    ],
)  # fmt: skip
def test_schema_violation_names_the_path(workspace, write, change, where, what):
    change(workspace)
    error = refused(write(workspace))
    assert error.where.endswith(f"workspace.json: {where}")
    assert what in error.what


@pytest.mark.parametrize(
    ("change", "where", "what"),
    [
        (lambda w: w["channels"].append(w["channels"][0]), "$.channels", "channel 'only' stands twice"),
        (lambda w: w["observations"].append(w["observations"][0]), "$.observations", "observation 'only'"),
        (lambda w: w["channels"][0]["samples"].append(w["channels"][0]["samples"][1]), "$.channels[0].samples",
         "sample 'signal' stands twice"),
        (lambda w: w["observations"][0].update(name="other"), "$.channels[0]", "has no observation"),
        (lambda w: w["observations"][0]["data"].append(1.0), "$.channels[0]", "another number of bins"),
        (lambda w: w["observations"][0].update(data=[1.0, -1.0]), "$.channels[0], bin 1", "negative"),
        (lambda w: w["channels"][0]["samples"][1]["data"].append(1.0), "$.channels[0].samples[1]", "sample 'signal'"),
        (lambda w: w["channels"][0]["samples"][0]["modifiers"][0]["data"]["hi_data"].pop(),
         "$.channels[0].samples[0].modifiers[0]", "hi_data of histosys 'shape'"),
        (lambda w: w["channels"][0]["samples"][0]["modifiers"][2]["data"].pop(),
         "$.channels[0].samples[0].modifiers[2]", "staterror 'stat'"),
        (lambda w: w["channels"][0]["samples"][0]["modifiers"].append({"name": "rate", "type": "normsys",
                                                                       "data": {"hi": 1.2, "lo": 0.8}}),
         "$.channels[0].samples[0].modifiers", "normsys 'rate' stands twice"),
        (lambda w: w["measurements"][0]["config"].update(parameters=[{"name": "mu"}, {"name": "mu"}]),
         "$.measurements[0].config.parameters", "parameter 'mu' stands twice"),
        (lambda w: w["channels"][0]["samples"][1]["modifiers"].append({"name": "lumi", "type": "lumi", "data": None}),
         "$.measurements[0].config.parameters", "'lumi' has no auxdata"),
    ],
)  # fmt: skip
def test_inconsistency_names_the_path(workspace, write, change, where, what):
    change(workspace)
    error = refused(write(workspace))
    assert error.where.endswith(f"workspace.json: {where}")
    assert what in error.what


def test_plain_hypothesis_is_named_after_its_file(workspace, write):
    hypothesis = plain_hypothesis(write(workspace, "counting.json"), workspace)
    assert (hypothesis.name, dict(hypothesis.values)) == ("counting", {})


@pytest.mark.parametrize(
    ("poi", "what", "next_step"),
    [
        ("", "names no parameter of interest", "name the normfactor of the signal"),
        ("mus", "no modifier is called 'mus'", "did you mean 'mu'?"),
        ("rate", "is not one free number", "name the normfactor of the signal"),
        ("stat", "is not one free number", "name the normfactor of the signal"),
    ],
)
def test_parameter_of_interest_must_exist_and_be_free(workspace, write, poi, what, next_step):
    broken = copy.deepcopy(workspace)
    broken["measurements"][0]["config"]["poi"] = poi
    with pytest.raises(WorkspaceError, match=what) as caught:
        plain_hypothesis(write(broken), broken)
    assert caught.value.next_step == next_step


@pytest.mark.parametrize(
    ("settings", "where", "what"),
    [
        ({"name": "mu", "fixed": True}, ".fixed", "is fixed"),
        ({"name": "mu", "bounds": [[-5.0, 0.0]]}, ".bounds", "cannot be positive"),
        ({"name": "mu", "bounds": [[5.0, 1.0]]}, ".bounds[0]", "contradict each other"),
        ({"name": "mu", "bounds": [[1.0, 1.0]]}, ".bounds[0]", "contradict each other"),
        ({"name": "rate", "bounds": [[1.0]]}, ".bounds[0]", "are no pair"),
        ({"name": "rate", "inits": [7.0], "bounds": [[-5.0, 5.0]]}, ".inits[0]", "starts outside its bounds"),
    ],
)
def test_settings_that_cannot_start_are_refused(workspace, write, settings, where, what):
    workspace["measurements"][0]["config"]["parameters"] = [{"name": "nobody", "bounds": [[2.0, 1.0]]}, settings]
    # a background-only workspace may be read in this state: its patches may repair it
    path = write(workspace)
    with pytest.raises(WorkspaceError, match=what) as caught:
        plain_hypothesis(path, read_workspace(path))
    assert caught.value.where == f"{path}: $.measurements[0].config.parameters[1]{where}"
    assert caught.value.next_step


def test_a_fixed_parameter_needs_no_room(workspace, write):
    fixed = {"name": "rate", "fixed": True, "inits": [0.0], "bounds": [[0.0, 0.0]]}
    workspace["measurements"][0]["config"]["parameters"] = [fixed]
    assert plain_hypothesis(write(workspace), workspace).name == "workspace"


@pytest.mark.parametrize("factor", [0.0, -0.5])
def test_normsys_without_logarithm_is_refused(workspace, write, factor):
    workspace["channels"][0]["samples"][0]["modifiers"][1]["data"]["lo"] = factor
    with pytest.raises(WorkspaceError, match="normsys 'rate' has a factor that is not positive") as caught:
        plain_hypothesis(write(workspace), workspace)
    assert caught.value.where.endswith("channel 'only', sample 'background'")


def test_public_two_bin_workspace(shared):
    path = shared / "pyhf/docs/examples/json/2-bin_1-channel.json"
    assert plain_hypothesis(path, read_workspace(path)).name == "2-bin_1-channel"
