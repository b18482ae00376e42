"""Corrections in one, two or three variables in the CSV tables of SysVar.

Columns, as in SysVar's own example ``1D_csv_correction.csv``: ``dependant_variable_1`` (``_2``, ``_3``) with the name
of a variable, ``<variable>_min``, ``<variable>_max``, ``<variable>_unit``, ``<variable>_label``; ``central_value``;
sizes ``stat_corr`` and ``sys_corr`` (fully correlated between bins), ``stat_uncorr`` and ``sys_uncorr`` (independent),
empty where there is none; ``total_error``; and conditions such as ``PDG`` with a list of values.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from darkreach.corrections.bounded_text import parse_json
from darkreach.corrections.contracts import Component
from darkreach.corrections.grid_payload import ImportedCorrection, ImportSettings, grid_correction
from darkreach.corrections.row_grid import Row, read_rows, row_grid, row_numbers
from darkreach.corrections.uncertainties import UncertaintyPart, table_variations
from darkreach.errors import InputFileError

Floats = NDArray[np.float64]
COVARIANCE_PART: Final = "explicit_covariance"
_SUFFIXES: Final = ("_min", "_max", "_unit", "_label")
_SIZES: Final[dict[str, tuple[Component, str]]] = {
    "stat_corr": ("statistical", "full"),
    "sys_corr": ("systematic", "full"),
    "stat_uncorr": ("statistical", "none"),
    "sys_uncorr": ("systematic", "none"),
}
_VARIABLES: Final = ("dependant_variable_1", "dependant_variable_2", "dependant_variable_3")


def import_sysvar_table(path: Path, settings: ImportSettings) -> ImportedCorrection:
    """Return the correction of a SysVar CSV table of one to three variables.

    A covariance over the bins, in the order of the rows, is given as ``settings.covariances["explicit_covariance"]``
    and takes the place of all parts, as in SysVar. Conditions become ``applies_to``, joined with those of the settings.

    Raises:
        MissingColumnError: a column of the format is missing.
        InputFileError: unknown columns, numbers that are none, overlapping bins, holes in the grid, parts that do not
            add up to ``total_error``, no uncertainty at all, or a covariance that is none.
    """
    rows = read_rows(path, (_VARIABLES[0], "central_value"), "SysVar")
    if not rows:
        raise InputFileError("the table has no row", where=str(path))
    variables = _variables(path, rows)
    grid, order = row_grid(path, rows)
    if list(grid.edges) != variables:
        raise InputFileError(
            "the binned columns are not the dependant variables",
            where=f"{path}:1",
            allowed=", ".join(variables),
            given=", ".join(grid.edges),
        )
    nominal = row_numbers(path, rows, "central_value")[order]
    covariance = settings.covariances.get(COVARIANCE_PART)
    if covariance is None:
        parts = _parts(path, rows, order, settings)
    else:
        parts = [_covariance_part(path, np.asarray(covariance, dtype=np.float64), order)]
    if not parts:
        raise InputFileError(
            "the correction has no uncertainty",
            where=str(path),
            allowed=f"sizes in {', '.join(_SIZES)}",
            next_step="fill a part, or give a covariance: total_error does not tell how bins are correlated",
        )
    variations = table_variations(nominal, parts, settings.correlation, settings.variance_fraction, str(path))
    cuts = {**_conditions(path, rows, variables), **settings.applies_to}
    joined = ImportSettings(**{**vars(settings), "applies_to": cuts})
    return grid_correction(joined, grid, nominal, variations, f"SysVar table {path.name}, {', '.join(variables)}")


def _variables(path: Path, rows: list[Row]) -> list[str]:
    """Return the names of the variables in order of the numbered columns, each the same in all rows."""
    named = [_common(path, rows, column) for column in _VARIABLES if column in rows[0][1]]
    return [name for name in named if name]


def _common(path: Path, rows: list[Row], column: str) -> str:
    values = {row[column].strip() for _, row in rows}
    if len(values) > 1:
        raise InputFileError(
            f"'{column}' must be the same in all rows",
            where=str(path),
            given=", ".join(sorted(values)),
            next_step="one table is one correction: split the others off",
        )
    return values.pop()


def _parts(path: Path, rows: list[Row], order: NDArray[np.int64], settings: ImportSettings) -> list[UncertaintyPart]:
    parts = []
    squares: Floats = np.zeros(len(rows))
    for name, (component, between) in _SIZES.items():
        if name not in rows[0][1] or not any(row[name].strip() for _, row in rows):
            continue
        sizes = row_numbers(path, rows, name)
        squares += sizes**2
        correlated = settings.shared.get(name)
        ordered = sizes[order]
        parts.append(
            UncertaintyPart(name, component, ordered, ordered, "full" if between == "full" else "none", correlated)
        )
    _check_total(path, rows, squares)
    return parts


def _check_total(path: Path, rows: list[Row], squares: Floats) -> None:
    """Refuse parts that do not make up the total error: one was lost, or they are not what they are taken for."""
    if "total_error" not in rows[0][1] or not squares.any():
        return
    total = row_numbers(path, rows, "total_error")
    wrong = np.flatnonzero(~np.isclose(np.sqrt(squares), total, rtol=1.0e-3, atol=1.0e-9))
    if len(wrong):
        first = int(wrong[0])
        raise InputFileError(
            "the parts do not add up to the total error",
            where=f"{path}:{rows[first][0]}",
            allowed=f"total_error {total[first]:g}",
            given=f"{np.sqrt(squares[first]):g} in quadrature, and {len(wrong) - 1} more rows",
            next_step="correct the table, or drop the column total_error",
        )


def _covariance_part(path: Path, covariance: Floats, order: NDArray[np.int64]) -> UncertaintyPart:
    if covariance.shape != (len(order), len(order)):
        raise InputFileError(
            "the covariance does not fit the table",
            where=str(path),
            allowed=f"({len(order)}, {len(order)})",
            given=str(covariance.shape),
        )
    matrix = covariance[np.ix_(order, order)]
    sizes = np.sqrt(np.clip(np.diag(matrix), 0.0, None))
    return UncertaintyPart(COVARIANCE_PART, "systematic", sizes, sizes, matrix)


def _conditions(path: Path, rows: list[Row], variables: list[str]) -> dict[str, tuple[int, ...]]:
    known = {*_VARIABLES, *_SIZES, "central_value", "total_error", *(v + s for v in variables for s in _SUFFIXES)}
    cuts = {}
    for column in (name for name in rows[0][1] if name not in known):
        text = _common(path, rows, column)
        values = parse_json(text, f"{path}: {column}") if text else []
        if not isinstance(values, list) or any(type(value) is not int for value in values):
            raise InputFileError(
                f"the column '{column}' is no part of the format, and no list of integers to choose candidates by",
                where=f"{path}:1",
                allowed=", ".join(sorted(known)) + ", or a list such as [211, -211]",
                given=text,
            )
        if values:
            cuts[column] = tuple(values)
    return cuts
