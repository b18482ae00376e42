"""``darkreach process --luminosity-table``: the luminosity of recorded events from the runs they belong to."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from darkreach.command_line.main import run_command_line
from darkreach.histograms import read_histograms

TABLE = "experiment,run,luminosity_inverse_pb\n7,1,100\n7,2,200.5\n9,9,25\n"


@pytest.fixture
def ntuples(tmp_path: Path) -> list[Path]:
    """Two files of 40 events that share the run (7, 2)."""
    paths = []
    for number, runs in enumerate(([1, 2], [2, 2])):
        index = {"__experiment__": np.full(40, 7, np.int32), "__run__": np.repeat(runs, 20).astype(np.int32)}
        index["__event__"] = np.arange(40 * number, 40 * number + 40, dtype=np.uint32)
        columns = {"__production__": np.ones(40, np.int32), "__weight__": np.ones(40), "nTracks": np.zeros(40)}
        columns |= {name: pa.array([[4.0, 3.0, 2.0]] * 40) for name in ("E", "theta", "phi")}
        paths.append(tmp_path / f"{number}.parquet")
        pq.write_table(pa.table(index | columns), paths[-1])
    return paths


def process(ntuples: list[Path], *words: str | Path, table: str | None = TABLE) -> int:
    folder = ntuples[0].parent
    if table is not None:
        (folder / "luminosity.csv").write_text(table)
    data = [word for path in ntuples for word in ("--data", str(path))]
    options = ["--luminosity-table", str(folder / "luminosity.csv"), *map(str, words)]
    return run_command_line(["process", "axion_to_photons", *data, "--out", str(folder / "h.zip"), *options])


def test_the_runs_of_the_data_are_summed_once(
    ntuples: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert process(ntuples, "--json", tmp_path / "out.json") == 0
    said = capsys.readouterr().err
    assert "0.3005 fb^-1 in the runs of the data (2)" in said and "not counted: 1, 0.025 fb^-1" in said
    result = json.loads((tmp_path / "out.json").read_text())
    assert result["luminosity_inverse_fb"] == pytest.approx(0.3005, rel=1e-14)
    assert (result["runs"], result["runs_without_events"]) == (2, 1)
    assert read_histograms(tmp_path / "h.zip").samples["data"].luminosity_inverse_fb == result["luminosity_inverse_fb"]


@pytest.mark.parametrize(
    ("table", "words", "message"),
    [
        (TABLE.replace("7,1,100", "7,3,100"), (), "1 of 2 runs: (7, 1)"),
        (TABLE.replace("_pb", ""), (), "luminosity.csv:1"),
        (TABLE.replace("200.5", "much"), (), "luminosity.csv:3"),
        (None, (), "file not found"),
        (TABLE, ("--luminosity", "1/fb"), "exclude each other"),
    ],
)
def test_faults_of_the_table_are_named(
    ntuples: list[Path], capsys: pytest.CaptureFixture[str], table: str | None, words: tuple[str, ...], message: str
) -> None:
    assert process(ntuples, *words, table=table) == 1
    assert message in capsys.readouterr().err
    assert not (ntuples[0].parent / "h.zip").exists()


def test_a_table_without_data_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["process", "axion_to_photons", str(tmp_path), "--luminosity-table", "a.csv", "--out", "h.zip"]
    assert run_command_line(words) == 1
    assert "needs files of data" in capsys.readouterr().err


def test_a_plan_carries_the_luminosity_of_the_table_to_the_merged_histograms(
    ntuples: list[Path], tmp_path: Path
) -> None:
    (tmp_path / "luminosity.csv").write_text(TABLE)
    data = [word for path in ntuples for word in ("--data", str(path))]
    out = str(tmp_path / "planned")
    words = ["plan", "axion_to_photons", *data, "--out", out, "--jobs", "1", "--json", str(tmp_path / "plan.json")]
    assert run_command_line([*words, "--luminosity-table", str(tmp_path / "luminosity.csv")]) == 0
    assert json.loads((tmp_path / "plan.json").read_text())["luminosity_inverse_fb"] == pytest.approx(0.3005)
    assert run_command_line(["run", "axion_to_photons", "--out", out, "--items", "1/1"]) == 0
    assert run_command_line(["merge", out]) == 0
    merged = read_histograms(tmp_path / "planned" / "histograms.zip")
    assert merged.samples["data"].luminosity_inverse_fb == pytest.approx(0.3005, rel=1e-14)
