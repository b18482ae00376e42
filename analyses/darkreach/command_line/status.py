"""``darkreach status``: what a run has done, what it has not, and why."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from darkreach.command_line.display import write_result
from darkreach.command_line.options import JsonOption
from darkreach.command_line.status_tables import items_as_json, print_items, print_stages
from darkreach.errors import InputFileError
from darkreach.pipeline import Run, RunFolder, planned_items, read_settings, stage_status, stages_as_json
from darkreach.running.plan_file import PLAN_NAME

NAME = "status"


def command(
    out: Annotated[Path, typer.Argument(help="Folder of a run or of a plan.")],
    verify: Annotated[
        bool, typer.Option("--verify", help="Read every result as a resumed run would; slower by ten times.")
    ] = False,
    json: JsonOption = None,
) -> None:
    """Show the stages of a run and the work items of its plan: done, failed, stale or missing, and why.

    Nothing is written; a run may go on meanwhile.
    """
    folder = RunFolder(out)
    content: dict[str, Any] = {}
    quiet = str(json) == "-"
    if folder.settings.is_file():
        stages = stage_status(Run(read_settings(folder.settings), folder, lambda *_: None))
        content["stages"] = stages_as_json(stages)
        if not quiet:
            print_stages(f"stages of {out}", stages)
    processing = folder.processing if (folder.processing / PLAN_NAME).is_file() else out
    if (processing / PLAN_NAME).is_file():
        plan, items = planned_items(processing, verify=verify)
        content |= items_as_json(plan, items)
        if not quiet:
            print_items(plan, items)
    if not content:
        raise InputFileError(
            "neither the folder of a run nor of a plan",
            where=str(out),
            allowed=f"a folder with {folder.settings.name} or {PLAN_NAME}",
            next_step="give the --out of 'darkreach run' or 'darkreach plan'",
        )
    write_result(json, content)
