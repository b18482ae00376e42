"""RNTuple files are read as trees are: same names, same values, ranges of whole clusters."""

from __future__ import annotations

from pathlib import Path

import awkward as ak
import numpy as np
import pytest
import uproot

from darkreach.errors import InputFileError, MissingColumnError
from darkreach.events.readers import iterate_chunks, open_events
from darkreach.events.recompact import recompact

CLUSTERS = (400, 250, 350)


@pytest.fixture
def columns() -> dict[str, ak.Array]:
    random = np.random.default_rng(4)
    counts = random.integers(0, 5, sum(CLUSTERS))
    numbers = random.normal(size=counts.sum())
    return {
        "__event__": ak.Array(np.arange(sum(CLUSTERS), dtype=np.uint32)),
        "nTracks": ak.Array(random.normal(size=sum(CLUSTERS))),
        "flag": ak.Array(counts > 2),
        "useCMSFrame__boE__bc": ak.unflatten(numbers, counts),
        "track": ak.zip(
            {"px": ak.unflatten(numbers.astype(np.float32), counts), "charge": ak.unflatten(-numbers, counts)}
        ),
    }


@pytest.fixture
def path(tmp_path: Path, columns: dict[str, ak.Array]) -> Path:
    events = ak.zip(columns, depth_limit=1)
    with uproot.recreate(tmp_path / "a.root") as file:
        ntuple = file.mkrntuple("tree", events[:0])
        first = 0
        for size in CLUSTERS:
            ntuple.extend(events[first : first + size])
            first += size
    return tmp_path / "a.root"


def test_chunks_join_to_what_was_written(path: Path, columns: dict[str, ak.Array]) -> None:
    names = ("nTracks", "useCMSFrame(E)", "track.px", "flag", "__event__")
    chunks = list(iterate_chunks(path, names, chunk_entries=600))
    assert [(start, len(chunk)) for start, chunk in chunks] == [(0, 400), (400, 600)]
    joined = ak.concatenate([chunk for _, chunk in chunks])
    assert joined.fields == list(names)
    wanted = columns | {"useCMSFrame(E)": columns["useCMSFrame__boE__bc"], "track.px": columns["track"]["px"]}
    for name in names:
        assert ak.array_equal(joined[name], wanted[name], dtype_exact=True), name


def test_layout_and_missing_columns(path: Path) -> None:
    with open_events(path) as file:
        layout = file.layout()
        assert (layout.kind, layout.block, layout.blocks, layout.entries_per_block) == ("RNTuple", "cluster", 3, 350.0)
        assert layout.bytes_per_block > 0.0
        found = {column.name: (column.dtype, column.level) for column in layout.columns}
        assert found == {
            "__event__": ("uint32", "event"),
            "nTracks": ("float64", "event"),
            "flag": ("bool", "event"),
            "useCMSFrame__boE__bc": ("float64", "candidate"),
            "track.px": ("float32", "candidate"),
            "track.charge": ("float64", "candidate"),
        }
        with pytest.raises(MissingColumnError, match="did you mean 'nTracks'"):
            file.read(["nTrack"], 0, 10)


def test_damage_never_passes_silently(path: Path) -> None:
    data = bytearray(path.read_bytes())
    middle = slice(len(data) // 5, 4 * len(data) // 5)
    data[middle] = bytes(byte ^ 90 for byte in data[middle])
    path.write_bytes(data)
    with pytest.raises(InputFileError, match="damaged|truncated"):
        list(iterate_chunks(path, ["nTracks", "useCMSFrame(E)", "track.px"]))


def test_nothing_to_recompact(path: Path, tmp_path: Path) -> None:
    with pytest.raises(InputFileError, match="not rewritten"):
        recompact(path, tmp_path / "b.root")
    assert not (tmp_path / "b.root").exists()


def test_a_tree_that_is_not_there(tmp_path: Path) -> None:
    with uproot.recreate(tmp_path / "b.root") as file:
        file.mktree("only", {"x": np.float32}).extend({"x": np.arange(3, dtype=np.float32)})
    with pytest.raises(InputFileError, match=r"called 'tracks'(.|\n)*only"):
        open_events(tmp_path / "b.root", "tracks")
