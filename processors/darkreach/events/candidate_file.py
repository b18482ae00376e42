"""A flat candidate ntuple (VariablesToNtuple, VariablesToTable) read as events that hold lists of candidates."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType
from typing import Any, Final, Self

import awkward as ak
import numpy as np
from numpy.typing import NDArray

from darkreach.errors import EventContentError, InputFileError
from darkreach.events.candidate_rows import Offsets, event_offsets, first_of_each, scattered_events
from darkreach.events.event_identity import EVENT_KEY, PRODUCTION, whole_numbers
from darkreach.events.location import Location
from darkreach.events.names import unescape_name
from darkreach.events.row_file import RowFile
from darkreach.events.stored_columns import stored_names
from darkreach.events.stored_layout import StoredColumn, StoredLayout
from darkreach.events.variable_source import is_of_event

CANDIDATE: Final = "__candidate__"
"""Number of a candidate in its event: a number a row, and the mark of a flat candidate ntuple."""

_SCAN_ENTRIES: Final = 2_000_000


def is_candidate_file(file: RowFile) -> bool:
    """Return whether a file has one row a candidate and tells to which event each belongs."""
    return {CANDIDATE, *EVENT_KEY} <= set(file.column_names()) and not file.is_list(CANDIDATE)


class CandidateEvents:
    """One entry an event; offers what a file of events offers.

    The index columns and those that the column table calls event columns are numbers, taken from the first row of the
    event after a check that all its rows agree. All others, also ``__candidate__``, are lists of one number a
    candidate; all lists of a chunk share one array of offsets, and their values are the rows as read.

    Attributes:
        path: of the file.
        entries: number of events.
        rows: number of candidates.
        offsets: (entries + 1,) first row of each event.

    Example:
        >>> with open_events(path) as events:  # doctest: +SKIP
        ...     chunk = events.read(["__candidate__", "mRecoil"], 0, events.entries)
        ...     values, offsets = list_content(chunk["mRecoil"])
    """

    def __init__(self, file: RowFile) -> None:
        """Read the index columns of an open file, which this object closes at its end.

        Raises:
            InputFileError: rows of one event are not next to each other.
            EventContentError: index columns are stored as floating-point numbers and have lost the identity of events.
        """
        self.path: Location = file.path
        self.rows = file.entries
        self._file = file
        try:
            self.offsets, self._identity = self._scan()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        self.entries = len(self.offsets) - 1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.__exit__(kind, error, trace)

    def _scan(self) -> tuple[Offsets, dict[str, NDArray[Any]]]:
        names = [*EVENT_KEY, *([PRODUCTION] if PRODUCTION in self._file.column_names() else [])]
        chunks = [self._file.read_rows(names, *span) for span in self._file.ranges(names, _SCAN_ENTRIES)]
        stored = {name: _joined([np.asarray(chunk[name]) for chunk in chunks]) for name in names}
        offsets = event_offsets(tuple(whole_numbers(column, str(self.path)) for column in stored.values()))
        firsts = {name: column[offsets[:-1]] for name, column in stored.items()}
        if scattered := scattered_events(tuple(whole_numbers(column, str(self.path)) for column in firsts.values())):
            raise InputFileError(
                "rows of one event are not next to each other: candidates cannot be grouped into events",
                where=str(self.path),
                allowed="all candidates of an event in neighbouring rows, as basf2 writes them",
                given=f"{scattered} events in several places, {self.rows} rows",
                next_step=f"sort the rows by {', '.join(names)}, and check that no file was merged with itself",
            )
        return offsets, firsts

    def column_names(self) -> list[str]:
        """Return the names as stored."""
        return self._file.column_names()

    def layout(self) -> StoredLayout:
        """Return the columns as they are read, and the blocks as they are stored: their sizes count rows."""
        stored = self._file.layout()
        columns = tuple(
            StoredColumn(column.name, column.dtype, "event" if is_of_event(unescape_name(column.name)) else "candidate")
            for column in stored.columns
        )
        return StoredLayout(
            stored.kind, columns, stored.block, stored.blocks, stored.entries_per_block, stored.bytes_per_block
        )

    def ranges(self, columns: Sequence[str], chunk_entries: int) -> list[tuple[int, int]]:
        """Return ranges of events that begin with the first event of a block, of about ``chunk_entries`` rows."""
        edges = [stop for _, stop in self._file.ranges(columns, chunk_entries)]
        # an event that reaches into the next block stays with those before it
        events = np.unique([0, *np.searchsorted(self.offsets, edges).tolist()]).tolist()
        return list(zip(events[:-1], events[1:], strict=True))

    def read(self, columns: Sequence[str], start: int, stop: int) -> ak.Array:
        """Read columns of the events [start, stop) as one record array.

        Raises:
            MissingColumnError: a column is not there.
            InputFileError: the data cannot be read, or a column holds a list a row.
            EventContentError: rows of one event differ in a column of the event.
        """
        stored_names(self.column_names(), columns, where=str(self.path))
        first, last = int(self.offsets[start]), int(self.offsets[stop])
        wanted = [name for name in columns if name not in self._identity]
        chunk = self._file.read_rows(wanted, first, last) if wanted else None
        offsets = self.offsets[start : stop + 1] - first
        shared = ak.index.Index64(offsets)
        contents = []
        for name in columns:
            if chunk is None or name in self._identity:
                contents.append(ak.contents.NumpyArray(self._identity[name][start:stop]))
                continue
            values = self._values(chunk, name)
            if is_of_event(name):
                contents.append(ak.contents.NumpyArray(self._event_values(name, values, offsets)))
            else:
                contents.append(ak.contents.ListOffsetArray(shared, ak.contents.NumpyArray(values)))
        return ak.Array(ak.contents.RecordArray(contents, list(columns), length=stop - start))

    def _values(self, chunk: ak.Array, name: str) -> NDArray[Any]:
        layout: Any = ak.to_layout(chunk[name])
        if layout.is_numpy and layout.purelist_depth == 1:
            return np.asarray(layout.data)
        raise InputFileError(
            f"column '{name}' of a flat candidate ntuple holds a list a row",
            where=str(self.path),
            allowed="one number a candidate",
            next_step="write lists with variablesToEventBasedTree",
        )

    def _event_values(self, name: str, values: NDArray[Any], offsets: Offsets) -> NDArray[Any]:
        first, varying = first_of_each(values, offsets)
        if varying:
            raise EventContentError(
                f"'{name}' belongs to the event, but its candidates have different values",
                where=str(self.path),
                given=f"{varying} of {len(first)} events in this chunk",
                next_step="write the ntuple without sampling rates"
                if name == "__weight__"
                else "check how the variable was written",
            )
        return first


def _joined(parts: list[NDArray[Any]]) -> NDArray[Any]:
    return parts[0] if len(parts) == 1 else np.concatenate(parts)
