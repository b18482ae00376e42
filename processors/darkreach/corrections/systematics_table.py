"""Tables of the Belle II Systematics Framework (CSV, a row a bin) as corrections.

The columns are those basf2's own ``sysvar`` module reads: ``<variable>_min`` and ``<variable>_max`` (or ``charge`` with
``+``/``-``/``1``/``-1``), ``data_MC_ratio``, ``data_MC_uncertainty_{stat,sys}_{up,dn}``, and ``variable``,
``threshold``, ``working_point`` and the like to choose rows by.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from darkreach.corrections.bounded_text import read_bounded_text
from darkreach.corrections.grid_payload import Grid, ImportedCorrection, ImportSettings, grid_correction
from darkreach.corrections.uncertainties import UncertaintyPart, table_variations
from darkreach.errors import InputFileError, MissingColumnError, unknown_name

Floats = NDArray[np.float64]
Row = tuple[int, dict[str, str]]
_RATIO: Final = "data_MC_ratio"
_SIZES: Final = {
    (part, side): f"data_MC_uncertainty_{part}_{side}" for part in ("stat", "sys") for side in ("up", "dn")
}
_CHARGES: Final = {"+": 1, "-": -1, "1": 1, "-1": -1, "+1": 1}


def import_systematics_table(
    path: Path,
    settings: ImportSettings,
    *,
    select: Mapping[str, str | float],
    systematic_between_bins: Literal["full", "none"] = "full",
) -> ImportedCorrection:
    """Return the correction of a Systematics Framework table.

    Args:
        path: the CSV file.
        settings: name, source, version, correlation; parts are called ``stat`` and ``sys``.
        select: columns that choose the rows, with their value, e.g. ``{"variable": "electronID", "threshold": 0.9}``.
        systematic_between_bins: the table does not say. ``full`` (the default of basf2's ``sysvar``): one nuisance
            parameter; ``none`` (SysVar's reading of PID tables): a nuisance parameter for every bin.

    The statistical part is independent between bins, unless ``settings.covariances`` gives one.

    Raises:
        MissingColumnError: a column of the format, or one of ``select``, is missing.
        InputFileError: no row is left, a number is none (with its line), bins overlap, or the grid has holes.
    """
    rows = _selected(path, _read_rows(path), select)
    grid, order = _grid(path, rows)
    nominal = _numbers(path, rows, _RATIO)[order]
    parts = [_part(path, rows, order, settings, name, systematic_between_bins) for name in ("stat", "sys")]
    chosen = ", ".join(f"{name} = {value}" for name, value in select.items())
    variations = table_variations(nominal, parts, settings.correlation, settings.variance_fraction, str(path))
    note = f"data/MC ratio, Systematics Framework table {path.name}" + (f" ({chosen})" if chosen else "")
    return grid_correction(settings, grid, nominal, variations, note)


def _part(
    path: Path, rows: list[Row], order: NDArray[np.int64], settings: ImportSettings, name: str, systematic: str
) -> UncertaintyPart:
    up, down = (_numbers(path, rows, _SIZES[name, side])[order] for side in ("up", "dn"))
    between: Literal["full", "none"] | Floats = "full" if name == "sys" and systematic == "full" else "none"
    if name in settings.covariances:
        covariance = np.asarray(settings.covariances[name], dtype=np.float64)
        if covariance.shape != (len(rows), len(rows)):
            raise InputFileError(
                f"the covariance of '{name}' does not fit the rows chosen",
                where=str(path),
                allowed=f"({len(rows)}, {len(rows)})",
                given=str(covariance.shape),
            )
        between = covariance[np.ix_(order, order)]
    component: Literal["statistical", "systematic"] = "statistical" if name == "stat" else "systematic"
    return UncertaintyPart(name, component, up, down, between, settings.shared.get(name))


def _read_rows(path: Path) -> list[Row]:
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
    for name in (_RATIO, *_SIZES.values()):
        if name not in names:
            raise MissingColumnError(
                f"a Systematics Framework table needs the column '{name}'", where=f"{path}:1", given=", ".join(names)
            )
    return rows


def _selected(path: Path, rows: list[Row], select: Mapping[str, str | float]) -> list[Row]:
    for name in select:
        if rows and name not in rows[0][1]:
            raise unknown_name("column", name, rows[0][1], where=f"{path}:1")
    kept = [(line, row) for line, row in rows if all(_equal(row[name], value) for name, value in select.items())]
    if not kept:
        present = {name: sorted({row[name] for _, row in rows})[:20] for name in select}
        raise InputFileError(
            "no row of the table is chosen",
            where=str(path),
            allowed="; ".join(f"{name}: {', '.join(values)}" for name, values in present.items()),
            given=str(dict(select)),
        )
    return kept


def _equal(field: str, value: str | float) -> bool:
    if isinstance(value, str):
        return field == value
    try:
        return float(field) == value
    except ValueError:
        return False


def _numbers(path: Path, rows: list[Row], name: str) -> Floats:
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


def _grid(path: Path, rows: list[Row]) -> tuple[Grid, NDArray[np.int64]]:
    """Return the bins, and the number of the row (cells,) that fills each cell in C order."""
    columns = list(rows[0][1])
    variables = [name.removesuffix("_min") for name in columns if name.endswith("_min")]
    charged = "charge" in columns and "charge" not in variables
    if not variables:
        raise MissingColumnError("the table has no binning: no column ends in _min", where=f"{path}:1")
    for name in variables:
        if f"{name}_max" not in columns:
            raise MissingColumnError(f"'{name}_min' has no '{name}_max'", where=f"{path}:1")
    lows = {name: _numbers(path, rows, f"{name}_min") for name in variables}
    highs = {name: _numbers(path, rows, f"{name}_max") for name in variables}
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
