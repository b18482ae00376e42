"""``darkreach reproduce``: stored limits recomputed from stored workspaces."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from darkreach.catalogue import Reproduction, known_entries, reproduce_entry
from darkreach.command_line.display import print_line, print_table, write_result
from darkreach.command_line.options import EngineOption, JsonOption, WorkersOption
from darkreach.command_line.stage_display import stage_progress
from darkreach.errors import ReproductionError

NAME = "reproduce"


def command(
    search: Annotated[
        list[str] | None, typer.Argument(help="Entries of the catalogue; all of them if none is named.")
    ] = None,
    catalogue: Annotated[Path | None, typer.Option("--catalogue", help="Another catalogue folder.")] = None,
    engine: EngineOption = "auto",
    workers: WorkersOption = 1,
    json: JsonOption = None,
) -> None:
    """Recompute the stored limits, compare, and show ours beside published values; exit code 1 on any difference."""
    with stage_progress() as progress:
        results = [
            reproduce_entry(
                entry, engine=engine, workers=workers, progress=lambda done, planned: progress("limit", done, planned)
            )
            for entry in known_entries(search, catalogue)
        ]
    if str(json) != "-":
        for result in results:
            print_reproduction(result)
    write_result(json, [result.as_dict() for result in results])
    differences = [f"{result.name}: {text}" for result in results for text in result.differences]
    if differences:
        raise ReproductionError(
            f"{len(differences)} stored results are not reproduced",
            given="; ".join(differences[:3]),
            next_step="find out whether code, workspace or stored limit changed before anything is stored again",
        )


def print_reproduction(result: Reproduction) -> None:
    """Print ours beside the published values, and what was compared."""
    level = f"{result.confidence_level:.0%} CL"
    rows = [
        [
            f"{row.mass_gev:g}",
            f"{row.median:.3g}",
            f"{row.observed:.3g}",
            f"{row.published:.3g}",
            f"{row.ratio:.2f}",
            row.source,
        ]
        for row in result.published
    ]
    columns = ["mass (GeV)", "our median", "our observed", "published", "median/published", "source"]
    title = f"{result.name}: {result.coupling} ({result.unit}) at {level}; ours is pseudo-data"
    print_table(title, columns, rows)
    toys = f"; of toys {result.largest_of_toys:.1e} statistical errors" if result.largest_of_toys else ""
    left_out = (
        f"; {result.left_out} from toys or exact sums left out: this engine has neither" if result.left_out else ""
    )
    print_line(
        f"{result.compared} limits recomputed; largest relative difference {result.largest_difference:.1e},"
        f" tolerance {result.tolerance:.0e}{toys}{left_out}; {len(result.differences)} differences"
    )
