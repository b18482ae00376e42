"""Parquet files: row groups read once, straight from the Arrow offsets and values into awkward arrays."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import awkward as ak
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from darkreach.errors import EventContentError, InputFileError
from darkreach.events.entry_ranges import merged_ranges
from darkreach.events.location import Location, open_bytes
from darkreach.events.stored_columns import stored_names
from darkreach.events.stored_layout import StoredLayout, arrow_is_list, parquet_layout


class ParquetEvents:
    """One open Parquet file.

    Attributes:
        path: of the file.
        entries: number of rows.
    """

    def __init__(self, path: Location) -> None:
        """Open a file; raises InputFileError if it is no readable Parquet file."""
        self.path = path
        # Arrow reads local paths itself
        self._stream = None if isinstance(path, Path) else open_bytes(path)
        try:
            # far away, the pieces of many columns are better fetched together
            self._file = pq.ParquetFile(self._stream or path, pre_buffer=self._stream is not None)
        except (pa.ArrowException, OSError) as error:
            if self._stream is not None:
                self._stream.close()
            raise InputFileError(
                "not a readable Parquet file, or truncated",
                where=str(path),
                given=str(error).splitlines()[0],
                next_step="copy or write the file again",
            ) from error
        metadata = self._file.metadata
        self.entries = int(metadata.num_rows)
        self._names = list(self._file.schema_arrow.names)
        sizes = [metadata.row_group(group).num_rows for group in range(metadata.num_row_groups)]
        self._edges: list[int] = [0, *np.cumsum(sizes, dtype=np.int64).tolist()]
        self._cut_group: tuple[int, list[str], pa.Table] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        if self._stream is not None:
            self._stream.close()

    def column_names(self) -> list[str]:
        """Return the names as stored."""
        return list(self._names)

    def is_list(self, name: str) -> bool:
        """Return whether a column, named as stored, holds a list a row."""
        return arrow_is_list(self._file.schema_arrow.field(name).type)

    def layout(self) -> StoredLayout:
        """Return types and levels of the columns and the size of the row groups."""
        return parquet_layout(self._file)

    def ranges(self, columns: Sequence[str], chunk_entries: int) -> list[tuple[int, int]]:
        """Return entry ranges of whole row groups, of at most ``chunk_entries`` where a row group allows."""
        stored_names(self._names, columns, where=str(self.path))
        return merged_ranges(self._edges, chunk_entries)

    def read(self, columns: Sequence[str], start: int, stop: int) -> ak.Array:
        """Read columns of the entries [start, stop), which must be whole row groups, as one record array.

        Raises:
            MissingColumnError: a column is not there.
            InputFileError: the range splits a row group, the data cannot be read, or a column holds nested lists.
            EventContentError: a column holds nulls.
        """
        if start not in self._edges or stop not in self._edges:
            raise InputFileError(
                "a range of entries must be whole row groups",
                where=str(self.path),
                given=f"{start} to {stop}",
                next_step="plan the ranges again; the file changed since",
            )
        return self.read_rows(columns, start, stop)

    def read_rows(self, columns: Sequence[str], start: int, stop: int) -> ak.Array:
        """Read columns of any rows [start, stop); a row group that two ranges in a row share is decoded once."""
        names = stored_names(self._names, columns, where=str(self.path))
        first = bisect_right(self._edges, start) - 1
        last = max(bisect_left(self._edges, stop), first)
        table = self._groups(first, last, list(names.values()))
        begin = self._edges[first]
        if stop < self._edges[last]:
            final = last - 1
            self._cut_group = (final, list(names.values()), table.slice(self._edges[final] - begin))
        table = table.slice(start - begin, stop - start)
        contents = [self._content(table, name, stored) for name, stored in names.items()]
        return ak.Array(ak.contents.RecordArray(contents, list(names), length=stop - start))

    def _groups(self, first: int, last: int, stored: list[str]) -> pa.Table:
        """Decode the row groups [first, last), unless the first one is still there from the range before."""
        kept, self._cut_group = self._cut_group, None
        begun = kept[2] if kept is not None and kept[:2] == (first, stored) and first < last else None
        groups = list(range(first + (begun is not None), last))
        if begun is not None and not groups:
            return begun
        try:
            table = self._file.read_row_groups(groups, columns=stored, use_threads=False)
        except (pa.ArrowException, OSError) as error:
            raise InputFileError(
                "row groups cannot be read; the file is damaged",
                where=f"{self.path} entries {self._edges[first]} to {self._edges[last]}",
                given=str(error).splitlines()[0],
                next_step="copy or write the file again",
            ) from error
        return table if begun is None else pa.concat_tables([begun, table])

    def _content(self, table: pa.Table, name: str, stored: str) -> Any:
        column = table.column(stored).combine_chunks()
        array = column.chunk(0) if isinstance(column, pa.ChunkedArray) else column
        if not arrow_is_list(array.type):
            return ak.contents.NumpyArray(self._values(array, name))
        self._refuse_nulls(array, name)
        offsets = np.asarray(array.offsets.to_numpy(zero_copy_only=False), dtype=np.int64)
        values = self._values(array.values, name)[offsets[0] : offsets[-1]]
        return ak.contents.ListOffsetArray(ak.index.Index64(offsets - offsets[0]), ak.contents.NumpyArray(values))

    def _values(self, array: pa.Array, name: str) -> np.ndarray[Any, Any]:
        self._refuse_nulls(array, name)
        if not (pa.types.is_integer(array.type) or pa.types.is_floating(array.type) or pa.types.is_boolean(array.type)):
            raise InputFileError(
                f"column '{name}' is neither numbers nor lists of numbers",
                where=str(self.path),
                given=str(array.type),
                next_step="write it as a number an event or a list of numbers an event",
            )
        return np.asarray(array.to_numpy(zero_copy_only=False))

    def _refuse_nulls(self, array: pa.Array, name: str) -> None:
        if array.null_count:
            raise EventContentError(
                f"column '{name}' holds nulls",
                where=str(self.path),
                given=f"{array.null_count} nulls",
                next_step="write missing values as NaN, as basf2 does",
            )
