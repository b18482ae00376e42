"""Limits over a plane beside published ranges: how much of ours is where the paper says that theirs is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from darkreach.figures import percent
from darkreach.figures.axis_text import plain_coupling, plain_unit
from darkreach.figures.plane_limits import Floats
from darkreach.figures.style import luminosity_text
from darkreach.models.dark_photon_branching import decay_probability
from darkreach.published import CROSS_SECTION, PublishedRange
from darkreach.report.plane_content import PlaneReportContent
from darkreach.report.table import NOTHING, Table, number

LARGEST_ATTOBARN: Final = 0.3
"""Cross-sections in fb below which limits are told in ab."""


@dataclass(frozen=True)
class RangeComparison:
    """Our limits in the part of the plane that a published range is about.

    Attributes:
        hypotheses: with a limit there.
        lowest, typical, highest: 5, 50 and 95 percent of the observed limits are below, in the unit of the range.
        median: half of the median expected limits are below.
        inside: fraction of the observed limits that is inside of the range.
        near: fraction within 0.67 to 1.5 times the range.
    """

    hypotheses: int
    lowest: float
    typical: float
    highest: float
    median: float
    inside: float
    near: float


def compare_range(content: PlaneReportContent, published: PublishedRange) -> RangeComparison | None:
    """Return our limits on the same quantity and at the same level inside of the range; None if there are none.

    A published cross-section that contains the branching fractions of dark photons is compared with ours times these.
    """
    limits = _ours(content, published)
    if limits is None:
        return None
    observed, median = limits
    chosen = np.array([published.holds(float(first), float(second)) for first, second in content.masses])
    chosen &= np.isfinite(observed) & np.isfinite(median)
    if not chosen.any():
        return None
    values = observed[chosen]
    lowest, typical, highest = (float(value) for value in np.quantile(values, [0.05, 0.5, 0.95]))
    return RangeComparison(
        int(chosen.sum()), lowest, typical, highest, float(np.median(median[chosen])),
        float(np.mean((values >= published.low) & (values <= published.high))),
        float(np.mean((values >= 0.67 * published.low) & (values <= 1.5 * published.high))),
    )  # fmt: skip


def _ours(content: PlaneReportContent, published: PublishedRange) -> tuple[Floats, Floats] | None:
    """Return observed and median expected limits (n,) on the quantity of the range, in its unit."""
    level = published.confidence_level
    if level not in content.confidence_levels:
        return None
    if published.quantity == CROSS_SECTION:
        limits = content.cross_sections(level)
        scale = np.ones(len(content.masses))
        if published.decays:
            scale = np.array([decay_probability(published.decays, float(mass)) for mass in content.masses[:, 0]])
        return limits.observed * scale, limits.expected[2] * scale
    for reading in content.readings:
        if reading.settings.name == published.quantity:
            found = content.coupling_limits(reading, level)
            return found.observed, found.expected[2]
    return None


def range_table(content: PlaneReportContent) -> Table:
    """Return a row for each published range, with ours beside it."""
    rows = tuple(_row(content, published) for published in content.published)
    header = (
        "published", "quantity", "dark photon, dark Higgs mass [GeV]", "range", "our observed: 5 %", "half", "95 %",
        "our median, half", "inside the range", "within 0.67 – 1.5", "points", "remark",
    )  # fmt: skip
    caption = (
        "Published ranges of limits, and ours in the same part of the plane: limits that 5 %, half and 95 % of the "
        "hypotheses are below; fractions of our observed limits within the range, and within 0.67 times its lower to "
        "1.5 times its upper end"
    )
    return Table(header, rows, caption, frozenset({0, 1, 2, 3, 11}))


def _row(content: PlaneReportContent, published: PublishedRange) -> tuple[str, ...]:
    first = f"{published.paper} ({published.source})" if published.paper not in published.source else published.source
    said = (
        first,
        f"{_quantity(published)}, {published.kind}, {percent(published.confidence_level)}",
        f"{_ends(published.dark_photon_mass_gev)}, {_ends(published.dark_higgs_mass_gev)}",
        _range(published),
    )
    found = compare_range(content, published)
    remarks = [published.note] if published.note else []
    if not np.isclose(content.luminosity_inverse_fb, published.luminosity_inverse_fb, rtol=0.02):
        remarks.append(f"published: {published.luminosity_inverse_fb:g} fb⁻¹, ours: {content.luminosity_inverse_fb:g}")
    if found is None:
        return (*said, *(NOTHING,) * 7, "; ".join([*remarks, "no limit of ours on it there"]))
    return (
        *said, _whole(found.lowest), _whole(found.typical), _whole(found.highest), _whole(found.median),
        f"{100.0 * found.inside:.0f} %", f"{100.0 * found.near:.0f} %", str(found.hypotheses), "; ".join(remarks),
    )  # fmt: skip


def range_text(published: PublishedRange) -> str:
    """Return a published range for a legend: paper, level, luminosity and numbers."""
    # limits of attobarn are drawn in attobarn
    small = published.unit == "fb" and published.high < LARGEST_ATTOBARN
    ends = f"{1e3 * published.low:.3g} – {1e3 * published.high:.3g} ab" if small else _range(published)
    luminosity = luminosity_text(published.luminosity_inverse_fb).replace("$^{-1}$", "⁻¹")
    unverified = ", unverified" if published.source.startswith("unverified") else ""
    level = percent(published.confidence_level)
    return f"published, {_quantity(published)}: {ends}\n{published.paper} ({level}, {luminosity}{unverified})"


def _quantity(published: PublishedRange) -> str:
    if published.quantity != CROSS_SECTION:
        return plain_coupling(published.quantity)
    return "σ" if not published.decays else f"σ × BR({', '.join(published.decays)})"


def _range(published: PublishedRange) -> str:
    return f"{_whole(published.low, 2)} – {_whole(published.high, 2)} {plain_unit(published.unit)}".rstrip()


def _whole(value: float, digits: int = 3) -> str:
    """Return a number that is never broken at the end of a line."""
    return number(value, digits).replace(" ", "\u00a0")


def _ends(limits: tuple[float, float] | None) -> str:
    return "any" if limits is None else f"{limits[0]:g} – {limits[1]:g}"
