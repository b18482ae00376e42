"""``darkreach simulate``: events only, all samples of a search, those of a process or of a campaign of processes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from darkreach.command_line.campaign_options import is_campaign, requests_of_campaign
from darkreach.command_line.display import print_table, write_result
from darkreach.command_line.options import (
    ConfigOption,
    JsonOption,
    LuminosityOption,
    SeedOption,
    SiteOption,
    WorkersOption,
    executor_from_options,
    settings_from_options,
)
from darkreach.command_line.process_options import (
    CrossSectionOption,
    DetectorOption,
    EventsOption,
    ForcedOption,
    ForceOption,
    FormatOption,
    FromOption,
    GeneratorOnlyOption,
    IsrOption,
    KindOption,
    NameOption,
    ProcessOptions,
    SetOption,
    complete_process,
    name_of_file,
    refuse_options,
)
from darkreach.command_line.process_requests import process_requests, unknown_simulation
from darkreach.command_line.sample_summary import print_samples, samples_as_json
from darkreach.command_line.stage_display import stage_progress
from darkreach.configuration import known_configs
from darkreach.generators.process_registry import known_processes
from darkreach.pipeline import RunSettings, locked, simulate_samples
from darkreach.pipeline.simulate_processes import simulate_processes
from darkreach.response import measure_events
from darkreach.simulation.process_request import ProcessRequest

NAME = "simulate"


def command(
    out: Annotated[Path, typer.Option("--out", help="Folder that gets one sub-folder a sample.")],
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="SEARCH|PROCESS|CAMPAIGN",
            help="Search (all of its samples), process, or campaign (by name or a YAML file), see 'darkreach list'; "
            "with --from any name, or none.",
            autocompletion=complete_process,
        ),
    ] = None,
    events: EventsOption = None,
    settings: SetOption = None,
    isr: IsrOption = None,
    detector: DetectorOption = None,
    generator_only: GeneratorOnlyOption = False,
    formats: FormatOption = None,
    sample: NameOption = None,
    force: ForceOption = False,
    forced: ForcedOption = None,
    event_file: FromOption = None,
    kind: KindOption = None,
    cross_section: CrossSectionOption = None,
    preset: Annotated[
        str | None, typer.Option("--preset", help="How much to simulate and which masses: demo or full (a search).")
    ] = None,
    config: ConfigOption = None,
    luminosity: LuminosityOption = None,
    workers: WorkersOption = 1,
    site: SiteOption = None,
    seed: SeedOption = None,
    json: JsonOption = None,
) -> None:
    """Simulate the samples of a search, of one process, of a campaign or of a file; finished samples are reused."""
    options = ProcessOptions(
        events, settings, isr, detector, generator_only, formats, sample, force, forced, event_file, kind, cross_section
    )
    of_search = {"--preset": preset, "--config": config, "--luminosity": luminosity}
    if name is None:
        name = name_of_file(event_file)
    if name in known_configs("searches") and event_file is None:
        options.refuse(name)
        run = settings_from_options(name, config=config, preset=preset or "demo", luminosity=luminosity, seed=seed)
        _simulate_search(run, out, workers, site, json)
        return
    refuse_options([word for word, value in of_search.items() if value is not None], name, "a search")
    requests = _requests(name, options, seed)
    with (
        locked(out),
        stage_progress() as progress,
        executor_from_options(workers, site, watch=progress.watch) as executor,
    ):
        manifests = simulate_processes(
            requests, out.resolve(), measure_events, executor=executor, progress=progress, replace_other=force
        )
    if str(json) != "-":
        print_samples(manifests, out)
    write_result(json, samples_as_json(manifests))


def _requests(name: str, options: ProcessOptions, seed: int | None) -> list[ProcessRequest]:
    """Return the samples of a campaign, a process or an event file."""
    if options.event_file is not None or name in known_processes():
        return process_requests(name, options, seed)
    if is_campaign(name):
        return requests_of_campaign(name, options, seed)
    raise unknown_simulation(name)


def _simulate_search(settings: RunSettings, out: Path, workers: int, site: str | None, json: Path | None) -> None:
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
