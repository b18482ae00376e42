"""What every kind of stored file offers, before flat candidate rows are grouped into events."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType
from typing import Protocol, Self

import awkward as ak

from darkreach.events.location import Location
from darkreach.events.stored_layout import StoredLayout


class EventFile(Protocol):
    """One open file of events; a context manager."""

    path: Location
    entries: int

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def column_names(self) -> list[str]:
        """Return the names as stored."""

    def layout(self) -> StoredLayout:
        """Return types and levels of the columns and the size of the blocks."""

    def ranges(self, columns: Sequence[str], chunk_entries: int) -> list[tuple[int, int]]:
        """Return the (start, stop) ranges the file is best read in."""

    def read(self, columns: Sequence[str], start: int, stop: int) -> ak.Array:
        """Return the columns of the entries [start, stop), one of the ranges, as one record array."""


class RowFile(EventFile, Protocol):
    """One open file whose entries are its rows: events, or the candidates of a flat ntuple."""

    def is_list(self, name: str) -> bool:
        """Return whether a column, named as stored, holds a list a row."""

    def read_rows(self, columns: Sequence[str], start: int, stop: int) -> ak.Array:
        """Return the columns of any rows [start, stop) as one record array."""
