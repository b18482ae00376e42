"""Tables of the Belle II Systematics Framework (CSV, a row a bin) as corrections.

The columns are those basf2's own ``sysvar`` module reads: ``<variable>_min`` and ``<variable>_max`` (or ``charge`` with
``+``/``-``/``1``/``-1``), ``data_MC_ratio``, ``data_MC_uncertainty_{stat,sys}_{up,dn}``, and ``variable``,
``threshold``, ``working_point`` and the like to choose rows by.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from darkreach.corrections.grid_payload import ImportedCorrection, ImportSettings, grid_correction
from darkreach.corrections.row_grid import Row, read_rows, row_grid, row_numbers
from darkreach.corrections.uncertainties import UncertaintyPart, table_variations
from darkreach.errors import InputFileError, unknown_name

Floats = NDArray[np.float64]
_RATIO: Final = "data_MC_ratio"
_SIZES: Final = {
    (part, side): f"data_MC_uncertainty_{part}_{side}" for part in ("stat", "sys") for side in ("up", "dn")
}


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
    rows = _selected(path, read_rows(path, (_RATIO, *_SIZES.values()), "Systematics Framework"), select)
    grid, order = row_grid(path, rows)
    nominal = row_numbers(path, rows, _RATIO)[order]
    parts = [_part(path, rows, order, settings, name, systematic_between_bins) for name in ("stat", "sys")]
    chosen = ", ".join(f"{name} = {value}" for name, value in select.items())
    variations = table_variations(nominal, parts, settings.correlation, settings.variance_fraction, str(path))
    note = f"data/MC ratio, Systematics Framework table {path.name}" + (f" ({chosen})" if chosen else "")
    return grid_correction(settings, grid, nominal, variations, note)


def _part(
    path: Path, rows: list[Row], order: NDArray[np.int64], settings: ImportSettings, name: str, systematic: str
) -> UncertaintyPart:
    up, down = (row_numbers(path, rows, _SIZES[name, side])[order] for side in ("up", "dn"))
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
