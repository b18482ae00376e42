"""What the command line says of planes: their largest excess, and that windows and points are not those of a scan."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from darkreach.command_line.limit_table import print_strengths
from darkreach.command_line.main import run_command_line
from darkreach.command_line.plane_excess import plane_excess_as_json, print_plane_excess
from darkreach.fits.plane_significance import plane_significance
from darkreach.fits.plane_windows import PlaneCounting, window_matrix
from darkreach.limits import Limit
from darkreach.provenance import write_json
from darkreach.sharing.digests import workspace_digest


def test_the_largest_excess_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    windows = [np.array([0, 1]), np.array([1, 2]), np.array([2, 3])]
    plane = PlaneCounting(
        ("one", "two", "three"), np.full(4, 0.5), window_matrix(windows, 4), np.array([1.0, 4.0, 0.0])
    )
    print_plane_excess(plane_significance(plane, toys=200, seed=1))
    printed = capsys.readouterr().out
    # four where one is expected: 1 - exp(-1) (1 + 1 + 1/2 + 1/6)
    assert "two: 4 events, 1 expected, local p-value 0.019" in printed
    assert "of 200 have as large an excess" in printed
    assert printed.index("two") < printed.index("one ") < printed.index("three")


def test_no_excess_is_no_number(capsys: pytest.CaptureFixture[str]) -> None:
    windows = window_matrix([np.array([0]), np.array([1])], 2)
    found = plane_significance(PlaneCounting(("one", "two"), np.full(2, 0.5), windows, np.zeros(2)), toys=5, seed=1)
    print_plane_excess(found)
    assert "no window has an excess" in capsys.readouterr().out
    content = json.loads(json.dumps(plane_excess_as_json(found), allow_nan=False))
    assert (content["local_p_value"], content["local_significance"]) == (1.0, None)


def write(folder: Path) -> tuple[Path, Path]:
    parameters = [{"name": "mu", "inits": [1.0], "bounds": [[0.0, 10.0]]}]
    workspace = {
        "channels": [{"name": "c", "samples": [{"name": "b", "data": [1.0], "modifiers": []}]}],
        "measurements": [{"name": "m", "config": {"poi": "mu", "parameters": parameters}}],
        "observations": [{"name": "c", "data": [1.0]}],
        "version": "1.0.0",
    }
    signal = {"name": "signal", "data": [3.0], "modifiers": [{"name": "mu", "type": "normfactor", "data": None}]}
    patch = {
        "metadata": {"name": "mA_1000_mh_500", "values": [1.0, 0.5]},
        "patch": [{"op": "add", "path": "/channels/0/samples/-", "value": signal}],
    }
    metadata = {
        "description": "", "digests": {"sha256": workspace_digest(workspace)},
        "labels": ["dark_photon_mass_gev", "dark_higgs_mass_gev"], "references": {"hepdata": "ins0000000"},
    }  # fmt: skip
    write_json(folder / "BkgOnly.json", workspace)
    write_json(folder / "patchset.json", {"metadata": metadata, "patches": [patch], "version": "1.0.0"})
    return folder / "BkgOnly.json", folder / "patchset.json"


def test_overlapping_windows_are_not_taken_for_a_scan(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    workspace, patchset = write(tmp_path)
    assert run_command_line(["significance", str(workspace), "--patchset", str(patchset)]) != 0
    assert "overlap" in capsys.readouterr().err
    assert run_command_line(["significance", str(tmp_path), str(tmp_path), "--toys", "5"]) != 0
    assert "one run at a time" in capsys.readouterr().err


def test_one_mass_is_no_point(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    search = ["build", "six_track_higgsstrahlung", str(tmp_path / "histograms.zip")]
    assert run_command_line([*search, "--out", str(tmp_path), "--preset", "demo", "--mass", "1.0"]) != 0
    assert "points in a plane" in capsys.readouterr().err


def test_a_terminal_does_not_show_thousands_of_limits(capsys: pytest.CaptureFixture[str]) -> None:
    limits = [Limit(f"m{i}", {}, 0.9, "exact", "compiled", 1.0, (1.0,) * 5) for i in range(2000)]
    print_strengths(limits)
    printed = capsys.readouterr().out.splitlines()
    assert len(printed) == 43
    assert printed[-1].startswith("40 of 2000 limits")
