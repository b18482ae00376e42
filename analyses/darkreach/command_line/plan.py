"""``darkreach plan``: a plan and N job files, for sites where dask may not run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from darkreach.command_line.display import print_line, write_result
from darkreach.command_line.event_options import (
    BadFilesOption,
    DataOption,
    SamplesArgument,
    bad_files_of,
    event_samples,
    tell,
)
from darkreach.command_line.luminosity_option import LuminosityTableOption, luminosity_of_data, luminosity_record
from darkreach.command_line.options import (
    ConfigOption,
    JsonOption,
    LevelsOption,
    LuminosityOption,
    PresetOption,
    SearchArgument,
    SeedOption,
    settings_from_options,
)
from darkreach.pipeline import RunFolder, locked, plan_jobs

NAME = "plan"


def command(
    search: SearchArgument,
    out: Annotated[Path, typer.Option("--out", help="Folder that gets plan, job files and results.")],
    jobs: Annotated[int, typer.Option("--jobs", min=1, help="Number of job files.")],
    samples: SamplesArgument = None,
    data: DataOption = None,
    bad_files: BadFilesOption = "fail",
    config: ConfigOption = None,
    preset: PresetOption = "demo",
    luminosity: LuminosityOption = None,
    luminosity_table: LuminosityTableOption = None,
    cl: LevelsOption = None,
    seed: SeedOption = None,
    json: JsonOption = None,
) -> None:
    """Write a plan of the events and shell scripts jobs/job_0001.sh, ... that process them in parts.

    Give the scripts to any batch system, in any order, any number at a time; then 'darkreach merge' makes
    histograms.zip, equal bit by bit to that of 'darkreach process'.
    """
    settings = settings_from_options(search, config=config, preset=preset, luminosity=luminosity, levels=cl, seed=seed)
    folder = RunFolder(out)
    found = luminosity_of_data(luminosity_table, data, luminosity)
    inputs = event_samples(samples, data, found.total_inverse_fb if found else settings.luminosity_inverse_fb)
    with locked(out):
        plan, scripts = plan_jobs(settings, folder, inputs, jobs=jobs, bad_files=bad_files_of(bad_files), notice=tell)
    if str(json) != "-":
        print_line(f"{plan.entries} events in {len(plan.items)} work items, {len(scripts)} jobs -> {folder.jobs}")
        print_line(f"run each of {folder.jobs}/job_*.sh, then: darkreach merge {out}")
    write_result(
        json,
        {
            "plan": str(folder.processing / "plan.json"),
            "events": plan.entries,
            "items": len(plan.items),
            "jobs": [str(path) for path in scripts],
        }
        | luminosity_record(found),
    )
