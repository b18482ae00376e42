"""``darkreach validate-simulation``: the simulation against formulas, other generators and known resolutions."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from darkreach.command_line.display import print_line, print_table, write_result
from darkreach.command_line.options import JsonOption, SiteOption, WorkersOption, executor_from_options
from darkreach.command_line.stage_display import stage_progress
from darkreach.configuration import DetectorConfig, ValidationConfig, config_path, read_config
from darkreach.errors import ReproductionError
from darkreach.report.table import number
from darkreach.validation import CheckResult, validate_simulation, write_validation

NAME = "validate-simulation"


def command(
    out: Annotated[Path, typer.Option("--out", help="Page to write (.html).")],
    config: Annotated[Path | None, typer.Option("--config", help="Other checks (YAML).")] = None,
    workers: WorkersOption = 1,
    site: SiteOption = None,
    json: JsonOption = None,
) -> None:
    """Generate and measure pseudo-data for every check and write a page; exit code 1 if a check has not passed."""
    checks = read_config(config or config_path("validation", "simulation"), ValidationConfig)
    detector = read_config(config_path("detectors", checks.detector), DetectorConfig)
    with (
        stage_progress() as progress,
        executor_from_options(workers, site, watch=progress.watch) as executor,
    ):
        found = validate_simulation(
            checks, detector, executor, lambda done, planned: progress("validate", done, planned)
        )
    write_validation(out, found, detector)
    if str(json) != "-":
        columns = ["check", "simulation", "reference", "unit", "difference (%)", ""]
        print_table(checks.title, columns, [_row(result) for result in found.numbers])
        print_line(f"{len(found.numbers) + len(found.angles)} checks, {len(found.failed)} not passed -> {out}")
    write_result(
        json,
        {
            "page": str(out),
            "numbers": [result.as_dict() for result in found.numbers],
            "angles": [
                {"name": one.name, "chi_squared": one.chi_squared, "probability": one.probability, "passed": one.passed}
                for one in found.angles
            ],
            "failed": list(found.failed),
        },
    )
    if found.failed:
        raise ReproductionError(
            f"{len(found.failed)} checks of the simulation have not passed",
            where=str(out),
            given="; ".join(found.failed[:3]),
            next_step="look at the page; find out whether generator, response or reference is wrong",
        )


def _row(result: CheckResult) -> list[str]:
    values = [number(value, 4) for value in (result.computed, result.reference)]
    difference = f"{100.0 * result.deviation:+.2f}"
    return [result.name, *values, result.unit, difference, "passed" if result.passed else "NOT PASSED"]
