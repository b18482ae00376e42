from __future__ import annotations

from pathlib import Path

import awkward as ak
import numpy as np
import pyarrow.parquet as pq
import pytest
import uproot

from darkreach.errors import ConfigError
from darkreach.events.columns import PHOTON_EVENT_COLUMNS, PHOTON_TRUTH_COLUMNS
from darkreach.simulation import write_ntuples
from darkreach.simulation.ntuple_block import NtupleBlock, ntuple_columns
from darkreach.simulation.write_ntuples import NtupleFiles

COLUMNS = (*PHOTON_EVENT_COLUMNS, *PHOTON_TRUTH_COLUMNS)


def random_block(n: int, seed: int) -> NtupleBlock:
    random = np.random.default_rng(seed)
    counts = random.integers(1, 4, n)
    offsets = np.concatenate([[0], np.cumsum(counts)])
    event = {c.name: random.integers(0, 100, n).astype(c.dtype) for c in COLUMNS if c.level == "event"}
    event["__ncandidates__"] = counts.astype(np.int32)
    candidate = {c.name: random.normal(size=offsets[-1]).astype(c.dtype) for c in COLUMNS if c.level == "candidate"}
    return NtupleBlock(offsets, event, candidate)


def written(folder: Path, blocks: list[NtupleBlock], formats: tuple[str, ...], entries: int) -> NtupleFiles:
    with NtupleFiles(folder, COLUMNS, formats, entries) as files:
        for block in blocks:
            files.append(block)
        files.finish()
    return files


def test_parquet_and_root_carry_the_same_values(tmp_path: Path) -> None:
    block = random_block(500, 1)
    written(tmp_path, [block], ("parquet", "root"), 1000)
    parquet = ak.from_parquet(tmp_path / "events_0000.parquet")
    with uproot.open(tmp_path / "events_0000.root") as file:
        root = file["tree"].arrays()
    assert set(parquet.fields) == set(root.fields) == {column.name for column in COLUMNS}
    for column in COLUMNS:
        assert ak.array_equal(parquet[column.name], root[column.name], dtype_exact=False, check_parameters=False)
        for stored in (parquet[column.name], root[column.name]):
            assert ak.to_numpy(ak.flatten(stored, axis=None)).dtype == np.dtype(column.dtype)
    assert ak.to_list(parquet["E"]) == ak.to_list(ak.unflatten(block.candidate["E"], np.diff(block.offsets)))
    assert ak.all(parquet["__ncandidates__"] == ak.num(root["theta"]))


def test_units_stand_in_the_parquet_schema(tmp_path: Path) -> None:
    written(tmp_path, [random_block(5, 1)], ("parquet",), 10)
    schema = pq.read_schema(tmp_path / "events_0000.parquet")
    assert [field.name for field in schema] == [column.name for column in COLUMNS]
    assert schema.field("E").metadata[b"unit"] == b"GeV"


def test_files_hold_at_most_the_entries_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(write_ntuples, "ROW_GROUP_EVENTS", 40)
    blocks = [random_block(n, n) for n in (7, 90, 1, 130, 22)]
    files = written(tmp_path, blocks, ("parquet", "root"), 100)
    for name in ("parquet", "root"):
        assert [file.entries for file in files.files(name)] == [100, 100, 50]
    parquet = pq.ParquetFile(tmp_path / "events_0000.parquet").metadata
    assert [parquet.row_group(i).num_rows for i in range(parquet.num_row_groups)] == [40, 40, 20]
    events = np.concatenate([pq.read_table(tmp_path / f"events_000{i}.parquet")["__event__"] for i in range(3)])
    np.testing.assert_array_equal(events, np.concatenate([block.event["__event__"] for block in blocks]))


def test_bytes_do_not_depend_on_the_blocks(tmp_path: Path) -> None:
    whole = random_block(300, 3)
    parts = [whole.rows(0, 11), whole.rows(11, 200), whole.rows(200, 300)]
    first = written(tmp_path / "a", [whole], ("parquet",), 250).files("parquet")
    assert written(tmp_path / "b", parts, ("parquet",), 250).files("parquet") == first


def test_a_sample_without_events_is_one_empty_file(tmp_path: Path) -> None:
    files = written(tmp_path, [], ("parquet", "root"), 10)
    assert [file.entries for file in files.files("parquet")] == [0]
    assert pq.read_table(tmp_path / "events_0000.parquet").num_rows == 0
    with uproot.open(tmp_path / "events_0000.root") as file:
        assert file["tree"].num_entries == 0


@pytest.mark.parametrize("finish", [False, True])
def test_unfinished_files_leave_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, finish: bool) -> None:
    monkeypatch.setattr(write_ntuples, "ROW_GROUP_EVENTS", 40)

    def interrupted() -> None:
        with NtupleFiles(tmp_path, COLUMNS, ("parquet", "root"), 1000) as files:
            files.append(random_block(60, 1))
            if finish:
                files.finish()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == (["events_0000.parquet", "events_0000.root"] if finish else [])


def test_restart_forgets_what_was_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(write_ntuples, "ROW_GROUP_EVENTS", 40)
    with NtupleFiles(tmp_path, COLUMNS, ("parquet",), 1000) as files:
        files.append(random_block(60, 1))
        files.restart()
        files.append(random_block(50, 2))
        files.finish()
    assert [file.entries for file in files.files("parquet")] == [50]


@pytest.mark.parametrize("formats", [(), ("parquet", "parquet"), ("csv",)])
def test_wrong_formats_are_refused(tmp_path: Path, formats: tuple[str, ...]) -> None:
    with pytest.raises(ConfigError, match="formats"):
        NtupleFiles(tmp_path, COLUMNS, formats, 10)


def test_pseudo_data_has_no_truth() -> None:
    assert not any(column.truth for column in ntuple_columns(truth=False))
    assert any(column.truth for column in ntuple_columns(truth=True))
