"""How a file stores its columns: type and level of each, and the size of the blocks it can be read in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, Final, Literal

import pyarrow as pa

TINY_BLOCK_ENTRIES: Final = 2_000
"""Blocks below this are read several times slower than large ones, measured on 100-event row groups and 1600-byte
baskets, the defaults of basf2."""

Level = Literal["event", "candidate"]


@dataclass(frozen=True)
class StoredColumn:
    """One column as stored.

    Attributes:
        name: as stored.
        dtype: NumPy name of its numbers; empty if it holds anything but numbers or lists of numbers.
        level: ``event`` for one number a row, ``candidate`` for a list a row.
    """

    name: str
    dtype: str
    level: Level


@dataclass(frozen=True)
class StoredLayout:
    """The layout of one file.

    Attributes:
        kind: ``TTree``, ``RNTuple`` or ``Parquet``.
        columns: in the order stored.
        block: what the file is cut into: ``basket``, ``cluster`` or ``row group``.
        blocks: number of blocks (of the column with the most).
        entries_per_block: median number of entries a block (of the column with the most).
        bytes_per_block: median size of a block before compression; of all columns in a row group or cluster.
    """

    kind: str
    columns: tuple[StoredColumn, ...]
    block: str
    blocks: int
    entries_per_block: float
    bytes_per_block: float

    @property
    def tiny(self) -> bool:
        """Whether the file is cut into many small blocks, so that rewriting it would pay."""
        return self.blocks > 1 and self.entries_per_block < TINY_BLOCK_ENTRIES


def tree_layout(tree: Any) -> StoredLayout:
    """Describe an uproot TTree; its blocks are the baskets of the branch that has the most."""
    branches = list(tree.branches)
    worst = max(branches, key=lambda branch: branch.num_baskets, default=None)
    if worst is None or worst.num_baskets == 0:
        return StoredLayout("TTree", tuple(map(_branch_column, branches)), "basket", 0, 0.0, 0.0)
    edges = [int(edge) for edge in worst.entry_offsets]
    sizes = [stop - start for start, stop in zip(edges[:-1], edges[1:], strict=True)]
    return StoredLayout(
        "TTree",
        tuple(map(_branch_column, branches)),
        "basket",
        len(sizes),
        float(median(sizes)),
        float(median(worst.basket_uncompressed_bytes(index) for index in range(worst.num_baskets))),
    )


def branch_is_list(branch: Any) -> bool:
    """Return whether a branch of an uproot TTree holds a list an entry."""
    return type(branch.interpretation).__name__ == "AsJagged"


def _branch_column(branch: Any) -> StoredColumn:
    interpretation = branch.interpretation
    jagged = branch_is_list(branch)
    inner = interpretation.content if jagged else interpretation
    dtype = getattr(inner, "to_dtype", None) if type(inner).__name__ in ("AsDtype", "AsDouble32") else None
    plain = dtype is not None and dtype.names is None and dtype.subdtype is None
    return StoredColumn(
        str(branch.name), str(getattr(dtype, "name", "")) if plain else "", "candidate" if jagged else "event"
    )


def parquet_layout(file: Any) -> StoredLayout:
    """Describe a ``pyarrow.parquet.ParquetFile``."""
    groups = [file.metadata.row_group(group) for group in range(file.metadata.num_row_groups)]
    return StoredLayout(
        "Parquet",
        tuple(_arrow_column(field) for field in file.schema_arrow),
        "row group",
        len(groups),
        float(median([group.num_rows for group in groups] or [0])),
        float(median([group.total_byte_size for group in groups] or [0])),
    )


def arrow_is_list(kind: Any) -> bool:
    """Return whether an Arrow type holds a list an entry."""
    return bool(pa.types.is_list(kind) or pa.types.is_large_list(kind))


def _arrow_column(field: Any) -> StoredColumn:
    jagged = arrow_is_list(field.type)
    inner = field.type.value_type if jagged else field.type
    plain = pa.types.is_integer(inner) or pa.types.is_floating(inner) or pa.types.is_boolean(inner)
    dtype = str(inner.to_pandas_dtype().__name__) if plain else ""
    return StoredColumn(str(field.name), "bool" if dtype == "bool_" else dtype, "candidate" if jagged else "event")


def cluster_layout(kind: str, columns: Sequence[StoredColumn], edges: Sequence[int], size: float) -> StoredLayout:
    """Describe a file cut into clusters at the given entry numbers, ``size`` bytes in all."""
    sizes = [stop - start for start, stop in zip(edges[:-1], edges[1:], strict=True)]
    typical = float(median(sizes or [0]))
    return StoredLayout(kind, tuple(columns), "cluster", len(sizes), typical, size / max(len(sizes), 1))
