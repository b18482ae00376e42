"""``darkreach run``: the whole chain, from simulation to the report."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from darkreach.command_line.display import print_line, stage_progress, write_result
from darkreach.command_line.limit_table import print_couplings
from darkreach.command_line.options import (
    ConfigOption,
    EngineOption,
    JsonOption,
    LevelsOption,
    LuminosityOption,
    PresetOption,
    ResumeOption,
    SchedulerOption,
    SearchArgument,
    SeedOption,
    WorkersOption,
    settings_from_options,
)
from darkreach.couplings import read_couplings
from darkreach.errors import LimitError
from darkreach.limits import read_limits
from darkreach.pipeline import Run, RunFolder, format_luminosity, locked, run_search

NAME = "run"


def command(
    search: SearchArgument,
    out: Annotated[Path, typer.Option("--out", help="Folder for all results.")],
    preset: PresetOption = "demo",
    config: ConfigOption = None,
    luminosity: LuminosityOption = None,
    cl: LevelsOption = None,
    workers: WorkersOption = 1,
    scheduler: SchedulerOption = None,
    seed: SeedOption = None,
    engine: EngineOption = "auto",
    resume: ResumeOption = False,
    json: JsonOption = None,
) -> None:
    """Simulate, process, build, limit, couple and report one search."""
    settings = settings_from_options(
        search, config=config, preset=preset, luminosity=luminosity, levels=cl, seed=seed, engine=engine
    )
    folder = RunFolder(out)
    with locked(out), stage_progress() as progress:
        run_search(Run(settings, folder, progress, workers=workers, scheduler=scheduler, resume=resume))
    document = read_limits(folder.limits)
    levels = settings.confidence_levels
    files = {level: folder.couplings(level, levels) for level in levels}
    couplings = {level: read_couplings(path) for level, path in files.items()}
    name = settings.config.coupling
    title = f"Excluded above: {name.name}, {format_luminosity(settings.luminosity_inverse_fb)} of pseudo-data"
    if str(json) != "-":
        print_couplings(title, couplings, name.unit)
        print_line(f"report: {folder.report}")
    write_result(
        json,
        {
            "search": search,
            "report": str(folder.report),
            "limits": str(folder.limits),
            "couplings": {f"{level:g}": str(path) for level, path in files.items()},
        },
    )
    failed = [limit for limit in document.limits if limit.status == "failed"]
    if failed:
        raise LimitError(
            f"{len(failed)} of {len(document.limits)} limits failed",
            where=str(folder.limits),
            given=f"{failed[0].name}: {failed[0].reason}",
            next_step="see the status column of the report",
        )
