"""The layout that all files of couplings share: comment lines of a header, then rows of comma-separated values."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from darkreach.errors import InputFileError, OutputError
from darkreach.provenance import write_text

REQUIRED = ("coupling", "unit", "confidence_level", "luminosity", "data")


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
    missing = [key for key in REQUIRED if key not in header]
    if missing or any("\n" in f"{key}{value}" for key, value in header.items()):
        raise OutputError(
            "the header of the couplings is incomplete or has a line break",
            where=str(path),
            allowed=", ".join(REQUIRED),
            given=f"without {missing}" if missing else str(dict(header)),
        )
    text = io.StringIO()
    text.writelines(f"# {key}: {value}\n" for key, value in header.items())
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    write_text(path, text.getvalue())
    return path


def read_table(path: Path, columns: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    """Yield place (``file:line``) and cells of every row.

    Raises:
        InputFileError: missing file, or other columns.
    """
    rows = csv.reader(_lines(path))
    number = len(_lines(path, comments=True))
    if next(rows, []) != list(columns):
        raise InputFileError("not a file of couplings", where=f"{path}:{number + 1}", allowed=",".join(columns))
    for line, row in enumerate(rows, start=number + 2):
        yield f"{path}:{line}", row


def read_couplings_header(path: Path) -> dict[str, str]:
    """Return the header of a couplings file, e.g. ``{"coupling": "g_agg", "confidence_level": "0.95", ...}``.

    Raises:
        InputFileError: missing file, or a required entry is not there.
    """
    comments = [line[1:].strip() for line in _lines(path, comments=True)]
    header = {key.strip(): value.strip() for key, _, value in (comment.partition(":") for comment in comments)}
    missing = [key for key in REQUIRED if key not in header]
    if missing:
        raise InputFileError("the header of the couplings is incomplete", where=str(path), given=f"no {missing}")
    return header


def _lines(path: Path, *, comments: bool = False) -> list[str]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputFileError(
            "cannot read couplings", where=str(path), given=str(error), next_step="run 'darkreach couple' first"
        ) from error
    return [line for line in lines if line.startswith("#") == comments]
