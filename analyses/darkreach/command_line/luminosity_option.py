"""The option ``--luminosity-table``: the luminosity of recorded events from the runs they belong to."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from darkreach.command_line.event_options import tell
from darkreach.corrections import data_luminosity, read_luminosity_table
from darkreach.corrections.data_luminosity import DataLuminosity
from darkreach.errors import ConfigError

LuminosityTableOption = Annotated[
    Path | None,
    typer.Option(
        "--luminosity-table",
        help="CSV of luminosities by experiment and run; those seen in the --data files are summed.",
    ),
]


def luminosity_of_data(
    table: Path | None, data: Sequence[Path] | None, luminosity: str | None
) -> DataLuminosity | None:
    """Return the luminosity of the runs in files of data and say on standard error what it is; None without a table.

    Raises:
        ConfigError: a luminosity was given as well, or there are no files of data.
        InputFileError: the table or a file cannot be read.
        EventContentError: the table lacks runs of the data.
    """
    if table is None:
        return None
    if luminosity is not None:
        raise ConfigError(
            "a luminosity and a table of luminosities exclude each other",
            where="--luminosity, --luminosity-table",
            given=f"{luminosity}, {table}",
            next_step="leave one of them out",
        )
    if not data:
        raise ConfigError(
            "a table of luminosities needs files of data",
            where="--luminosity-table",
            given=str(table),
            next_step="give --data FILE, or leave the table out: the manifests of samples carry their luminosity",
        )
    found = data_luminosity(read_luminosity_table(table), data)
    tell(f"{found.total_inverse_fb:.9g} fb^-1 in the runs of the data ({len(found.rows)}), from {table}")
    if found.runs_without_rows:
        tell(
            f"runs of the table without an event, not counted: {len(found.runs_without_rows)}, "
            f"{found.without_rows_inverse_fb:.9g} fb^-1"
        )
    return found


def luminosity_record(found: DataLuminosity | None) -> dict[str, Any]:
    """Return what the JSON of a command says about the luminosity; nothing without a table."""
    if found is None:
        return {}
    return {
        "luminosity_inverse_fb": found.total_inverse_fb,
        "runs": len(found.rows),
        "runs_without_events": len(found.runs_without_rows),
        "luminosity_without_events_inverse_fb": found.without_rows_inverse_fb,
    }
