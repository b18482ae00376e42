"""The report page: one HTML file that needs no network, no server and no other file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from markupsafe import Markup

from darkreach.figures import exclusion_html, percent, significance_rows
from darkreach.figures.axis_text import plain_coupling, plain_unit
from darkreach.provenance import write_text
from darkreach.report.comparison import comparison_table
from darkreach.report.content import CouplingReading, ReportContent
from darkreach.report.effective_table import effective_table
from darkreach.report.limit_table import cross_section_table, largest_cls_deviation, limit_table, status_summary
from darkreach.report.report_figure import ReportFigure
from darkreach.report.report_figures import report_figures
from darkreach.report.sample_tables import cutflow_table, ledger_table, shown_samples
from darkreach.report.setting_tables import provenance_table, systematics_table, unverified_table
from darkreach.report.table import number, readable_process
from darkreach.report.template_page import fill_template, page_figures


def write_report(path: Path, content: ReportContent, figures: Sequence[ReportFigure] | None = None) -> Path:
    """Write the report page and return its path; equal content gives equal bytes.

    Raises:
        LimitError: the parts do not belong together (luminosities differ, an interval at no tested mass).
        OutputError: the page cannot be written.
    """
    write_text(path, report_html(content, figures))
    return path


def report_html(content: ReportContent, figures: Sequence[ReportFigure] | None = None) -> str:
    """Return the report page as text, with figures that are drawn already or are drawn now."""
    return fill_template("report.html.j2", _variables(content, report_figures(content) if figures is None else figures))


def _variables(content: ReportContent, figures: Iterable[ReportFigure]) -> dict[str, Any]:
    levels, search = content.confidence_levels, content.search
    pairs = [(reading, level) for reading in content.readings for level in levels]
    unverified = unverified_table(search, content.detector)
    return {
        "title": readable_process(search.title),
        "data_kind": content.data_kind,
        "summary": _summary(content) + [("numbers without a verified source", str(len(unverified.rows)))],
        "problems": _problems(content),
        "cautions": content.cautions,
        "figures": page_figures(figures),
        "exclusions": [
            (plain_coupling(reading.settings.name), _exclusion(content, reading)) for reading in content.readings
        ],
        "significance": []
        if content.significance is None
        else significance_rows(content.significance, content.masses_by_name),
        "limit_tables": [limit_table(content, reading, level) for reading, level in pairs]
        or [cross_section_table(content, level) for level in levels],
        "comparisons": [
            comparison_table(content.coupling_band(reading, level), published)
            for reading, level in pairs
            for published in content.published_at(reading, level)
        ],
        "not_compared": [
            f"{one.source}, {plain_coupling(one.coupling)} at {percent(one.confidence_level)}"
            for one in content.published
            if not any(one in content.published_at(*pair) for pair in pairs)
        ],
        "effects": content.effects,
        "ledger": ledger_table(content.histograms),
        "effective": effective_table(content.histograms, tuple(region.name for region in search.regions)),
        "cutflows": [cutflow_table(content.histograms, sample) for sample in shown_samples(content.histograms)],
        "event_efficiency": getattr(search.simulation, "event_efficiency", None),
        "systematics": systematics_table(search),
        "unverified": unverified,
        "provenance": provenance_table(content.histograms.record, content.limits.record),
    }


def _exclusion(content: ReportContent, reading: CouplingReading) -> Markup:
    levels = content.confidence_levels
    bands = [content.coupling_band(reading, level) for level in levels]
    published = next((one for level in levels for one in content.published_at(reading, level)), None)
    return exclusion_html(bands, reading.settings.name, reading.settings.unit, content.label, published)


def _summary(content: ReportContent) -> list[tuple[str, str]]:
    label, levels = content.label, content.confidence_levels
    rows = [
        ("search", content.search.search),
        ("data", content.data_kind),
        ("luminosity, energy", label.plain_text),
        ("confidence levels", ", ".join(percent(level) for level in levels)),
        ("masses tested", f"{len(content.masses_gev)}: {_range(content.masses_gev)} GeV"),
        ("mu = 1 means", plain_unit(readable_process(content.limits.mu_one))),
    ]
    rows += [(f"limits at {percent(level)}", _strongest(content, level)) for level in levels]
    rows.append(("methods", _methods(content)))
    deviation = largest_cls_deviation(content)
    if deviation is not None:
        rows.append(("self-check", f"largest |CLs − (1 − CL)| of all limits, evaluated again: {number(deviation, 2)}"))
    return rows


def _methods(content: ReportContent) -> str:
    """Return at which masses limits are asymptotic, from toys or exact sums."""
    masses: dict[str, set[float]] = {}
    for limit in content.limits.limits:
        masses.setdefault(limit.method, set()).add(float(limit.values["mass_gev"]))
    parts = []
    for method, found in sorted(masses.items()):
        low, high = min(found), max(found)
        where = f"{len(found)} masses from {low:g} to {high:g} GeV" if len(found) > 1 else f"{low:g} GeV"
        parts.append(f"{method} at {where}")
    return "; ".join(parts) if parts else "none"


def _range(values: tuple[float, ...]) -> str:
    return f"{values[0]:g} to {values[-1]:g}" if values else "none"


def _strongest(content: ReportContent, level: float) -> str:
    words = [status_summary(content, level)]
    found = [(r.settings.name, r.settings.unit, content.coupling_band(r, level)) for r in content.readings]
    for name, unit, band in found or [("σ", "fb", content.cross_section_band(level))]:
        if np.isfinite(band.observed).any():
            best = int(np.nanargmin(band.observed))
            limit = f"{number(float(band.observed[best]))} {plain_unit(unit)}".rstrip()
            words.append(f"strongest observed limit {plain_coupling(name)} < {limit} at {band.mass_gev[best]:g} GeV")
    return "; ".join(words)


def _problems(content: ReportContent) -> list[str]:
    """Return every hypothesis without a limit, with its reason: these must not be overlooked."""
    return [
        f"{limit.name}, {percent(limit.cl)}: {limit.status}" + (f" ({limit.reason})" if limit.reason else "")
        for limit in content.limits.limits
        if limit.status != "ok"
    ]
