"""``darkreach couple``: limits on the signal strength to excluded intervals of the coupling."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from darkreach.command_line.display import write_result
from darkreach.command_line.limit_table import print_couplings
from darkreach.command_line.options import ConfigOption, JsonOption, LevelsOption, checked_levels, settings_from_options
from darkreach.couplings import read_couplings
from darkreach.errors import ConfigError
from darkreach.limits import read_limits
from darkreach.pipeline import write_couplings_of

NAME = "couple"


def command(
    limits: Annotated[Path, typer.Argument(help="limits.json of a run.")],
    out: Annotated[Path, typer.Option("--out", help="CSV file to write.")],
    cl: LevelsOption = None,
    config: ConfigOption = None,
    json: JsonOption = None,
) -> None:
    """Turn limits on the signal strength into excluded intervals of the coupling."""
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
    settings = settings_from_options(document.search, config=config)
    write_couplings_of(out, document, settings.config.coupling, levels[0])
    if str(json) != "-":
        coupling = settings.config.coupling
        print_couplings(f"Excluded: {coupling.name}", {levels[0]: read_couplings(out)}, coupling.unit)
    write_result(json, {"couplings": str(out), "cl": levels[0]})
