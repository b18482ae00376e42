"""``darkreach couple``: limits on the signal strength to excluded intervals of a coupling."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from darkreach.command_line.display import write_result
from darkreach.command_line.limit_table import print_couplings
from darkreach.command_line.options import ConfigOption, JsonOption, LevelsOption, checked_levels, settings_from_options
from darkreach.configuration import CouplingSettings, SearchConfig
from darkreach.couplings import read_excluded, write_excluded
from darkreach.errors import ConfigError, unknown_name
from darkreach.limits import read_limits

NAME = "couple"


def command(
    limits: Annotated[Path, typer.Argument(help="limits.json of a run.")],
    out: Annotated[Path, typer.Option("--out", help="CSV file to write.")],
    coupling: Annotated[
        str | None, typer.Option("--coupling", help="One of the couplings of the search; the main one by default.")
    ] = None,
    cl: LevelsOption = None,
    config: ConfigOption = None,
    json: JsonOption = None,
) -> None:
    """Turn limits on the signal strength into excluded intervals of a coupling."""
    document = read_limits(limits)
    known = sorted({limit.cl for limit in document.limits})
    levels = checked_levels(cl) or (known[-1],)
    if len(levels) != 1 or levels[0] not in known:
        raise ConfigError(
            "one confidence level a file, among those of the limits",
            where="--cl",
            allowed=", ".join(f"{level:g}" for level in known),
            given=", ".join(f"{level:g}" for level in levels),
            next_step="compute limits at this level first, or choose one of those",
        )
    chosen = _coupling(settings_from_options(document.search, config=config).config, coupling)
    write_excluded(out, document, chosen, cl=levels[0])
    if str(json) != "-":
        print_couplings(f"Excluded: {chosen.name}", {levels[0]: read_excluded(out, chosen)}, chosen.unit)
    write_result(json, {"couplings": str(out), "coupling": chosen.name, "cl": levels[0]})


def _coupling(config: SearchConfig, name: str | None) -> CouplingSettings:
    if config.main_coupling is None:
        raise ConfigError(
            "the limits of this search are on cross-sections only",
            where=config.search,
            next_step="add a coupling to its configuration and give that by --config",
        )
    known = {one.name: one for one in config.couplings}
    if name is not None and name not in known:
        raise unknown_name("coupling", name, known, where="--coupling")
    return known[name or config.main_coupling.name]
