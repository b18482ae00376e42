"""Files at URLs that fsspec understands are read as local ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import awkward as ak
import fsspec
import pytest

from darkreach.errors import InputFileError
from darkreach.events.location import byte_size
from darkreach.events.ntuple_check import check_ntuple
from darkreach.events.readers import iterate_chunks, open_events

SUFFIXES = (".root", ".parquet")


@pytest.fixture
def memory() -> Iterator[str]:
    yield "memory://darkreach-test"
    if fsspec.filesystem("memory").exists("/darkreach-test"):
        fsspec.filesystem("memory").rm("/darkreach-test", recursive=True)


def put(url: str, data: bytes) -> str:
    with fsspec.open(url, "wb") as stream:
        stream.write(data)
    return url


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("protocol", ["memory", "file"])
def test_the_same_events_as_from_a_path(
    tmp_path: Path,
    memory: str,
    photon_columns: Callable[..., dict[str, Any]],
    write_events: Callable[..., Path],
    suffix: str,
    protocol: str,
) -> None:
    path = write_events(tmp_path / f"a{suffix}", photon_columns(900, 2))
    url = path.as_uri() if protocol == "file" else put(f"{memory}/a{suffix}", path.read_bytes())
    names = ("E", "nTracks", "__event__")
    local, remote = (list(iterate_chunks(place, names, chunk_entries=400)) for place in (path, url))
    assert [start for start, _ in local] == [start for start, _ in remote] == [0, 400, 800]
    for (_, first), (_, second) in zip(local, remote, strict=True):
        assert ak.array_equal(first, second, dtype_exact=True)
    assert byte_size(url) == path.stat().st_size
    check = check_ntuple(url, names)
    assert check.runnable and check.as_dict()["file"] == url


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_truncated_remote_files_are_refused(
    tmp_path: Path,
    memory: str,
    photon_columns: Callable[..., dict[str, Any]],
    write_events: Callable[..., Path],
    suffix: str,
) -> None:
    data = write_events(tmp_path / f"a{suffix}", photon_columns(300, 2)).read_bytes()
    with pytest.raises(InputFileError, match="truncated"):
        open_events(put(f"{memory}/a{suffix}", data[: len(data) // 2]))


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("memory://darkreach-nothing/a.root", "no such file"),
        ("file:///nowhere/a.root", "no such file"),
        ("nonsense://a.root", r"cannot be opened(.|\n)*nonsense"),
    ],
)
def test_addresses_without_a_file(url: str, message: str) -> None:
    with pytest.raises(InputFileError, match=message):
        open_events(url)


def test_a_colon_in_a_file_name(
    tmp_path: Path, photon_columns: Callable[..., dict[str, Any]], write_events: Callable[..., Path]
) -> None:
    path = write_events(tmp_path / "a:tree.root", photon_columns(20, 2))
    with open_events(path) as file:
        assert file.entries == 20
