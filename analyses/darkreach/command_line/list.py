"""``darkreach list``: which searches there are."""

from __future__ import annotations

from darkreach.command_line.display import print_table, write_result
from darkreach.command_line.options import JsonOption
from darkreach.configuration import SearchConfig, config_path, known_configs, read_config
from darkreach.pipeline import format_luminosity

NAME = "list"


def command(json: JsonOption = None) -> None:
    """List the searches with their presets, luminosity and coupling."""
    configs = [read_config(config_path("searches", name), SearchConfig) for name in known_configs("searches")]
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
    write_result(
        json, [{"search": config.search, "title": config.title, "presets": list(config.presets)} for config in configs]
    )
