"""Rewriting a Parquet file in large row groups: Arrow in, Arrow out, nothing converted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from darkreach.errors import InputFileError, OutputError
from darkreach.events.entry_ranges import merged_ranges
from darkreach.events.same_values import same_arrow_values


def rewrite_parquet(source: Path, target: Path, block_entries: int, leave_out: Sequence[str]) -> None:
    """Join row groups up to ``block_entries`` rows and compare the result with the source, bit by bit.

    Raises:
        InputFileError: a row group cannot be read, or ``leave_out`` names anything: Parquet files hold one table only.
        OutputError: what was written does not read back as it was.
    """
    if leave_out:
        raise InputFileError(
            "a Parquet file holds one table and nothing to leave out",
            where=str(source),
            given=", ".join(leave_out),
            next_step="leave the option out",
        )
    with pq.ParquetFile(source) as file:
        schema = file.schema_arrow
        # counts and flags repeat and gain from a dictionary; measured numbers hardly do
        repeating = [field.name for field in schema if not _measured(field.type)]
        with pq.ParquetWriter(target, schema, compression="zstd", use_dictionary=repeating) as writer:
            for _, table in _blocks(file, source, block_entries):
                writer.write_table(table, row_group_size=max(len(table), 1))
        with pq.ParquetFile(target) as written:
            _compare(file, written, source, block_entries)


def _measured(kind: Any) -> bool:
    return bool(pa.types.is_floating(kind) or pa.types.is_nested(kind))


def _blocks(file: Any, source: Path, block_entries: int) -> Iterator[tuple[int, pa.Table]]:
    edges = [0]
    for group in range(file.metadata.num_row_groups):
        edges.append(edges[-1] + file.metadata.row_group(group).num_rows)
    for number, (start, stop) in enumerate(merged_ranges(edges, block_entries)):
        groups = [index for index in range(len(edges) - 1) if start <= edges[index] and edges[index + 1] <= stop]
        try:
            yield number, file.read_row_groups(groups, use_threads=False)
        except (pa.ArrowException, OSError) as error:
            raise InputFileError(
                "row groups cannot be read; the file is damaged",
                where=f"{source} entries {start} to {stop}",
                given=str(error).splitlines()[0],
                next_step="copy or write the file again",
            ) from error


def _compare(file: Any, written: Any, source: Path, block_entries: int) -> None:
    same = file.schema_arrow.equals(written.schema_arrow, check_metadata=True)
    for number, table in _blocks(file, source, block_entries):
        again = written.read_row_group(number, use_threads=False)
        same = same and all(
            same_arrow_values(_one(first), _one(second))
            for first, second in zip(table.itercolumns(), again.itercolumns(), strict=True)
        )
    if not same or file.metadata.num_rows != written.metadata.num_rows:
        raise OutputError(
            "the rewritten file does not read back as the original", where=str(source), next_step="keep the original"
        )


def _one(column: Any) -> Any:
    joined = column.combine_chunks()
    return joined.chunk(0) if isinstance(joined, pa.ChunkedArray) else joined
