"""Luminosity by experiment and run, summed over the runs that were processed."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from darkreach.corrections.bounded_text import read_bounded_text
from darkreach.errors import EventContentError, InputFileError

Run = tuple[int, int]
_UNITS: Final = {"luminosity_inverse_fb": 1.0, "luminosity_inverse_pb": 1.0e-3, "luminosity_inverse_nb": 1.0e-6}


@dataclass(frozen=True)
class IntegratedLuminosity:
    """Luminosity of a set of runs.

    Attributes:
        total_inverse_fb: sum over the runs in the table, fb^-1.
        runs: number of these runs.
        missing: (experiment, run) of those the table lacks, sorted.
    """

    total_inverse_fb: float
    runs: int
    missing: tuple[Run, ...]

    def require_complete(self) -> float:
        """Return the total, fb^-1.

        Raises:
            EventContentError: runs are missing in the table; names the first of them and their number.
        """
        if self.missing:
            shown = ", ".join(f"({experiment}, {run})" for experiment, run in self.missing[:5])
            raise EventContentError(
                "runs are missing in the luminosity table",
                given=f"{len(self.missing)} of {self.runs + len(self.missing)} runs: {shown}",
                next_step="complete the table, or leave these runs out of the events",
            )
        return self.total_inverse_fb


@dataclass(frozen=True)
class LuminosityTable:
    """Luminosity (fb^-1) by (experiment, run)."""

    by_run: Mapping[Run, float]

    def integrate(self, runs: Iterable[Run]) -> IntegratedLuminosity:
        """Return the luminosity of runs, each counted once.

        Give the runs that were processed, not those found among selected events: a run without a selected event has
        luminosity too.

        Example:
            >>> LuminosityTable({(7, 1): 0.5, (7, 2): 0.25}).integrate([(7, 1), (7, 1), (8, 3)])
            IntegratedLuminosity(total_inverse_fb=0.5, runs=1, missing=((8, 3),))
        """
        wanted = sorted(set(runs))
        known = [self.by_run[run] for run in wanted if run in self.by_run]
        missing = tuple(run for run in wanted if run not in self.by_run)
        return IntegratedLuminosity(math.fsum(known), len(known), missing)


def runs_of(experiment: ArrayLike, run: ArrayLike) -> dict[Run, int]:
    """Return the number of entries by (experiment, run), from the columns ``__experiment__`` and ``__run__``.

    Raises:
        EventContentError: the columns are no integers of equal length.
    """
    pair = np.asarray(experiment), np.asarray(run)
    if pair[0].shape != pair[1].shape or any(column.dtype.kind not in "iu" for column in pair):
        raise EventContentError(
            "__experiment__ and __run__ must be integer columns of equal length",
            given=", ".join(f"{column.dtype} {column.shape}" for column in pair),
        )
    unique, counts = np.unique(np.stack(pair, axis=1), axis=0, return_counts=True)
    return {(int(one), int(two)): int(count) for (one, two), count in zip(unique, counts, strict=True)}


def read_luminosity_table(path: Path) -> LuminosityTable:
    """Return a luminosity table from CSV with columns ``experiment``, ``run`` and ``luminosity_inverse_fb`` (pb, nb).

    Raises:
        InputFileError: other columns, numbers that are none, luminosities below zero, or a run given twice (file:line).
    """
    reader = csv.reader(io.StringIO(read_bounded_text(path)))
    header = [name.strip() for name in next(reader, [])]
    units = [name for name in header if name in _UNITS]
    if len(units) != 1 or sorted(header) != sorted(["experiment", "run", *units]):
        raise InputFileError(
            "not a luminosity table",
            where=f"{path}:1",
            allowed=f"experiment, run and one of {', '.join(_UNITS)}",
            given=", ".join(header),
        )
    by_run: dict[Run, float] = {}
    for fields in reader:
        where = f"{path}:{reader.line_num}"
        row = dict(zip(header, fields, strict=False))
        try:
            run = (int(row["experiment"]), int(row["run"]))
            luminosity = float(row[units[0]]) * _UNITS[units[0]]
        except (KeyError, ValueError) as error:
            raise InputFileError("not a row of a luminosity table", where=where, given=",".join(fields)) from error
        if not (math.isfinite(luminosity) and luminosity >= 0.0) or len(fields) != len(header):
            raise InputFileError("not a luminosity", where=where, allowed="finite, >= 0", given=",".join(fields))
        if run in by_run:
            raise InputFileError("a run is given twice", where=where, given=f"experiment {run[0]}, run {run[1]}")
        by_run[run] = luminosity
    return LuminosityTable(by_run)
