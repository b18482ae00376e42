"""``darkreach publish``: a finished run into a catalogue folder that anyone can recompute."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from darkreach.catalogue import store_entry
from darkreach.command_line.display import print_line, write_result
from darkreach.command_line.options import JsonOption
from darkreach.pipeline import RunFolder, read_settings

NAME = "publish"


def command(
    folder: Annotated[Path, typer.Argument(help="Output folder of 'darkreach run'.")],
    to: Annotated[Path, typer.Option("--to", help="Folder of the catalogue entry.")],
    every: Annotated[int, typer.Option("--every", min=1, help="Keep every n-th hypothesis.")] = 1,
    json: JsonOption = None,
) -> None:
    """Copy workspace, patchset, limits and couplings of a run into a catalogue entry."""
    run_folder = RunFolder(folder)
    paths = store_entry(run_folder, read_settings(run_folder.settings), to, every=every)
    if str(json) != "-":
        print_line("\n".join(f"{path} {path.stat().st_size / 1e3:.0f} kB" for path in paths))
    write_result(json, [str(path) for path in paths])
