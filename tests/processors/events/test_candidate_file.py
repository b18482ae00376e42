"""Flat candidate ntuples read as events: every candidate in its event, no event cut, everything odd refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import awkward as ak
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import uproot

from darkreach.errors import EventContentError, InputFileError, MissingColumnError
from darkreach.events.candidate_file import CandidateEvents
from darkreach.events.candidate_rows import event_offsets, scattered_events
from darkreach.events.names import escape_name
from darkreach.events.readers import open_events, open_rows

KINDS = ("tree.root", "rntuple.root", "table.parquet")
IDENTITY = ("__experiment__", "__run__", "__event__", "__production__")
READ = ("mRecoil", "__event__", "daughter(0, px)", "__candidate__", "nTracks", "__experiment__", "__weight__")


def flat_columns(events: int, seed: int) -> dict[str, np.ndarray]:
    """Rows whose values tell their event: the i-th event has mRecoil = i + 0.01 * candidate."""
    random = np.random.default_rng(seed)
    counts = random.integers(1, 7, events)
    event = np.repeat(np.arange(events), counts)
    candidate = np.concatenate([np.arange(count) for count in counts])
    return {
        "__experiment__": (7 + event // 700).astype(np.int32),
        "__run__": (event // 100 % 7).astype(np.int32),
        # 32-bit numbers beyond the reach of int32 and of float32; the same ones in every run
        "__event__": (3_000_000_000 + event % 100).astype(np.uint32),
        "__production__": np.full(len(event), 3, np.int32),
        "__candidate__": candidate.astype(np.int32),
        "__ncandidates__": np.repeat(counts, counts).astype(np.int32),
        "__weight__": np.repeat(random.choice([1.0, 2.0], events), counts),
        "mRecoil": event + 0.01 * candidate,
        "daughter(0, px)": random.normal(size=len(event)).astype(np.float32),
        "nTracks": (event % 5).astype(np.float64),
    }


def write(path: Path, columns: dict[str, Any], block: int = 97) -> Path:
    """Write columns in random order, escaped in ROOT, in blocks that cut events."""
    order = np.random.default_rng(5).permutation(list(columns))
    columns = {name: columns[name] for name in order}
    if path.suffix == ".parquet":
        pq.write_table(pa.table(columns), path, row_group_size=block)
        return path
    stored = {escape_name(name): values for name, values in columns.items()}
    with uproot.recreate(path) as file:
        make = file.mkrntuple if path.name.startswith("rntuple") else file.mktree
        tree = make("ntuple", {name: values.dtype for name, values in stored.items()})
        for start in range(0, len(columns["__event__"]), block):
            tree.extend({name: values[start : start + block] for name, values in stored.items()})
    return path


def grouped(columns: dict[str, np.ndarray]) -> dict[tuple[int, ...], list[int]]:
    """Rows of each event, by a loop."""
    rows: dict[tuple[int, ...], list[int]] = {}
    for row, key in enumerate(zip(*(columns[name].tolist() for name in IDENTITY), strict=True)):
        rows.setdefault(key, []).append(row)
    return rows


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("chunk_entries", [1, 97, 500, 100_000])
def test_every_candidate_is_in_its_event(tmp_path: Path, kind: str, chunk_entries: int) -> None:
    columns = flat_columns(1000, 1)
    path = write(tmp_path / kind, columns)
    rows = list(grouped(columns).values())
    with open_events(path) as file:
        assert isinstance(file, CandidateEvents)
        assert (file.entries, file.rows) == (1000, len(columns["__event__"]))
        ranges = file.ranges(READ, chunk_entries)
        chunks = [file.read(READ, *span) for span in ranges]
    assert [start for start, _ in ranges] == [0, *(stop for _, stop in ranges[:-1])] and ranges[-1][1] == 1000
    assert (len(ranges) > 20) == (chunk_entries <= 97)
    # blocks of 97 rows are joined up to the wish, and no more than the rows of one event are added
    assert all(ak.count(chunk["mRecoil"]) <= max(chunk_entries, 97) + 6 for chunk in chunks)
    events = ak.concatenate(chunks)
    assert events.fields == list(READ)
    for name in ("mRecoil", "daughter(0, px)", "__candidate__"):
        assert events[name].tolist() == [columns[name][own].tolist() for own in rows]
        assert ak.to_layout(chunks[0][name]).content.dtype == columns[name].dtype
    for name in ("__event__", "__experiment__", "nTracks", "__weight__"):
        assert events[name].tolist() == [columns[name][own[0]] for own in rows]
        assert chunks[0][name].layout.dtype == columns[name].dtype


@pytest.mark.parametrize("kind", KINDS)
def test_lists_share_their_offsets_and_copy_nothing(tmp_path: Path, kind: str) -> None:
    with open_events(write(tmp_path / kind, flat_columns(50, 2))) as file:
        chunk = file.read(["mRecoil", "daughter(0, px)"], 0, 50)
    offsets = [ak.to_layout(chunk[name]).offsets.data for name in chunk.fields]
    assert np.shares_memory(*offsets)


@pytest.mark.parametrize("kind", KINDS)
def test_events_in_any_order_and_the_same_number_in_other_runs(tmp_path: Path, kind: str) -> None:
    columns = flat_columns(1000, 3)
    starts = np.array([own[0] for own in grouped(columns).values()])
    order = np.concatenate(
        [
            np.arange(start, start + columns["__ncandidates__"][start])
            for start in np.random.default_rng(1).permutation(starts)
        ]
    )
    shuffled = {name: values[order] for name, values in columns.items()}
    with open_events(write(tmp_path / kind, shuffled)) as file:
        assert file.entries == 1000
        mass = file.read(["mRecoil"], 0, 1000)["mRecoil"]
    assert np.all(ak.to_numpy(ak.max(mass, axis=1) - ak.min(mass, axis=1)) < 0.06)


@pytest.mark.parametrize("kind", KINDS)
def test_rows_of_an_event_in_two_places_are_refused(tmp_path: Path, kind: str) -> None:
    columns = flat_columns(300, 4)
    order = np.arange(len(columns["__event__"]))
    # the last candidate of two events moves to the end
    ends = [own[-1] for own in grouped(columns).values() if len(own) > 1][3:5]
    order = np.concatenate([np.delete(order, ends), ends])
    path = write(tmp_path / kind, {name: values[order] for name, values in columns.items()})
    with pytest.raises(InputFileError, match="not next to each other") as caught:
        open_events(path)
    assert "2 events in several places" in str(caught.value) and str(path) in str(caught.value)
    with open_rows(path) as file:
        assert file.entries == len(order)


@pytest.mark.parametrize("kind", KINDS)
def test_a_value_of_the_event_must_be_the_same_for_its_candidates(tmp_path: Path, kind: str) -> None:
    columns = flat_columns(200, 5)
    columns["nTracks"] = np.where(columns["nTracks"] == 3, np.nan, columns["nTracks"])
    changed = [own[-1] for own in grouped(columns).values() if len(own) > 1][:3]
    columns["__weight__"][changed] += 4.0
    with open_events(write(tmp_path / kind, columns)) as file:
        # NaN is the same as NaN
        assert np.isnan(file.read(["nTracks"], 0, 200)["nTracks"]).tolist() == [i % 5 == 3 for i in range(200)]
        with pytest.raises(EventContentError, match="'__weight__' belongs to the event") as caught:
            file.read(["__weight__"], 0, 200)
    assert "3 of 200 events" in str(caught.value)


def test_old_files_of_floating_point_numbers(tmp_path: Path) -> None:
    columns = flat_columns(200, 6)
    good = columns | {name: columns[name].astype(np.float64) for name in IDENTITY}
    with open_events(write(tmp_path / "good.root", good)) as file:
        assert file.entries == 200
        assert file.read(["__event__"], 0, 1)["__event__"].tolist() == [3e9]
    for name, broken in (("float", columns["__event__"].astype(np.float32)), ("half", good["__event__"] + 0.5)):
        with pytest.raises(EventContentError, match="lost the identity"):
            open_events(write(tmp_path / f"{name}.root", columns | {"__event__": broken}))


def test_files_without_candidate_numbers_hold_one_event_a_row(tmp_path: Path) -> None:
    columns = {name: values for name, values in flat_columns(20, 7).items() if name != "__candidate__"}
    with open_events(write(tmp_path / "table.parquet", columns)) as file:
        assert not isinstance(file, CandidateEvents) and file.entries == len(columns["__event__"])


@pytest.mark.parametrize("kind", KINDS)
def test_missing_columns_and_lists(tmp_path: Path, kind: str) -> None:
    with open_events(write(tmp_path / kind, flat_columns(20, 8))) as file, pytest.raises(MissingColumnError):
        file.read(["mRecoils"], 0, 20)
    table = {name: values.tolist() for name, values in flat_columns(3, 8).items()}
    table["x"] = [[1.0]] * len(table["__event__"])
    pq.write_table(pa.table(table), tmp_path / "lists.parquet")
    with open_events(tmp_path / "lists.parquet") as file, pytest.raises(InputFileError, match="a list a row"):
        file.read(["x"], 0, 3)


@pytest.mark.parametrize("suffix", [".root", ".parquet"])
def test_photons_of_a_flat_ntuple_are_those_of_the_event_tree(
    tmp_path: Path, photon_columns: Callable[..., dict[str, Any]], write_events: Callable[..., Path], suffix: str
) -> None:
    columns = photon_columns(500, 9)
    counts = columns["__ncandidates__"]
    kept = {name: values[counts > 0] for name, values in columns.items()}
    flat = {
        name: ak.to_numpy(ak.flatten(values)) if isinstance(values, ak.Array) else np.repeat(values, counts)
        for name, values in columns.items()
    }
    flat["__candidate__"] = ak.to_numpy(ak.flatten(ak.local_index(columns["E"]))).astype(np.int32)
    names = ("__event__", "__weight__", "nTracks", "generatorWeight", "E", "theta", "mcPhi")
    with (
        open_events(write_events(tmp_path / f"events{suffix}", kept)) as events,
        open_events(write(tmp_path / f"flat{suffix}", flat)) as candidates,
    ):
        assert events.entries == candidates.entries < 500
        assert ak.array_equal(
            events.read(names, 0, events.entries), candidates.read(names, 0, events.entries), dtype_exact=True
        )


def test_a_row_group_shared_by_two_chunks_is_decoded_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    columns = flat_columns(1000, 10)
    path = write(tmp_path / "table.parquet", columns)
    decoded: list[int] = []
    original = pq.ParquetFile.read_row_groups

    def counted(self: Any, groups: list[int], **options: Any) -> pa.Table:
        decoded.extend(groups)
        return original(self, groups, **options)

    with open_events(path) as file:
        monkeypatch.setattr(pq.ParquetFile, "read_row_groups", counted)
        # also chunks much smaller than a row group
        for size in (250, 10):
            decoded.clear()
            spans = [(start, min(start + size, 1000)) for start in range(0, 1000, size)]
            mass = ak.concatenate([file.read(["mRecoil"], *span)["mRecoil"] for span in spans])
            np.testing.assert_array_equal(ak.flatten(mass), columns["mRecoil"])
            assert decoded == list(range(-(-len(columns["mRecoil"]) // 97)))
        # columns that differ are not mixed up with those kept
        first = file.read(["mRecoil"], 0, 30)
        other = file.read(["daughter(0, px)"], 30, 60)
    rows = list(grouped(columns).values())
    assert first["mRecoil"].tolist() == [columns["mRecoil"][own].tolist() for own in rows[:30]]
    assert other["daughter(0, px)"].tolist() == [columns["daughter(0, px)"][own].tolist() for own in rows[30:60]]


def test_grouping_agrees_with_a_loop() -> None:
    random = np.random.default_rng(11)
    for _ in range(200):
        rows = int(random.integers(0, 40))
        identity = tuple(random.integers(0, 3, rows).astype(kind) for kind in (np.int32, np.int64, np.uint32))
        keys = list(zip(*(column.tolist() for column in identity), strict=True))
        begins = [row for row in range(rows) if row == 0 or keys[row] != keys[row - 1]]
        assert event_offsets(identity).tolist() == [*begins, rows]
        runs = [keys[row] for row in begins]
        firsts = tuple(column[begins] for column in identity)
        assert scattered_events(firsts) == sum(runs.count(key) > 1 for key in set(runs))
