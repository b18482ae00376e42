"""``darkreach list``: searches, processes and campaigns, what one of them consists of, and the columns of ntuples."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from darkreach.command_line.display import print_line, write_result
from darkreach.command_line.options import JsonOption
from darkreach.configuration import config_path, known_configs, read_config
from darkreach.configuration.campaign import CampaignConfig
from darkreach.errors import unknown_name
from darkreach.events.variable_source import COLUMN_TABLE
from darkreach.generators.process import Process
from darkreach.generators.process_registry import known_processes
from darkreach.pipeline import format_luminosity
from darkreach.searches import read_search

NAME = "list"


def command(
    name: Annotated[
        str | None, typer.Argument(help="Process whose parameters, or campaign whose samples are shown.")
    ] = None,
    columns: Annotated[
        bool, typer.Option("--columns", help="Columns that simulated ntuples have, with types, units and meanings.")
    ] = False,
    json: JsonOption = None,
) -> None:
    """List the searches and the processes that can be simulated, the parameters of one, or the columns of ntuples."""
    if columns:
        _list_columns(json)
    elif name is None:
        _list_all(json)
    elif name in known_configs("campaigns"):
        _list_campaign(name, json)
    elif name in (processes := known_processes()):
        _list_process(processes[name], json)
    else:
        raise unknown_name("process or campaign", name, [*processes, *known_configs("campaigns")])


def _list_all(json: JsonOption) -> None:
    configs = [read_search(config_path("searches", name)) for name in known_configs("searches")]
    processes = list(known_processes().values())
    if str(json) != "-":
        print_line("searches of 'darkreach run'")
        longest = max(len(config.search) for config in configs)
        for config in configs:
            couplings = ", ".join(f"{one.name} {one.unit}".rstrip() for one in config.couplings) or "cross-section"
            print_line(f"{config.search:<{longest}}  {config.title}")
            conditions = f"{config.detector}, {format_luminosity(config.luminosity.value)}"
            print_line(f"{'':<{longest}}  {conditions}; limits on {couplings}; presets {', '.join(config.presets)}")
        for kind in ("background", "signal"):
            print_line(f"\n{kind}s of 'darkreach simulate' ('darkreach list PROCESS' shows the parameters)")
            width = max((len(one.name) for one in processes), default=0)
            for one in processes:
                if one.kind == kind:
                    print_line(f"{one.name:<{width}}  {one.title}")
        campaigns = {
            name: read_config(config_path("campaigns", name), CampaignConfig) for name in known_configs("campaigns")
        }
        print_line("\ncampaigns of 'darkreach simulate'")
        for name, campaign in campaigns.items():
            print_line(f"{name:<{width}}  {campaign.title}")
    searches = [
        {
            "search": config.search,
            "title": config.title,
            "detector": config.detector,
            "luminosity_inverse_fb": config.luminosity.value,
            "couplings": [{"name": one.name, "unit": one.unit} for one in config.couplings],
            "presets": list(config.presets),
        }
        for config in configs
    ]
    write_result(
        json,
        {
            "searches": searches,
            "processes": [_as_json(one) for one in processes],
            "campaigns": list(known_configs("campaigns")),
        },
    )


def _list_columns(json: JsonOption) -> None:
    # candidates without a collection are those of the search, not of processes
    table = [one for one in COLUMN_TABLE.values() if one.level == "event" or one.collection]
    if str(json) != "-":
        width, units = (
            max(len(text) for text in texts) for texts in ([c.name for c in table], [c.unit for c in table])
        )
        for one in table:
            shape = f"{one.dtype}{'[]' if one.level == 'candidate' else ''}"
            truth = " (true)" if one.truth else ""
            print_line(f"{one.name:<{width}}  {shape:<9}  {one.unit:<{units}}  {one.meaning}{truth}")
        print_line(
            "l1_LINE: int8, whether a trigger line of the detector has fired; the Parquet files say all this, too"
        )
    write_result(json, [asdict(one) for one in table])


def _list_campaign(name: str, json: JsonOption) -> None:
    campaign = read_config(config_path("campaigns", name), CampaignConfig)
    if str(json) != "-":
        print_line(f"{name}: {campaign.title}; detector {campaign.detector}, seed {campaign.seed}")
        for sample in campaign.samples:
            given = "".join(f" {key}={_numbers(value)}" for key, value in sample.parameters.items())
            print_line(f"  {sample.process} -n {sample.events}{given}")
    write_result(json, campaign.model_dump(mode="json"))


def _numbers(value: float | tuple[float, ...]) -> str:
    return ",".join(f"{one:g}" for one in (value if isinstance(value, tuple) else (value,)))


def _list_process(process: Process, json: JsonOption) -> None:
    if str(json) != "-":
        print_line(f"{process.name} ({process.kind}): {process.title}")
        for one in process.parameters:
            given = "to be given" if one.default is None else f"default {one.default:g}"
            print_line(f"  {one.name}: {one.meaning} ({given})")
    write_result(json, _as_json(process))


def _as_json(process: Process) -> dict[str, object]:
    return {
        "process": process.name,
        "title": process.title,
        "kind": process.kind,
        "parameters": [
            {"name": one.name, "meaning": one.meaning, "default": one.default} for one in process.parameters
        ],
    }
