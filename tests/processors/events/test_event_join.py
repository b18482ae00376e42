"""Tracks and photons in two trees: joined exactly on the event, everything odd refused or counted."""

from __future__ import annotations

from pathlib import Path

import awkward as ak
import numpy as np
import pytest
import uproot

from darkreach.errors import EventContentError, InputFileError, MissingColumnError
from darkreach.events.event_join import match_events
from darkreach.events.joined_file import JoinedEvents
from darkreach.events.readers import open_events

NAMES = ("photons", "tracks")


def tree(events: np.ndarray, seed: int, *, production: bool = True) -> dict[str, object]:
    """A tree whose values tell the event they belong to: event i has E = i + 0.1, i + 0.2, ..."""
    counts = np.random.default_rng(seed).integers(0, 4, len(events))
    within = np.concatenate([np.arange(1, count + 1) for count in counts]) if counts.sum() else np.zeros(0)
    index = {
        "__experiment__": (events // 1000).astype(np.int32),
        "__run__": (events // 100).astype(np.int32),
        "__event__": (events % 100).astype(np.uint32),
        "value": events.astype(np.float64),
    }
    index |= {"__production__": np.full(len(events), 3, np.int32)} if production else {}
    return index | {"E": ak.unflatten(np.repeat(events, counts) + 0.1 * within, counts)}


def write(path: Path, block: int = 150, **trees: dict[str, object]) -> Path:
    with uproot.recreate(path) as file:
        for name, columns in trees.items():
            types = {key: getattr(values, "dtype", "var * float64") for key, values in columns.items()}
            types["E"] = "var * float64"
            file.mktree(name, types, counter_name=lambda _: "__ncandidates__")
            for start in range(0, len(columns["value"]), block):
                file[name].extend({key: values[start : start + block] for key, values in columns.items()})
    return path


def joined(path: Path, **options: str) -> JoinedEvents:
    return JoinedEvents(open_events(path, NAMES[0]), open_events(path, NAMES[1]), prefix="tracks", **options)


@pytest.mark.parametrize("shuffled", [False, True])
@pytest.mark.parametrize("chunk_entries", [1, 200, 10_000])
def test_every_event_gets_its_own_tracks(tmp_path: Path, shuffled: bool, chunk_entries: int) -> None:
    photons = np.arange(1000)
    tracks = np.random.default_rng(1).permutation(photons) if shuffled else photons
    path = write(tmp_path / "a.root", photons=tree(photons, 1), tracks=tree(tracks, 2))
    names = ["tracks.E", "E", "tracks.value", "value"]
    with joined(path) as events:
        assert (events.entries, events.match.only_first, events.match.only_second) == (1000, 0, 0)
        chunks = [events.read(names, *span) for span in events.ranges(names, chunk_entries)]
    assert len(chunks) == {1: 7, 200: 7, 10_000: 1}[chunk_entries]
    chunk = ak.concatenate(chunks)
    assert chunk.fields == names
    assert chunk["value"].tolist() == photons.tolist() == chunk["tracks.value"].tolist()
    original = tree(tracks, 2)["E"]
    assert chunk["tracks.E"].tolist() == original[np.argsort(tracks)].tolist()
    assert chunk["E"].tolist() == tree(photons, 1)["E"].tolist()


def test_events_that_one_tree_lacks_are_refused_or_counted(tmp_path: Path) -> None:
    photons, tracks = np.arange(5, 500), np.concatenate([np.arange(300, 498), np.arange(250)])
    path = write(tmp_path / "a.root", photons=tree(photons, 1), tracks=tree(tracks, 2))
    with pytest.raises(EventContentError, match=r"443 in both, 52 only in the first .*0/2/50.* 5 only in the second"):
        joined(path)
    with joined(path, missing="leave_out") as events:
        common = sorted(set(photons.tolist()) & set(tracks.tolist()))
        spans = events.ranges(["E", "tracks.E"], 100)
        chunk = ak.concatenate([events.read(["value", "tracks.value"], *span) for span in spans])
        assert spans[0][0] == 0 and spans[-1][1] == events.entries == len(common) == 443
        assert chunk["value"].tolist() == common == chunk["tracks.value"].tolist()
        assert (events.match.only_first, events.match.only_second) == (52, 5)


def test_an_event_that_comes_twice_is_refused(tmp_path: Path) -> None:
    once, twice = np.arange(100), np.concatenate([np.arange(100), [7, 8, 7]])
    for trees in ((once, twice), (twice, once)):
        path = write(tmp_path / "a.root", photons=tree(trees[0], 1), tracks=tree(trees[1], 2))
        for missing in ("refuse", "leave_out"):
            with pytest.raises(EventContentError, match="3 rows repeat an event"):
                joined(path, missing=missing)


def test_trees_without_a_common_event_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "a.root", photons=tree(np.arange(10), 1), tracks=tree(np.arange(10, 30), 2))
    with pytest.raises(InputFileError, match=r"no event in common(.|\n)*10 and 20"):
        joined(path, missing="leave_out")


def test_trees_without_an_index_are_not_joined(tmp_path: Path) -> None:
    events = np.arange(50)
    bare = tree(events, 1)
    bare.pop("__run__")
    path = write(tmp_path / "a.root", photons=tree(events, 1), tracks=bare)
    with pytest.raises(MissingColumnError, match="no __run__"):
        joined(path)
    path = write(tmp_path / "b.root", photons=tree(events, 1), tracks=tree(events, 1, production=False))
    with pytest.raises(InputFileError, match="only one of two trees has __production__"):
        joined(path)


def test_a_missing_column_of_either_tree_is_named(tmp_path: Path) -> None:
    path = write(tmp_path / "a.root", photons=tree(np.arange(50), 1), tracks=tree(np.arange(50), 2))
    with joined(path) as events:
        assert {"E", "tracks.E"} <= set(events.column_names())
        assert {column.name: column.level for column in events.layout().columns}["tracks.E"] == "candidate"
        for name in ("px", "tracks.px"):
            with pytest.raises(MissingColumnError, match="'px' is missing"):
                events.ranges([name], 100)


def test_matching_agrees_with_a_dictionary() -> None:
    random = np.random.default_rng(6)
    for _ in range(100):
        first, second = (random.permutation(30)[: random.integers(0, 30)] for _ in range(2))
        keys = [np.stack([values // 7, values % 7], axis=1).reshape(-1, 2) for values in (first, second)]
        match = match_events(keys[0], keys[1], where=NAMES, missing="leave_out")
        rows = {event: row for row, event in enumerate(second.tolist())}
        wanted = [(row, rows[event]) for row, event in enumerate(first.tolist()) if event in rows]
        assert list(zip(match.first.tolist(), match.second.tolist(), strict=True)) == wanted
        assert (match.only_first, match.only_second) == (len(first) - len(wanted), len(second) - len(wanted))
