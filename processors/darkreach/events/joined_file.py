"""Two trees of the same events, tracks and photons, read as one file with one row an event."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType
from typing import Self

import awkward as ak
import numpy as np
from numpy.typing import NDArray

from darkreach.errors import InputFileError, MissingColumnError
from darkreach.events.event_identity import EVENT_KEY, PRODUCTION, Keys, identity_keys
from darkreach.events.event_join import EventMatch, Missing, match_events
from darkreach.events.location import Location
from darkreach.events.readers import DEFAULT_CHUNK_ENTRIES
from darkreach.events.row_file import EventFile
from darkreach.events.stored_layout import StoredColumn, StoredLayout


class JoinedEvents:
    """One row for every event of both trees, in the order of the first; offers what a single file offers.

    Columns of the second tree are named with its prefix, ``tracks.px``: both trees have columns of the same name.

    Attributes:
        path: of the first file.
        entries: events in both.
        match: rows of both trees and the numbers of events that one of them lacks.

    Example:
        >>> photons, tracks = open_events(path, "photons"), open_events(path, "tracks")  # doctest: +SKIP
        >>> with JoinedEvents(photons, tracks, prefix="tracks") as events:  # doctest: +SKIP
        ...     chunk = events.read(["E", "tracks.p"], 0, events.entries)
    """

    def __init__(self, first: EventFile, second: EventFile, *, prefix: str, missing: Missing = "refuse") -> None:
        """Match the events of two open files, which this object closes at its end.

        Args:
            first: whose order of events is kept.
            second: whose columns get the prefix.
            prefix: such as ``tracks``.
            missing: ``refuse`` events that one tree lacks, or ``leave_out`` and count them.

        Raises:
            InputFileError: a tree has no index columns, or only one of them has production numbers.
            EventContentError: an event comes twice, or (``refuse``) one tree lacks it.
        """
        self.path: Location = first.path
        self._first = first
        self._second = second
        self._prefix = f"{prefix}."
        try:
            self.match: EventMatch = self._matched(missing)
        except BaseException:
            self.__exit__(None, None, None)
            raise
        self.entries = len(self.match.first)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._first.__exit__(kind, error, trace)
        self._second.__exit__(kind, error, trace)

    def _matched(self, missing: Missing) -> EventMatch:
        first, second = self._first, self._second
        where = (str(first.path), f"{second.path} ({self._prefix[:-1]})")
        names = _index_names(first, second)
        match = match_events(_keys(first, names), _keys(second, names), where=where, missing=missing)
        if len(match.first) == 0:
            raise InputFileError(
                "two trees have no event in common",
                where=" and ".join(where),
                given=f"{match.only_first} and {match.only_second} events",
                next_step="check that both come from the same events",
            )
        return match

    def column_names(self) -> list[str]:
        """Return the names as stored, those of the second tree with the prefix."""
        return [*self._first.column_names(), *(self._prefix + name for name in self._second.column_names())]

    def layout(self) -> StoredLayout:
        """Return types and levels of all columns, and the blocks of the first file."""
        first = self._first.layout()
        more = (
            StoredColumn(self._prefix + column.name, column.dtype, column.level)
            for column in self._second.layout().columns
        )
        return StoredLayout(
            first.kind,
            (*first.columns, *more),
            first.block,
            first.blocks,
            first.entries_per_block,
            first.bytes_per_block,
        )

    def ranges(self, columns: Sequence[str], chunk_entries: int) -> list[tuple[int, int]]:
        """Return ranges of joined events that split no block of the first file."""
        own, others = self._parted(columns)
        if others:
            self._second.ranges(others, chunk_entries)
        stops = [stop for _, stop in self._first.ranges(own or list(EVENT_KEY), chunk_entries)]
        edges = np.unique([0, *np.searchsorted(self.match.first, stops).tolist()]).tolist()
        return list(zip(edges[:-1], edges[1:], strict=True))

    def read(self, columns: Sequence[str], start: int, stop: int) -> ak.Array:
        """Read columns of the joined events [start, stop) as one record array.

        Raises:
            MissingColumnError: a column is not there.
            InputFileError: the data cannot be read.
        """
        own, others = self._parted(columns)
        parts: dict[str, ak.Array] = {}
        if own:
            chunk = _rows(self._first, own, self.match.first[start:stop])
            parts |= {name: chunk[name] for name in own}
        if others:
            chunk = _rows(self._second, others, self.match.second[start:stop])
            parts |= {self._prefix + name: chunk[name] for name in others}
        contents = [ak.to_layout(parts[name]) for name in columns]
        return ak.Array(ak.contents.RecordArray(contents, list(columns), length=stop - start))

    def _parted(self, columns: Sequence[str]) -> tuple[list[str], list[str]]:
        own = [name for name in columns if not name.startswith(self._prefix)]
        return own, [name.removeprefix(self._prefix) for name in columns if name.startswith(self._prefix)]


def _index_names(first: EventFile, second: EventFile) -> list[str]:
    names = [set(file.column_names()) for file in (first, second)]
    for file, available in zip((first, second), names, strict=True):
        lacking = [name for name in EVENT_KEY if name not in available]
        if lacking:
            raise MissingColumnError(
                f"no {', '.join(lacking)}: trees cannot be joined on the event",
                where=str(file.path),
                next_step="write the index columns, or all variables in one tree",
            )
    productions = sum(PRODUCTION in available for available in names)
    if productions == 1:
        raise InputFileError(
            f"only one of two trees has {PRODUCTION}: events cannot be told apart the same way",
            where=f"{first.path} and {second.path}",
            next_step="write both trees with the same release",
        )
    return [*EVENT_KEY, *([PRODUCTION] if productions else [])]


def _keys(file: EventFile, names: list[str]) -> Keys:
    chunks = (file.read(names, start, stop) for start, stop in file.ranges(names, DEFAULT_CHUNK_ENTRIES))
    return np.concatenate([identity_keys([chunk[name] for name in names], where=str(file.path)) for chunk in chunks])


def _rows(file: EventFile, columns: list[str], rows: NDArray[np.int64]) -> ak.Array:
    """Read the blocks that hold some rows, and return these rows in the order asked for."""
    blocks = file.ranges(columns, 1)
    if len(rows) == 0:
        start, stop = blocks[0]
        return file.read(columns, start, stop)[:0]
    edges = np.array([blocks[0][0], *(stop for _, stop in blocks)])
    start = int(edges[np.searchsorted(edges, rows.min(), side="right") - 1])
    stop = int(edges[np.searchsorted(edges, rows.max(), side="right")])
    chunk = file.read(columns, start, stop)
    wanted = rows - start
    return chunk if np.array_equal(wanted, np.arange(len(chunk))) else chunk[wanted]
