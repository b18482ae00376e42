"""``darkreach validate-simulation`` from a configuration to a page and an exit code."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from darkreach.command_line.main import run_command_line

CONFIG = """
title: Small validation
seed: 3
detector: belle2
beams:
  cm:
    electron_energy: {value: 5.29, source: x}
    positron_energy: {value: 5.29, source: x}
    crossing_angle: {value: 0.0, source: x}
    electron_energy_spread: {value: 0.0, source: x}
    positron_energy_spread: {value: 0.0, source: x}
cross_sections:
  - name: muon pairs
    process: muon_pair_tree
    beams: cm
    events: 20000
    reference: {value: REFERENCE, unit: pb, source: "4 pi alpha^2/(3 s)"}
    tolerance: 0.02
resolutions:
  - name: photon pairs
    process: axion_photon
    parameters: {mass_gev: 2.0}
    beams: cm
    events: 10000
    observable: photon_pair_mass
    reference: {value: 26.0, unit: MeV, source: x}
    tolerance: 0.2
angles:
  - name: muons
    process: muon_pair_tree
    beams: cm
    events: 20000
    particle: 13
    law: muon_pair
    cosine: {low: -1.0, high: 1.0}
"""


def validate(folder: Path, text: str, *words: str) -> int:
    (folder / "checks.yaml").write_text(text)
    page = str(folder / "page.html")
    return run_command_line(["validate-simulation", "--out", page, "--config", str(folder / "checks.yaml"), *words])


def test_a_page_with_all_checks(tmp_path: Path) -> None:
    assert validate(tmp_path, CONFIG.replace("REFERENCE", "775.93"), "--json", str(tmp_path / "out.json")) == 0
    result = json.loads((tmp_path / "out.json").read_text())
    assert [one["name"] for one in result["numbers"]] == ["muon pairs", "photon pairs"]
    assert result["failed"] == []
    page = (tmp_path / "page.html").read_text()
    assert page.count("<svg") == 2 and "3 of 3 passed" in page and "http" not in page.replace("http-equiv", "")
    assert validate(tmp_path, CONFIG.replace("REFERENCE", "775.93")) == 0
    assert (tmp_path / "page.html").read_text() == page


def test_a_wrong_reference_is_said_and_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert validate(tmp_path, CONFIG.replace("REFERENCE", "900.0")) == 1
    assert "muon pairs" in capsys.readouterr().err
    assert "NOT PASSED" in (tmp_path / "page.html").read_text()


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("process: muon_pair_tree", "process: muon_pair_three", "muon_pair_tree"),
        ("mass_gev: 2.0", "mass: 2.0", "mass_gev"),
        ("mass_gev: 2.0", "mass_gev: 20.0", "10.58"),
        ("unit: pb", "unit: mb", "fb, pb or nb"),
        ("beams: cm\n    events: 10000", "beams: lab\n    events: 10000", "beams must be one of cm"),
        ("law: muon_pair", "law: muons", "checks.yaml"),
    ],
)
def test_faults_of_the_configuration_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], before: str, after: str, message: str
) -> None:
    text = CONFIG.replace("REFERENCE", "775.93")
    assert before in text
    assert validate(tmp_path, text.replace(before, after, 1)) == 1
    assert message in capsys.readouterr().err
