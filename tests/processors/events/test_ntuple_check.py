"""What ``check_ntuple`` says about good, incomplete, old, broken and repeated ntuples."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import awkward as ak
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import uproot

from darkreach.errors import EventContentError, InputFileError
from darkreach.events.event_identity import identity_keys, repeated_events, shared_events, split_events
from darkreach.events.ntuple_check import NtupleCheck, check_ntuple
from darkreach.events.shared_content import shared_content

NEEDED = ("__weight__", "nTracks", "E", "theta", "phi")
SUFFIXES = (".root", ".parquet")
Write = Callable[..., Path]


@pytest.fixture
def columns(photon_columns: Callable[..., dict[str, Any]]) -> dict[str, Any]:
    return dict(photon_columns(3000, 5))


def faults(check: NtupleCheck) -> str:
    return "; ".join(finding.what for finding in check.findings if finding.severity == "fault")


def warnings(check: NtupleCheck) -> str:
    return "; ".join(finding.what for finding in check.findings if finding.severity == "warning")


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_good_file(tmp_path: Path, columns: dict[str, Any], write_events: Write, suffix: str) -> None:
    path = write_events(tmp_path / f"a{suffix}", columns | {"extra": np.zeros(3000)}, row_group=3000)
    check = check_ntuple(path, NEEDED)
    assert check.runnable and not check.missing and not faults(check) and not warnings(check)
    assert (check.entries, check.read_entries) == (3000, 3000)
    assert check.present == {name: name for name in NEEDED}
    assert check.unexpected == ("extra",)
    assert check.not_finite == dict.fromkeys(NEEDED, 0.0)
    assert [finding.what for finding in check.findings if "32-bit" in finding.what]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_missing_variables_say_where_to_add_them(
    tmp_path: Path, columns: dict[str, Any], write_events: Write, suffix: str
) -> None:
    for name in ("nTracks", "theta", "__weight__"):
        columns.pop(name)
    check = check_ntuple(write_events(tmp_path / f"a{suffix}", columns), (*NEEDED, "generatorWeights"))
    assert not check.runnable
    assert "event_variables" in check.missing["nTracks"]
    assert "variables of variablesToEventBasedTree" in check.missing["theta"]
    assert "written by the ntuple module itself" in check.missing["__weight__"]
    assert "the closest column is 'generatorWeight'" in check.missing["generatorWeights"]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_values_that_are_not_finite_are_counted(
    tmp_path: Path, columns: dict[str, Any], write_events: Write, suffix: str
) -> None:
    counts = ak.num(columns["E"])
    energies = np.array(ak.flatten(columns["E"]))
    energies[::4] = np.nan
    columns["E"] = ak.unflatten(energies, counts)
    check = check_ntuple(write_events(tmp_path / f"a{suffix}", columns), NEEDED)
    assert check.not_finite["E"] == pytest.approx(len(energies[::4]) / len(energies), abs=1e-12)
    assert check.runnable and "'E' is NaN or infinite" in warnings(check)
    columns["__weight__"] = np.where(np.arange(3000) < 30, np.inf, columns["__weight__"])
    assert "'__weight__' is NaN or infinite in 0.01" in faults(
        check_ntuple(write_events(tmp_path / f"b{suffix}", columns), NEEDED)
    )


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_tiny_blocks_are_named_with_their_size(
    tmp_path: Path, columns: dict[str, Any], write_events: Write, suffix: str
) -> None:
    check = check_ntuple(write_events(tmp_path / f"a{suffix}", columns, row_group=100), NEEDED)
    assert check.layout.blocks == 30 and check.layout.entries_per_block == 100.0
    assert "100 entries" in warnings(check) and "recompact" in warnings(check)


def test_flat_rows_text_nulls_and_unequal_lists(tmp_path: Path) -> None:
    table = {"E": [1.0, 2.0], "theta": ["a", "b"], "phi": [[1.0], None], "nTracks": [[1.0], [2.0]]}
    pq.write_table(pa.table(table), tmp_path / "a.parquet")
    text = faults(check_ntuple(tmp_path / "a.parquet", NEEDED[1:]))
    assert "'E' holds one number a row" in text and "'theta' holds neither" in text
    assert "column 'phi' holds nulls" in text and "'nTracks' holds a list an event" in text
    unequal = {"E": [[1.0, 2.0], [1.0]], "theta": [[1.0], [1.0]], "phi": [[1.0, 2.0], [1.0]]}
    pq.write_table(pa.table(unequal), tmp_path / "b.parquet")
    assert "lists of 'theta' and of the first candidate variable differ in length in 1 events" in faults(
        check_ntuple(tmp_path / "b.parquet", NEEDED[2:])
    )


def test_two_spellings_of_one_variable(tmp_path: Path) -> None:
    pq.write_table(pa.table({"f(x)": [1.0], "f__box__bc": [2.0]}), tmp_path / "a.parquet")
    assert "two columns stand for the variable 'f(x)'" in faults(check_ntuple(tmp_path / "a.parquet", ["f(x)"]))


def test_more_candidates_than_basf2_keeps(tmp_path: Path) -> None:
    lists = ak.Array([np.ones(101), np.ones(100), np.ones(3)])
    pq.write_table(pa.table({"E": ak.to_arrow(lists, extensionarray=False)}), tmp_path / "a.parquet")
    assert "1 events have more than 100 candidates (most: 101)" in warnings(check_ntuple(tmp_path / "a.parquet", ["E"]))


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_repeated_events(tmp_path: Path, columns: dict[str, Any], write_events: Write, suffix: str) -> None:
    columns["__event__"][[10, 20, 30]] = columns["__event__"][5]
    check = check_ntuple(write_events(tmp_path / f"a{suffix}", columns), NEEDED)
    assert "3 events come twice or more (of 3000 read)" in faults(check) and not check.runnable


def test_old_files_of_floating_point_numbers(tmp_path: Path) -> None:
    count = 2**24
    values = {name: np.full(4, 7.0, np.float32) for name in ("__experiment__", "__run__", "__production__", "nTracks")}
    for name, first in (("good", 100), ("lost", count)):
        events = {"__event__": np.arange(first, first + 4).astype(np.float32)}
        with uproot.recreate(tmp_path / f"{name}.root") as file:
            file.mktree("tree", dict.fromkeys([*values, "__event__"], np.float32)).extend(values | events)
    good = check_ntuple(tmp_path / "good.root", ["nTracks"])
    assert "'__event__' is stored as float32" in warnings(good) and not faults(good)
    lost = check_ntuple(tmp_path / "lost.root", ["nTracks"])
    assert "4 of 4 values beyond" in faults(lost)


def test_event_numbers_that_ran_over(tmp_path: Path) -> None:
    index = {"__experiment__": [1, 1], "__run__": [1, 1], "__event__": pa.array([5, -3], pa.int32()), "x": [1.0, 2.0]}
    pq.write_table(pa.table(index), tmp_path / "a.parquet")
    assert "1 negative event numbers" in warnings(check_ntuple(tmp_path / "a.parquet", ["x"]))


def test_flat_rows_of_one_event_belong_together(tmp_path: Path) -> None:
    index = {"__experiment__": [1] * 4, "__run__": [1] * 4, "__event__": [1, 1, 2, 1], "__candidate__": [0, 1, 0, 2]}
    pq.write_table(pa.table(index | {"M": [1.0] * 4}), tmp_path / "a.parquet")
    check = check_ntuple(tmp_path / "a.parquet", ["M"])
    assert faults(check) == "rows of 1 events are not next to each other"


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_copies_and_events_in_two_files(
    tmp_path: Path, columns: dict[str, Any], write_events: Write, suffix: str
) -> None:
    first = write_events(tmp_path / f"a{suffix}", {name: values[:1000] for name, values in columns.items()})
    second = write_events(tmp_path / f"b{suffix}", {name: values[990:2000] for name, values in columns.items()})
    third = write_events(tmp_path / f"c{suffix}", {name: values[2000:] for name, values in columns.items()})
    copy = Path(shutil.copy(third, tmp_path / f"d{suffix}"))
    keys = [(path, check_ntuple(path, NEEDED).keys) for path in (first, second, third, copy)]
    found = [finding.what for finding in shared_content(keys)]
    assert len(found) == 2
    assert found[0].startswith(f"10 events are in {first} and in {second}")
    assert found[1] == f"{copy} is a copy of {third}"


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_large_file_is_sampled_from_begin_to_end(
    tmp_path: Path, columns: dict[str, Any], write_events: Write, suffix: str
) -> None:
    path = write_events(tmp_path / f"a{suffix}", columns, row_group=100)
    check = check_ntuple(path, NEEDED, sampled_entries=1000)
    assert 500 <= check.read_entries <= 1000
    assert check.keys is not None and len(check.keys) == check.read_entries
    assert check.keys[0, 2] == 0 and check.keys[-1, 2] == 2999


def test_counting_agrees_with_sets() -> None:
    random = np.random.default_rng(3)
    for _ in range(50):
        first, second = (random.integers(0, 4, (random.integers(0, 30), 2)) for _ in range(2))
        as_set, rows = set(map(tuple, first.tolist())), list(map(tuple, first.tolist()))
        assert repeated_events(first) == len(rows) - len(as_set)
        assert shared_events(first, second) == len(as_set & set(map(tuple, second.tolist())))
        runs = [row for index, row in enumerate(rows) if index == 0 or rows[index - 1] != row]
        assert split_events(first) == sum(runs.count(key) > 1 for key in as_set)


def test_index_columns_must_be_whole_numbers() -> None:
    with pytest.raises(EventContentError, match="lost the identity"):
        identity_keys([np.array([np.nan, 1.0])], where="a")
    assert identity_keys([np.array([3.0])], where="a").tolist() == [[3]]


def test_the_tree_can_be_named(tmp_path: Path) -> None:
    with uproot.recreate(tmp_path / "a.root") as file:
        for name, rows in (("photons", 5), ("tracks", 3)):
            file.mktree(name, {"nTracks": np.float64}).extend({"nTracks": np.zeros(rows)})
    assert check_ntuple(tmp_path / "a.root", ["nTracks"], tree="tracks").entries == 3
    with pytest.raises(InputFileError, match="several trees"):
        check_ntuple(tmp_path / "a.root", ["nTracks"])
