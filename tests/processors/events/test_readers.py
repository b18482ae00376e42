"""Reading ROOT and Parquet ntuples, whole or in chunks, and refusing everything that is not one."""

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
from darkreach.events.entry_ranges import basket_edges, merged_ranges
from darkreach.events.readers import iterate_chunks, open_events

COLUMNS = ("nTracks", "E", "theta", "__event__", "__ncandidates__")
SUFFIXES = (".root", ".parquet")


@pytest.fixture(scope="module")
def columns(photon_columns: Callable[..., dict[str, Any]]) -> dict[str, Any]:
    return photon_columns(1000, 2)


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("chunk_entries", [1, 300, 500, 10_000])
def test_chunks_join_to_what_was_written(
    tmp_path: Path, columns: dict[str, Any], write_events: Callable[..., Path], suffix: str, chunk_entries: int
) -> None:
    path = write_events(tmp_path / f"a{suffix}", columns, row_group=250)
    chunks = list(iterate_chunks(path, COLUMNS, chunk_entries=chunk_entries))
    # blocks of 250 are never split; two fit into 500
    sizes = {1: [250] * 4, 300: [250] * 4, 500: [500] * 2, 10_000: [1000]}[chunk_entries]
    assert [len(chunk) for _, chunk in chunks] == sizes
    assert [start for start, _ in chunks] == np.cumsum([0, *sizes])[:-1].tolist()
    joined = ak.concatenate([chunk for _, chunk in chunks])
    assert joined.fields == list(COLUMNS)
    for name in COLUMNS:
        assert ak.array_equal(joined[name], ak.Array(columns[name]), dtype_exact=True)


def test_merged_ranges_cover_everything_once() -> None:
    assert merged_ranges([0, 10, 20, 90, 95, 100], 20) == [(0, 20), (20, 90), (90, 100)]
    assert merged_ranges([0], 20) == []


def test_trees_whose_baskets_never_begin_together_are_still_cut() -> None:
    assert basket_edges([[0, 100, 200], [0, 50, 100, 150, 200]], 100) == [0, 100, 200]
    # baskets of a fixed size in bytes: 200 doubles, 400 integers
    doubles, integers = [*range(0, 10_100, 200), 10_100], [*range(0, 10_100, 400), 10_100]
    odd = [*range(0, 10_100, 330), 10_100]
    edges = basket_edges([doubles, integers, odd], 1000)
    assert edges == sorted(set(integers)) and max(np.diff(merged_ranges(edges, 1000))) <= 1000
    # a branch without baskets says nothing
    assert basket_edges([[0], [0, 5]], 10) == [0, 5] and basket_edges([[0]], 10) == [0]


@pytest.mark.parametrize(("suffix", "block"), [(".root", 200), (".parquet", 100)])
def test_blocks_as_small_as_those_of_basf2_are_read_in_large_chunks(
    tmp_path: Path, photon_columns: Callable[..., dict[str, Any]], write_events: Callable[..., Path],
    suffix: str, block: int,
) -> None:  # fmt: skip
    # 1600 bytes hold 200 doubles; row groups of 100 events
    columns = photon_columns(5000, 3)
    path = write_events(tmp_path / f"a{suffix}", columns, row_group=block)
    with open_events(path) as opened:
        assert opened.layout().blocks == 5000 // block
        assert opened.ranges(COLUMNS, 2000) == [(0, 2000), (2000, 4000), (4000, 5000)]
    joined = ak.concatenate([chunk for _, chunk in iterate_chunks(path, COLUMNS, chunk_entries=2000)])
    for name in COLUMNS:
        assert ak.array_equal(joined[name], ak.Array(columns[name]), dtype_exact=True)


def test_text_in_a_tree_is_refused(tmp_path: Path) -> None:
    with uproot.recreate(tmp_path / "a.root") as file:
        file.mktree("tree", {"text": "string", "x": np.float64}).extend({"text": ["a", "b"], "x": np.zeros(2)})
    with open_events(tmp_path / "a.root") as opened:
        assert opened.read(["x"], 0, 2)["x"].tolist() == [0.0, 0.0]
        with pytest.raises(InputFileError, match="'text' is neither numbers"):
            opened.read(["text"], 0, 2)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_only_declared_columns_are_read(
    tmp_path: Path, columns: dict[str, Any], write_events: Callable[..., Path], suffix: str
) -> None:
    path = write_events(tmp_path / f"a{suffix}", columns)
    ((_, chunk),) = iterate_chunks(path, ["E"])
    assert chunk.fields == ["E"]


def test_escaped_names_in_root_are_found(tmp_path: Path) -> None:
    values = np.arange(5.0)
    with uproot.recreate(tmp_path / "a.root") as file:
        columns = {"useCMSFrame__boE__bc": values, "daughter__bo0__cm__spp__bc": 2.0 * values}
        file.mktree("tree", {name: column.dtype for name, column in columns.items()}).extend(columns)
    ((_, chunk),) = iterate_chunks(tmp_path / "a.root", ["daughter(0, p)", "useCMSFrame(E)"])
    np.testing.assert_array_equal(chunk["daughter(0, p)"], 2.0 * values)
    np.testing.assert_array_equal(chunk["useCMSFrame(E)"], values)


