"""Limit tables for the terminal."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final, TypeAlias

from darkreach.command_line.display import print_line, print_table
from darkreach.couplings import PLANE_MASSES, ExcludedCouplings, ExcludedInterval, PlaneInterval
from darkreach.limits import Limit, LimitsDocument

Interval: TypeAlias = ExcludedInterval | PlaneInterval

_MASS_TITLES: Final = ("mass (GeV)",)
_PLANE_TITLES: Final = ("A' mass (GeV)", "h' mass (GeV)")

MAXIMUM_ROWS = 40
"""A terminal shows so many masses; the files hold all."""

_ALL_ROWS: Final = 1000
"""Limits on the signal strength that are all shown, for who computes them only."""


def print_strengths(limits: Sequence[Limit]) -> None:
    """Print limits on the signal strength, one row a hypothesis and confidence level, of very many only some."""
    shown = limits if len(limits) <= _ALL_ROWS else limits[:: math.ceil(len(limits) / MAXIMUM_ROWS)]
    rows = []
    for limit in shown:
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
    if len(shown) < len(limits):
        print_line(f"{len(shown)} of {len(limits)} limits; all of them are in the file")


def print_cross_sections(title: str, document: LimitsDocument) -> None:
    """Print limits on the cross-section in fb, one row a hypothesis and confidence level."""
    plane = PLANE_MASSES[0] in document.parameters
    names, titles = (PLANE_MASSES, _PLANE_TITLES) if plane else (("mass_gev",), _MASS_TITLES)
    rows = []
    for limit in document.limits:
        meaning = document.meanings[limit.name]
        scale = float(meaning["cross_section_fb"])
        values = [limit.observed, *limit.expected[1:4]] if limit.observed is not None else []
        shown = [f"{scale * value:.4g}" for value in values if value is not None] or [limit.status, "-", "-", "-"]
        efficiency = f"{float(meaning['entries_per_event']):.3g}" if "entries_per_event" in meaning else "-"
        masses = [f"{float(limit.values[name]):.4g}" for name in names]
        rows.append([*masses, f"{limit.cl:.0%}", *shown, efficiency])
    if len(rows) > MAXIMUM_ROWS:
        rows = rows[:: math.ceil(len(rows) / MAXIMUM_ROWS)]
    columns = [*titles, "CL", "observed", "-1 sigma", "median", "+1 sigma", "signal efficiency"]
    print_table(f"{title} (fb)", columns, rows)
    if len(rows) < len(document.limits):
        print_line(f"{len(rows)} of {len(document.limits)} limits; all of them are in the files and in the report")


def print_couplings(title: str, couplings: Mapping[float, ExcludedCouplings], unit: str) -> None:
    """Print the lower edges of the excluded intervals against mass, observed and median, for each confidence level."""
    title = f"{title} ({unit})" if unit else title
    by_masses: dict[tuple[float, ...], dict[float, list[Interval]]] = {}
    for level, intervals in couplings.items():
        for interval in intervals:
            by_masses.setdefault(interval.masses, {}).setdefault(level, []).append(interval)
    tested = sorted(by_masses)
    if not tested:
        print_line(f"{title}: nothing, at any mass")
        return
    shown = tested if len(tested) <= MAXIMUM_ROWS else tested[:: math.ceil(len(tested) / MAXIMUM_ROWS)]
    rows = []
    for masses in shown:
        row = [f"{mass:.4g}" for mass in masses]
        for level in couplings:
            here = by_masses[masses].get(level, [])
            row += [_edges(here, "observed"), _edges(here, "0"), f"{_edges(here, '-1')} .. {_edges(here, '1')}"]
        rows.append(row)
    columns = [*(_MASS_TITLES if len(tested[0]) == 1 else _PLANE_TITLES)]
    for level in couplings:
        columns += [f"observed {level:.0%}", f"median {level:.0%}", f"-1 .. +1 sigma {level:.0%}"]
    print_table(title, columns, rows)
    if len(shown) < len(tested):
        print_line(f"{len(shown)} of {len(tested)} masses; all of them are in the files and in the report")


def _edges(intervals: Sequence[Interval], quantile: str) -> str:
    edges = [interval for interval in intervals if str(interval.quantile) == quantile]
    return (
        ", ".join(f"{e.lower:.3g}" if e.upper == float("inf") else f"{e.lower:.3g}-{e.upper:.3g}" for e in edges) or "-"
    )
