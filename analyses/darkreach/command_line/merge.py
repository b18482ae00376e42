"""``darkreach merge``: what the jobs of a plan left behind becomes ``histograms.zip``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from darkreach.command_line.display import print_line, write_result
from darkreach.command_line.event_options import tell
from darkreach.command_line.options import JsonOption
from darkreach.command_line.stage_display import stage_progress
from darkreach.pipeline import RunFolder, locked, merge_jobs

NAME = "merge"


def command(
    out: Annotated[Path, typer.Argument(help="Folder of 'darkreach plan'.")],
    json: JsonOption = None,
) -> None:
    """Check that every planned event was processed, and add the results of all jobs up into histograms.zip."""
    folder = RunFolder(out)
    with locked(out, create=False), stage_progress() as progress:
        events = merge_jobs(folder, progress, tell)
    if str(json) != "-":
        print_line(f"{events} events -> {folder.histograms}")
    write_result(json, {"histograms": str(folder.histograms), "events": events})
