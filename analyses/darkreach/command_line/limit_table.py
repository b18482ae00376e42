"""Limit tables for the terminal."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from darkreach.command_line.display import print_line, print_table
from darkreach.couplings import ExcludedInterval
from darkreach.limits import Limit, LimitsDocument

MAXIMUM_ROWS = 40
"""A terminal shows so many masses; the files hold all."""


def print_strengths(limits: Sequence[Limit]) -> None:
    """Print limits on the signal strength, one row a hypothesis and confidence level."""
    rows = []
    for limit in limits:
        if limit.status == "ok":
            numbers = [f"{limit.observed:.4g}", *(f"{value:.4g}" for value in limit.expected)]
        else:
            numbers = [limit.status, *["-"] * 5]
        rows.append([limit.name, f"{limit.cl:.0%}", *numbers, limit.method, limit.engine])
    columns = [
        "hypothesis",
        "CL",
        "observed",
        "-2 sigma",
        "-1 sigma",
        "median",
        "+1 sigma",
        "+2 sigma",
        "method",
        "engine",
    ]
    print_table("CLs upper limits on the signal strength", columns, rows)


def print_cross_sections(title: str, document: LimitsDocument) -> None:
    """Print limits on the cross-section in fb, one row a hypothesis and confidence level."""
    rows = []
    for limit in document.limits:
        meaning = document.meanings[limit.name]
        scale = float(meaning["cross_section_fb"])
        values = [limit.observed, *limit.expected[1:4]] if limit.observed is not None else []
        shown = [f"{scale * value:.4g}" for value in values if value is not None] or [limit.status, "-", "-", "-"]
        efficiency = f"{float(meaning.get('entries_per_event', math.nan)):.3g}"
        rows.append([f"{float(limit.values['mass_gev']):.4g}", f"{limit.cl:.0%}", *shown, efficiency])
    if len(rows) > MAXIMUM_ROWS:
        rows = rows[:: math.ceil(len(rows) / MAXIMUM_ROWS)]
    columns = ["mass (GeV)", "CL", "observed", "-1 sigma", "median", "+1 sigma", "signal efficiency"]
    print_table(f"{title} (fb)", columns, rows)
    if len(rows) < len(document.limits):
        print_line(f"{len(rows)} of {len(document.limits)} limits; all of them are in the files and in the report")


def print_couplings(title: str, couplings: Mapping[float, Sequence[ExcludedInterval]], unit: str) -> None:
    """Print the lower edges of the excluded intervals against mass, observed and median, for each confidence level."""
    title = f"{title} ({unit})" if unit else title
    tested = sorted({interval.mass_gev for intervals in couplings.values() for interval in intervals})
    masses = tested if len(tested) <= MAXIMUM_ROWS else tested[:: math.ceil(len(tested) / MAXIMUM_ROWS)]
    rows = []
    for mass in masses:
        row = [f"{mass:.4g}"]
        for intervals in couplings.values():
            here = [interval for interval in intervals if interval.mass_gev == mass]
            row += [_edges(here, "observed"), _edges(here, "0"), f"{_edges(here, '-1')} .. {_edges(here, '1')}"]
        rows.append(row)
    columns = ["mass (GeV)"]
    for level in couplings:
        columns += [f"observed {level:.0%}", f"median {level:.0%}", f"-1 .. +1 sigma {level:.0%}"]
    if not tested:
        print_line(f"{title}: nothing, at any mass")
        return
    print_table(title, columns, rows)
    if len(masses) < len(tested):
        print_line(f"{len(masses)} of {len(tested)} masses; all of them are in the files and in the report")


def _edges(intervals: Sequence[ExcludedInterval], quantile: str) -> str:
    edges = [interval for interval in intervals if str(interval.quantile) == quantile]
    return (
        ", ".join(f"{e.lower:.3g}" if e.upper == float("inf") else f"{e.lower:.3g}-{e.upper:.3g}" for e in edges) or "-"
    )
