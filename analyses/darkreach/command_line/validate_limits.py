"""``darkreach validate-limits``: coverage, bias and significance of the limits of a scan, by pseudo-experiments."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from darkreach.command_line.display import print_line, print_table, write_result
from darkreach.command_line.limit_inputs import read_hypotheses
from darkreach.command_line.options import JsonOption
from darkreach.command_line.stage_display import stage_progress
from darkreach.errors import ConfigError, ReproductionError
from darkreach.sharing import Hypothesis, read_workspace
from darkreach.validation.limit_validation import LimitValidation, nearest_hypotheses, validate_limits
from darkreach.validation.limit_validation_tables import (
    BIAS_COLUMNS,
    COVERAGE_COLUMNS,
    INJECTED_COLUMNS,
    bias_rows,
    coverage_rows,
    injected_rows,
    scan_lines,
)

NAME = "validate-limits"


def command(
    workspace: Annotated[Path, typer.Argument(help="Background-only pyhf workspace (JSON).")],
    patchset: Annotated[Path, typer.Argument(help="Its patchset.")],
    masses: Annotated[
        str | None, typer.Option("--masses", help="Masses in GeV, e.g. 0.5,2,8; the nearest hypotheses are taken.")
    ] = None,
    hypothesis: Annotated[
        list[str] | None, typer.Option("--hypothesis", help="This patch of the patchset; repeat for more.")
    ] = None,
    cl: Annotated[float, typer.Option("--cl", min=0.5, max=0.9999, help="Confidence level of the limits.")] = 0.9,
    toys: Annotated[int, typer.Option("--toys", min=100, help="Pseudo-experiments of each mass and strength.")] = 1000,
    scans: Annotated[
        int, typer.Option("--scans", min=0, help="Background-only scans to test, as many more to calibrate.")
    ] = 0,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Root seed of the pseudo-experiments.")] = 0,
    measurement: Annotated[
        str | None, typer.Option("--measurement", help="Name of the measurement; the first one if not given.")
    ] = None,
    threads: Annotated[int, typer.Option("--threads", min=1, help="Fits at a time.")] = 1,
    json: JsonOption = None,
) -> None:
    """Check limits by pseudo-experiments: coverage, bias, median; with --scans, p-values and injected signals as well.

    Without --masses or --hypothesis, three hypotheses of the scan are taken. Exit code 1 if a check has not passed.
    """
    tested = read_hypotheses([workspace], patchset=patchset, measurement=measurement)
    scan = []
    for entry in tested:
        # a gap in the scan would hide upcrossings
        if not isinstance(entry, Hypothesis):
            raise entry.error
        scan.append(entry)
    chosen = chosen_hypotheses(scan, masses, hypothesis)
    with stage_progress() as progress:
        found = validate_limits(
            scan, chosen, read_workspace(workspace), confidence_level=cl, experiments=toys, scans=scans, seed=seed,
            measurement=measurement, threads=threads, progress=progress,
        )  # fmt: skip
    if str(json) != "-":
        print_validation(found)
    write_result(json, found.as_dict())
    if found.failed:
        raise ReproductionError(
            f"{len(found.failed)} checks of the limits have not passed",
            where=str(patchset),
            given="; ".join(found.failed[:3]),
            next_step="compare with --toys of another --seed; few events make asymptotic limits and pulls inaccurate",
        )


def chosen_hypotheses(scan: list[Hypothesis], masses: str | None, names: list[str] | None) -> list[str]:
    """Return the names of the hypotheses that are asked for.

    Raises:
        ConfigError: a mass is not a number, or there is no such hypothesis.
    """
    unknown = sorted(set(names or ()) - {one.name for one in scan})
    if unknown:
        raise ConfigError("no such hypothesis in the patchset", where="--hypothesis", given=", ".join(unknown))
    if masses is None and not names:
        return list(dict.fromkeys(scan[(2 * part + 1) * len(scan) // 6].name for part in range(3)))
    try:
        wanted = [float(mass) for mass in masses.split(",")] if masses else []
    except ValueError as error:
        raise ConfigError("masses are not numbers", where="--masses", given=str(masses), allowed="0.5,2,8") from error
    return list(dict.fromkeys([*nearest_hypotheses(scan, wanted), *(names or ())]))


def print_validation(found: LimitValidation) -> None:
    """Print all checks as tables."""
    level = f"{100.0 * found.hypotheses[0].confidence_level:g} % CLs limits"
    each = f"{found.experiments} pseudo-experiments each"
    print_table(f"Coverage of {level}, {each}", list(COVERAGE_COLUMNS), coverage_rows(found))
    print_table(f"Bias of the fitted strength, {each}", list(BIAS_COLUMNS), bias_rows(found))
    if found.flatness is not None:
        scans = found.flatness.scans
        print_table(f"Injected signals, {scans} scans each", list(INJECTED_COLUMNS), injected_rows(found))
    for line in scan_lines(found):
        print_line(line)
