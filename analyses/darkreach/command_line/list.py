"""``darkreach list``: which searches there are, which processes can be simulated, and the parameters of one."""

from __future__ import annotations

from typing import Annotated

import typer

from darkreach.command_line.display import print_line, print_table, write_result
from darkreach.command_line.options import JsonOption
from darkreach.configuration import SearchConfig, config_path, known_configs, read_config
from darkreach.configuration.campaign import CampaignConfig
from darkreach.generators.process import Process
from darkreach.generators.process_registry import find_process, known_processes
from darkreach.pipeline import format_luminosity

NAME = "list"


def command(
    process: Annotated[str | None, typer.Argument(help="Process whose parameters are shown.")] = None,
    json: JsonOption = None,
) -> None:
    """List the searches and the processes that can be simulated, or the parameters of one process."""
    if process is not None:
        _list_process(find_process(process), json)
        return
    configs = [read_config(config_path("searches", name), SearchConfig) for name in known_configs("searches")]
    processes = list(known_processes().values())
    if str(json) != "-":
        rows = [
            [
                config.search,
                config.title,
                config.detector,
                format_luminosity(config.luminosity.value),
                f"{config.coupling.name} ({config.coupling.unit})",
                ", ".join(config.presets),
            ]
            for config in configs
        ]
        columns = ["search", "process", "detector", "luminosity", "coupling", "presets"]
        print_table("searches", columns, rows)
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
    searches = [{"search": config.search, "title": config.title, "presets": list(config.presets)} for config in configs]
    write_result(
        json,
        {
            "searches": searches,
            "processes": [_as_json(one) for one in processes],
            "campaigns": list(known_configs("campaigns")),
        },
    )


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
