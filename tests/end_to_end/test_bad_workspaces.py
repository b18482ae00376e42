"""``darkreach limit`` on broken workspaces: one error with place and cure, exit code 1, the other limits kept."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from darkreach.command_line.main import run_command_line
from darkreach.sharing import workspace_digest

Workspace = dict[str, Any]


@pytest.fixture
def workspace() -> Workspace:
    modifiers = [
        {"name": "shape", "type": "histosys", "data": {"hi_data": [11.0, 21.0], "lo_data": [9.0, 19.0]}},
        {"name": "rate", "type": "normsys", "data": {"hi": 1.1, "lo": 0.9}},
        {"name": "stat", "type": "staterror", "data": [1.0, 1.5]},
        {"name": "lumi", "type": "lumi", "data": None},
    ]
    signal = {"name": "signal", "data": [4.0, 2.0], "modifiers": [{"name": "mu", "type": "normfactor", "data": None}]}
    background = {"name": "background", "data": [10.0, 20.0], "modifiers": modifiers}
    lumi = {"name": "lumi", "auxdata": [1.0], "sigmas": [0.02], "inits": [1.0], "bounds": [[0.9, 1.1]]}
    mu = {"name": "mu", "inits": [1.0], "bounds": [[0.0, 10.0]]}
    return {
        "channels": [{"name": "only", "samples": [background, signal]}],
        "measurements": [
            {"name": "limit", "config": {"poi": "mu", "parameters": [mu, lumi]}},
            {"name": "fixed_rate", "config": {"poi": "mu", "parameters": [lumi, {"name": "rate", "fixed": True}]}},
        ],
        "observations": [{"name": "only", "data": [10, 22]}],
        "version": "1.0.0",
    }


@pytest.fixture
def write(tmp_path: Path) -> Callable[[Any, str], Path]:
    def written(content: Any, name: str = "workspace.json") -> Path:
        path = tmp_path / name
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return path

    return written


@pytest.fixture
def refused(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Callable[..., str]:
    """Run the command, which must fail with exactly one error and leave no result; return its message."""

    def message(*words: object) -> str:
        capsys.readouterr()
        assert run_command_line(["limit", *map(str, words), "--json", str(tmp_path / "out.json")]) == 1
        output = capsys.readouterr()
        assert output.err.count("error: ") == 1
        assert "Traceback" not in output.err + output.out
        assert not (tmp_path / "out.json").exists()
        return output.err

    return message


def assert_place_and_cure(message: str, what: str, where: str) -> None:
    assert what in message
    (place,) = (line for line in message.splitlines() if line.startswith("  where:"))
    assert where in place
    assert "  next:" in message


def background(workspace: Workspace) -> dict[str, Any]:
    return workspace["channels"][0]["samples"][0]


def modifier(workspace: Workspace, index: int) -> dict[str, Any]:
    return background(workspace)["modifiers"][index]


def settings(workspace: Workspace) -> list[dict[str, Any]]:
    return workspace["measurements"][0]["config"]["parameters"]


@pytest.mark.parametrize(
    ("text", "what", "where"),
    [
        (lambda t: t.replace(":", "=", 1), "not JSON", "workspace.json:1:"),
        (lambda t: t[: len(t) // 2], "not JSON", "workspace.json:1:"),
        (lambda t: "", "not JSON", "workspace.json:1:1"),
        (lambda t: t.replace("19.0", "NaN"), "not finite", "$.channels[0].samples[0].modifiers[0].data.lo_data[1]"),
        (lambda t: t.replace("22]", "Infinity]"), "not finite", "$.observations[0].data[1]"),
        (lambda t: t.replace("[4.0", "[-1e999"), "not finite", "$.channels[0].samples[1].data[0]"),
        (lambda t: t.replace('{"name": "only"', '{"name": "only", "name": "only"', 1), "stands twice in one object",
         "workspace.json"),
        (lambda t: f"[{t}]", "must be a JSON object", "workspace.json"),
    ],
)  # fmt: skip
def test_not_usable_as_json(workspace, write, refused, text, what, where) -> None:
    assert_place_and_cure(refused(write(text(json.dumps(workspace)))), what, where)


CONTENT: list[tuple[Callable[[Workspace], Any], str, str]] = [
    (lambda w: w.pop("observations"), "'observations' is a required property", "workspace.json: $"),
    (lambda w: w.update(version="2.0"), "1.0.0", "$.version"),
    (lambda w: modifier(w, 1).update(type="normsis"), "did you mean 'normsys'", "modifiers[1].type"),
    (lambda w: modifier(w, 1)["data"].pop("hi"), "'hi' is a required", "$.channels[0].samples[0].modifiers[1].data"),
    (lambda w: background(w)["data"].__setitem__(0, "10"), "not of type 'number'", "$.channels[0].samples[0].data[0]"),
    (lambda w: background(w)["data"].__setitem__(0, None), "not of type 'number'", "$.channels[0].samples[0].data[0]"),
    (lambda w: w["observations"][0]["data"].__setitem__(1, -1), "is negative", "$.channels[0], bin 1"),
    (lambda w: w["observations"][0]["data"].append(1), "another number of bins", "$.channels[0]"),
    (lambda w: w["observations"][0].update(name="other"), "no observation", "$.channels[0]"),
    (lambda w: background(w)["data"].append(1.0), "another number of bins", "$.channels[0]"),
    (lambda w: modifier(w, 0)["data"]["hi_data"].pop(), "hi_data of histosys", "$.channels[0].samples[0].modifiers[0]"),
    (lambda w: modifier(w, 2)["data"].pop(), "staterror 'stat'", "$.channels[0].samples[0].modifiers[2]"),
    (lambda w: modifier(w, 2)["data"].__setitem__(1, -1.5), "negative uncertainty", "sample 'background', bin 1"),
    (lambda w: modifier(w, 1)["data"].update(lo=0.0), "not positive", "sample 'background'"),
    (lambda w: w["channels"].append(w["channels"][0]), "channel 'only' stands twice", "$.channels"),
    (lambda w: w["channels"][0]["samples"].append(background(w)), "sample 'background' stands",
     "$.channels[0].samples"),
    (lambda w: background(w)["modifiers"].append(modifier(w, 1)), "normsys 'rate' stands twice",
     "$.channels[0].samples[0].modifiers"),
    (lambda w: settings(w)[1].pop("auxdata"), "'lumi' has no auxdata", "$.measurements[0].config.parameters"),
    (lambda w: settings(w)[1].pop("inits"), "'lumi' has no inits", "$.measurements[0].config.parameters"),
    (lambda w: settings(w)[1].pop("bounds"), "'lumi' has no bounds", "$.measurements[0].config.parameters"),
    (lambda w: settings(w)[1].pop("sigmas"), "'lumi' has no sigmas", "$.measurements[0].config.parameters"),
    (lambda w: settings(w).append(settings(w)[0]), "'mu' stands twice", "$.measurements[0].config.parameters"),
    (lambda w: settings(w)[0].update(bounds=[[10.0, 0.0]]), "contradict each other", "parameters[0].bounds[0]"),
    (lambda w: settings(w)[0].update(inits=[11.0]), "starts outside its bounds", "parameters[0].inits[0]"),
    (lambda w: settings(w)[0].update(fixed=True), "'mu' is fixed", "parameters[0].fixed"),
    (lambda w: w["measurements"][0]["config"].update(poi=""), "names no parameter of interest", ".config.poi"),
    (lambda w: w["measurements"][0]["config"].update(poi="nu"), "no modifier is called 'nu'", ".config.poi"),
    (lambda w: w["measurements"][0]["config"].pop("poi"), "'poi' is a required", "$.measurements[0].config"),
    (lambda w: w["measurements"][0]["config"].update(poi="stat"), "is not one free number", ".config.poi"),
    (lambda w: w["measurements"][0]["config"].update(poi="rate"), "is not one free number", ".config.poi"),
]  # fmt: skip


@pytest.mark.parametrize(("spoil", "what", "where"), CONTENT)
def test_not_usable_as_workspace(workspace, write, refused, spoil, what, where) -> None:
    broken = copy.deepcopy(workspace)
    spoil(broken)
    assert_place_and_cure(refused(write(broken)), what, where)


ENGINE_REFUSES: list[tuple[Callable[[Workspace], Any], str]] = [
    (lambda w: settings(w)[0].update(inits=[1.0, 1.0]), "wrong number of inits"),
    (lambda w: settings(w)[0].update(sigmas=[1.0]), "has no property 'sigmas'"),
    (lambda w: settings(w)[1].update(sigmas=[0.0]), "no positive finite width"),
    (lambda w: background(w)["modifiers"].append({"name": "mu", "type": "normsys", "data": {"hi": 1.1, "lo": 0.9}}),
     "different kinds"),
]  # fmt: skip


@pytest.mark.parametrize(("spoil", "what"), ENGINE_REFUSES)
def test_refused_when_the_likelihood_is_built(capsys, workspace, write, tmp_path, spoil, what) -> None:
    good, broken = write(workspace, "good.json"), copy.deepcopy(workspace)
    spoil(broken)
    words = [
        "limit",
        str(write(broken, "broken.json")),
        str(good),
        "--method",
        "asymptotic",
        "--engine",
        "compiled",
        "--json",
        "-",
    ]
    assert run_command_line(words) == 1
    output = capsys.readouterr()
    first, second = json.loads(output.out)
    assert (first["status"], second["status"]) == ("failed", "ok")
    assert what in first["reason"]
    assert "1 of 2 limits failed" in output.err


def patchset_of(workspace: Workspace) -> tuple[Workspace, dict[str, Any]]:
    """Take the signal out of the workspace and make two patches that put it back."""
    only = copy.deepcopy(workspace)
    signal = only["channels"][0]["samples"].pop()
    patches = [
        {"metadata": {"name": f"m{mass}", "values": [mass]},
         "patch": [{"op": "add", "path": "/channels/0/samples/-", "value": signal | {"data": [mass, 2 * mass]}}]}
        for mass in (1, 2, 3)
    ]  # fmt: skip
    metadata = {
        "digests": {"sha256": workspace_digest(only)},
        "labels": ["mass"],
        "description": "for a test",
        "references": {"hepdata": "ins0000000"},
    }
    return only, {"metadata": metadata, "patches": patches, "version": "1.0.0"}


def test_patchset_of_another_workspace(workspace, write, refused) -> None:
    only, patchset = patchset_of(workspace)
    only["observations"][0]["data"][0] += 1
    message = refused(write(only), "--patchset", write(patchset, "patchset.json"))
    assert_place_and_cure(message, "another background-only workspace", "$.metadata.digests.sha256")
    assert workspace_digest(only) in message
    assert patchset["metadata"]["digests"]["sha256"] in message


def test_files_in_each_others_place(workspace, write, refused) -> None:
    only, patchset = patchset_of(workspace)
    first, second = write(only), write(patchset, "patchset.json")
    assert_place_and_cure(refused(second), "is a patchset, not a workspace", "patchset.json")
    assert_place_and_cure(refused(second, "--patchset", first), "is a patchset, not a workspace", "patchset.json")
    assert_place_and_cure(refused(first, "--patchset", first), "is a workspace, not a patchset", "workspace.json")
    bare = write(patchset["patches"][0]["patch"], "patch.json")
    assert_place_and_cure(refused(first, "--patchset", bare), "one bare JSON patch", "patch.json")
    assert_place_and_cure(refused(bare), "must be a JSON object", "patch.json")
    assert "not a valid pyhf jsonpatch" in refused(first, "--patch", second)
    # a background alone has no signal
    assert_place_and_cure(refused(first), "no modifier is called 'mu'", "$.measurements[0].config.poi")


def test_unknown_names(workspace, write, refused) -> None:
    only, patchset = patchset_of(workspace)
    files = write(only), "--patchset", write(patchset, "patchset.json")
    message = refused(*files, "--hypothesis", "m1", "--hypothesis", "m4")
    assert_place_and_cure(message, "unknown patch 'm4'", "patchset")
    message = refused(*files, "--measurement", "limits")
    assert_place_and_cure(message, "unknown measurement 'limits'", "$.measurements")
    assert "did you mean 'limit'?" in message
    message = refused(write(workspace, "plain.json"), "--measurement", "limits")
    assert_place_and_cure(message, "unknown measurement 'limits'", "plain.json: $.measurements")
    assert "--hypothesis needs a patchset" in refused(write(workspace, "plain.json"), "--hypothesis", "m1")


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "remove", "path": "/channels/7"},
        {"op": "add", "path": "/channels/zero/samples/-", "value": 1},
        {"op": "test", "path": "/version", "value": "0"},
        {"op": "replace", "path": "/nothing", "value": 1},
    ],
)
def test_patch_that_does_not_apply(workspace, write, refused, operation) -> None:
    only, patchset = patchset_of(workspace)
    good = patchset["patches"][0]["patch"]
    message = refused(write(only), "--patch", write([*good, operation], "signal.json"))
    assert_place_and_cure(message, "does not apply", f"operation 1 ({operation['op']} {operation['path']})")


@pytest.mark.parametrize(
    ("change", "what", "where"),
    [
        (lambda p: p["metadata"].pop("digests"), "'digests' is a required", "$.metadata"),
        (lambda p: p["patches"][1]["metadata"].update(name="m1"), "two patches have the name 'm1'", "$.patches[1]"),
        (lambda p: p["patches"][1]["metadata"].update(values=[1]), "two patches have the values", "$.patches[1]"),
        (lambda p: p["patches"][1]["patch"][0].pop("value"), "not a valid pyhf patchset", "$.patches[1].patch[0]"),
    ],
)
def test_patchset_that_contradicts_itself(workspace, write, refused, change, what, where) -> None:
    only, patchset = patchset_of(workspace)
    change(patchset)
    assert_place_and_cure(refused(write(only), "--patchset", write(patchset, "patchset.json")), what, where)


def test_one_broken_hypothesis_loses_no_other(capsys, workspace, write, tmp_path) -> None:
    only, patchset = patchset_of(workspace)
    patchset["patches"][1]["patch"][0]["path"] = "/channels/5/samples/-"
    target = tmp_path / "limits.json"
    words = [
        "limit",
        str(write(only)),
        "--patchset",
        str(write(patchset, "patchset.json")),
        "--method",
        "asymptotic",
        "--engine",
        "pyhf",
    ]
    assert run_command_line([*words, "--cl", "0.9", "--cl", "0.95", "--json", str(target)]) == 1
    output = capsys.readouterr()
    limits = json.loads(target.read_text())
    assert [limit["name"] for limit in limits] == ["m1", "m1", "m2", "m2", "m3", "m3"]
    assert [limit["status"] for limit in limits] == ["ok", "ok", "failed", "failed", "ok", "ok"]
    assert "operation 0 (add /channels/5/samples/-)" in limits[2]["reason"]
    assert output.err.count("error: ") == 1
    assert "2 of 6 limits failed: a patch does not apply" in output.err
    assert "the other limits are valid and were written" in output.err
    assert "m2" in output.out


def test_one_broken_file_loses_no_other(capsys, workspace, write, tmp_path) -> None:
    truncated, good = write(json.dumps(workspace)[:-3], "truncated.json"), write(workspace, "good.json")
    assert (
        run_command_line(
            ["limit", str(truncated), str(good), "--method", "asymptotic", "--engine", "pyhf", "--json", "-"]
        )
        == 1
    )
    output = capsys.readouterr()
    assert [limit["status"] for limit in json.loads(output.out)] == ["failed", "ok"]
    assert "truncated.json:1:" in output.err


def test_chosen_measurement_is_the_one_used(capsys, workspace, write) -> None:
    workspace["channels"][0]["samples"][0]["modifiers"][1]["data"] = {"hi": 1.5, "lo": 0.6}
    observed = {}
    for words in ([], ["--measurement", "limit"], ["--measurement", "fixed_rate"]):
        for engine in ("pyhf", "compiled"):
            capsys.readouterr()
            command = [
                "limit",
                str(write(workspace)),
                *words,
                "--method",
                "asymptotic",
                "--engine",
                engine,
                "--json",
                "-",
            ]
            assert run_command_line(command) == 0
            observed[tuple(words[1:]), engine] = json.loads(capsys.readouterr().out)[0]["observed"]
    for engine in ("pyhf", "compiled"):
        assert observed[(), engine] == observed[("limit",), engine]
        # without the uncertainty of the background rate the limit is much stronger
        assert observed[("fixed_rate",), engine] < 0.8 * observed[(), engine]
        assert observed[("fixed_rate",), engine] == pytest.approx(observed[("fixed_rate",), "compiled"], rel=1e-4)


def test_negative_rates_are_used_and_said(capsys, workspace, write) -> None:
    workspace["channels"][0]["samples"][1]["data"][1] = -0.25
    assert (
        run_command_line(["limit", str(write(workspace)), "--method", "asymptotic", "--engine", "pyhf", "--json", "-"])
        == 0
    )
    (limit,) = json.loads(capsys.readouterr().out)
    assert limit["status"] == "ok"
    assert "negative rate in channel 'only': sample 'signal', bin 1 (-0.25)" in limit["quality"]["note"]
