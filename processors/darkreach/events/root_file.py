"""Event-wise ROOT files as VariablesToEventBasedTree writes them: one TTree, jagged branches sharing one counter."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import awkward as ak
import cramjam
import uproot

from darkreach.errors import InputFileError
from darkreach.events.entry_ranges import merged_ranges
from darkreach.events.stored_columns import stored_names

TREE_NAME: Final = "tree"
"""Default tree name of VariablesToEventBasedTree."""

# what damaged or foreign bytes make uproot and its decompressors raise
_READ_ERRORS: Final = (
    OSError, ValueError, KeyError, IndexError, TypeError, AttributeError, RuntimeError, NotImplementedError, EOFError,
    AssertionError, struct.error, zlib.error, cramjam.DecompressionError, uproot.DeserializationError,
)  # fmt: skip


class RootEvents:
    """One open ROOT file and the tree of its events.

    Attributes:
        path: of the file.
        entries: number of events.
    """

    def __init__(self, path: Path) -> None:
        """Open a file; raises InputFileError if it is truncated, damaged, or holds no single tree of events."""
        self.path = path
        _check_length(path)
        try:
            self._directory = uproot.open(path)
        except _READ_ERRORS as error:
            raise _damaged(str(path), error) from error
        try:
            self._tree = self._find_tree()
            self.entries = int(self._tree.num_entries)
        except BaseException:
            self._directory.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._directory.close()

    @property
    def tree_name(self) -> str:
        """Path of the tree inside the file."""
        return str(self._tree.object_path).strip("/").split(";")[0]

    def _find_tree(self) -> Any:
        names = sorted(set(self._directory.keys(cycle=False, filter_classname="TTree")))
        if TREE_NAME in names:
            return self._directory[TREE_NAME]
        if len(names) == 1:
            return self._directory[names[0]]
        raise InputFileError(
            f"several trees, none called '{TREE_NAME}'" if names else "no tree in this file",
            where=str(self.path),
            allowed=f"a TTree called '{TREE_NAME}', or a single TTree",
            given=", ".join(names) or ", ".join(self._directory.keys(cycle=False)) or "an empty file",
            next_step=f"write the photon tree with treeName='{TREE_NAME}', or one tree a file",
        )

    def column_names(self) -> list[str]:
        """Return the names as stored."""
        return list(self._tree.keys())

    def ranges(self, columns: Sequence[str], chunk_entries: int) -> list[tuple[int, int]]:
        """Return entry ranges that share no basket of the columns, of at most ``chunk_entries`` where possible."""
        stored = set(stored_names(self.column_names(), columns, where=str(self.path)).values())
        edges = [int(edge) for edge in self._tree.common_entry_offsets(filter_name=lambda name: name in stored)]
        return merged_ranges(edges, chunk_entries)

    def read(self, columns: Sequence[str], start: int, stop: int) -> ak.Array:
        """Read columns of the entries [start, stop) as one record array.

        Raises:
            MissingColumnError: a column is not there.
            InputFileError: the data cannot be read.
        """
        names = stored_names(self.column_names(), columns, where=str(self.path))
        wanted = set(names.values())
        try:
            arrays = self._tree.arrays(
                filter_name=lambda name: name in wanted, entry_start=start, entry_stop=stop, library="ak", how=dict
            )
        except _READ_ERRORS as error:
            raise _damaged(f"{self.path} entries {start} to {stop}", error) from error
        contents = [ak.to_layout(arrays[stored]) for stored in names.values()]
        return ak.Array(ak.contents.RecordArray(contents, list(names), length=stop - start))


def _check_length(path: Path) -> None:
    """Compare the end that the file header announces with the bytes there are: uproot would read what is left."""
    with path.open("rb") as stream:
        header = stream.read(24)
    if len(header) < 24:
        raise _truncated(path, "at least 24 bytes", len(header))
    version = struct.unpack(">i", header[4:8])[0]
    # from version 1000000 on, positions are eight bytes wide
    end = struct.unpack(">q", header[12:20])[0] if version >= 1_000_000 else struct.unpack(">i", header[12:16])[0]
    size = path.stat().st_size
    if size < end:
        raise _truncated(path, f"{end} bytes, as its header says", size)


def _truncated(path: Path, allowed: str, size: int) -> InputFileError:
    return InputFileError(
        "ROOT file is truncated",
        where=str(path),
        allowed=allowed,
        given=f"{size} bytes",
        next_step="copy or write the file again",
    )


def _damaged(where: str, error: Exception) -> InputFileError:
    return InputFileError(
        "ROOT file cannot be read; it is damaged",
        where=where,
        given=f"{type(error).__name__}: {str(error).strip().splitlines()[0] if str(error).strip() else ''}",
        next_step="copy or write the file again",
    )
