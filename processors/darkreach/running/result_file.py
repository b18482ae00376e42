"""One result of a work item as a zip file: UHI histograms, arrays, numbers; data only, readable with public tools."""

from __future__ import annotations

import json
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any, Final

import numpy as np
import uhi.io.zip
from boost_histogram.serialization import from_uhi
from hist import Hist

from darkreach.errors import InputFileError, OutputError
from darkreach.provenance import atomic_path
from darkreach.running.work import WorkResult

FORMAT_VERSION: Final = "darkreach-result-1"
MAXIMUM_SIZE: Final = 2 * 1024**3
"""Bytes after decompression that a file may claim."""

_METADATA: Final = "result.json"
_FIXED_DATE: Final = (1980, 1, 1, 0, 0, 0)
_READ_ERRORS: Final = (
    zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, MemoryError, OverflowError,
    KeyError, IndexError, TypeError, ValueError, AttributeError, RuntimeError,
)  # fmt: skip


class _UndatedZip(zipfile.ZipFile):
    """A zip file without times, so that equal results give equal bytes."""

    def open(self, name: str | zipfile.ZipInfo, mode: Any = "r", *arguments: Any, **options: Any) -> IO[bytes]:
        return super().open(self._undated(name) if mode == "w" else name, mode, *arguments, **options)

    def writestr(
        self,
        zinfo_or_arcname: str | zipfile.ZipInfo,
        data: Any,
        compress_type: int | None = None,
        compresslevel: int | None = None,
    ) -> None:
        super().writestr(self._undated(zinfo_or_arcname), data, compress_type, compresslevel)

    def _undated(self, name: str | zipfile.ZipInfo) -> zipfile.ZipInfo:
        if isinstance(name, zipfile.ZipInfo):
            return name
        entry = zipfile.ZipInfo(name, _FIXED_DATE)
        entry.compress_type = self.compression
        # results are read again soon: little compression, most bins are empty anyway
        entry._compresslevel = 1  # type: ignore[attr-defined]  # no public way before Python 3.13
        return entry


def write_result(path: Path, result: WorkResult, about: Mapping[str, Any]) -> None:
    """Write a result atomically.

    Args:
        path: of the zip file.
        result: its output may hold mappings, numbers, texts, arrays and histograms.
        about: JSON-like, what the result belongs to; compared when it is read.

    Raises:
        OutputError: the output holds something that is not data.
    """
    with atomic_path(path) as temporary, _UndatedZip(temporary, "w", zipfile.ZIP_DEFLATED) as archive:
        output = _stored(archive, "", result.output)
        content = {"format": FORMAT_VERSION, "about": about, "processed": result.processed, "output": output}
        archive.writestr(_METADATA, json.dumps(content))


def _stored(archive: zipfile.ZipFile, name: str, value: Any) -> Any:
    """Put histograms and arrays into the archive; return what stands for the value in JSON."""
    if isinstance(value, Mapping) and all(isinstance(key, str) for key in value):
        return {"map": {key: _stored(archive, f"{name}/{key}" if name else key, value[key]) for key in value}}
    if isinstance(value, Hist):
        uhi.io.zip.write(archive, name, value)
        return {"histogram": name}
    if isinstance(value, np.ndarray) and value.dtype.kind in "biufc":
        with archive.open(f"{name}.npy", "w") as stream:
            np.save(stream, value, allow_pickle=False)
        return {"array": f"{name}.npy"}
    if isinstance(value, np.generic) and value.dtype.kind in "biuf":
        value = value.item()
    if value is None or isinstance(value, bool | int | float | str):
        return {"value": value}
    raise OutputError(
        "a processor returned something that cannot be stored as data",
        where=name,
        allowed="mappings with text keys, numbers, texts, numpy arrays, histograms of hist",
        given=type(value).__name__,
        next_step="return one of those, or run without an output folder",
    )


def read_result(path: Path, about: Mapping[str, Any]) -> WorkResult:
    """Read a result; nothing in it is unpickled or evaluated, and its size is bounded.

    Args:
        path: of the zip file.
        about: what the result must belong to.

    Raises:
        InputFileError: the file is truncated, damaged, too large, or belongs to something else.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            content = _checked_content(archive, path, about)
            return WorkResult(_loaded(archive, content["output"]), tuple(int(count) for count in content["processed"]))
    except _READ_ERRORS as error:
        raise _unusable(path, f"{type(error).__name__}: {error}") from error


def glance_at_result(path: Path, about: Mapping[str, Any]) -> None:
    """Check that a result is not truncated and belongs to this work, without reading its histograms.

    Raises:
        InputFileError: as ``read_result``, which finds damage inside as well.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            _checked_content(archive, path, about)
    except _READ_ERRORS as error:
        raise _unusable(path, f"{type(error).__name__}: {error}") from error


def _checked_content(archive: zipfile.ZipFile, path: Path, about: Mapping[str, Any]) -> dict[str, Any]:
    if sum(entry.file_size for entry in archive.infolist()) > MAXIMUM_SIZE:
        raise _unusable(path, f"more than {MAXIMUM_SIZE} bytes")
    content: dict[str, Any] = json.loads(archive.read(_METADATA))
    if content["format"] != FORMAT_VERSION or content["about"] != dict(about):
        raise _unusable(path, "it belongs to other work")
    return content


def _loaded(archive: zipfile.ZipFile, stored: Any) -> Any:
    ((kind, value),) = stored.items()
    if kind == "map":
        return {key: _loaded(archive, inside) for key, inside in value.items()}
    if kind == "histogram":
        return Hist(from_uhi(uhi.io.zip.read(archive, value)))
    if kind == "array":
        with archive.open(value) as stream:
            return np.load(stream, allow_pickle=False)
    return value


def _unusable(path: Path, given: str) -> InputFileError:
    return InputFileError(
        "a stored result cannot be used", where=str(path), given=given, next_step="it is computed again"
    )
