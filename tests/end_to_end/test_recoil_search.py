"""A small single-photon search from its configuration to the report: the chain of recoil searches, and its resume."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from darkreach.command_line.main import run_command_line
from darkreach.configuration import config_path
from darkreach.couplings import read_couplings
from darkreach.limits import read_limits
from darkreach.sharing import read_patchset

MASSES = [0.1, 3.0]


def small(folder: Path) -> Path:
    """Return a configuration with two backgrounds, one region and few events."""
    yaml = YAML(typ="safe")
    content: dict[str, Any] = yaml.load(config_path("searches", "single_photon").read_text())
    kept = {"two_photon": "lost", "neutrino_pair_photon": ""}
    backgrounds = [
        one for one in content["simulation"]["backgrounds"] if kept.get(one["process"]) == one.get("label", "")
    ]
    for one in backgrounds:
        one["events"] = 30_000 if one["process"] == "two_photon" else 2_000
    content["simulation"]["backgrounds"] = backgrounds
    content["regions"] = [one for one in content["regions"] if one["name"] == "low"]
    workspace = content["workspace"]
    workspace["groups"] = [one for one in workspace["groups"] if one["name"] in kept]
    workspace["flat_backgrounds"] = [one for one in workspace["flat_backgrounds"] if one["region"] == "low"]
    content["presets"] = {
        "demo": {
            "signal_events": 2_000, "background_factor": 1.0, "anchor_masses": [0.01, 3.0, 5.5], "scan_masses": MASSES,
        }
    }  # fmt: skip
    path = folder / "single_photon.yaml"
    with path.open("w") as stream:
        yaml.dump(content, stream)
    return path


def run(folder: Path, *options: str) -> int:
    words = ["run", "single_photon", "--config", str(folder / "single_photon.yaml"), "--out", str(folder / "run")]
    return run_command_line([*words, "--method", "asymptotic", *options])


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("recoil")
    small(folder)
    assert run(folder) == 0
    return folder


def test_every_coupling_has_limits(finished: Path) -> None:
    out = finished / "run"
    document = read_limits(out / "limits.json")
    assert {limit.status for limit in document.limits} == {"ok"}
    mixing = {one.mass_gev: one.lower for one in read_couplings(out / "couplings.csv") if one.quantile == "0"}
    axion = {
        one.mass_gev: one.lower for one in read_couplings(out / "couplings_g_agg_invisible.csv") if one.quantile == "0"
    }
    assert sorted(mixing) == sorted(axion) == MASSES
    # the peak of two photons at zero costs more than the larger cross-section of heavy dark photons can explain
    assert mixing[3.0] < 0.7 * mixing[0.1]
    for limit in document.limits:
        meaning = document.meanings[limit.name]
        assert mixing[float(limit.values["mass_gev"])] == pytest.approx(1.0e-3 * limit.expected[2] ** 0.5, rel=1e-6)
        assert meaning["data_kind"] == "pseudo-data drawn from the templates"
        assert meaning["axion_efficiency"] > 0.0


def test_pseudo_data_follow_their_seed_alone(finished: Path) -> None:
    seed = read_patchset(finished / "run" / "workspace" / "patchset.json")["metadata"]["pseudo_data"]["seed"]
    assert seed == 20
    observed = json.loads((finished / "run" / "workspace" / "BkgOnly.json").read_text())["observations"]
    assert all(float(count).is_integer() for one in observed for count in one["data"])


def test_the_report_shows_groups_and_both_couplings(finished: Path) -> None:
    page = (finished / "run" / "report.html").read_text()
    figures = {path.stem for path in (finished / "run" / "figures").glob("*.svg")}
    assert {"limit_90", "limit_g_agg_invisible_90", "cross_section_90", "spectrum_low", "group_cutflow"} <= figures
    assert re.search(r"pseudo-data", page)
    for text in ("global p-value", "rate of two photon", "Largest excess"):
        assert text in page


def test_a_second_run_has_nothing_to_do(finished: Path, tmp_path: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in (finished / "run").rglob("*") if path.is_file()}
    states = tmp_path / "states.json"
    assert run(finished, "--dry-run", "--json", str(states)) == 0
    assert {one["state"] for one in json.loads(states.read_text())["stages"]} == {"done"}
    assert run(finished, "--resume") == 0
    made = ("patchset.json", "limits.json", "histograms.zip", "couplings.csv", "report.html", "events_0000.parquet")
    results = [path for path in before if path.name in made]
    assert len(results) >= 5 + 5
    assert all(path.stat().st_mtime_ns == before[path] for path in results)
