"""Reading event-wise ntuples: any ROOT or Parquet file in, chunks of declared columns out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import Final, Protocol, Self

import awkward as ak

from darkreach.errors import InputFileError
from darkreach.events.location import Location, open_bytes
from darkreach.events.parquet_file import ParquetEvents
from darkreach.events.root_file import RootEvents
from darkreach.events.stored_layout import StoredLayout

DEFAULT_CHUNK_ENTRIES: Final = 500_000
"""Events a chunk: below this, the cost of opening files and building arrays shows."""


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
        """Return the columns of the entries [start, stop) as one record array."""


def open_events(path: Location, tree: str | None = None) -> EventFile:
    """Open a file of events; its kind is read from its first bytes, not from its name.

    Args:
        path: ROOT file (TTree, TNtuple or RNTuple) or Parquet file; a URL is given as text.
        tree: of a ROOT file; by default the one called ``tree``, or the only one.

    Raises:
        InputFileError: the file is missing, empty, truncated, neither ROOT nor Parquet, or holds no single tree.
    """
    with open_bytes(path) as stream:
        first = stream.read(4)
    opened: EventFile
    if first == b"root":
        opened = RootEvents(path, tree)
    elif first == b"PAR1":
        opened = ParquetEvents(path)
    else:
        raise InputFileError(
            "neither a ROOT nor a Parquet file" if first else "file is empty",
            where=str(path),
            allowed="a ROOT file of VariablesToEventBasedTree, or a Parquet file with a list an event",
            given=f"first bytes {first!r}" if first else "0 bytes",
            next_step="check how the file was written or copied",
        )
    if opened.entries == 0:
        with opened:
            raise InputFileError(
                "file holds no events",
                where=str(path),
                given="0 entries",
                next_step="leave this file out, or check the job that wrote it",
            )
    return opened


def iterate_chunks(
    path: Location, columns: Sequence[str], *, chunk_entries: int = DEFAULT_CHUNK_ENTRIES
) -> Iterator[tuple[int, ak.Array]]:
    """Yield (first entry, record array) of a file in order; every row group or basket is read once.

    Args:
        path: of a ROOT or Parquet file.
        columns: basf2 variable names; nothing else is read.
        chunk_entries: largest number of events wanted in a chunk.

    Raises:
        InputFileError: as ``open_events``, or data that cannot be read.
        MissingColumnError: a column is not there.
    """
    with open_events(path) as file:
        for start, stop in file.ranges(columns, chunk_entries):
            yield start, file.read(columns, start, stop)
