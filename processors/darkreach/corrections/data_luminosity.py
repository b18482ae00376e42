"""Luminosity of a data sample: the runs seen in its files, looked up in a table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import awkward as ak

from darkreach.corrections.luminosity_table import IntegratedLuminosity, LuminosityTable, Run, runs_of
from darkreach.errors import InputFileError, MissingColumnError
from darkreach.events.location import Location
from darkreach.events.readers import DEFAULT_CHUNK_ENTRIES, open_rows

RUN_COLUMNS: Final = ("__experiment__", "__run__")


@dataclass(frozen=True)
class DataLuminosity:
    """Luminosity of the runs of a data sample.

    Attributes:
        total_inverse_fb: of the runs seen in the files, each counted once, fb^-1.
        rows: entries by (experiment, run), sorted.
        runs_without_rows: runs of the table that no file has an entry of, sorted; not in the total. Runs that were
            processed but left no candidate belong to the luminosity: add them, or give a table of processed runs only.
        without_rows_inverse_fb: their luminosity, fb^-1.
    """

    total_inverse_fb: float
    rows: Mapping[Run, int]
    runs_without_rows: tuple[Run, ...]
    without_rows_inverse_fb: float


def data_luminosity(table: LuminosityTable, files: Iterable[Location]) -> DataLuminosity:
    """Return the luminosity of the runs seen in files of data.

    Two files may share a run; a copy of a file must not be among them, which is not looked for here.

    Args:
        table: by (experiment, run), ``read_luminosity_table``.
        files: ROOT or Parquet ntuples, flat or event-wise.

    Raises:
        MissingColumnError: a file has no ``__experiment__`` and ``__run__``.
        InputFileError: no file, or one that cannot be read.
        EventContentError: runs are missing in the table (names the first, with their number), or are no integers.
    """
    rows: dict[Run, int] = {}
    paths = list(files)
    if not paths:
        raise InputFileError("no file to take the luminosity of", next_step="give the files of the data sample")
    for path in paths:
        for run, count in _runs(path).items():
            rows[run] = rows.get(run, 0) + count
    found: IntegratedLuminosity = table.integrate(rows)
    total = found.require_complete()
    absent = tuple(sorted(set(table.by_run) - set(rows)))
    others = table.integrate(absent).total_inverse_fb
    return DataLuminosity(total, {run: rows[run] for run in sorted(rows)}, absent, others)


def _runs(path: Location) -> dict[Run, int]:
    rows: dict[Run, int] = {}
    with open_rows(path) as file:
        absent = [name for name in RUN_COLUMNS if name not in file.column_names()]
        if absent:
            raise MissingColumnError(
                f"the ntuple does not say which runs it is of: no {' and no '.join(absent)}",
                where=str(path),
                next_step="give the luminosity itself, or write the ntuple with a release that stores these columns",
            )
        for start, stop in file.ranges(RUN_COLUMNS, DEFAULT_CHUNK_ENTRIES):
            arrays = file.read(RUN_COLUMNS, start, stop)
            for run, count in runs_of(*(ak.to_numpy(arrays[name]) for name in RUN_COLUMNS)).items():
                rows[run] = rows.get(run, 0) + count
    return rows
