"""The report page of a plane search: one HTML file that needs no network, no server and no other file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from darkreach.figures import percent
from darkreach.figures.axis_text import plain_coupling, plain_unit
from darkreach.provenance import write_text
from darkreach.report.limit_status import largest_deviation, method_counts, problem_lines, status_counts
from darkreach.report.plane_comparison import range_table
from darkreach.report.plane_content import PlaneReportContent
from darkreach.report.plane_excess import excess_rows
from darkreach.report.plane_figures import plane_report_figures
from darkreach.report.plane_systematics import plane_systematics_table
from darkreach.report.plane_tables import (
    plane_limit_table,
    region_table,
    shown_plane_samples,
    window_table,
)
from darkreach.report.report_figure import ReportFigure
from darkreach.report.sample_tables import cutflow_table, ledger_table
from darkreach.report.setting_tables import provenance_table, unverified_table
from darkreach.report.table import number, readable_process
from darkreach.report.template_page import fill_template, page_figures

_MOST_PROBLEMS: Final = 20


def write_plane_report(path: Path, content: PlaneReportContent, figures: Sequence[ReportFigure] | None = None) -> Path:
    """Write the report page and return its path; equal content gives equal bytes.

    Raises:
        LimitError: the parts do not belong together (luminosities differ, an interval at no tested point).
        OutputError: the page cannot be written.
    """
    write_text(path, plane_report_html(content, figures))
    return path


def plane_report_html(content: PlaneReportContent, figures: Sequence[ReportFigure] | None = None) -> str:
    """Return the report page as text, with figures that are drawn already or are drawn now."""
    drawn = plane_report_figures(content) if figures is None else figures
    return fill_template("plane_report.html.j2", _variables(content, drawn))


def _variables(content: PlaneReportContent, figures: Iterable[ReportFigure]) -> dict[str, Any]:
    search, figures = content.search, tuple(figures)
    unverified = unverified_table(search, content.detector)
    return {
        "title": readable_process(search.title),
        "data_kind": content.data_kind,
        "summary": _summary(content) + [("numbers without a verified source", str(len(unverified.rows)))],
        "problems": problem_lines(content.limits.limits, _MOST_PROBLEMS),
        "cautions": content.cautions,
        "figures": page_figures(figures),
        "sliced": any(figure.section == "slices" for figure in figures),
        "limit_tables": [plane_limit_table(content, level) for level in content.confidence_levels],
        "excess": excess_rows(content),
        "comparison": range_table(content) if content.published else None,
        "effects": content.effects,
        "regions": region_table(content),
        "windows": window_table(content),
        "ledger": ledger_table(content.histograms),
        "cutflows": [cutflow_table(content.histograms, name) for name in shown_plane_samples(content.histograms)],
        "systematics": plane_systematics_table(search),
        "unverified": unverified,
        "provenance": provenance_table(content.histograms.record, content.limits.record),
    }


def _summary(content: PlaneReportContent) -> list[tuple[str, str]]:
    first, second = content.masses.T
    workspace = content.search.workspace
    ranges = (
        f"dark photon {first.min():.4g} to {first.max():.4g} GeV, dark Higgs {second.min():.4g} to {second.max():.4g}"
    )
    extraction = (
        f"events in ellipses of {workspace.window_radius:g} resolutions"
        if workspace.extraction == "window"
        else f"fit of all bins within {workspace.template_half_width:g} resolutions"
    )
    rows = [
        ("search", content.search.search),
        ("data", content.data_kind),
        ("luminosity, energy", content.label.plain_text),
        ("confidence levels", ", ".join(percent(level) for level in content.confidence_levels)),
        ("hypotheses", f"{len(content.names)}: {ranges} GeV"),
        ("signal extraction", f"{extraction}, {len(content.search.regions)} region(s) in one likelihood"),
        ("mu = 1 means", plain_unit(readable_process(content.limits.mu_one))),
    ]
    rows += [(f"limits at {percent(level)}", _reach(content, level)) for level in content.confidence_levels]
    rows.append(("methods", method_counts(content.limits.limits)))
    deviation = largest_deviation(content.limits.limits)
    if deviation is not None:
        rows.append(("self-check", f"largest |CLs − (1 − CL)| of all limits, evaluated again: {number(deviation, 2)}"))
    return rows


def _reach(content: PlaneReportContent, level: float) -> str:
    """Return how many hypotheses have a limit, and the range of limits of 90 % of them, of each quantity."""
    words = [status_counts(content.limits.at(level))]
    quantities = [("σ", "fb", content.cross_sections(level))]
    quantities += [(r.settings.name, r.settings.unit, content.coupling_limits(r, level)) for r in content.readings]
    for name, unit, limits in quantities:
        finite = limits.observed[np.isfinite(limits.observed)]
        if finite.size:
            low, high = np.quantile(finite, [0.05, 0.95])
            ends = f"{number(float(low))} to {number(float(high))} {plain_unit(unit)}".rstrip()
            words.append(f"{plain_coupling(name)} < {ends} (90 % of points, strongest {number(float(finite.min()))})")
    return "; ".join(words)
