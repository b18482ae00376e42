"""Event-wise ntuples as Parquet: list columns, names not escaped, zstd."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from darkreach.events.columns import Column
from darkreach.simulation.ntuple_block import NtupleBlock


class ParquetNtuple:
    """An open Parquet ntuple; every appended block becomes one row group."""

    def __init__(self, path: Path, columns: Sequence[Column]) -> None:
        self._schema = pa.schema([_field(column) for column in columns])
        # measured values hardly repeat: a dictionary would cost time and save nothing
        repeating = [column.name for column in columns if column.level == "event" and column.name != "__event__"]
        self._writer = pq.ParquetWriter(path, self._schema, compression="zstd", use_dictionary=repeating)

    def append(self, block: NtupleBlock) -> None:
        """Write one block as a row group."""
        offsets = pa.array(block.offsets.astype("int32"))
        arrays: list[Any] = []
        for item in self._schema:
            if item.name in block.event:
                arrays.append(pa.array(block.event[item.name]))
            else:
                values = pa.array(block.candidate[item.name])
                arrays.append(pa.ListArray.from_arrays(offsets, values, type=item.type))
        table = pa.Table.from_arrays(arrays, schema=self._schema)
        self._writer.write_table(table, row_group_size=max(len(block), 1))

    def __enter__(self) -> ParquetNtuple:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._writer.close()


def _field(column: Column) -> Any:
    scalar = pa.from_numpy_dtype(column.dtype)
    kind = scalar if column.level == "event" else pa.list_(pa.field("element", scalar, nullable=False))
    return pa.field(column.name, kind, nullable=False, metadata={"unit": column.unit, "meaning": column.meaning})
