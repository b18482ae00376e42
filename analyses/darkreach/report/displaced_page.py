"""The report page of a search for displaced vertices: one HTML file that needs no network and no other file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from darkreach.figures import percent
from darkreach.figures.axis_text import plain_unit
from darkreach.provenance import write_text
from darkreach.report.displaced_comparison import lifetime_comparison_table
from darkreach.report.displaced_content import DisplacedReportContent
from darkreach.report.displaced_figures import displaced_report_figures
from darkreach.report.displaced_names import plain_channel
from darkreach.report.displaced_systematics import displaced_systematics_table
from darkreach.report.displaced_tables import (
    displaced_limit_table,
    displaced_region_table,
    effective_events_table,
    island_table,
    shown_displaced_samples,
)
from darkreach.report.limit_status import largest_deviation, method_counts, problem_lines, status_counts
from darkreach.report.report_figure import ReportFigure
from darkreach.report.sample_tables import cutflow_table, ledger_table
from darkreach.report.setting_tables import provenance_table, unverified_table
from darkreach.report.table import number, readable_process
from darkreach.report.template_page import fill_template, page_figures

_MOST_PROBLEMS: Final = 20


def write_displaced_report(
    path: Path, content: DisplacedReportContent, figures: Sequence[ReportFigure] | None = None
) -> Path:
    """Write the report page and return its path; equal content gives equal bytes.

    Raises:
        LimitError: the parts do not belong together (luminosities differ, an interval at no tested mass).
        OutputError: the page cannot be written.
    """
    write_text(path, displaced_report_html(content, figures))
    return path


def displaced_report_html(content: DisplacedReportContent, figures: Sequence[ReportFigure] | None = None) -> str:
    """Return the report page as text, with figures that are drawn already or are drawn now."""
    drawn = displaced_report_figures(content) if figures is None else figures
    return fill_template("displaced_report.html.j2", _variables(content, drawn))


def _variables(content: DisplacedReportContent, figures: Iterable[ReportFigure]) -> dict[str, Any]:
    search, levels = content.search, content.confidence_levels
    unverified = unverified_table(search, content.detector)
    compared = [one for level in levels for one in content.published_at(level)]
    return {
        "title": readable_process(search.title),
        "data_kind": content.data_kind,
        "summary": _summary(content) + [("numbers without a verified source", str(len(unverified.rows)))],
        "problems": problem_lines(content.limits.limits, _MOST_PROBLEMS),
        "cautions": content.cautions,
        "figures": page_figures(figures),
        "islands": [island_table(content, level) for level in levels] if content.readings else [],
        "limit_tables": [displaced_limit_table(content, level) for level in levels],
        "comparisons": [lifetime_comparison_table(content, one) for one in compared],
        "not_compared": [
            f"{one.paper}, {one.quantity} at {percent(one.confidence_level)}" for one in content.published
            if one not in compared
        ],
        "effects": content.effects,
        "regions": displaced_region_table(content),
        "effective": effective_events_table(content),
        "ledger": ledger_table(content.histograms),
        "cutflows": [cutflow_table(content.histograms, name) for name in shown_displaced_samples(content.histograms)],
        "systematics": displaced_systematics_table(search),
        "unverified": unverified,
        "provenance": provenance_table(content.histograms.record, content.limits.record),
    }  # fmt: skip


def _summary(content: DisplacedReportContent) -> list[tuple[str, str]]:
    workspace, limits = content.search.workspace, content.limits.limits
    masses = sorted({float(limit.values["mass_gev"]) for limit in limits})
    lifetimes = sorted({float(limit.values["ctau_cm"]) for limit in limits})
    sideband = workspace.sideband
    edges = ", ".join(f"{edge:g}" for edge in content.search.radius_edges)
    counting = (
        f"events within {workspace.window_half_width:g} resolutions of the mass, in bins of the radius with edges at "
        f"{edges} cm; background from {sideband.inner:g} to {sideband.outer:g} resolutions on both sides"
    )
    tested = (
        f"{len({limit.name for limit in limits})}: {len(masses)} masses from {masses[0]:.4g} to {masses[-1]:.4g} GeV, "
        f"{len(lifetimes)} lifetimes from {lifetimes[0]:g} to {lifetimes[-1]:g} cm"
    )
    rows = [
        ("search", content.search.search),
        ("data", content.data_kind),
        ("luminosity, energy", content.label.plain_text),
        ("confidence levels", ", ".join(percent(level) for level in content.confidence_levels)),
        ("hypotheses", tested),
        ("signal extraction", counting),
        ("mu = 1 means", plain_unit(readable_process(content.limits.mu_one))),
    ]  # fmt: skip
    rows += [(f"limits at {percent(level)}", _reach(content, level)) for level in content.confidence_levels]
    rows += [(f"excluded at {percent(level)}", _excluded(content, level)) for level in content.confidence_levels]
    rows.append(("methods", method_counts(limits)))
    deviation = largest_deviation(limits)
    if deviation is not None:
        rows.append(("self-check", f"largest |CLs − (1 − CL)| of all limits, evaluated again: {number(deviation, 2)}"))
    return rows


def _reach(content: DisplacedReportContent, level: float) -> str:
    """Return how many hypotheses have a limit, and the strongest one of each channel."""
    words = [status_counts(content.limits.at(level))]
    for channel in content.channels(level):
        grid = content.grid(channel, level)
        if np.isfinite(grid.observed).any():
            row, column = np.unravel_index(int(np.nanargmin(grid.observed)), grid.observed.shape)
            best = number(float(grid.observed[row, column]))
            where = f"{grid.masses_gev[row]:.4g} GeV, {grid.ctaus_cm[column]:g} cm"
            words.append(f"{plain_channel(content.search, channel)} < {best} ({where})")
    return "; ".join(words)


def _excluded(content: DisplacedReportContent, level: float) -> str:
    """Return the masses at which some value of the main coupling is excluded."""
    if not content.readings:
        return "no coupling is read from these limits"
    strips = content.contours(content.readings[0], level, "coupling").strips.get("observed", ())
    parts = [f"{strip.masses_gev[0]:.4g} to {strip.masses_gev[-1]:.4g} GeV" for strip in strips]
    return f"some {content.coupling[1]} at masses of {'; '.join(parts)}" if parts else "nothing"
