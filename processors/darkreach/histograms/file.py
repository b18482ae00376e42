"""The histogram file: one zip of UHI histograms and a metadata document, readable with public tools.

``uhi.io.zip.read(zipfile.ZipFile(path), "region/<name>")`` reads any histogram of it without this package.
"""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final, NoReturn

import uhi.io.zip
from boost_histogram.serialization import from_uhi
from hist import Hist

from darkreach.errors import InputFileError, OutputError
from darkreach.events.manifest import SampleFile, SampleManifest
from darkreach.histograms.search_histograms import LedgerEntry, SearchHistograms
from darkreach.provenance import atomic_path

FORMAT_VERSION: Final = "darkreach-histograms-1"
MAXIMUM_SIZE: Final = 2 * 1024**3
"""Bytes after decompression that a file may claim; a search needs some megabytes."""

_METADATA: Final = "metadata.json"
_FIXED_DATE: Final = (1980, 1, 1, 0, 0, 0)
_READ_ERRORS: Final = (
    zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, MemoryError, OverflowError,
    KeyError, IndexError, TypeError, ValueError, AttributeError, RuntimeError,
)  # fmt: skip


def write_histograms(path: Path, content: SearchHistograms) -> Path:
    """Write all histograms of a search into one zip file, atomically and with the same bytes for the same content.

    Raises:
        OutputError: the folder cannot be written, or a histogram has a name that is no plain path.
    """
    with atomic_path(path) as temporary, zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as archive:
        _add(archive, _METADATA, json.dumps(_metadata(content), indent=1, allow_nan=False).encode())
        for name, histogram in content.histograms.items():
            _check_name(path, name)
            for member, data in sorted(_serialised(name, histogram).items()):
                _add(archive, member, data)
    return path


def _serialised(name: str, histogram: Hist[Any]) -> Mapping[str, bytes]:
    # uhi stamps members with the time of day and in set order: take its bytes, not its archive
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        uhi.io.zip.write(archive, name, histogram)
    with zipfile.ZipFile(buffer) as archive:
        return {member: archive.read(member) for member in archive.namelist()}


def _add(archive: zipfile.ZipFile, member: str, data: bytes) -> None:
    entry = zipfile.ZipInfo(member, _FIXED_DATE)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    archive.writestr(entry, data)


def _check_name(path: Path, name: str) -> None:
    parts = name.split("/")
    if not name or any(part in ("", ".", "..") for part in parts) or f"{name}.json" == _METADATA:
        raise OutputError("a histogram cannot have this name", where=str(path), given=name, next_step="rename it")


def _metadata(content: SearchHistograms) -> dict[str, Any]:
    return {
        "format": FORMAT_VERSION,
        "search": content.search,
        "histograms": list(content.histograms),
        "samples": {name: asdict(manifest) for name, manifest in content.samples.items()},
        "ledger": [asdict(entry) for entry in content.ledger],
        "record": dict(content.record),
    }


def read_histograms(path: Path) -> SearchHistograms:
    """Read a histogram file; nothing in it is unpickled or evaluated, and its size is bounded.

    Raises:
        InputFileError: the file is missing, truncated, too large, of another format, or not a histogram file.
    """
    if not path.is_file():
        raise InputFileError(
            "no histogram file", where=str(path), next_step="run 'darkreach process' first, or give another path"
        )
    try:
        with zipfile.ZipFile(path) as archive:
            _check_size(path, archive)
            return _content(path, archive)
    except _READ_ERRORS as error:
        raise InputFileError(
            "not a readable histogram file",
            where=str(path),
            allowed=f"a zip file of format {FORMAT_VERSION}",
            given=f"{type(error).__name__}: {error}",
            next_step="write it again with 'darkreach process'",
        ) from error


def _check_size(path: Path, archive: zipfile.ZipFile) -> None:
    size = sum(entry.file_size for entry in archive.infolist())
    if size > MAXIMUM_SIZE:
        raise InputFileError(
            "histogram file is too large",
            where=str(path),
            allowed=f"{MAXIMUM_SIZE} bytes decompressed",
            given=str(size),
            next_step="check where this file comes from",
        )


def _content(path: Path, archive: zipfile.ZipFile) -> SearchHistograms:
    metadata = json.loads(archive.read(_METADATA))
    if metadata["format"] != FORMAT_VERSION:
        _wrong_format(path, str(metadata["format"]))
    return SearchHistograms(
        search=str(metadata["search"]),
        histograms={name: Hist(from_uhi(uhi.io.zip.read(archive, name))) for name in metadata["histograms"]},
        samples={name: _manifest(sample) for name, sample in metadata["samples"].items()},
        ledger=tuple(LedgerEntry(**entry) for entry in metadata["ledger"]),
        record=metadata["record"],
    )


def _manifest(content: dict[str, Any]) -> SampleManifest:
    lists = {key: tuple(SampleFile(**file) for file in content.get(key, ())) for key in ("files", "copies")}
    return SampleManifest(**(content | lists))


def _wrong_format(path: Path, given: str) -> NoReturn:
    raise InputFileError(
        "histogram file of another format version",
        where=str(path),
        allowed=FORMAT_VERSION,
        given=given,
        next_step="write it again with this version of darkreach",
    )
