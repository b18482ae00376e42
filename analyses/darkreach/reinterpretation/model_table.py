"""A model given as a table of masses and couplings."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from darkreach.errors import InputFileError

Array = NDArray[np.float64]

FIRST_COLUMNS: Final = ("mass_gev", "coupling", "ctau_cm")
"""Columns every table begins with; a column for each channel follows."""


@dataclass(frozen=True, eq=False)
class MassRows:
    """Rows of one mass: couplings (n,) rising, and the logarithms of lifetime and rates (n,) there."""

    coupling: Array
    log_ctau: Array
    log_rates: Mapping[str, Array]


@dataclass(frozen=True, eq=False)
class ModelTable:
    """Rates and lifetimes between the rows of a table, straight in all logarithms: powers of the coupling are exact.

    Attributes:
        coupling: name.
        unit: of the coupling.
        channels: names of the columns.
        masses: (m,) rising, GeV.
        rows: of each mass.
    """

    coupling: str
    unit: str
    channels: tuple[str, ...]
    masses: Array
    rows: tuple[MassRows, ...]

    def coupling_range(self, mass_gev: float) -> tuple[float, float] | None:
        """Return the couplings known at a mass and its neighbours in the table; None outside of the masses."""
        if not self.masses[0] <= mass_gev <= self.masses[-1]:
            return None
        used = [self.rows[place] for place, share in self._neighbours(mass_gev) if share > 0.0]
        lowest = max(float(rows.coupling[0]) for rows in used)
        highest = min(float(rows.coupling[-1]) for rows in used)
        return (lowest, highest) if lowest < highest else None

    def rate(self, channel: str, mass_gev: float, coupling: Array) -> Array:
        """Return the rate (n,) of couplings (n,) of `coupling_range`."""
        return self._between(mass_gev, coupling, channel)

    def ctau_cm(self, mass_gev: float, coupling: Array) -> Array:
        """Return the mean proper decay length (n,) of couplings (n,) of `coupling_range`, cm."""
        return self._between(mass_gev, coupling, None)

    def _between(self, mass_gev: float, coupling: Array, channel: str | None) -> Array:
        total = np.zeros(len(coupling))
        for place, share in self._neighbours(mass_gev):
            rows = self.rows[place]
            values = rows.log_ctau if channel is None else rows.log_rates[channel]
            if share > 0.0:
                total += share * _straight(np.log(coupling), np.log(rows.coupling), values)
        return np.exp(total)

    def _neighbours(self, mass_gev: float) -> tuple[tuple[int, float], tuple[int, float]]:
        """Return the rows below and above a mass with their shares."""
        above = int(np.clip(np.searchsorted(self.masses, mass_gev), 1, max(len(self.masses) - 1, 1)))
        if len(self.masses) == 1:
            return (0, 1.0), (0, 0.0)
        low, high = np.log(self.masses[above - 1]), np.log(self.masses[above])
        share = float((np.log(mass_gev) - low) / (high - low))
        return (above - 1, 1.0 - share), (above, share)


def read_model_table(path: Path) -> ModelTable:
    """Read a model from a CSV file.

    Comment lines ``# coupling: NAME`` and ``# unit: UNIT`` name the coupling. Then come the columns mass_gev,
    coupling, ctau_cm and one for each channel of the search with the rate in the quantity of its limits; rows by
    rising mass, and rising coupling within it, at least two couplings a mass. A rate is positive, or zero at all
    couplings of a mass.

    Raises:
        InputFileError: missing file, other columns, or rows that break these rules (names the line).
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputFileError("cannot read the model", where=str(path), given=str(error)) from error
    comments = [line[1:].partition(":") for line in lines if line.startswith("#")]
    header = {key.strip(): value.strip() for key, _, value in comments}
    numbered = [(n, line) for n, line in enumerate(lines, start=1) if line.strip() and not line.startswith("#")]
    columns = tuple(name.strip() for name in numbered[0][1].split(",")) if numbered else ()
    if columns[:3] != FIRST_COLUMNS or len(columns) < 4 or len(set(columns)) != len(columns):
        raise InputFileError(
            "not the table of a model",
            where=f"{path}:{numbered[0][0] if numbered else 1}",
            allowed=",".join((*FIRST_COLUMNS, "one column for each channel")),
            given=",".join(columns),
        )
    values = np.array([_numbers(path, n, line, len(columns)) for n, line in numbered[1:]]).reshape(-1, len(columns))
    masses = np.unique(values[:, 0])
    groups = [values[values[:, 0] == mass] for mass in masses]
    for group in groups:
        _check(path, columns, group)
    if not groups or not np.array_equal(np.concatenate(groups), values):
        raise InputFileError("masses of the model must rise", where=str(path), given=f"{len(values)} rows")
    with np.errstate(divide="ignore"):
        rows = tuple(
            MassRows(group[:, 1], np.log(group[:, 2]), dict(zip(columns[3:], np.log(group[:, 3:].T), strict=True)))
            for group in groups
        )
    return ModelTable(header.get("coupling", "coupling"), header.get("unit", ""), columns[3:], masses, rows)


def _numbers(path: Path, number: int, line: str, columns: int) -> list[float]:
    try:
        values = [float(text) for text in next(csv.reader([line]))]
    except ValueError as error:
        raise InputFileError("not a row of numbers", where=f"{path}:{number}", given=line) from error
    if len(values) != columns or not all(0.0 <= value < np.inf for value in values) or min(values[:3]) <= 0.0:
        raise InputFileError(
            "a row of a model needs positive mass, coupling and lifetime, and rates that are not negative",
            where=f"{path}:{number}",
            given=line,
        )
    return values


def _check(path: Path, columns: tuple[str, ...], group: Array) -> None:
    where = f"{path}, {group[0, 0]:g} GeV"
    if len(group) < 2 or np.any(np.diff(group[:, 1]) <= 0.0):
        raise InputFileError(
            "a mass needs at least two couplings that rise", where=where, given=str(group[:, 1].tolist())
        )
    for name, rates in zip(columns[3:], group[:, 3:].T, strict=True):
        if np.any(rates == 0.0) and np.any(rates > 0.0):
            raise InputFileError("a rate is positive at all couplings of a mass, or at none", where=where, given=name)


def _straight(wanted: Array, nodes: Array, values: Array) -> Array:
    # a rate of zero stays zero
    return np.full(len(wanted), -np.inf) if np.isneginf(values[0]) else np.interp(wanted, nodes, values)
