"""``darkreach fit``: tables, JSON and figures of a workspace, and errors that name the cure."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from darkreach.command_line.main import run_command_line
from darkreach.sharing import workspace_digest


@pytest.fixture
def content() -> dict[str, Any]:
    background = {
        "name": "background",
        "data": [50.0, 60.0],
        "modifiers": [{"name": "rate", "type": "normsys", "data": {"hi": 1.1, "lo": 0.9}}],
    }
    signal = {
        "name": "signal",
        "data": [2.0, 12.0],
        "modifiers": [{"name": "mu", "type": "normfactor", "data": None}],
    }
    return {
        "channels": [{"name": "c", "samples": [signal, background]}],
        "observations": [{"name": "c", "data": [53, 76]}],
        "measurements": [{"name": "m", "config": {"poi": "mu", "parameters": []}}],
        "version": "1.0.0",
    }


@pytest.fixture
def workspace(tmp_path: Path, content: dict[str, Any]) -> Path:
    path = tmp_path / "peak.json"
    path.write_text(json.dumps(content))
    return path


def test_everything_at_once(workspace: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, figures = tmp_path / "fit.json", tmp_path / "figures"
    words = ["fit", workspace, "--impacts", "--scan", "rate", "--toys", "50", "--json", out, "--figures", figures]
    assert run_command_line([str(word) for word in words]) == 0
    result = json.loads(out.read_text())
    assert set(result) == {"fit", "errors", "discovery", "goodness_of_fit", "impacts", "scan"}
    fitted = {entry["name"]: entry for entry in result["fit"]["parameters"]}
    printed = capsys.readouterr().out
    assert f"{fitted['mu']['value']:.5g}" in printed
    assert "discovery significance" in printed and "Impacts on mu" in printed and "Profile of rate" in printed
    assert result["goodness_of_fit"]["toys"] == 50
    assert result["scan"]["parameter"] == "rate"
    assert sorted(path.name for path in figures.iterdir()) == [
        "correlation.svg",
        "impacts.svg",
        "pulls.svg",
        "scan.svg",
    ]


def test_asimov_data_have_no_discovery(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command_line(["fit", str(workspace), "--asimov", "--json", "-"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert "discovery" not in result
    fitted = {entry["name"]: entry["value"] for entry in result["fit"]["parameters"]}
    assert fitted == pytest.approx({"mu": 1.0, "rate": 0.0}, abs=1e-6)


def test_a_typo_names_the_nearest_parameter(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command_line(["fit", str(workspace), "--scan", "rtae"]) == 1
    assert "did you mean 'rate'?" in capsys.readouterr().err


def test_a_failed_fit_is_an_error_with_its_reason(
    workspace: Path, content: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    for sample in content["channels"][0]["samples"]:
        sample["data"][0] = 0.0
    workspace.write_text(json.dumps(content))
    assert run_command_line(["fit", str(workspace)]) == 1
    assert "no positive rate in c[0]" in capsys.readouterr().err


def test_one_patch_of_a_patchset(workspace: Path, content: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    patches = [
        {
            "metadata": {"name": f"mass_{mass:.0f}", "values": [mass]},
            "patch": [{"op": "replace", "path": "/channels/0/samples/0/data", "value": [2.0, mass]}],
        }
        for mass in (5.0, 10.0)
    ]
    metadata = {
        "name": "masses",
        "description": "two masses",
        "labels": ["mass"],
        "digests": {"sha256": workspace_digest(content, "sha256")},
        "references": {"hepdata": "ins1234567"},
    }
    patchset = workspace.with_name("patchset.json")
    patchset.write_text(json.dumps({"metadata": metadata, "patches": patches, "version": "1.0.0"}))
    words = ["fit", str(workspace), "--patchset", str(patchset)]
    assert run_command_line(words) == 1
    assert "mass_5, mass_10" in capsys.readouterr().err
    assert run_command_line([*words, "--hypothesis", "mass_10"]) == 0
    assert "Best fit of mass_10" in capsys.readouterr().out
