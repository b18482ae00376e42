"""``darkreach process``: events to histograms, for simulated samples and for ntuples of data."""

from __future__ import annotations

import time
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
    LuminosityOption,
    ResumeOption,
    SchedulerOption,
    SearchArgument,
    SiteOption,
    WorkersOption,
    executor_from_options,
    settings_from_options,
)
from darkreach.command_line.stage_display import stage_progress
from darkreach.command_line.summary_tables import print_accounts, summary_line
from darkreach.histograms import write_histograms
from darkreach.pipeline import accounts_as_json, event_accounts, locked
from darkreach.running import Workplace, process_samples
from darkreach.running.disk_faults import disk_faults

NAME = "process"


def command(
    search: SearchArgument,
    out: Annotated[Path, typer.Option("--out", help="Histogram file to write (.zip).")],
    samples: SamplesArgument = None,
    data: DataOption = None,
    config: ConfigOption = None,
    luminosity: LuminosityOption = None,
    luminosity_table: LuminosityTableOption = None,
    workers: WorkersOption = 1,
    scheduler: SchedulerOption = None,
    site: SiteOption = None,
    resume: ResumeOption = False,
    bad_files: BadFilesOption = "fail",
    json: JsonOption = None,
) -> None:
    """Fill the histograms of a search from ntuples.

    The results of single files are kept in a folder beside the histograms (NAME.processing): with --resume they are
    reused, also when files were added meanwhile.
    """
    settings = settings_from_options(search, config=config, luminosity=luminosity)
    folder = out.with_suffix(".processing")
    found = luminosity_of_data(luminosity_table, data, luminosity)
    inputs = event_samples(samples, data, found.total_inverse_fb if found else settings.luminosity_inverse_fb)
    start = time.monotonic()
    with (
        locked(folder),
        stage_progress() as progress,
        executor_from_options(workers, site, scheduler, progress.watch) as executor,
    ):
        progress("process", 0, 1)
        histograms = process_samples(
            settings.config,
            settings.detector,
            inputs,
            workplace=Workplace(executor=executor),
            progress=lambda done, planned: progress("process", done, planned),
            config_digest=settings.digest,
            folder=folder,
            resume=resume,
            bad_files=bad_files_of(bad_files),
            notice=tell,
        )
        with disk_faults(out):
            write_histograms(out, histograms)
    accounts = event_accounts(histograms)
    events = sum(account.processed for account in accounts)
    if str(json) != "-":
        print_accounts(accounts)
        print_line(summary_line({"process": time.monotonic() - start}, progress.failures))
        print_line(f"{events} events of {len(accounts)} samples -> {out}")
    result = {"histograms": str(out), "events": events, "samples": sorted(histograms.samples)}
    result |= {"accounts": accounts_as_json(accounts)}
    write_result(json, result | luminosity_record(found))
