"""``darkreach significance``: a scan of workspaces, local and global p-values."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from darkreach.command_line.main import run_command_line


@pytest.fixture
def workspaces(tmp_path: Path) -> list[Path]:
    """A peak at 6 over a flat background, searched for at 2, 4, ..., 10."""
    centres = np.arange(0.5, 12.0)
    events = np.round(50.0 + 40.0 * np.exp(-0.5 * (centres - 6.0) ** 2))
    paths = []
    for mass in range(2, 11, 2):
        signal = (20.0 * np.exp(-0.5 * (centres - mass) ** 2)).tolist()
        samples = [
            {"name": "s", "data": signal, "modifiers": [{"name": "mu", "type": "normfactor", "data": None}]},
            {"name": "b", "data": [50.0] * 12, "modifiers": [{"name": "k", "type": "normfactor", "data": None}]},
        ]
        content = {
            "channels": [{"name": "c", "samples": samples}],
            "observations": [{"name": "c", "data": events.tolist()}],
            "measurements": [{"name": "m", "config": {"poi": "mu", "parameters": []}}],
            "version": "1.0.0",
        }
        paths.append(tmp_path / f"mass_{mass}.json")
        paths[-1].write_text(json.dumps(content))
    return paths


def test_the_peak_is_found(workspaces: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out.json"
    assert run_command_line(["significance", *map(str, workspaces), "--toys", "40", "--json", str(out)]) == 0
    result = json.loads(out.read_text())
    assert result["best"] == "mass_6"
    assert result["significance"] > 4.0
    assert result["local_p_value"] < result["by_upcrossings"]["p_value"] < 1e-2
    assert (result["toys"], result["toys_above"]) == (40, 0)
    printed = capsys.readouterr().out
    assert "mass_6" in printed and "0 of 40" in printed


def test_one_workspace_is_no_scan(workspaces: list[Path], capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command_line(["significance", str(workspaces[0])]) == 1
    assert "a scan needs hypotheses" in capsys.readouterr().err