def test_names_with_commas_in_parquet_are_found(tmp_path: Path) -> None:
    pq.write_table(pa.table({"daughter(0, px)": [1.0, 2.0]}), tmp_path / "a.parquet")
    ((_, chunk),) = iterate_chunks(tmp_path / "a.parquet", ["daughter(0, px)"])
    assert chunk["daughter(0, px)"].tolist() == [1.0, 2.0]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_missing_column_proposes_the_closest(
    tmp_path: Path, columns: dict[str, Any], write_events: Callable[..., Path], suffix: str
) -> None:
    path = write_events(tmp_path / f"a{suffix}", columns)
    with pytest.raises(MissingColumnError) as caught:
        list(iterate_chunks(path, ["E", "nTrack"]))
    assert "did you mean 'nTracks'?" in str(caught.value)
    assert "add it to the variables of VariablesToEventBasedTree" in str(caught.value)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("fraction", [0.02, 0.3, 0.7, 0.999])
def test_truncated_files_are_refused(
    tmp_path: Path, columns: dict[str, Any], write_events: Callable[..., Path], suffix: str, fraction: float
) -> None:
    path = write_events(tmp_path / f"a{suffix}", columns)
    data = path.read_bytes()
    path.write_bytes(data[: int(fraction * len(data))])
    with pytest.raises(InputFileError, match="truncated"):
        open_events(path)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_damage_in_the_middle_never_passes_silently(
    tmp_path: Path, columns: dict[str, Any], write_events: Callable[..., Path], suffix: str
) -> None:
    path = write_events(tmp_path / f"a{suffix}", columns)
    data = bytearray(path.read_bytes())
    middle = slice(len(data) // 3, 2 * len(data) // 3)
    data[middle] = bytes(byte ^ 90 for byte in data[middle])
    path.write_bytes(data)
    with pytest.raises(InputFileError, match="damaged|truncated"):
        list(iterate_chunks(path, ["E", "theta", "phi", "mcE", "mcTheta", "mcPhi"]))


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"", "empty"), (b"x", "neither"), (b"hello world, not an ntuple at all", "neither"), (b"root", "truncated")],
)
def test_other_bytes_are_refused(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "a.root").write_bytes(content)
    with pytest.raises(InputFileError, match=message):
        open_events(tmp_path / "a.root")


def test_missing_file_and_folder(tmp_path: Path) -> None:
    with pytest.raises(InputFileError, match="no such file"):
        open_events(tmp_path / "a.root")
    with pytest.raises(InputFileError, match="no such file"):
        open_events(tmp_path)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_files_without_events_are_refused(
    tmp_path: Path, columns: dict[str, Any], write_events: Callable[..., Path], suffix: str
) -> None:
    empty = {name: values[:0] for name, values in columns.items()}
    with pytest.raises(InputFileError, match="no events"):
        open_events(write_events(tmp_path / f"a{suffix}", empty))


def write_trees(path: Path, **entries: int) -> None:
    with uproot.recreate(path) as file:
        file["text"] = "not a tree"
        for name, number in entries.items():
            file.mktree(name, {"x": np.float64}).extend({"x": np.arange(float(number))})


def test_choice_of_the_tree(tmp_path: Path) -> None:
    write_trees(tmp_path / "one.root", photons=3)
    write_trees(tmp_path / "two.root", photons=3, tree=4)
    write_trees(tmp_path / "unclear.root", photons=3, tracks=3)
    write_trees(tmp_path / "none.root")
    with open_events(tmp_path / "one.root") as opened:
        assert opened.entries == 3
    with open_events(tmp_path / "two.root") as opened:
        assert opened.entries == 4
    with pytest.raises(InputFileError, match=r"several trees(.|\n)*photons, tracks"):
        open_events(tmp_path / "unclear.root")
    with pytest.raises(InputFileError, match="no tree"):
        open_events(tmp_path / "none.root")


def test_nulls_and_text_are_refused(tmp_path: Path) -> None:
    table = pa.table({"a": pa.array([1.0, None]), "b": pa.array([[1.0], None]), "c": ["x", "y"]})
    pq.write_table(table, tmp_path / "a.parquet")
    for name in ("a", "b"):
        with pytest.raises(EventContentError, match="nulls"):
            list(iterate_chunks(tmp_path / "a.parquet", [name]))
    with pytest.raises(InputFileError, match="neither numbers"):
        list(iterate_chunks(tmp_path / "a.parquet", ["c"]))


def test_a_range_that_splits_a_row_group_is_refused(tmp_path: Path) -> None:
    pq.write_table(pa.table({"a": np.arange(10.0)}), tmp_path / "a.parquet", row_group_size=5)
    with open_events(tmp_path / "a.parquet") as opened:
        assert opened.read(["a"], 5, 10)["a"].tolist() == [5.0, 6.0, 7.0, 8.0, 9.0]
        with pytest.raises(InputFileError, match="whole row groups"):
            opened.read(["a"], 3, 10)
