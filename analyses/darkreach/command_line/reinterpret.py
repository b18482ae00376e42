"""``darkreach reinterpret``: published limits in mass and lifetime against a model of the user's."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from darkreach.command_line.display import print_line, print_table, write_result
from darkreach.command_line.options import JsonOption
from darkreach.couplings.couplings_file import ExcludedInterval, write_couplings
from darkreach.couplings.lifetime_limits_file import read_lifetime_limits, read_lifetime_limits_header
from darkreach.reinterpretation import excluded_model, read_user_model

NAME = "reinterpret"


def command(
    limits: Annotated[Path, typer.Argument(help="Published limits in mass and lifetime, branching_ratio_limits.csv.")],
    model: Annotated[
        Path,
        typer.Option("--model", help="Table (CSV) or Python file of a model; a Python file is run as it is."),
    ],
    out: Annotated[Path, typer.Option("--out", help="CSV file to write.")],
    json: JsonOption = None,
) -> None:
    """Give the region of a model that published limits exclude, from the limits alone."""
    header = read_lifetime_limits_header(limits)
    tested = read_user_model(model)
    intervals = excluded_model(tested, read_lifetime_limits(limits))
    lines = {"coupling": tested.coupling, "unit": tested.unit, **header, "limits": limits.name, "model": model.name}
    write_couplings(out, intervals, lines)
    if str(json) != "-":
        _print(intervals, tested.coupling, header["confidence_level"])
    write_result(json, {"couplings": str(out), "coupling": tested.coupling, "intervals": len(intervals)})


def _print(intervals: list[ExcludedInterval], coupling: str, level: str) -> None:
    observed = [interval for interval in intervals if interval.quantile == "observed"] or [
        interval for interval in intervals if interval.quantile == "0"
    ]
    if not observed:
        print_line("nothing of this model is excluded")
        return
    rows = [[f"{i.mass_gev:.4g}", f"{i.lower:.4g}", f"{i.upper:.4g}", f"{i.ctau_cm:.4g}", i.quantile] for i in observed]
    columns = ["mass (GeV)", "from", "to", "c tau (cm) at the first", "limit"]
    print_table(f"Excluded: {coupling}, {level}", columns, rows)
