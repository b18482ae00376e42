"""Trees of many branches: only those asked for are described, and they are the ones uproot reads as a whole."""

from __future__ import annotations

import time
from pathlib import Path

import awkward as ak
import numpy as np
import pytest
import uproot
from uproot.const import kMapOffset

from darkreach.errors import InputFileError
from darkreach.events import root_file
from darkreach.events.needed_branches import NamedBranch, NeededBranches, branch_readers
from darkreach.events.readers import open_events

LISTS = ("track_px", "track_py", "cluster_E", "cluster_theta")


def wide_tree(path: Path, branches: int, entries: int = 300, block: int = 100) -> Path:
    """Numbers of several types and two collections of lists; counters and leaf types are named once and referred to."""
    random = np.random.default_rng(1)
    kinds = (np.float64, np.float32, np.int32, np.uint32, np.int64, np.bool_)
    columns = {f"v{i:03d}": (random.normal(size=entries) * 1e4).astype(kinds[i % 6]) for i in range(branches)}
    counts = {name: random.integers(0, 5, entries) for name in ("track", "cluster")}
    for name in LISTS:
        own = counts[name.split("_")[0]]
        columns[name] = ak.unflatten(random.normal(size=own.sum()).astype(np.float32), own)
    types = {name: getattr(values, "dtype", "var * float32") for name, values in columns.items()}
    with uproot.recreate(path) as file:
        tree = file.mktree("tree", types, counter_name=lambda name: f"n{name.split('_')[0]}")
        for start in range(0, entries, block):
            tree.extend({name: values[start : start + block] for name, values in columns.items()})
    return path


def as_uproot_reads(path: Path, names: list[str]) -> dict[str, ak.Array]:
    with uproot.open(path) as file:
        return {name: file["tree"][name].array() for name in names}


def test_every_branch_in_any_order_is_what_uproot_reads(tmp_path: Path) -> None:
    path = wide_tree(tmp_path / "a.root", 24)
    with uproot.open({path: None}, custom_classes=branch_readers()) as file:
        tree = file["tree"]
        branches = NeededBranches(tree)
        with uproot.open(path) as whole:
            assert branches.names == whole["tree"].keys()
        expected = as_uproot_reads(path, branches.names)
        assert tree.keys() == []
        for name in np.random.default_rng(2).permutation(branches.names):
            branches.describe([name])
            assert name in tree
            assert ak.array_equal(tree[name].array(), expected[name], dtype_exact=True)
    assert set(tree.keys()) == set(branches.names)


def test_a_list_brings_its_counter_and_nothing_else(tmp_path: Path) -> None:
    path = wide_tree(tmp_path / "a.root", 30)
    with uproot.open({path: None}, custom_classes=branch_readers()) as file:
        tree = file["tree"]
        branches = NeededBranches(tree)
        branches.describe(["cluster_theta", "v007"])
        assert tree.keys() == ["v007", "ncluster", "cluster_theta"]
        assert tree["cluster_theta"].count_branch is tree["ncluster"]


def test_a_class_that_is_named_in_a_branch_not_read_is_found_by_its_position(tmp_path: Path) -> None:
    # ROOT names a class once a tree and then refers to that place; uproot, which writes the files here, never does
    path = wide_tree(tmp_path / "a.root", 5)
    with uproot.open({path: None}, custom_classes=branch_readers()) as file:
        branches = NeededBranches(file["tree"])
        content = np.frombuffer(b"\0" * 7 + b"\xff\xff\xff\xffTLeafD\0" + b"\0" * 9, dtype=np.uint8)
        chunk = uproot.source.chunk.Chunk.wrap(None, content)
        elsewhere = NamedBranch("other", (chunk, 5, {}, file.file, None, None), 5, 25)
        branches._stored = [elsewhere]
        # positions count from the origin, references from two bytes before
        assert 2 + kMapOffset in branches._places
        assert branches._places[2 + kMapOffset] is uproot.classes["TLeafD"]
        assert 40 + kMapOffset not in branches._places


def test_trees_that_cannot_be_read_piecewise_are_read_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = wide_tree(tmp_path / "a.root", 20)
    names = ["cluster_E", "v003", "track_px"]
    expected = as_uproot_reads(path, names)
    monkeypatch.setattr(root_file, "branch_readers", lambda: {})
    with open_events(path) as file:
        assert len(file.column_names()) == 26
        chunk = file.read(names, 100, 200)
    for name in names:
        assert ak.array_equal(chunk[name], expected[name][100:200], dtype_exact=True)


def test_damage_inside_a_description_is_an_error(tmp_path: Path) -> None:
    path = wide_tree(tmp_path / "a.root", 20)
    data = bytearray(path.read_bytes())
    with uproot.open({path: None}, custom_classes=branch_readers()) as file:
        place = file.key("tree").data_cursor.index
    # not compressed: name of the branch, its title, name of its leaf, whose header is overwritten
    position = place
    for _ in range(3):
        position = data.index(b"v013", position + 1)
    data[position - 24 : position - 4] = bytes(20)
    path.write_bytes(data)
    with pytest.raises(InputFileError, match="damaged"), open_events(path) as file:
        file.read(["v013"], 0, 100)


def test_opening_a_wide_tree_is_cheaper_than_reading_its_whole_description(tmp_path: Path) -> None:
    path = wide_tree(tmp_path / "a.root", 400, entries=10, block=10)

    def seconds(whole: bool) -> float:
        start = time.process_time()
        if whole:
            with uproot.open(path) as file:
                file["tree"].arrays(["v001", "track_px"])
        else:
            with open_events(path) as events:
                events.read(["v001", "track_px"], 0, 10)
        return time.process_time() - start

    pairs = [(seconds(False), seconds(True)) for _ in range(4)]
    assert min(own for own, _ in pairs) < 0.5 * min(whole for _, whole in pairs)
