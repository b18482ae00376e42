"""``darkreach import-ntuple``: somebody's ntuples under our names, as a sample like those that are simulated."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from darkreach.command_line.display import print_line, write_result
from darkreach.command_line.options import JsonOption
from darkreach.command_line.process_requests import parameter_values
from darkreach.configuration import known_configs
from darkreach.errors import ConfigError, unknown_name
from darkreach.events.column_map import read_column_map
from darkreach.events.location import location_of
from darkreach.pipeline import locked
from darkreach.simulation.imported_ntuples import ImportedSample, import_ntuples

NAME = "import-ntuple"


def complete_map(incomplete: str) -> list[str]:
    """Return the column maps that begin with the text, for shell completion."""
    return [name for name in known_configs("columns") if name.startswith(incomplete)]


def command(
    files: Annotated[list[str], typer.Argument(metavar="FILE...", help="Ntuples (ROOT or Parquet), or URLs of them.")],
    columns: Annotated[
        str,
        typer.Option(
            "--columns", help="Column map: a name such as basf2_tracks, or a YAML file.", autocompletion=complete_map
        ),
    ],
    out: Annotated[Path, typer.Option("--out", help="Folder that gets the sample as a sub-folder.")],
    name: Annotated[str, typer.Option("--name", help="Name of the sample.")],
    kind: Annotated[str, typer.Option("--kind", help="signal, background or data.")] = "background",
    process: Annotated[str | None, typer.Option("--process", help="The reaction in words [the name].")] = None,
    cross_section: Annotated[float | None, typer.Option("--cross-section", help="Of a simulation, fb.")] = None,
    generated: Annotated[int | None, typer.Option("--generated", help="Events generated, before any cut.")] = None,
    luminosity: Annotated[float | None, typer.Option("--luminosity", help="Of data, fb^-1.")] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", help="Parameter of a signal, e.g. mass_gev=1.5.")
    ] = None,
    json: JsonOption = None,
) -> None:
    """Write columns of ntuples under our names, with a manifest: what the other commands take as a sample."""
    about = ImportedSample(
        name, process or name, _kind(kind), generated, cross_section, luminosity, _parameters(settings or [])
    )
    with locked(out):
        manifest = import_ntuples([location_of(file) for file in files], read_column_map(columns), about, out)
    if str(json) != "-":
        print_line(f"{manifest.entries} events in {out / name}")
    write_result(json, {"sample": manifest.sample, "entries": manifest.entries})


def _kind(text: str) -> Literal["signal", "background", "data"]:
    kinds: tuple[Literal["signal", "background", "data"], ...] = ("signal", "background", "data")
    for known in kinds:
        if text == known:
            return known
    raise unknown_name("kind of sample", text, kinds, where="--kind")


def _parameters(texts: list[str]) -> tuple[tuple[str, float], ...]:
    values = parameter_values(texts)
    several = [name for name, numbers in values.items() if len(numbers) > 1]
    if several:
        raise ConfigError("a sample has one value of each parameter", where="--set", given=several[0])
    return tuple((name, numbers[0]) for name, numbers in values.items())
