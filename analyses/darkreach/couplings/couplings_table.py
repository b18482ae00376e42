"""The layout that all files of couplings share: tables whose header says which coupling, level, luminosity and data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from darkreach.couplings.labelled_table import read_labelled_table, read_labels, write_labelled_table
from darkreach.errors import InputFileError

REQUIRED = ("coupling", "unit", "confidence_level", "luminosity", "data")
_WHAT = "couplings"


def write_table(path: Path, columns: Sequence[str], rows: Iterable[Sequence[str]], header: Mapping[str, Any]) -> Path:
    """Write a header and rows as CSV, atomically, and return the path.

    Args:
        path: file to write.
        columns: names.
        rows: as they are to be written.
        header: written as comment lines ``# key: value``; needs coupling, unit, confidence_level, luminosity and data.

    Raises:
        OutputError: the header lacks an entry or holds a line break, or the folder cannot be written to.
    """
    labels = {key: str(value) for key, value in header.items()}
    return write_labelled_table(path, columns, rows, labels, REQUIRED, what=_WHAT)


def read_table(path: Path, columns: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    """Yield place (``file:line``) and cells of every row.

    Raises:
        InputFileError: missing file, other columns, or a row of another length (names its line).
    """
    yield from read_labelled_table(path, columns, _WHAT).rows


def read_couplings_header(path: Path) -> dict[str, str]:
    """Return the header of a couplings file, e.g. ``{"coupling": "g_agg", "confidence_level": "0.95", ...}``.

    Raises:
        InputFileError: missing file, or a required entry is not there.
    """
    header = read_labels(path, _WHAT)
    missing = [key for key in REQUIRED if key not in header]
    if missing:
        raise InputFileError("the header of the couplings is incomplete", where=str(path), given=f"no {missing}")
    return header
