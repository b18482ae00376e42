"""Tables of numbers with a header: comment lines ``# key: value``, then comma-separated values under their names."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from darkreach.errors import InputFileError, OutputError
from darkreach.provenance import write_text


@dataclass(frozen=True)
class LabelledTable:
    """A table as it stands in a file.

    Attributes:
        header: entries by key.
        rows: place (``file:line``) and cells of each row.
    """

    header: Mapping[str, str]
    rows: tuple[tuple[str, list[str]], ...]


def write_labelled_table(
    path: Path,
    columns: Sequence[str],
    rows: Iterable[Sequence[str]],
    header: Mapping[str, str],
    required: Sequence[str] = (),
    *,
    what: str = "table",
) -> Path:
    """Write a table as CSV, atomically, and return the path.

    Args:
        path: file to write.
        columns: names.
        rows: as they are to be written.
        header: entries by key.
        required: keys that the header must have.
        what: it holds, for messages.

    Raises:
        OutputError: the header lacks a key or holds a line break, or the folder cannot be written to.
    """
    missing = [key for key in required if key not in header]
    if missing or any("\n" in text for entry in header.items() for text in entry):
        raise OutputError(
            f"the header of the {what} is incomplete or has a line break",
            where=str(path),
            allowed=", ".join(required),
            given=f"without {missing}" if missing else str(dict(header)),
        )
    text = io.StringIO()
    text.writelines(f"# {key}: {value}\n" for key, value in header.items())
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    write_text(path, text.getvalue())
    return path


def read_labelled_table(path: Path, columns: Sequence[str], what: str) -> LabelledTable:
    """Read a table.

    Args:
        path: file to read.
        columns: names that it must have.
        what: it holds, for messages.

    Raises:
        InputFileError: missing file, other columns, or a row of another length (names its line).
    """
    lines = _lines(path, what)
    numbered = [(number, line) for number, line in enumerate(lines, start=1) if line and not line.startswith("#")]
    if not numbered or numbered[0][1].split(",") != list(columns):
        where = f"{path}:{numbered[0][0] if numbered else len(lines) + 1}"
        raise InputFileError(f"not a file of {what}", where=where, allowed=",".join(columns))
    rows = []
    for number, line in numbered[1:]:
        cells = next(csv.reader([line]))
        if len(cells) != len(columns):
            raise InputFileError(f"not a row of {what}", where=f"{path}:{number}", given=line)
        rows.append((f"{path}:{number}", cells))
    return LabelledTable(_labels(lines), tuple(rows))


def read_labels(path: Path, what: str) -> dict[str, str]:
    """Return the header of a table.

    Raises:
        InputFileError: missing file.
    """
    return _labels(_lines(path, what))


def _labels(lines: Sequence[str]) -> dict[str, str]:
    comments = [line[1:].partition(":") for line in lines if line.startswith("#")]
    return {key.strip(): value.strip() for key, _, value in comments}


def _lines(path: Path, what: str) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputFileError(
            f"cannot read {what}", where=str(path), given=str(error), next_step="check the path, or make the file first"
        ) from error
