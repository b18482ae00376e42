"""``darkreach process``: events to histograms, for simulated samples and for ntuples of data."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from darkreach.command_line.display import print_line, stage_progress, write_result
from darkreach.command_line.options import (
    ConfigOption,
    JsonOption,
    LuminosityOption,
    SchedulerOption,
    SearchArgument,
    WorkersOption,
    settings_from_options,
)
from darkreach.errors import ConfigError
from darkreach.histograms import write_histograms
from darkreach.pipeline import sample_folders
from darkreach.running import DataSample, process_samples

NAME = "process"


def command(
    search: SearchArgument,
    out: Annotated[Path, typer.Option("--out", help="Histogram file to write (.zip).")],
    samples: Annotated[list[Path] | None, typer.Argument(help="Folders of samples, or one folder of them.")] = None,
    data: Annotated[
        list[Path] | None, typer.Option("--data", help="Ntuple of data (ROOT or Parquet) without manifest.")
    ] = None,
    config: ConfigOption = None,
    luminosity: LuminosityOption = None,
    workers: WorkersOption = 1,
    scheduler: SchedulerOption = None,
    json: JsonOption = None,
) -> None:
    """Fill the histograms of a search from ntuples."""
    settings = settings_from_options(search, config=config, luminosity=luminosity)
    folders = [found for folder in samples or () for found in (sample_folders(folder) or [folder])]
    inputs: list[Path | DataSample] = [*folders]
    if data:
        inputs.append(DataSample("data", tuple(data), settings.luminosity_inverse_fb))
    if not inputs:
        raise ConfigError("nothing to process", where="SAMPLES", next_step="give sample folders or --data FILE")
    with stage_progress() as progress:
        histograms = process_samples(
            settings.config,
            settings.detector,
            inputs,
            workers=workers,
            scheduler=scheduler,
            progress=lambda done, planned: progress("process", done, planned),
            config_digest=settings.digest,
        )
    write_histograms(out, histograms)
    events = sum(entry.processed for entry in histograms.ledger)
    if str(json) != "-":
        print_line(f"{events} events of {len(histograms.samples)} samples -> {out}")
    write_result(json, {"histograms": str(out), "events": events, "samples": sorted(histograms.samples)})
