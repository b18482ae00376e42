"""Publishing a run, reproducing it, and noticing any change."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from darkreach.command_line.main import run_command_line


@pytest.fixture
def catalogue(finished_run: Path, tmp_path: Path) -> Path:
    root = tmp_path / "catalogue"
    assert run_command_line(["publish", str(finished_run), "--to", str(root / "axion_to_photons")]) == 0
    return root


def test_published_run_is_reproduced(catalogue: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command_line(["reproduce", "--catalogue", str(catalogue)]) == 0
    out = capsys.readouterr().out
    assert "0 differences" in out
    assert "2007.13071" in out


@pytest.mark.parametrize("sample", ["observation", "background"])
def test_one_bin_changed_by_one_percent_is_caught(catalogue: Path, capsys, sample: str) -> None:
    path = catalogue / "axion_to_photons" / "BkgOnly.json"
    workspace = json.loads(path.read_text())
    data = (
        workspace["observations"][0]["data"]
        if sample == "observation"
        else workspace["channels"][0]["samples"][0]["data"]
    )
    data[5] *= 1.01
    path.write_text(json.dumps(workspace))
    assert run_command_line(["reproduce", "--catalogue", str(catalogue)]) == 1
    assert "BkgOnly.json" in capsys.readouterr().err


def test_changed_limit_is_caught(catalogue: Path, capsys) -> None:
    path = catalogue / "axion_to_photons" / "limits.json"
    content = json.loads(path.read_text())
    content["limits"][0]["observed"] *= 1.001
    path.write_text(json.dumps(content))
    assert run_command_line(["reproduce", "--catalogue", str(catalogue)]) == 1
    assert content["limits"][0]["name"] in capsys.readouterr().err


def test_changed_coupling_is_caught(catalogue: Path, capsys) -> None:
    path = catalogue / "axion_to_photons" / "couplings.csv"
    lines = path.read_text().splitlines()
    cells = lines[-1].split(",")
    cells[3] = repr(float(cells[3]) * 1.01)
    path.write_text("\n".join([*lines[:-1], ",".join(cells)]) + "\n")
    assert run_command_line(["reproduce", "--catalogue", str(catalogue)]) == 1
    assert "coupling interval" in capsys.readouterr().err
