"""A file of events whose variables have other names: real ntuples read under the names that our simulation writes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Self

import awkward as ak

from darkreach.errors import MissingColumnError
from darkreach.events.location import Location
from darkreach.events.names import unescape_name
from darkreach.events.row_file import EventFile
from darkreach.events.stored_columns import stored_names
from darkreach.events.stored_layout import StoredColumn, StoredLayout


class RenamedEvents:
    """Offers what a file of events offers; variables without another name keep their own.

    Attributes:
        path: of the file.
        entries: number of events.

    Example:
        >>> with open_events(path, columns={"photon_E": "clusterE"}) as events:  # doctest: +SKIP
        ...     energies = events.read(["photon_E", "nTracks"], 0, events.entries)["photon_E"]
    """

    def __init__(self, file: EventFile, columns: Mapping[str, str]) -> None:
        """Take an open file, which this object closes at its end, and its variables by their other names."""
        self.path: Location = file.path
        self.entries = file.entries
        self._file = file
        self._columns = dict(columns)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.__exit__(kind, error, trace)

    def column_names(self) -> list[str]:
        """Return the names as they are read: other names first, then those of variables that have none."""
        return list(self._stored())

    def layout(self) -> StoredLayout:
        """Return types and levels of the columns and the size of the blocks."""
        layout = self._file.layout()
        columns = {column.name: column for column in layout.columns}
        renamed = tuple(
            StoredColumn(name, columns[stored].dtype, columns[stored].level) for name, stored in self._stored().items()
        )
        return StoredLayout(
            layout.kind, renamed, layout.block, layout.blocks, layout.entries_per_block, layout.bytes_per_block
        )

    def ranges(self, columns: Sequence[str], chunk_entries: int) -> list[tuple[int, int]]:
        """Return the (start, stop) ranges the file is best read in."""
        return self._file.ranges(list(self._wanted(columns).values()), chunk_entries)

    def read(self, columns: Sequence[str], start: int, stop: int) -> ak.Array:
        """Return the columns of the entries [start, stop), one of the ranges, as one record array.

        Raises:
            MissingColumnError: a variable is not there.
        """
        wanted = self._wanted(columns)
        # two names may stand for one variable
        chunk = self._file.read(list(dict.fromkeys(wanted.values())), start, stop)
        contents = [ak.to_layout(chunk[variable]) for variable in wanted.values()]
        return ak.Array(ak.contents.RecordArray(contents, list(wanted), length=stop - start))

    def _wanted(self, columns: Sequence[str]) -> dict[str, str]:
        wanted = {name: self._columns.get(name, name) for name in columns}
        available = self._file.column_names()
        for name, variable in wanted.items():
            try:
                stored_names(available, [variable], where=str(self.path))
            except MissingColumnError as error:
                if variable == name:
                    raise
                raise MissingColumnError(
                    f"column '{variable}', which the column map gives for '{name}', is missing",
                    where=str(self.path),
                    given=error.given,
                    next_step=f"correct the column map; {error.next_step}",
                ) from error
        return wanted

    def _stored(self) -> dict[str, str]:
        """Return the stored name of every column that can be read; a name of the map hides a column of that name."""
        variables = {unescape_name(stored): stored for stored in self._file.column_names()}
        renamed = {name: variables[variable] for name, variable in self._columns.items() if variable in variables}
        taken = set(renamed.values())
        others = {
            name: stored for name, stored in variables.items() if stored not in taken and name not in self._columns
        }
        return renamed | others
