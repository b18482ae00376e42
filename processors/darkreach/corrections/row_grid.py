"""Tables with a row a bin: CSV rows with their lines, and the grid of bins they fill."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from darkreach.corrections.bounded_text import read_bounded_text
from darkreach.corrections.grid_payload import Grid
from darkreach.errors import InputFileError, MissingColumnError

Floats = NDArray[np.float64]
Row = tuple[int, dict[str, str]]
_CHARGES: Final = {"+": 1, "-": -1, "1": 1, "-1": -1, "+1": 1}


def read_rows(path: Path, required: Sequence[str], what: str) -> list[Row]:
    """Return the rows of a CSV table with their line numbers; ``what`` says whose table it is, for errors.

    Raises:
        InputFileError: not a CSV table, a column twice, or rows of different lengths (file:line).
        MissingColumnError: one of the required columns is missing.
    """
    reader = csv.DictReader(io.StringIO(read_bounded_text(path)), strict=True)
    try:
        rows = [(reader.line_num, row) for row in reader]
    except csv.Error as error:
        raise InputFileError("not a CSV table", where=f"{path}:{reader.line_num}", given=str(error)) from error
    names = [name for name in reader.fieldnames or [] if name]
    if len(set(names)) != len(names):
        raise InputFileError("the table repeats a column", where=f"{path}:1", given=", ".join(names))
    for line, row in rows:
        if None in row or None in row.values():
            raise InputFileError("a row has not as many fields as the first line", where=f"{path}:{line}")
    for name in required:
        if name not in names:
            raise MissingColumnError(
                f"a {what} table needs the column '{name}'", where=f"{path}:1", given=", ".join(names)
            )
    return rows


def row_numbers(path: Path, rows: list[Row], name: str) -> Floats:
    """Return a column as numbers (rows,).

    Raises:
        InputFileError: a field is no finite number (file:line).
    """
    found = np.empty(len(rows))
    for index, (line, row) in enumerate(rows):
        try:
            found[index] = float(row[name])
        except ValueError:
            found[index] = np.nan
        if not np.isfinite(found[index]):
            raise InputFileError(
                f"'{name}' is no finite number",
                where=f"{path}:{line}",
                given=row[name] or "nothing",
                next_step="drop the bin from the table, or give it a value with its uncertainty",
            )
    return found


def row_grid(path: Path, rows: list[Row]) -> tuple[Grid, NDArray[np.int64]]:
    """Return the bins, and the number of the row (cells,) that fills each cell in C order.

    Raises:
        MissingColumnError: no column ends in ``_min``, or one lacks its ``_max``.
        InputFileError: bins overlap, two rows fill one bin, the grid has holes, or a charge is none.
    """
    columns = list(rows[0][1])
    variables = [name.removesuffix("_min") for name in columns if name.endswith("_min")]
    charged = "charge" in columns and "charge" not in variables
    if not variables:
        raise MissingColumnError("the table has no binning: no column ends in _min", where=f"{path}:1")
    for name in variables:
        if f"{name}_max" not in columns:
            raise MissingColumnError(f"'{name}_min' has no '{name}_max'", where=f"{path}:1")
    lows = {name: row_numbers(path, rows, f"{name}_min") for name in variables}
    highs = {name: row_numbers(path, rows, f"{name}_max") for name in variables}
    edges = {name: tuple(np.union1d(lows[name], highs[name]).tolist()) for name in variables}
    charges = [_charge(path, row) for row in rows] if charged else []
    grid = Grid(edges, "charge" if charged else None, tuple(sorted(set(charges))))
    places = [[grid.keys.index(charge) for charge in charges]] if charged else []
    for name in variables:
        low, high = (np.searchsorted(edges[name], side[name]) for side in (lows, highs))
        for (line, _), first, last in zip(rows, low, high, strict=True):
            if last != first + 1:
                raise InputFileError(
                    f"a bin of '{name}' is empty or covers others",
                    where=f"{path}:{line}",
                    allowed=f"neighbouring edges of {', '.join(f'{edge:g}' for edge in edges[name])}",
                    given=f"{edges[name][first]:g} to {edges[name][last]:g}",
                    next_step="choose the rows of one binning with `select`, or drop the others from the file",
                )
        places.append(low.tolist())
    return grid, _order(path, rows, grid, places)


def _order(path: Path, rows: list[Row], grid: Grid, places: Sequence[Sequence[int]]) -> NDArray[np.int64]:
    cells = np.ravel_multi_index([np.asarray(place) for place in places], grid.shape)
    order = np.full(int(np.prod(grid.shape)), -1, dtype=np.int64)
    for index, cell in enumerate(cells):
        if order[cell] >= 0:
            several = [name for name in rows[0][1] if rows[order[cell]][1][name] != rows[index][1][name]]
            raise InputFileError(
                "two rows fill the same bin",
                where=f"{path}:{rows[order[cell]][0]} and {rows[index][0]}",
                given=f"they differ in: {', '.join(several) or 'nothing'}",
                next_step="choose one of them with `select`",
            )
        order[cell] = index
    holes = int(np.count_nonzero(order < 0))
    if holes:
        raise InputFileError(
            "the table leaves holes in its grid",
            where=str(path),
            allowed=f"{order.size} bins",
            given=f"{holes} without a row",
            next_step="import the parts that fill a grid each by itself",
        )
    return order


def _charge(path: Path, numbered: Row) -> int:
    line, row = numbered
    if row["charge"] not in _CHARGES:
        raise InputFileError("unknown charge", where=f"{path}:{line}", allowed="+, -, 1, -1", given=row["charge"])
    return _CHARGES[row["charge"]]
