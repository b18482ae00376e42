"""``darkreach reproduce``: stored limits recomputed from stored workspaces."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated

import typer

from darkreach.catalogue import (
    GOAL,
    LARGEST_FACTOR,
    MARGIN,
    MEDIAN_GOAL,
    MEDIAN_RATIO_GOAL,
    ComparedCurve,
    ComparedLifetimes,
    ComparedRange,
    Reproduction,
    known_entries,
    reproduce_entry,
)
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
    """Print ours beside the published values, what may cause differences, and what was compared."""
    for curve in result.published:
        _print_curve(result, curve)
    for one in result.ranges:
        _print_range(result, one)
    for values in result.lifetimes:
        _print_lifetimes(result, values)
    compared: tuple[ComparedCurve | ComparedRange | ComparedLifetimes, ...] = (
        *result.published, *result.ranges, *result.lifetimes,
    )  # fmt: skip
    if not compared:
        print_line(f"{result.name}: nothing is published at these confidence levels, or there is no coupling")
    elif not all(one.reached for one in compared):
        print_line("\n".join(["causes of differences:", *(f"- {cause}" for cause in result.causes)]))
    toys = f"; of toys {result.largest_of_toys:.1e} statistical errors" if result.largest_of_toys else ""
    left_out = (
        f"; {result.left_out} from toys or exact sums left out: this engine has neither" if result.left_out else ""
    )
    print_line(
        f"{result.name}: {result.compared} limits recomputed; largest relative difference"
        f" {result.largest_difference:.1e}, tolerance {result.tolerance:.0e}{toys}{left_out};"
        f" {len(result.differences)} differences"
    )


def _print_curve(result: Reproduction, curve: ComparedCurve) -> None:
    rows = [
        [
            f"{row.mass_gev:g}",
            f"{row.median:.3g}",
            "-" if math.isnan(row.observed) else f"{row.observed:.3g}",
            f"{row.published:.3g}",
            f"{row.ratio:.2f}",
        ]
        for row in curve.rows
    ]
    columns = ["mass (GeV)", "our median", "our observed", f"published {curve.kind}", "median/published"]
    unit = f" ({curve.unit})" if curve.unit else ""
    ours = (
        f"ours projected from {result.luminosity_inverse_fb:g} fb^-1" if curve.projected else "ours"
    ) + f" is {result.data_kind}"
    title = f"{result.name}: {curve.coupling}{unit} at {curve.confidence_level:.0%} CL"
    print_table(f"{title}, {curve.luminosity_inverse_fb:g} fb^-1; {ours}", columns, rows)
    print_line(f"published: {curve.source}{', smoothed' if curve.smoothed else ''}")
    print_line(
        f"median ratio {curve.median_ratio:.2f} (goal {MEDIAN_GOAL[0]:g}-{MEDIAN_GOAL[1]:g}); {curve.inside_goal} of"
        f" {len(curve.rows)} within the goal {GOAL[0]:g}-{GOAL[1]:g}"
    )


def _print_range(result: Reproduction, compared: ComparedRange) -> None:
    published = compared.published
    unit = f" ({published.unit})" if published.unit else ""
    level, luminosity = f"{published.confidence_level:.0%} CL", f"{published.luminosity_inverse_fb:g} fb^-1"
    decays = f" with decays to {', '.join(published.decays)}" if published.decays else ""
    rows = [["published " + published.kind, f"{published.low:.3g}", "-", f"{published.high:.3g}", "-"]]
    for name, ours in (("our median", compared.expected), ("our observed", compared.observed)):
        numbers = [f"{value:.3g}" if value == value else "-" for value in (ours.low, ours.median, ours.high)]
        rows.append([name, *numbers, f"{ours.inside} of {ours.hypotheses}"])
    title = f"{result.name}: {published.quantity}{unit}{decays} at {level}, {luminosity}; ours is {result.data_kind}"
    print_table(title, ["limits over the plane", "lowest", "median", "highest", "hypotheses inside"], rows)
    scaled = "" if compared.same_luminosity else f"; ours are of {compared.luminosity_inverse_fb} fb^-1, not scaled"
    print_line(f"published: {published.source}{scaled}")
    expected = compared.expected
    share = f"{expected.inside / expected.hypotheses:.1%}" if expected.hypotheses else "none"
    print_line(
        f"{share} of our median limits between {published.low / MARGIN:.3g} and {published.high * MARGIN:.3g}"
        f" (a margin of {MARGIN:g} on both sides)"
    )


def _print_lifetimes(result: Reproduction, compared: ComparedLifetimes) -> None:
    rows = [
        [
            row.channel,
            f"{row.mass_gev:g}",
            f"{row.ctau_cm:g}",
            "-" if math.isnan(row.median) else f"{row.median:.3g}",
            f"{row.published:.3g}",
            "-" if math.isnan(row.ratio) else f"{row.ratio:.2f}",
        ]
        for row in compared.rows
    ]
    level, luminosity = f"{compared.confidence_level:.0%} CL", f"{compared.luminosity_inverse_fb:g} fb^-1"
    title = f"{result.name}: {compared.quantity} at {level}, {luminosity}; ours is {result.data_kind}"
    published = f"published {compared.kind}"
    print_table(title, ["channel", "mass (GeV)", "c tau (cm)", "our median", published, "median/published"], rows)
    ours = compared.our_luminosity_inverse_fb
    scaled = "" if ours == compared.luminosity_inverse_fb else f"; ours are of {ours} fb^-1, not scaled"
    print_line(f"published: {compared.source}{scaled}")
    low, high = MEDIAN_RATIO_GOAL
    ratios = compared.ratios or (math.nan,)
    print_line(
        f"median ratio {compared.median_ratio:.2f} (goal {low:g}-{high:g}), {min(ratios):.2f} to {max(ratios):.2f};"
        f" {compared.inside} of {len(compared.rows)} within a factor of {LARGEST_FACTOR:g}"
    )
    for trend in compared.trends:
        print_line(
            f"{trend.channel}: rank correlation in c tau at least {trend.rank_correlation:.2f}, slopes of logarithms"
            f" from 0.1 to 100 cm differ by up to {trend.slope_difference:+.2f} ({trend.masses} masses)"
        )
