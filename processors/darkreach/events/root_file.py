"""Event-wise ROOT files as VariablesToEventBasedTree writes them: a TTree or an RNTuple with lists an event."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Collection, Sequence
from types import TracebackType
from typing import Any, Final, Self

import awkward as ak
import cramjam
import uproot

from darkreach.errors import InputFileError
from darkreach.events.entry_ranges import basket_edges, merged_ranges
from darkreach.events.location import Location, byte_size, open_bytes
from darkreach.events.needed_branches import NeededBranches, branch_readers
from darkreach.events.rntuple import (
    CLASS_NAME,
    cluster_edges,
    field_is_list,
    field_names,
    is_rntuple,
    read_fields,
    rntuple_layout,
)
from darkreach.events.stored_columns import stored_names
from darkreach.events.stored_layout import StoredLayout, branch_is_list, tree_layout

TREE_NAME: Final = "tree"
"""Default tree name of VariablesToEventBasedTree."""

TREE_CLASSES: Final = frozenset({"TTree", "TNtuple", "TNtupleD", CLASS_NAME})
"""Classes read; old basf2 files hold a TNtuple."""

READ_ERRORS: Final = (
    OSError, ValueError, KeyError, IndexError, TypeError, AttributeError, RuntimeError, NotImplementedError, EOFError,
    AssertionError, struct.error, zlib.error, cramjam.DecompressionError, uproot.DeserializationError,
)  # fmt: skip
"""What damaged or foreign bytes make uproot and its decompressors raise."""


class RootEvents:
    """One open ROOT file and the tree of its events.

    Attributes:
        path: of the file.
        entries: number of events.
    """

    def __init__(self, path: Location, tree: str | None = None) -> None:
        """Open a file and the tree of this name; by default the one called ``tree``, or the only one.

        Raises:
            InputFileError: the file is truncated or damaged, or there is no such tree.
        """
        self.path = path
        _check_length(path)
        try:
            try:
                self._open(tree, branch_readers())
            except READ_ERRORS:
                # a tree that only uproot as a whole can read, or damage
                self._open(tree, None)
        except READ_ERRORS as error:
            raise damaged_file(str(path), error) from error

    def _open(self, tree: str | None, classes: dict[str, Any] | None) -> None:
        # a mapping: uproot would take a colon in the name for the begin of a tree's name
        # no caches: nothing is asked for twice, and what was read is given back at once
        self._directory = uproot.open({self.path: None}, object_cache=None, array_cache=None, custom_classes=classes)
        try:
            self._tree = self._find_tree(tree)
            self.entries = int(self._tree.num_entries)
            self._branches = None if classes is None or is_rntuple(self._tree) else NeededBranches(self._tree)
            if self._branches is not None:
                self._names = self._branches.names
            else:
                self._names = field_names(self._tree) if is_rntuple(self._tree) else list(self._tree.keys())
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

    def _find_tree(self, wanted: str | None) -> Any:
        names = tree_names(self._directory)
        chosen = wanted or (TREE_NAME if TREE_NAME in names or len(names) != 1 else names[0])
        if chosen in names:
            return self._directory[chosen]
        several = "several trees, none" if len(names) > 1 else "no tree"
        raise InputFileError(
            f"{several} called '{chosen}'" if names or wanted else "no tree in this file",
            where=str(self.path),
            allowed=f"a tree called '{chosen}'" + ("" if wanted else ", or a single tree"),
            given=", ".join(names) or ", ".join(self._directory.keys(cycle=False)) or "an empty file",
            next_step=f"write the photon tree with treeName='{TREE_NAME}', or one tree a file",
        )

    def column_names(self) -> list[str]:
        """Return the names as stored."""
        return list(self._names)

    def is_list(self, name: str) -> bool:
        """Return whether a column, named as stored, holds a list a row."""
        if is_rntuple(self._tree):
            return field_is_list(self._tree, name)
        return branch_is_list(self._described([name])[name])

    def _described(self, stored: Collection[str]) -> Any:
        """Return the TTree after these of its branches have been described."""
        if self._branches is not None:
            try:
                self._branches.describe(stored)
            except READ_ERRORS as error:
                raise damaged_file(str(self.path), error) from error
        return self._tree

    def layout(self) -> StoredLayout:
        """Return types and levels of the columns and the size of the baskets or clusters."""
        if is_rntuple(self._tree):
            return rntuple_layout(self._tree)
        return tree_layout(self._described(self._names))

    def ranges(self, columns: Sequence[str], chunk_entries: int) -> list[tuple[int, int]]:
        """Return entry ranges of about ``chunk_entries`` at most; they share no cluster, and baskets only if needed."""
        names = stored_names(self._names, columns, where=str(self.path))
        if is_rntuple(self._tree):
            return merged_ranges(cluster_edges(self._tree), chunk_entries)
        tree = self._described(names.values())
        edges = basket_edges([tree[stored].entry_offsets for stored in names.values()], chunk_entries)
        return merged_ranges(edges, chunk_entries)

    def read(self, columns: Sequence[str], start: int, stop: int) -> ak.Array:
        """Read columns of the entries [start, stop) as one record array.

        Raises:
            MissingColumnError: a column is not there.
            InputFileError: the data cannot be read.
        """
        return self.read_rows(columns, start, stop)

    def read_rows(self, columns: Sequence[str], start: int, stop: int) -> ak.Array:
        """Read columns of any rows [start, stop); at their edges, whole baskets or clusters are decompressed."""
        names = stored_names(self._names, columns, where=str(self.path))
        try:
            if is_rntuple(self._tree):
                arrays = read_fields(self._tree, list(names.values()), start, stop)
            else:
                arrays = read_branches(self._described(names.values()), set(names.values()), start, stop)
        except READ_ERRORS as error:
            raise damaged_file(f"{self.path} entries {start} to {stop}", error) from error
        contents = [self._numbers(name, ak.to_layout(arrays[stored])) for name, stored in names.items()]
        return ak.Array(ak.contents.RecordArray(contents, list(names), length=stop - start))

    def _numbers(self, name: str, layout: Any) -> Any:
        """Return a column after a check that it holds numbers or lists of numbers."""
        inner = layout.content if layout.is_list else layout
        if inner.is_numpy and inner.purelist_depth == 1 and layout.parameter("__array__") is None:
            return layout
        raise InputFileError(
            f"column '{name}' is neither numbers nor lists of numbers",
            where=str(self.path),
            given=str(layout.form.type),
            next_step="write it as a number an event or a list of numbers an event",
        )


def read_branches(tree: Any, stored: set[str], start: int, stop: int) -> Any:
    """Read branches of the entries [start, stop) of a TTree; all their baskets are asked for at once."""
    return tree.arrays(
        filter_name=lambda name: name in stored, entry_start=start, entry_stop=stop, library="ak", how=dict
    )


def tree_names(directory: Any) -> list[str]:
    """Return the paths of all trees of an open ROOT file, without cycle numbers."""
    return sorted(name for name, kind in directory.classnames(cycle=False).items() if kind in TREE_CLASSES)


def _check_length(path: Location) -> None:
    """Compare the end that the file header announces with the bytes there are: uproot would read what is left."""
    with open_bytes(path) as stream:
        header = stream.read(24)
    if len(header) < 24:
        raise _truncated(path, "at least 24 bytes", len(header))
    version = struct.unpack(">i", header[4:8])[0]
    # from version 1000000 on, positions are eight bytes wide
    end = struct.unpack(">q", header[12:20])[0] if version >= 1_000_000 else struct.unpack(">i", header[12:16])[0]
    size = byte_size(path)
    if size < end:
        raise _truncated(path, f"{end} bytes, as its header says", size)


def _truncated(path: Location, allowed: str, size: int) -> InputFileError:
    return InputFileError(
        "ROOT file is truncated",
        where=str(path),
        allowed=allowed,
        given=f"{size} bytes",
        next_step="copy or write the file again",
    )


def damaged_file(where: str, error: Exception) -> InputFileError:
    """Return the error for ROOT data that cannot be read."""
    return InputFileError(
        "ROOT file cannot be read; it is damaged",
        where=where,
        given=f"{type(error).__name__}: {str(error).strip().splitlines()[0] if str(error).strip() else ''}",
        next_step="copy or write the file again",
    )
