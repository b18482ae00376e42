"""The largest excess of a plane: a map of local p-values, and what it is worth, as rows of a table."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from darkreach.figures import save_svg
from darkreach.figures.axis_text import plain
from darkreach.figures.plane_frame import Floats
from darkreach.figures.plane_map import PlaneMap, draw_plane_map
from darkreach.fits.plane_windows import counting_p_values
from darkreach.report.plane_content import PlaneReportContent
from darkreach.report.report_figure import ReportFigure
from darkreach.report.table import NOTHING, number, readable_process

_SMALLEST = 1e-5


def local_p_values(content: PlaneReportContent) -> Floats:
    """Return local p-values (n,) in the order of the names: those of the toys, else Poisson ones of the totals."""
    if content.significance is not None:
        found = dict(zip(content.significance.names, content.significance.local_p_values, strict=True))
        return np.array([found.get(name, np.nan) for name in content.names])
    observed, background = content.windows.total_observed, content.windows.total_background
    # an estimate of none would make any event impossible
    known = np.isfinite(observed) & (background > 0.0)
    return np.where(known, counting_p_values(np.where(known, observed, 0.0), np.where(known, background, 1.0)), np.nan)


def excess_map(content: PlaneReportContent, where: str) -> Iterator[ReportFigure]:
    """Draw the local p-values with the largest excess marked; nothing if there are none.

    Args:
        content: of the report.
        where: kind of data, luminosity and energy, for the caption.
    """
    p_values = local_p_values(content)
    if not np.isfinite(p_values).any():
        return
    best = int(np.nanargmin(p_values))
    point = (float(content.masses[best, 0]), float(content.masses[best, 1]))
    worth = f"smallest: p = {p_values[best]:.2g} at ({point[0]:.4g}, {point[1]:.4g}) GeV"
    significance = content.significance
    if significance is not None:
        worth += f"\nglobal p = {significance.p_value:.2g} ± {significance.p_value_error:.1g}"
    shown = PlaneMap(
        np.maximum(p_values, _SMALLEST**2),
        "local p-value of the background",
        ("local p-values", plain(readable_process(content.search.title))),
        marked=(point, worth),
        range=(min(_SMALLEST, 0.5 * float(p_values[best])) if p_values[best] < 1e-4 else 1e-4, 1.0),
        colours="inferno",
    )
    beside = "" if significance is None else (
        f" {significance.toys_as_extreme} of {significance.toys} background-only planes have one as small anywhere."
    )  # fmt: skip
    caption = (
        "Local p-value of the background: probability to count at least as many events in the window of a hypothesis, "
        f"regions together, where the expected background is known; {where}.{beside}"
    )
    yield ReportFigure("local_p_values", "excess", caption, save_svg(draw_plane_map(content.frame(), shown)))


def excess_rows(content: PlaneReportContent) -> list[tuple[str, str]]:
    """Return what is known of the largest excess: what, and its value; empty if it was not looked for."""
    found = content.significance
    if found is None:
        return []
    place = dict(zip(content.names, content.masses, strict=True)).get(found.best)
    at = "" if place is None else f" ({place[0]:.4g} GeV, {place[1]:.4g} GeV)"
    none = f"below {1.0 / found.toys:.2g}: none of {found.toys} toys is as extreme"
    return [
        ("windows", str(len(found.names))),
        ("largest excess at", f"{found.best}{at}"),
        ("observed and expected there", f"{found.observed:g} and {number(found.background)} events"),
        ("local p-value", f"{found.local_p_value:.3g} ({found.local_significance:.2f}σ)"),
        ("global p-value", f"{found.p_value:.3g} ± {found.p_value_error:.1g}" if found.toys_as_extreme else none),
        ("global significance", _deviations(found.significance)),
        ("trials factor", NOTHING if found.trials_factor is None else number(found.trials_factor)),
        ("as many independent windows", number(found.independent_windows)),
        ("toys", f"{found.toys} background-only planes, drawn by cell"),
    ]


def _deviations(significance: float | None) -> str:
    if significance is None:
        return NOTHING
    return f"{significance:.2f}σ" if significance > 0.0 else "none: half of all toys are as extreme"
