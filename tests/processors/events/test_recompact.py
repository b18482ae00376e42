"""Rewriting badly laid out files: every bit, type and name stays; broken copies never get a name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import awkward as ak
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import uproot

from darkreach.errors import InputFileError, OutputError
from darkreach.events import recompact_parquet, recompact_tree
from darkreach.events.readers import open_events
from darkreach.events.recompact import recompact
from darkreach.events.same_values import same_arrow_values, same_awkward_values

ROWS = 2300
LIST = ak.unflatten(np.arange(5 * ROWS // 2, dtype=np.float32), np.tile([0, 5], ROWS // 2))


def numbers() -> dict[str, np.ndarray]:
    random = np.random.default_rng(1)
    special = random.normal(size=ROWS)
    special[:4] = [np.nan, np.inf, -0.0, np.float64(5e-324)]
    special[4:5].view(np.uint64)[:] = 0x7FF8_0000_0000_BEEF  # a NaN with a payload
    return {
        "__event__": np.arange(2**32 - ROWS, 2**32, dtype=np.uint32),
        "__run__": np.full(ROWS, -3, np.int32),
        "daughter__bo0__cm__sppx__bc": special,
        "small": special.astype(np.float32),
        "flag": random.integers(0, 2, ROWS).astype(bool),
        "long": random.integers(-(2**62), 2**62, ROWS),
        "short": random.integers(-(2**14), 2**14, ROWS, dtype=np.int16),
        "byte": random.integers(0, 255, ROWS, dtype=np.uint8),
    }


def write_tree(path: Path, *, name: str = "tree", basket: int = 100, **more: Any) -> Path:
    columns = numbers() | {"E": LIST, "theta": ak.values_astype(LIST, np.float64), "clusterE": LIST[::-1]}
    columns |= {"vector": np.arange(3.0 * ROWS).reshape(ROWS, 3), "text": ak.Array(["B0", "anti-B0 "] * (ROWS // 2))}
    types = dict.fromkeys(("E", "clusterE"), f"var * {LIST.layout.content.dtype.name}")
    types |= {"theta": "var * float64", "text": "string", "vector": np.dtype((np.float64, (3,)))}
    types = {column: types.get(column, getattr(values, "dtype", None)) for column, values in columns.items()}
    with uproot.recreate(path) as file:
        file.mktree(name, types, counter_name=lambda branch: "nclusters" if branch == "clusterE" else "__ncandidates__")
        for start in range(0, ROWS, basket):
            file[name].extend({column: values[start : start + basket] for column, values in columns.items()})
        for key, value in more.items():
            file[key] = value
    return path


def write_parquet(path: Path) -> Path:
    columns: dict[str, Any] = dict(numbers())
    columns["daughter(0, px)"] = columns.pop("daughter__bo0__cm__sppx__bc")
    columns["E"] = ak.to_arrow(LIST, extensionarray=False)
    columns["nulls"] = pa.array([None, 1.0] * (ROWS // 2))
    columns["text"] = ["B0 -> K+", "x"] * (ROWS // 2)
    table = pa.table(columns).replace_schema_metadata({"pandas": "{}", "note": "kept"})
    pq.write_table(table, path, row_group_size=100)
    return path


def test_parquet_keeps_every_bit(tmp_path: Path) -> None:
    source = write_parquet(tmp_path / "a.parquet")
    done = recompact(source, tmp_path / "b.parquet", block_entries=1000)
    first, second = pq.read_table(source), pq.read_table(tmp_path / "b.parquet")
    assert first.schema.equals(second.schema, check_metadata=True)
    assert (done.entries, done.before.blocks, done.after.blocks) == (ROWS, 23, 3)
    for name in first.column_names:
        assert same_arrow_values(first[name].combine_chunks(), second[name].combine_chunks()), name
    wanted, got = (table["daughter(0, px)"].to_numpy().view(np.uint64) for table in (first, second))
    assert wanted[4] == 0x7FF8_0000_0000_BEEF and np.array_equal(wanted, got)


def test_tree_keeps_every_bit_counters_and_leaf_types(tmp_path: Path) -> None:
    source = write_tree(tmp_path / "a.root", name="folder/photons")
    done = recompact(source, tmp_path / "b.root", block_entries=1000)
    assert (done.entries, done.before.blocks, done.after.blocks) == (ROWS, 23, 3)
    with uproot.open(source) as first, uproot.open(tmp_path / "b.root") as second:
        old, new = first["folder/photons"], second["folder/photons"]
        assert sorted(old.keys()) == sorted(new.keys())
        for name in old.keys():  # noqa: SIM118  (a tree is no dictionary)
            leaves = [tree[name].member("fLeaves")[0] for tree in (old, new)]
            assert leaves[0].classname == leaves[1].classname
            counters = [leaf.member("fLeafCount") and leaf.member("fLeafCount").member("fName") for leaf in leaves]
            assert counters[0] == counters[1]
            assert same_awkward_values(old[name].array(), new[name].array()), name
            assert str(old[name].interpretation) == str(new[name].interpretation)
        bits = new["daughter__bo0__cm__sppx__bc"].array(library="np").view(np.uint64)
        assert np.array_equal(bits, numbers()["daughter__bo0__cm__sppx__bc"].view(np.uint64))


def test_nothing_is_overwritten_or_left_behind(tmp_path: Path) -> None:
    source = write_parquet(tmp_path / "a.parquet")
    (tmp_path / "b.parquet").write_text("precious")
    for target in (source, tmp_path / "b.parquet"):
        with pytest.raises(OutputError, match="not overwritten"):
            recompact(source, target)
    assert (tmp_path / "b.parquet").read_text() == "precious"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.parquet", "b.parquet"]


@pytest.mark.parametrize("suffix", [".root", ".parquet"])
def test_damage_leaves_no_output(tmp_path: Path, suffix: str) -> None:
    source = (write_tree if suffix == ".root" else write_parquet)(tmp_path / f"a{suffix}")
    data = bytearray(source.read_bytes())
    middle = slice(len(data) // 3, len(data) // 2)
    data[middle] = bytes(byte ^ 90 for byte in data[middle])
    source.write_bytes(data)
    with pytest.raises(InputFileError, match="damaged"):
        recompact(source, tmp_path / f"b{suffix}")
    assert [path.name for path in tmp_path.iterdir()] == [source.name]


def one_bit_off(values: Any) -> np.ndarray:
    changed = np.asarray(values).copy()
    changed.view(np.uint32)[-1] ^= 1
    return changed


def test_a_parquet_copy_that_differs_in_one_bit_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = write_parquet(tmp_path / "a.parquet")
    blocks = recompact_parquet._blocks
    passes = []

    def altered(*arguments: Any) -> Any:
        passes.append(0)
        for number, table in blocks(*arguments):
            place = table.column_names.index("small")
            # what is written is wrong, what is compared with is right
            column = pa.array(one_bit_off(table["small"])) if len(passes) == 1 else table["small"]
            yield number, table.set_column(place, table.schema.field(place), column)

    monkeypatch.setattr(recompact_parquet, "_blocks", altered)
    with pytest.raises(OutputError, match="does not read back"):
        recompact(source, tmp_path / "b.parquet")
    assert len(passes) == 2 and [path.name for path in tmp_path.iterdir()] == [source.name]


def test_a_tree_that_differs_in_one_bit_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = write_tree(tmp_path / "a.root")
    read = recompact_tree._read
    passes = []

    def altered(*arguments: Any) -> dict[str, Any]:
        passes.append(0)
        arrays = read(*arguments)
        return arrays | ({"small": one_bit_off(arrays["small"])} if len(passes) == 1 else {})

    monkeypatch.setattr(recompact_tree, "_read", altered)
    with pytest.raises(OutputError, match="does not read back"):
        recompact(source, tmp_path / "b.root")
    assert len(passes) == 3 and [path.name for path in tmp_path.iterdir()] == [source.name]


def test_other_objects_are_named_before_they_are_lost(tmp_path: Path) -> None:
    source = write_tree(tmp_path / "a.root", metadata="release-08")
    with pytest.raises(InputFileError, match=r"more than trees(.|\n)*metadata \(TObjString\)"):
        recompact(source, tmp_path / "b.root")
    with pytest.raises(InputFileError, match=r"nothing of this name(.|\n)*tree, x"):
        recompact(source, tmp_path / "b.root", leave_out=["x", "tree"])
    recompact(source, tmp_path / "b.root", leave_out=["metadata"])
    with uproot.open(tmp_path / "b.root") as file:
        assert file.keys(cycle=False) == ["tree"]


def test_parquet_has_nothing_to_leave_out(tmp_path: Path) -> None:
    with pytest.raises(InputFileError, match="nothing to leave out"):
        recompact(write_parquet(tmp_path / "a.parquet"), tmp_path / "b.parquet", leave_out=["x"])


def test_same_values_sees_small_differences() -> None:
    base = pa.array([[1.0, float("nan")], None, []])
    assert same_arrow_values(base, pa.array([[1.0, float("nan")], None, []]))
    for other in ([[1.0, 2.0], None, []], [[1.0, float("nan")], [], []], [[1.0], [float("nan")], []], [[1.0], None]):
        assert not same_arrow_values(base, pa.array(other, base.type))
    assert not same_arrow_values(pa.array([1], pa.int32()), pa.array([1], pa.int64()))
    # an array that is a slice of a longer one
    assert same_arrow_values(base[1:], pa.array([None, []], base.type))
    one = ak.Array([[1.0, np.nan], []])
    assert same_awkward_values(one, ak.Array([[1.0, np.nan], []]))
    assert not same_awkward_values(one, ak.values_astype(one, np.float32))
    assert not same_awkward_values(ak.Array([0.0]), ak.Array([-0.0]))
    assert not same_awkward_values(ak.Array(["a", "bc"]), ak.Array(["ab", "c"]))


def test_the_new_file_is_read_as_the_old_one(tmp_path: Path) -> None:
    source = write_tree(tmp_path / "a.root")
    recompact(source, tmp_path / "b.root")
    names = ["daughter(0, px)", "E", "__ncandidates__"]
    with open_events(source) as first, open_events(tmp_path / "b.root") as second:
        for name in names:
            one, two = (file.read(names, 0, ROWS)[name] for file in (first, second))
            assert same_awkward_values(one, two)


def test_all_trees_of_a_file_are_rewritten(tmp_path: Path) -> None:
    with uproot.recreate(tmp_path / "a.root") as file:
        for name, rows in (("photons", 500), ("tracks", 300)):
            file.mktree(name, {"x": np.float64}).extend({"x": np.arange(float(rows))})
    recompact(tmp_path / "a.root", tmp_path / "b.root", block_entries=100)
    with uproot.open(tmp_path / "b.root") as file:
        assert {name: file[name].num_entries for name in file.keys(cycle=False)} == {"photons": 500, "tracks": 300}
        assert file["tracks"]["x"].array().tolist() == list(range(300))
