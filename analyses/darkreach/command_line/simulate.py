"""``darkreach simulate``: events only."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from darkreach.command_line.display import print_table, write_result
from darkreach.command_line.options import (
    ConfigOption,
    JsonOption,
    LuminosityOption,
    PresetOption,
    SearchArgument,
    SeedOption,
    SiteOption,
    WorkersOption,
    executor_from_options,
    settings_from_options,
)
from darkreach.command_line.stage_display import stage_progress
from darkreach.pipeline import locked, simulate_samples

NAME = "simulate"


def command(
    search: SearchArgument,
    out: Annotated[Path, typer.Option("--out", help="Folder that gets one sub-folder a sample.")],
    preset: PresetOption = "demo",
    config: ConfigOption = None,
    luminosity: LuminosityOption = None,
    workers: WorkersOption = 1,
    site: SiteOption = None,
    seed: SeedOption = None,
    json: JsonOption = None,
) -> None:
    """Simulate the signals, the background and the pseudo-data of a search; finished samples are reused."""
    settings = settings_from_options(search, config=config, preset=preset, luminosity=luminosity, seed=seed)
    with (
        locked(out),
        stage_progress() as progress,
        executor_from_options(workers, site, watch=progress.watch) as executor,
    ):
        manifests = simulate_samples(settings, out.resolve(), executor=executor, progress=progress)
    if str(json) != "-":
        rows = [
            [
                sample.sample,
                f"{sample.generated_events}",
                f"{sample.entries}",
                "-" if sample.cross_section_fb is None else f"{sample.cross_section_fb:.5g}",
            ]
            for sample in manifests
        ]
        print_table(f"samples in {out}", ["sample", "generated", "written", "cross-section (fb)"], rows)
    write_result(json, [{"sample": sample.sample, "entries": sample.entries} for sample in manifests])
