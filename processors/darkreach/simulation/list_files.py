"""Writing events with several lists each: Parquet with list columns, or a ROOT tree with a counter for each list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Protocol, Self, TypeAlias

import awkward as ak
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import uproot

from darkreach.errors import ConfigError
from darkreach.events.columns import Column
from darkreach.events.list_columns import counter_of
from darkreach.events.names import escape_name
from darkreach.simulation.event_lists import EventLists, stored_values

LIST_FORMATS: Final = ("parquet", "root")
TREE_NAME: Final = "tree"

_UNNAMED: Final = "candidates"

Notes: TypeAlias = Mapping[str, str]


class ListFile(Protocol):
    """An open file that takes blocks of events; the first block decides its columns."""

    def append(self, rows: EventLists) -> None:
        """Write a block, which may be empty."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


def open_list_file(path: Path, kind: str) -> ListFile:
    """Open a new file of one of the ``LIST_FORMATS``.

    Raises:
        ConfigError: no such format.
    """
    if kind not in LIST_FORMATS:
        raise ConfigError("no such format of ntuples", where="--format", allowed=", ".join(LIST_FORMATS), given=kind)
    return ParquetLists(path) if kind == "parquet" else RootLists(path)


class ParquetLists:
    """An open Parquet file; every block becomes one row group, names are not escaped."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._columns: Sequence[Column] = ()
        self._schema: Any = None
        self._writer: Any = None

    def append(self, rows: EventLists) -> None:
        """Write one block as a row group."""
        if self._writer is None:
            self._columns = rows.columns()
            self._schema = pa.schema([_field(column) for column in self._columns])
            # measured values hardly repeat: a dictionary would cost time and save nothing
            repeating = [_stored_path(column) for column in self._columns if _repeats(column)]
            self._writer = pq.ParquetWriter(
                self._path, self._schema, compression="zstd", use_dictionary=repeating, write_statistics=False
            )
        values = stored_values(rows, self._columns)
        offsets = {name: pa.array(objects.offsets.astype("int32")) for name, objects in rows.lists.items()}
        arrays = [
            pa.ListArray.from_arrays(offsets[column.collection], pa.array(values[column.name]), type=item.type)
            if column.level == "candidate"
            else pa.array(values[column.name])
            for column, item in zip(self._columns, self._schema, strict=True)
        ]
        table = pa.Table.from_arrays(arrays, schema=self._schema)
        self._writer.write_table(table, row_group_size=max(len(rows), 1))

    def note(self, notes: Notes) -> None:
        """Write texts into the footer of the file; after the first block."""
        self._writer.add_key_value_metadata(dict(notes))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._writer is not None:
            self._writer.close()


class RootLists:
    """An open ROOT file with one tree; the branches ``track_...`` share the counter ``ntrack``, and so on.

    ROOT files hold a unique identifier and the time of writing: equal runs give equal values, not equal bytes.
    """

    def __init__(self, path: Path) -> None:
        self._file = uproot.recreate(path, compression=uproot.ZSTD(5))
        self._columns: Sequence[Column] = ()
        self._tree: Any = None

    def append(self, rows: EventLists) -> None:
        """Write one block, which becomes one basket a branch; an empty one only decides the columns."""
        if self._tree is None:
            self._begin(rows)
        if len(rows) == 0:
            return
        values = stored_values(rows, self._columns)
        data: dict[str, Any] = {}
        for column in self._columns:
            if column.level == "event" and column.name not in map(counter_of, rows.lists):
                data[escape_name(column.name)] = values[column.name]
        for collection, objects in rows.lists.items():
            data[collection or _UNNAMED] = _records(objects.offsets, self._of(collection), values)
        self._tree.extend(data)

    def _begin(self, rows: EventLists) -> None:
        self._columns = rows.columns()
        counters = {counter_of(collection) for collection in rows.lists}
        types: dict[str, Any] = {
            escape_name(column.name): np.dtype(column.dtype)
            for column in self._columns
            if column.level == "event" and column.name not in counters
        }
        empty = {column.name: np.zeros(0, dtype=column.dtype) for column in self._columns}
        for collection in rows.lists:
            none = _records(np.zeros(1, dtype=np.int64), self._of(collection), empty)
            types[collection or _UNNAMED] = none.type.content
        self._tree = self._file.mktree(TREE_NAME, types, counter_name=_counter_name, field_name=_field_name)

    def _of(self, collection: str) -> list[Column]:
        lists = [column for column in self._columns if column.level == "candidate"]
        return [column for column in lists if column.collection == collection]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()


def _records(offsets: Any, columns: Sequence[Column], values: Mapping[str, Any]) -> ak.Array:
    """Return one list of records an event, whose fields already have their full names."""
    contents = [ak.contents.NumpyArray(values[column.name]) for column in columns]
    record = ak.contents.RecordArray(contents, [escape_name(column.name) for column in columns])
    return ak.Array(ak.contents.ListOffsetArray(ak.index.Index64(offsets), record))


def _counter_name(collection: str) -> str:
    return counter_of("" if collection == _UNNAMED else collection)


def _field_name(_collection: str, name: str) -> str:
    return name


def _field(column: Column) -> Any:
    scalar = pa.from_numpy_dtype(column.dtype)
    kind = pa.list_(pa.field("element", scalar, nullable=False)) if column.level == "candidate" else scalar
    return pa.field(column.name, kind, nullable=False, metadata={"unit": column.unit, "meaning": column.meaning})


def _repeats(column: Column) -> bool:
    whole = np.dtype(column.dtype).kind in "iu" and column.name != "__event__"
    return whole or column.name in ("__weight__", "nTracks")


def _stored_path(column: Column) -> str:
    return f"{column.name}.list.element" if column.level == "candidate" else column.name
