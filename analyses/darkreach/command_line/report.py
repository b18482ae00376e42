"""``darkreach report``: figures and report page of a finished run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from darkreach.command_line.display import print_line, write_result
from darkreach.command_line.options import JsonOption
from darkreach.command_line.stage_display import stage_progress
from darkreach.pipeline import Run, RunFolder, read_settings, write_report_of

NAME = "report"


def command(
    folder: Annotated[Path, typer.Argument(help="Output folder of 'darkreach run'.")],
    json: JsonOption = None,
) -> None:
    """Draw the figures and write report.html again from the files of a run."""
    run_folder = RunFolder(folder)
    with stage_progress() as progress:
        write_report_of(Run(read_settings(run_folder.settings), run_folder, progress))
    if str(json) != "-":
        print_line(f"report: {run_folder.report}")
    write_result(json, {"report": str(run_folder.report)})
