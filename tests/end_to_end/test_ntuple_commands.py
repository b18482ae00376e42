"""``darkreach check-ntuple`` and ``darkreach recompact`` from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from darkreach.command_line.main import run_command_line


def write_ntuple(path: Path, *, events: int = 500, first_event: int = 0, **more: object) -> Path:
    lists = pa.array([[3.0, 2.0, 1.0]] * events)
    index = {name: np.full(events, 1, np.int32) for name in ("__experiment__", "__run__", "__production__")}
    index["__event__"] = np.arange(first_event, first_event + events, dtype=np.uint32)
    columns = index | {"__weight__": np.ones(events), "nTracks": np.zeros(events)}
    columns |= dict.fromkeys(("E", "theta", "phi"), lists) | more
    pq.write_table(pa.table({name: value for name, value in columns.items() if value is not None}), path, 100)
    return path


def check(*words: str | Path) -> int:
    return run_command_line(["check-ntuple", *map(str, words), "--search", "axion_to_photons"])


def test_a_file_the_search_can_run_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write_ntuple(tmp_path / "a.parquet")
    assert check(path, "--json", tmp_path / "out.json") == 0
    result = json.loads((tmp_path / "out.json").read_text())
    assert result["runnable"] and result["files"][0]["entries"] == 500
    printed = capsys.readouterr().out
    assert "warning: tiny row groups, slow to read: 100 entries" in printed and str(path) in printed


def test_a_file_without_tracks_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write_ntuple(tmp_path / "a.parquet", nTracks=None, phi=None)
    assert check(path, "--json", "-") == 1
    output = capsys.readouterr()
    result = json.loads(output.out)
    assert not result["runnable"] and sorted(result["files"][0]["missing"]) == ["nTracks", "phi"]
    assert "missing: nTracks, phi" in output.err


def test_the_kind_decides_what_is_needed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write_ntuple(tmp_path / "a.parquet")
    assert check(path, "--kind", "signal") == 1
    assert "generatorWeight" in capsys.readouterr().err
    assert check(path, "--kind", "signals") == 1
    assert "did you mean 'signal'?" in capsys.readouterr().err


def test_events_of_two_files_are_compared(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first = write_ntuple(tmp_path / "a.parquet")
    assert check(first, write_ntuple(tmp_path / "b.parquet", first_event=500)) == 0
    assert check(first, write_ntuple(tmp_path / "c.parquet", first_event=497)) == 1
    assert "fault: 3 events are in" in capsys.readouterr().out


def test_a_rewritten_file_has_large_row_groups_and_the_same_values(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, target = write_ntuple(tmp_path / "a.parquet"), tmp_path / "new" / "b.parquet"
    assert run_command_line(["recompact", str(source), str(target), "--json", "-"]) == 0
    assert json.loads(capsys.readouterr().out)["blocks"] == [5, 1]
    assert pq.read_table(source).equals(pq.read_table(target))
    assert check(target) == 0
    assert "tiny" not in capsys.readouterr().out
    assert run_command_line(["recompact", str(source), str(target)]) == 1
    assert "not overwritten" in capsys.readouterr().err
