"""The table of limits: couplings, cross-sections, status and self-check, one row a hypothesis."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import Final

from darkreach.couplings.couplings_file import QUANTILES, ExcludedInterval
from darkreach.figures import percent
from darkreach.figures.axis_text import plain_coupling, plain_unit
from darkreach.limits.results import Limit
from darkreach.report.content import CouplingReading, ReportContent
from darkreach.report.table import NOTHING, Table, common_power, number, scaled_unit

_COLUMNS: Final = ("observed", "−2σ", "−1σ", "median", "+1σ", "+2σ")


def limit_table(content: ReportContent, reading: CouplingReading, confidence_level: float) -> Table:
    """Return the limits on a coupling at one level; closed excluded intervals are written [lower, upper]."""
    intervals = reading.intervals[confidence_level]
    power = common_power([interval.lower for interval in intervals])
    unit = scaled_unit(power, plain_unit(reading.settings.unit))
    limits = sorted(content.limits.at(confidence_level), key=lambda limit: float(limit.values["mass_gev"]))
    common = _common_notes(limits)
    rows = tuple(
        _row(limit, _excluded_edges(reading, limit, 10.0**power), _cross_sections(content, limit), common)
        for limit in limits
    )
    return Table(
        header=(
            "mass [GeV]",
            *_COLUMNS,
            "σ observed",
            "σ median",
            "method",
            "status",
            "CLs at observed",
            "notes",
        ),
        rows=rows,
        caption=f"{percent(confidence_level)} upper limits on {plain_coupling(reading.settings.name)} "
        f"{f'in {unit} ' if unit else ''}(observed, −2σ to +2σ) and on the cross-section σ in fb. "
        f"CLs at the observed limit, evaluated again, should be {1.0 - confidence_level:.4f}.{_said_once(common)}",
        text_columns=frozenset({9, 10, 12}),
    )


def cross_section_table(content: ReportContent, confidence_level: float) -> Table:
    """Return the limits on the cross-section at one level, for searches without a coupling."""
    rows = []
    limits = sorted(content.limits.at(confidence_level), key=lambda limit: float(limit.values["mass_gev"]))
    common = _common_notes(limits)
    for limit in limits:
        scale = float(content.limits.meanings[limit.name]["cross_section_fb"])
        values = (limit.observed, *(limit.expected or (None,) * (len(_COLUMNS) - 1)))
        shown = [number(None if value is None else scale * value) for value in values]
        efficiency = number(float(content.limits.meanings[limit.name].get("entries_per_event", math.nan)))
        rows.append(_row(limit, shown, [efficiency], common))
    return Table(
        header=("mass [GeV]", *_COLUMNS, "signal efficiency", "method", "status", "CLs at observed", "notes"),
        rows=tuple(rows),
        caption=f"{percent(confidence_level)} upper limits on the cross-section in fb (observed, −2σ to +2σ); times "
        "the signal efficiency, limits on cross-section × efficiency. CLs at the observed limit, evaluated again, "
        f"should be {1.0 - confidence_level:.4f}.{_said_once(common)}",
        text_columns=frozenset({8, 9, 11}),
    )


def _excluded_edges(reading: CouplingReading, limit: Limit, scale: float) -> list[str]:
    mass = float(limit.values["mass_gev"])
    here = [interval for interval in reading.intervals[limit.cl] if float(interval.mass_gev) == mass]
    return [
        _excluded([interval for interval in here if str(interval.quantile) == quantile], scale)
        for quantile in QUANTILES
    ]


def _cross_sections(content: ReportContent, limit: Limit) -> list[str]:
    cross_section = float(content.limits.meanings[limit.name]["cross_section_fb"])
    observed = None if limit.observed is None else limit.observed * cross_section
    median = limit.expected[2] * cross_section if limit.expected else None
    return [number(observed), number(median)]


def _common_notes(limits: Sequence[Limit]) -> tuple[str, ...]:
    """Return the notes that all of several limits have: in every row they would make the table long and say no more."""
    if len(limits) < 2:
        return ()
    return tuple(note for note in _notes(limits[0]) if all(note in _notes(limit) for limit in limits))


def _notes(limit: Limit) -> list[str]:
    return [note for note in limit.quality.note.split("; ") if note]


def _said_once(notes: Sequence[str]) -> str:
    return f" At all masses: {'; '.join(notes)}." if notes else ""


def _row(limit: Limit, first: Sequence[str], second: Sequence[str], common: Sequence[str]) -> tuple[str, ...]:
    notes = [limit.reason, *(note for note in _notes(limit) if note not in common)]
    if limit.quality.parameters_at_bound:
        notes.append("at bound: " + ", ".join(limit.quality.parameters_at_bound))
    return (
        f"{float(limit.values['mass_gev']):g}",
        *first,
        *second,
        f"{limit.method}, {limit.engine}",
        limit.status,
        NOTHING if limit.quality.cls_at_observed is None else f"{limit.quality.cls_at_observed:.4f}",
        "; ".join(note for note in notes if note),
    )


def _excluded(intervals: list[ExcludedInterval], scale: float) -> str:
    def edges(interval: ExcludedInterval) -> str:
        if math.isinf(interval.upper):
            return number(interval.lower / scale)
        return f"[{number(interval.lower / scale)}, {number(interval.upper / scale)}]"

    return "; ".join(edges(interval) for interval in sorted(intervals, key=lambda i: i.lower)) or NOTHING


def status_summary(content: ReportContent, confidence_level: float) -> str:
    """Return how many hypotheses have which status, e.g. ``19 ok, 1 failed``."""
    counts = Counter(limit.status for limit in content.limits.at(confidence_level))
    return ", ".join(f"{counts[status]} {status}" for status in ("ok", "no_sensitivity", "failed") if counts[status])


def largest_cls_deviation(content: ReportContent) -> float | None:
    """Return the largest distance of a CLs value, evaluated again at its limit, from 1 - CL; None without any."""
    distances = [
        abs(value - (1.0 - limit.cl))
        for limit in content.limits.limits
        for value in (limit.quality.cls_at_observed, *limit.quality.cls_at_expected)
        if value is not None and not math.isnan(value)
    ]
    return max(distances, default=None)
