"""``darkreach retry-failed``: the work items that failed, once more."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from darkreach.command_line.display import print_line, write_result
from darkreach.command_line.event_options import tell
from darkreach.command_line.options import JsonOption, SchedulerOption, SiteOption, WorkersOption, site_of
from darkreach.command_line.stage_display import stage_progress
from darkreach.pipeline import RunFolder, locked, planned_items, planned_work, process_part
from darkreach.running import Workplace

NAME = "retry-failed"


def command(
    out: Annotated[Path, typer.Argument(help="Folder of a run or of a plan.")],
    workers: WorkersOption = 1,
    scheduler: SchedulerOption = None,
    site: SiteOption = None,
    json: JsonOption = None,
) -> None:
    """Process the failed items of a plan again; the run with --resume, or 'darkreach merge', does the rest."""
    folder = RunFolder(out)
    place = site_of(site, scheduler)
    with locked(out, create=False), stage_progress() as progress:
        workplace = Workplace(workers, scheduler, place, progress.watch)
        _, work = planned_work(folder)
        failed = work.failed()
        events = process_part(work, failed, workplace=workplace, progress=progress, notice=tell)
    if str(json) != "-":
        print_line(f"{len(failed)} failed items, {events} events processed" if failed else "no failed items")
        untried = sum(one.state in ("missing", "stale") for one in planned_items(folder.processing)[1])
        if untried:
            print_line(
                f"{untried} of {len(work.plan.items)} items were never processed: run their jobs, or the run again"
            )
    write_result(json, {"items": len(failed), "events": events})
