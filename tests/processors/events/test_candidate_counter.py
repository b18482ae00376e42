"""Counters of candidates against what the file holds, and what ``check_ntuple`` says about flat candidate ntuples."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import uproot

from darkreach.errors import EventContentError
from darkreach.events.event_identity import identity_keys
from darkreach.events.ntuple_check import NtupleCheck, check_ntuple
from darkreach.events.shared_content import shared_content


def flat_table(events: int, seed: int, first: int = 0) -> dict[str, np.ndarray]:
    counts = np.random.default_rng(seed).integers(2, 6, events)
    event = np.repeat(np.arange(first, first + events), counts)
    index = {name: np.ones(len(event), np.int32) for name in ("__experiment__", "__run__", "__production__")}
    index |= {"__event__": event.astype(np.uint32), "__ncandidates__": np.repeat(counts, counts).astype(np.int32)}
    candidate = np.concatenate([np.arange(count) for count in counts]).astype(np.int32)
    return index | {"__candidate__": candidate, "mRecoil": event + 0.1 * candidate}


def write(path: Path, table: dict[str, np.ndarray], row_group: int = 50) -> Path:
    if path.suffix == ".parquet":
        pq.write_table(pa.table(table), path, row_group_size=row_group)
        return path
    with uproot.recreate(path) as file:
        tree = file.mktree("ntuple", {name: values.dtype for name, values in table.items()})
        for start in range(0, len(table["mRecoil"]), row_group):
            tree.extend({name: values[start : start + row_group] for name, values in table.items()})
    return path


def taken(table: dict[str, np.ndarray], rows: np.ndarray) -> dict[str, np.ndarray]:
    return {name: values[rows] for name, values in table.items()}


def said(check: NtupleCheck, severity: str) -> list[str]:
    return [finding.what for finding in check.findings if finding.severity == severity]


@pytest.mark.parametrize("suffix", [".root", ".parquet"])
def test_a_good_flat_ntuple(tmp_path: Path, suffix: str) -> None:
    check = check_ntuple(write(tmp_path / f"a{suffix}", flat_table(300, 1), 5000), ["mRecoil"])
    assert check.runnable and not said(check, "fault") and not said(check, "warning")


@pytest.mark.parametrize("suffix", [".root", ".parquet"])
def test_lists_of_a_search_may_come_from_a_flat_ntuple(tmp_path: Path, suffix: str) -> None:
    table = flat_table(300, 1)
    table |= {"E": table["mRecoil"], "nTracks": np.zeros(len(table["mRecoil"]))}
    assert check_ntuple(write(tmp_path / f"a{suffix}", table, 5000), ["E", "nTracks"]).runnable
    del table["__candidate__"]
    check = check_ntuple(write(tmp_path / f"b{suffix}", table, 5000), ["E", "nTracks"])
    assert any("'E' holds one number a row" in text for text in said(check, "fault"))


@pytest.mark.parametrize("suffix", [".root", ".parquet"])
def test_rows_left_out_and_written_twice_are_counted(tmp_path: Path, suffix: str) -> None:
    table = flat_table(300, 2)
    last = np.flatnonzero(np.append(np.diff(table["__event__"]) > 0, True))
    fewer = check_ntuple(
        write(tmp_path / f"a{suffix}", taken(table, np.delete(np.arange(len(table["mRecoil"])), last[:7]))), ["mRecoil"]
    )
    assert fewer.runnable and [
        text for text in said(fewer, "warning") if text.startswith("7 of 300 events have fewer rows")
    ]
    repeats = np.ones(len(table["mRecoil"]), int)
    repeats[last[10:14]] = 2
    more = check_ntuple(
        write(tmp_path / f"b{suffix}", taken(table, np.repeat(np.arange(len(repeats)), repeats))), ["mRecoil"]
    )
    faults = said(more, "fault")
    assert any(text.startswith("4 of 300 events have more rows") for text in faults)
    assert any(text.startswith("4 candidates come twice") for text in faults)


@pytest.mark.parametrize("suffix", [".root", ".parquet"])
def test_events_at_the_edges_of_a_sample_are_not_accused(tmp_path: Path, suffix: str) -> None:
    check = check_ntuple(write(tmp_path / f"a{suffix}", flat_table(2000, 3)), ["mRecoil"], sampled_entries=600)
    assert check.read_entries < check.entries
    assert not [text for text in said(check, "warning") + said(check, "fault") if "rows" in text]


@pytest.mark.parametrize("suffix", [".root", ".parquet"])
def test_an_event_split_over_two_files_is_seen_in_both_and_between_them(tmp_path: Path, suffix: str) -> None:
    table = flat_table(100, 4)
    cut = int(np.flatnonzero(table["__event__"] == 50)[0]) + 1
    rows = np.arange(len(table["mRecoil"]))
    paths = [write(tmp_path / f"{i}{suffix}", taken(table, part)) for i, part in enumerate((rows[:cut], rows[cut:]))]
    checks = [check_ntuple(path, ["mRecoil"]) for path in paths]
    for check, events in zip(checks, (51, 50), strict=True):
        assert any(text.startswith(f"1 of {events} events have fewer rows") for text in said(check, "warning"))
    (found,) = shared_content([(check.path, check.keys) for check in checks])
    assert found.what.startswith("1 events are in ")


def test_lists_that_are_not_as_long_as_their_counter(tmp_path: Path) -> None:
    table = {"__experiment__": [1] * 3, "__run__": [1] * 3, "__event__": [1, 2, 3], "__ncandidates__": [1, 2, 1]}
    pq.write_table(pa.table(table | {"E": [[1.0], [1.0, 2.0], [1.0]]}), tmp_path / "good.parquet")
    assert not said(check_ntuple(tmp_path / "good.parquet", ["E"]), "warning")
    pq.write_table(pa.table(table | {"E": [[1.0], [1.0], []]}), tmp_path / "cut.parquet")
    assert said(check_ntuple(tmp_path / "cut.parquet", ["E"]), "warning") == [
        "lists of 'E' are not as long as '__ncandidates__' says in 2 of 3 events"
    ]


@pytest.mark.parametrize("suffix", [".root", ".parquet"])
def test_more_candidates_than_basf2_keeps_are_counted(tmp_path: Path, suffix: str) -> None:
    counts = np.array([3, 101, 100, 250])
    lists = [np.ones(count).tolist() for count in counts]
    path = tmp_path / f"a{suffix}"
    if suffix == ".parquet":
        pq.write_table(pa.table({"E": lists}), path)
    else:
        with uproot.recreate(path) as file:
            file.mktree("tree", {"E": "var * float64"}, counter_name=lambda _: "__ncandidates__").extend({"E": lists})
    warnings = said(check_ntuple(path, ["E"]), "warning")
    assert any(text.startswith("2 events have more than 100 candidates (most: 250)") for text in warnings)


def test_identities_keep_32_bits_and_refuse_fractions() -> None:
    largest = np.array([2**32 - 1, 0], dtype=np.uint32)
    assert identity_keys([largest], where="a").tolist() == [[2**32 - 1], [0]]
    for broken in (np.array([0.5]), np.array([2.0**24], np.float32), np.array([np.inf])):
        with pytest.raises(EventContentError, match="lost the identity"):
            identity_keys([broken], where="a")
