"""The file of efficiency grids: a header with units, then one row a channel, mass and lifetime."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Final

import numpy as np

from darkreach.couplings.efficiency_grid import EfficiencyGrid
from darkreach.couplings.labelled_table import LabelledTable, read_labelled_table, write_labelled_table
from darkreach.errors import InputFileError, LimitError, OutputError

COLUMNS: Final = ("channel", "mass_gev", "ctau_cm", "efficiency", "error", "effective_events")
UNITS: Final = (
    "mass_gev in GeV, ctau_cm (mean proper decay length) in cm, efficiency and its error of all decays of the channel"
)
_GAPS: Final = "gaps of "

Row = tuple[str, float, float, float, float, float]


def write_efficiency_grids(path: Path, grids: Iterable[EfficiencyGrid], header: Mapping[str, str]) -> Path:
    """Write efficiency grids as CSV, atomically, and return the path.

    Args:
        path: file to write.
        grids: of different channels.
        header: comment lines ``# key: value`` besides ``units`` and the gaps, such as the name of the search.

    Raises:
        OutputError: two grids of one channel, a line break in the header, or the folder cannot be written to.
    """
    grids = list(grids)
    names = [grid.channel for grid in grids]
    if len(set(names)) != len(names):
        raise OutputError("two efficiency grids of one channel", where=str(path), given=", ".join(names))
    lines = {**header, "units": UNITS}
    for grid in grids:
        if grid.gaps_gev:
            lines[_GAPS + grid.channel] = "; ".join(f"{low!r} to {high!r} GeV" for low, high in grid.gaps_gev)
    return write_labelled_table(path, COLUMNS, (row for grid in grids for row in _cells(grid)), lines)


def read_efficiency_grids(path: Path) -> dict[str, EfficiencyGrid]:
    """Read efficiency grids by channel.

    Raises:
        InputFileError: missing file, other columns, a row that is not numbers (names its line), masses that do not all
            have the same lifetimes, or values out of range.
    """
    table = read_labelled_table(path, COLUMNS, "efficiency grids")
    grids = {}
    for channel, group in groupby(_rows(table), key=lambda row: row[0]):
        if channel in grids:
            raise InputFileError("the rows of a channel do not stand together", where=str(path), given=channel)
        grids[channel] = _grid(path, channel, list(group), table.header.get(_GAPS + channel, ""))
    return grids


def _cells(grid: EfficiencyGrid) -> Iterator[list[str]]:
    for i, mass in enumerate(grid.masses_gev):
        for j, ctau in enumerate(grid.ctaus_cm):
            values = (grid.efficiency[i, j], grid.error[i, j], grid.effective_events[i, j])
            yield [grid.channel, repr(float(mass)), repr(float(ctau)), *(f"{value:.7g}" for value in values)]


def _rows(table: LabelledTable) -> Iterator[Row]:
    for where, (channel, *cells) in table.rows:
        try:
            mass, ctau, efficiency, error, events = (float(cell) for cell in cells)
        except ValueError as fault:
            raise InputFileError("not a row of numbers", where=where, given=",".join(cells)) from fault
        yield channel, mass, ctau, efficiency, error, events


def _grid(path: Path, channel: str, rows: list[Row], gaps: str) -> EfficiencyGrid:
    masses, ctaus = (np.unique([row[column] for row in rows]) for column in (1, 2))
    expected = [(float(mass), float(ctau)) for mass in masses for ctau in ctaus]
    if [(row[1], row[2]) for row in rows] != expected:
        raise InputFileError(
            "an efficiency grid needs all of its lifetimes at each of its masses, in rising order",
            where=str(path),
            given=f"{len(rows)} rows of {channel} for {len(masses)} masses and {len(ctaus)} lifetimes",
        )
    shape = (3, len(masses), len(ctaus))
    efficiency, errors, events = np.array([row[3:] for row in rows], dtype=np.float64).T.reshape(shape)
    try:
        return EfficiencyGrid(channel, masses, ctaus, efficiency, errors, events, _parse_gaps(gaps))
    except (LimitError, ValueError) as error:
        given = error.one_line() if isinstance(error, LimitError) else gaps
        raise InputFileError("values of an efficiency grid are out of range", where=str(path), given=given) from error


def _parse_gaps(text: str) -> tuple[tuple[float, float], ...]:
    ranges = [part.removesuffix(" GeV").split(" to ") for part in text.split("; ") if part]
    return tuple((float(low), float(high)) for low, high in ranges)
