"""``darkreach simulate CAMPAIGN``: many samples by one command."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from darkreach.command_line.main import run_command_line
from darkreach.events.manifest import read_manifest

CAMPAIGN = """
title: small
detector: belle2
seed: 7
samples:
  - {process: muon_pair_tree, events: 400}
  - {process: dark_photon_photon, events: 300, parameters: {mass_gev: [1.0, 2.0]}}
"""


@pytest.fixture
def campaign(tmp_path: Path) -> Path:
    path = tmp_path / "small.yaml"
    path.write_text(CAMPAIGN)
    return path


def test_all_samples_are_there_and_reused(campaign: Path, tmp_path: Path) -> None:
    out, words = tmp_path / "samples", ["simulate", str(campaign), "--out", str(tmp_path / "samples")]
    assert run_command_line([*words, "--json", str(tmp_path / "out.json")]) == 0
    names = ["muon_pair_tree", "dark_photon_photon_mass_gev_1", "dark_photon_photon_mass_gev_2"]
    assert [one["sample"] for one in json.loads((tmp_path / "out.json").read_text())] == names
    assert [read_manifest(out / name).generated_events for name in names] == [400, 300, 300]
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*.parquet")}
    assert len(before) == 6
    assert run_command_line(words) == 0
    assert {path: path.stat().st_mtime_ns for path in out.rglob("*.parquet")} == before


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["-n", "100"], "-n"),
        (["--set", "mass_gev=1"], "--set"),
        (["--preset", "full"], "--preset"),
    ],
)
def test_options_of_others_are_refused(
    campaign: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], message: str
) -> None:
    assert run_command_line(["simulate", str(campaign), "--out", str(tmp_path / "samples"), *words]) == 1
    assert message in capsys.readouterr().err
    assert not list(tmp_path.rglob("*.parquet"))


def test_a_misspelt_campaign_is_proposed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command_line(["simulate", "belle2_coctail", "--out", str(tmp_path)]) == 1
    assert "belle2_cocktail" in capsys.readouterr().err
    assert run_command_line(["simulate", "none.yaml", "--out", str(tmp_path)]) == 1
    assert "not found" in capsys.readouterr().err
