"""Rewriting a badly laid out ntuple once, so that it is read fast ever after; no value, type or name changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from darkreach.errors import InputFileError, OutputError
from darkreach.events.readers import open_rows
from darkreach.events.recompact_parquet import rewrite_parquet
from darkreach.events.recompact_tree import described_tree, rewrite_trees
from darkreach.events.stored_layout import StoredLayout
from darkreach.provenance import atomic_path

BLOCK_ENTRIES: Final = 100_000
"""Rows a row group or basket of the new file."""


@dataclass(frozen=True)
class Recompaction:
    """What was rewritten.

    Attributes:
        entries: rows.
        before: layout of the file that was read.
        after: layout of the file that was written.
        bytes_before: size of the file that was read.
        bytes_after: size of the file that was written.
    """

    entries: int
    before: StoredLayout
    after: StoredLayout
    bytes_before: int
    bytes_after: int


def recompact(
    source: Path, target: Path, *, block_entries: int = BLOCK_ENTRIES, leave_out: Sequence[str] = ()
) -> Recompaction:
    """Write a file again in large blocks, read it back, and compare every bit before it gets its name.

    Args:
        source: ROOT file with trees, or Parquet file.
        target: new file.
        block_entries: rows a row group or basket.
        leave_out: objects of a ROOT file, other than its trees, that are not to be copied.

    Raises:
        OutputError: the target exists, or what was written does not read back as it was.
        InputFileError: the file cannot be read, or holds something that cannot be copied exactly.
    """
    if target.exists():
        raise OutputError("file exists and is not overwritten", where=str(target), next_step="choose another name")
    described = described_tree(source)
    with open_rows(source, described) as file:
        before, entries = file.layout(), file.entries
    if before.kind == "RNTuple":
        raise InputFileError(
            "RNTuple files are not rewritten: their layout is columnar already",
            where=str(source),
            allowed="TTree or Parquet",
            next_step="use the file as it is",
        )
    rewrite = rewrite_parquet if before.kind == "Parquet" else rewrite_trees
    with atomic_path(target) as temporary:
        rewrite(source, temporary, block_entries, leave_out)
        with open_rows(temporary, described) as file:
            after = file.layout()
        size = temporary.stat().st_size
    return Recompaction(entries, before, after, source.stat().st_size, size)
