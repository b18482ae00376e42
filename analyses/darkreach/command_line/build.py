"""``darkreach build``: histograms to a workspace and its patchset."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from darkreach.building import write_workspace
from darkreach.command_line.display import print_line, write_result
from darkreach.command_line.options import (
    ConfigOption,
    JsonOption,
    LuminosityOption,
    PresetOption,
    SearchArgument,
    settings_from_options,
)
from darkreach.configuration.plane_search import PlaneSearchConfig
from darkreach.errors import ConfigError
from darkreach.histograms import read_histograms
from darkreach.pipeline import build_search_workspace

NAME = "build"


def command(
    search: SearchArgument,
    histograms: Annotated[Path, typer.Argument(help="Histogram file of 'darkreach process'.")],
    out: Annotated[Path, typer.Option("--out", help="Folder for BkgOnly.json and patchset.json.")],
    preset: PresetOption = "full",
    mass: Annotated[list[float] | None, typer.Option("--mass", help="Mass hypothesis in GeV; repeat for more.")] = None,
    config: ConfigOption = None,
    luminosity: LuminosityOption = None,
    json: JsonOption = None,
) -> None:
    """Build BkgOnly.json and patchset.json (HistFactory 1.0.0), one patch a hypothesis."""
    settings = settings_from_options(search, config=config, preset=preset, luminosity=luminosity)
    if mass and isinstance(settings.config, PlaneSearchConfig):
        raise ConfigError(
            "hypotheses of this search are points in a plane of two masses",
            where="--mass",
            given=", ".join(f"{one:g} GeV" for one in mass),
            next_step="give the points as 'scan' of a preset in a file, and that by --config",
        )
    workspace = build_search_workspace(settings, read_histograms(histograms), masses=mass)
    paths = write_workspace(out, workspace)
    patches = len(workspace.patchset["patches"])
    if str(json) != "-":
        print_line(f"{patches} hypotheses -> {' '.join(str(path) for path in paths)}")
    write_result(json, {"files": [str(path) for path in paths], "hypotheses": patches})
