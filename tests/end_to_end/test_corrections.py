"""Corrections from the search file to the workspace, through the commands; and what they refuse."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from darkreach.command_line.main import run_command_line
from darkreach.configuration import config_path

EXAMPLE = config_path("corrections", "example_photon_corrections")


@pytest.fixture(scope="module")
def corrected_config(small_config: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small search with the example corrections in the place of two of its variations."""
    lines = small_config.read_text().splitlines()
    start = next(number for number, line in enumerate(lines) if line == "  photon_efficiency:")
    stop = next(number for number, line in enumerate(lines) if line == "workspace:")
    kept = [line for line in lines[:start] + ["", *lines[stop:]] if not line.startswith("  energy_scale:")]
    path = tmp_path_factory.mktemp("corrected") / "axion_to_photons.yaml"
    path.write_text("\n".join([*kept, "corrections: [example_photon_corrections]", ""]))
    return path


@pytest.fixture(scope="module")
def corrected(corrected_config: Path, finished_run: Path) -> Path:
    """Histograms of the small run with the example corrections."""
    out = corrected_config.with_name("histograms.zip")
    words = ["process", "axion_to_photons", str(finished_run / "samples"), "--config", str(corrected_config)]
    assert run_command_line([*words, "--out", str(out)]) == 0
    return out


def test_the_workspace_has_the_parameters_of_the_corrections(corrected: Path, corrected_config: Path) -> None:
    folder = corrected.with_name("workspace")
    words = ["build", "axion_to_photons", str(corrected), "--preset", "demo", "--config", str(corrected_config)]
    assert run_command_line([*words, "--out", str(folder)]) == 0
    workspace = json.loads((folder / "BkgOnly.json").read_text())
    names = {m["name"] for c in workspace["channels"] for s in c["samples"] for m in s["modifiers"]}
    shared = {name for name in names if not name.startswith(("staterror", "background_rate"))}
    assert shared == {"photon_resolution", "photon_efficiency", "energy_scale"}


def test_the_limits_are_those_of_slightly_other_events(corrected: Path, finished_run: Path) -> None:
    workspace = corrected.with_name("workspace")
    out = corrected.with_name("limits.json")
    words = ["limit", str(workspace / "BkgOnly.json"), "--patchset", str(workspace / "patchset.json"), "--cl", "0.95"]
    assert run_command_line([*words, "--json", str(out)]) == 0
    before = json.loads((finished_run / "limits.json").read_text())["limits"]
    plain = {limit["name"]: limit["expected"][2] for limit in before if limit["cl"] == 0.95}
    for limit in json.loads(out.read_text()):
        assert limit["status"] == "ok"
        assert 0.9 < limit["expected"][2] / plain[limit["name"]] < 1.1
        assert limit["expected"][2] != plain[limit["name"]]


def test_cutflow_command(corrected: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    latex, out = tmp_path / "cutflow.tex", tmp_path / "cutflow.json"
    options = ["--sample", "three_photons", "--latex", str(latex), "--json", str(out)]
    assert run_command_line(["cutflow", str(corrected), *options]) == 0
    content = json.loads(out.read_text())
    (flow,) = content["cutflows"]
    entries = [row["entries"] for row in flow["rows"]]
    assert flow["sample"] == "three_photons" and entries[0] > entries[2] > entries[4] > max(entries[5:]) > 0
    assert flow["rows"][0]["of_all_generated"] == pytest.approx(0.7, rel=1e-6)
    assert str(entries[5]) in capsys.readouterr().out
    text = latex.read_text()
    assert text.count(r"\\") == len(entries) + 1 and rf"three\_photons & {entries[2]} &" in text
    acted_on = {(one["sample"], one["correction"]): one["acted_on"] for one in content["correction_coverage"]}
    assert acted_on["three_photons", "photon_efficiency"] == 3 * entries[4]
    assert run_command_line(["cutflow", str(corrected), "--sample", "three_foton"]) == 1
    assert "did you mean 'three_photons'?" in capsys.readouterr().err


Change = Callable[[dict[str, object]], None]


@pytest.fixture
def process(corrected_config: Path, finished_run: Path, tmp_path: Path) -> Callable[..., int]:
    """Process the background with a changed payload or description of the example corrections."""

    def run(
        payload: Change = lambda _: None, description: tuple[str, str] = ("", ""), sample: Path | None = None
    ) -> int:
        content = json.loads(EXAMPLE.with_suffix(".json").read_text())
        payload(content["corrections"][0])
        (tmp_path / "example_photon_corrections.json").write_text(json.dumps(content))
        text = EXAMPLE.read_text()
        assert description[0] in text
        (tmp_path / "own.yaml").write_text(text.replace(*description))
        search = tmp_path / "search.yaml"
        search.write_text(corrected_config.read_text().replace("[example_photon_corrections]", "[own.yaml]"))
        folder = finished_run / "samples" / "three_photons"
        out = str(tmp_path / "histograms.zip")
        return run_command_line(["process", "axion_to_photons", str(folder), "--config", str(search), "--out", out])

    return run


def test_a_table_that_does_not_cover_the_events(
    process: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    def narrow(correction: dict[str, object]) -> None:
        for item in correction["data"]["content"]:
            item["value"]["edges"][0] = [0.1, 0.5, 1.0, 3.0]

    assert process(narrow) == 1
    message = capsys.readouterr().err
    assert "correction tables do not cover the events" in message
    assert "candidates outside, in" in message


def test_an_unknown_category(process: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> None:
    """A table for charges -1 and 1 only, asked for the number of tracks of events that have none."""

    def by_charge(correction: dict[str, object]) -> None:
        correction["inputs"].append({"name": "charge", "type": "int"})
        for item in correction["data"]["content"]:
            branches = [{"key": key, "value": item["value"]} for key in (-1, 1)]
            item["value"] = {"nodetype": "category", "input": "charge", "content": branches}

    assert process(by_charge, ("{energy: E, theta: theta}", "{energy: E, theta: theta, charge: nTracks}")) == 1
    assert "photon_efficiency: " in (message := capsys.readouterr().err)
    assert "candidates outside" in message


def test_a_column_that_is_not_there(process: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> None:
    assert process(description=("{energy: E, theta: theta}", "{energy: clusterE, theta: theta}")) == 1
    assert "clusterE" in capsys.readouterr().err


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_weights_that_are_no_numbers(
    value: float, corrected_config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    columns = {"__weight__": np.ones(50), "nTracks": np.zeros(50)} | {
        name: pa.array([[4.0, 3.0, 2.0]] * 50) for name in ("E", "theta", "phi")
    }
    columns["__weight__"][17] = value
    index = {name: np.full(50, 1, np.int32) for name in ("__experiment__", "__run__", "__production__")}
    pq.write_table(pa.table(index | {"__event__": np.arange(50, dtype=np.uint32)} | columns), tmp_path / "a.parquet")
    words = ["process", "axion_to_photons", "--data", str(tmp_path / "a.parquet"), "--config", str(corrected_config)]
    assert run_command_line([*words, "--out", str(tmp_path / "h.zip")]) == 1
    message = capsys.readouterr().err
    assert "'__weight__' is not a finite number" in message and "entry 17" in message
