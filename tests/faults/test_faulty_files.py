"""Files of events that are damaged, repeated or incomplete, as samples with a manifest and as plain data."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import uproot

LUMINOSITY = ("--luminosity", "300/pb")


@pytest.fixture
def data(root_samples: Path, tmp_path: Path) -> list[Path]:
    """Three ROOT files without a manifest."""
    found = sorted((root_samples / "pseudo_data").glob("*.root"))
    assert len(found) == 3
    return [Path(shutil.copy(path, tmp_path / path.name)) for path in found]


def given(files: list[Path]) -> list[str]:
    return [word for path in files for word in ("--data", str(path))] + list(LUMINOSITY)


def flip_basket(path: Path, branch: str) -> None:
    """Change bytes in the middle of the first compressed basket of a branch."""
    with uproot.open(path) as file:
        column = file["tree"][branch]
        seek, size = int(column.member("fBasketSeek")[0]), int(column.member("fBasketBytes")[0])
    content = bytearray(path.read_bytes())
    for at in range(seek + size // 2, seek + size // 2 + 40):
        content[at] ^= 0xFF
    path.write_bytes(content)


def spoil(path: Path, how: str) -> None:
    content = path.read_bytes()
    if how == "missing":
        path.unlink()
    elif how == "half-written":
        path.write_bytes(content[: len(content) // 2])
    elif how == "empty":
        path.write_bytes(b"")
    elif how == "not a ROOT file":
        path.write_bytes(bytes(range(256)) * 40)
    elif how == "lacks a branch":
        with uproot.recreate(path) as file:
            file.mktree("tree", {"nTracks": "float64"})
            file["tree"].extend({"nTracks": [0.0] * 50})
    else:
        flip_basket(path, "E")


@pytest.mark.parametrize("how", ["half-written", "empty", "missing", "not a ROOT file", "lacks a branch"])
def test_what_cannot_be_opened_ends_the_run_before_it_begins(
    process: Any, results: Callable[[Path], dict[str, int]], data: list[Path], tmp_path: Path, how: str
) -> None:
    whole, out = data[1].read_bytes(), tmp_path / "out.zip"
    assert process(tmp_path / "unbroken.zip", *given(data)) == 0
    spoil(data[1], how)
    assert process(out, *given(data)) == 1
    assert data[1].name in process.said
    assert "error: " in process.said and "next:" in process.said and "Traceback" not in process.said
    assert not out.exists() and results(out) == {}
    data[1].write_bytes(whole)
    assert process(out, *given(data), "--resume") == 0
    assert out.read_bytes() == (tmp_path / "unbroken.zip").read_bytes()


def test_a_corrupt_basket_loses_only_its_own_range(
    process: Any, results: Callable[[Path], dict[str, int]], data: list[Path], tmp_path: Path
) -> None:
    whole, out = data[1].read_bytes(), tmp_path / "out.zip"
    with uproot.open(data[1]) as file:
        entries = file["tree"].num_entries
    assert process(tmp_path / "unbroken.zip", *given(data)) == 0
    total = sum(uproot.open(path)["tree"].num_entries for path in data)
    spoil(data[1], "corrupt basket")
    assert process(out, *given(data)) == 1
    assert "1 of 3 work items have no result" in process.said
    assert f"where:   {data[1]} entries 0 to {entries}\n" in process.said
    assert f"data: {entries} of {total} events, about {0.3 * entries / total:.6g} fb^-1" in process.said
    kept = results(out)
    assert len(kept) == 2 and not out.exists()
    data[1].write_bytes(whole)
    assert process(out, *given(data), "--resume") == 0
    assert out.read_bytes() == (tmp_path / "unbroken.zip").read_bytes()
    # what was finished is taken as it is
    assert kept.items() <= results(out).items() and len(results(out)) == 3


@pytest.mark.parametrize("how", ["half-written", "corrupt basket"])
def test_a_sample_knows_its_files(process: Any, root_samples: Path, tmp_path: Path, how: str) -> None:
    shutil.copytree(root_samples / "pseudo_data", tmp_path / "pseudo_data")
    spoil(tmp_path / "pseudo_data" / "events_0001.root", how)
    assert process(tmp_path / "out.zip", tmp_path / "pseudo_data") == 1
    assert "events_0001.root" in process.said
    assert not (tmp_path / "out.zip").exists()


@pytest.mark.parametrize("how", ["listed twice", "copied", "linked", "contained in another"])
def test_no_event_counts_twice(process: Any, data: list[Path], tmp_path: Path, how: str) -> None:
    more = data[0]
    if how in ("copied", "linked"):
        more = tmp_path / "other name.root"
        shutil.copy(data[0], more) if how == "copied" else more.symlink_to(data[0])
    elif how == "contained in another":
        # the same events, compressed differently: other bytes
        more = tmp_path / "again.root"
        with uproot.open(data[0]) as file, uproot.recreate(more, compression=uproot.LZ4(1)) as copy:
            names = ["__experiment__", "__run__", "__event__", "__production__", "nTracks"]
            columns = file["tree"].arrays(names, library="np")
            lists = file["tree"].arrays(["E", "theta", "phi"])
            copy["tree"] = columns | {name: lists[name] for name in lists.fields}
    assert process(tmp_path / "out.zip", *given([*data, more])) == 1
    assert data[0].name in process.said and (how == "listed twice" or more.name in process.said)
    assert "count twice" in process.said or "events in both" in process.said
    assert not (tmp_path / "out.zip").exists()
