"""``darkreach run``: the whole chain, from simulation to the report; or one part of a plan of events."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from darkreach.command_line.display import print_line, write_result
from darkreach.command_line.event_options import BadFilesOption, bad_files_of, tell
from darkreach.command_line.limit_table import print_couplings, print_cross_sections
from darkreach.command_line.options import (
    ConfigOption,
    EngineOption,
    JsonOption,
    LevelsOption,
    LuminosityOption,
    MethodOption,
    PresetOption,
    ResumeOption,
    SchedulerOption,
    SearchArgument,
    SeedOption,
    SiteOption,
    WorkersOption,
    settings_from_options,
    site_of,
)
from darkreach.command_line.stage_display import stage_progress
from darkreach.command_line.status_tables import items_as_json, print_items, print_stages
from darkreach.command_line.summary_tables import print_accounts, summary_line
from darkreach.couplings import read_excluded
from darkreach.errors import ConfigError, InputFileError, LimitError
from darkreach.histograms import read_histograms
from darkreach.limits import LimitsDocument, read_limits
from darkreach.pipeline import (
    Run,
    RunFolder,
    RunSettings,
    accounts_as_json,
    coupling_files,
    event_accounts,
    format_luminosity,
    fresh_items,
    locked,
    planned_work,
    process_part,
    run_search,
    stage_status,
    stages_as_json,
)
from darkreach.running import Workplace
from darkreach.running.planned_work import part_of

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
    site: SiteOption = None,
    seed: SeedOption = None,
    engine: EngineOption = "auto",
    method: MethodOption = "auto",
    resume: ResumeOption = False,
    bad_files: BadFilesOption = "fail",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be done and why; write nothing.")] = False,
    items: Annotated[
        str | None, typer.Option("--items", help="Only this part of the events of a plan, e.g. 3/20; see 'plan'.")
    ] = None,
    json: JsonOption = None,
) -> None:
    """Simulate, process, build, limit, couple and report one search."""
    folder, place = RunFolder(out), site_of(site, scheduler)
    if items is not None:
        if config or luminosity or cl or seed is not None:
            raise ConfigError(
                "the settings of a part are those of its plan", where="--items", next_step="leave them out"
            )
        _process_items(search, folder, items, Workplace(workers, scheduler, place), json)
        return
    settings = settings_from_options(
        search, config=config, preset=preset, luminosity=luminosity, levels=cl, seed=seed, engine=engine, method=method
    )
    treatment = bad_files_of(bad_files)
    if dry_run:
        _dry_run(Run(settings, folder, lambda *_: None, resume=resume, bad_files=treatment), json)
        return
    with locked(out), stage_progress() as progress:
        seconds = run_search(
            Run(
                settings,
                folder,
                progress,
                workers=workers,
                scheduler=scheduler,
                site=place,
                resume=resume,
                bad_files=treatment,
                notice=tell,
                watch=progress.watch,
            )
        )
    _show_results(search, Run(settings, folder, progress), seconds, progress.failures, json)


def _process_items(search: str, folder: RunFolder, items: str, place: Workplace, json: Path | None) -> None:
    # no lock: parts run side by side, each result is renamed into place
    settings, work = planned_work(folder)
    if settings.config.search != search:
        raise ConfigError(
            "the plan is for another search", where=str(folder.root), allowed=settings.config.search, given=search
        )
    positions = part_of(items, len(work.plan.items))
    with stage_progress() as progress:
        place = replace(place, watch=progress.watch)
        events = process_part(work, positions, workplace=place, progress=progress, notice=tell)
    if str(json) != "-":
        print_line(f"part {items}: {len(positions)} work items, {events} events processed now")
    write_result(json, {"items": len(positions), "events": events})


def _dry_run(run: Run, json: Path | None) -> None:
    stages = stage_status(run)
    content: dict[str, Any] = {"resume": run.resume, "stages": stages_as_json(stages)}
    quiet = str(json) == "-"
    if not quiet:
        with_resume = "would be skipped where done" if run.resume else "would all run anew, as --resume is not given"
        print_stages(f"stages {with_resume}", stages)
    try:
        plan, items = fresh_items(run)
        content |= items_as_json(plan, items)
        if not quiet:
            print_items(plan, items)
    except InputFileError as error:
        # most often: not simulated yet
        content["events"] = error.one_line()
        if not quiet:
            print_line(f"events cannot be planned yet: {error.one_line()}")
    write_result(json, content)


def _show_results(
    search: str, run: Run, seconds: Mapping[str, float], failures: Mapping[str, int], json: Path | None
) -> None:
    settings, folder = run.settings, run.folder
    accounts = event_accounts(read_histograms(folder.histograms))
    document = read_limits(folder.limits)
    files = coupling_files(settings, folder)
    if str(json) != "-":
        print_accounts(accounts)
        where = f"{format_luminosity(settings.luminosity_inverse_fb)} of pseudo-data"
        for coupling in settings.config.couplings:
            its = {
                level: read_excluded(path, coupling) for (name, level), path in files.items() if name == coupling.name
            }
            print_line("")
            above = "" if any(one.upper < math.inf for level in its.values() for one in level) else " above"
            print_couplings(f"Excluded{above}: {coupling.name}, {where}", its, coupling.unit)
        if not settings.config.couplings:
            print_line("")
            print_cross_sections(f"Limits on the cross-section, {where}", document)
        print_line("")
        print_line(summary_line(seconds, failures))
        print_line(f"report: {folder.report}")
    write_result(
        json,
        {
            "search": search,
            "report": str(folder.report),
            "limits": str(folder.limits),
            "accounts": accounts_as_json(accounts),
            "seconds": {stage: round(duration, 3) for stage, duration in seconds.items()},
            "failed_tasks": dict(failures),
            "couplings": _by_level(settings, files),
        },
    )
    _refuse_failures(folder, document)


def _by_level(settings: RunSettings, files: Mapping[tuple[str, float], Path]) -> dict[str, Any]:
    """Return the files of the main coupling by level, those of further couplings below their name."""
    main = settings.config.main_coupling
    content: dict[str, Any] = {}
    for (name, level), path in files.items():
        place = content if main is not None and name == main.name else content.setdefault(name, {})
        place[f"{level:g}"] = str(path)
    return content


def _refuse_failures(folder: RunFolder, document: LimitsDocument) -> None:
    failed = [limit for limit in document.limits if limit.status == "failed"]
    if failed:
        raise LimitError(
            f"{len(failed)} of {len(document.limits)} limits failed",
            where=str(folder.limits),
            given=f"{failed[0].name}: {failed[0].reason}",
            next_step="see the status column of the report",
        )
