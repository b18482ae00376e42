"""Reading ntuples: any ROOT or Parquet file in, chunks of declared columns out, one entry an event."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import awkward as ak

from darkreach.errors import InputFileError
from darkreach.events.candidate_file import CandidateEvents, is_candidate_file
from darkreach.events.location import Location, open_bytes
from darkreach.events.parquet_file import ParquetEvents
from darkreach.events.renamed_columns import RenamedEvents
from darkreach.events.root_file import RootEvents
from darkreach.events.row_file import EventFile, RowFile

DEFAULT_CHUNK_ENTRIES: Final = 500_000
"""Events a chunk: below this, the cost of opening files and building arrays shows."""


def open_events(path: Location, tree: str | None = None, *, columns: Mapping[str, str] | None = None) -> EventFile:
    """Open a file of events; its kind is read from its first bytes, not from its name.

    The candidates of a flat ntuple (it has ``__candidate__`` and the index columns) are grouped into events.

    Args:
        path: ROOT file (TTree, TNtuple or RNTuple) or Parquet file; a URL is given as text.
        tree: of a ROOT file; by default the one called ``tree``, or the only one.
        columns: variables of the file by other names for them, as a column map gives them.

    Raises:
        InputFileError: the file is missing, empty, truncated, neither ROOT nor Parquet, or holds no single tree; or the
            candidates of an event are not in neighbouring rows.
        EventContentError: a flat ntuple stores floating-point index columns that have lost the identity of events.
    """
    file = open_rows(path, tree)
    events = CandidateEvents(file) if is_candidate_file(file) else file
    return RenamedEvents(events, columns) if columns else events


def open_rows(path: Location, tree: str | None = None) -> RowFile:
    """Open a file as it is stored, one entry a row; arguments and errors as for ``open_events``."""
    with open_bytes(path) as stream:
        first = stream.read(4)
    opened: RowFile
    if first == b"root":
        opened = RootEvents(path, tree)
    elif first == b"PAR1":
        opened = ParquetEvents(path)
    else:
        raise InputFileError(
            "neither a ROOT nor a Parquet file" if first else "file is empty",
            where=str(path),
            allowed="a ROOT or Parquet file of events or of flat candidates",
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
    """Yield (first event, record array) of a file in order; every row group or cluster is read once.

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
