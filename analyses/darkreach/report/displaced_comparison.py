"""Limits against mass and lifetime beside published ones of the same quantity and confidence level."""

from __future__ import annotations

import statistics

import numpy as np

from darkreach.couplings import limits_by_lifetime
from darkreach.figures import percent
from darkreach.published import PublishedLifetimeLimit, PublishedLifetimes
from darkreach.report.displaced_content import DisplacedReportContent
from darkreach.report.displaced_names import plain_channel
from darkreach.report.table import NOTHING, Table, number

NEAR = 0.02
"""Relative distance in mass within which a tested mass stands for a published one."""


def lifetime_comparison_table(content: DisplacedReportContent, published: PublishedLifetimes) -> Table:
    """Return a row for each published value, with ours at the nearest mass within 2 %, between lifetimes if need be."""
    rows, ratios = [], []
    for value in published.values:
        mass, observed, median = our_limits(content, value, published.confidence_level)
        ratio = median / value.upper
        if np.isfinite(ratio):
            ratios.append(ratio)
        rows.append(
            (
                plain_channel(content.search, value.channel), f"{value.mass_gev:.5g}", f"{value.ctau_cm:g}",
                number(value.upper), NOTHING if np.isnan(mass) else f"{mass:.5g}", number(observed), number(median),
                number(ratio),
            )
        )  # fmt: skip
    header = (
        "channel", "mass [GeV]", "cτ [cm]", "published", "our mass [GeV]", "our observed", "our median",
        "median / published",
    )  # fmt: skip
    found = f"{len(ratios)} of {len(rows)} values have one of ours"
    if ratios:
        found += f", median ratio {number(statistics.median(ratios))}, {number(min(ratios))} to {number(max(ratios))}"
    caption = (
        f"{published.paper} ({published.source}), {published.kind}, {percent(published.confidence_level)}, "
        f"{published.luminosity_inverse_fb:g} fb⁻¹ (ours: {content.luminosity_inverse_fb:g} fb⁻¹), on the "
        f"{published.quantity}: {found}. {published.note}"
    )
    return Table(header, tuple(rows), caption.strip())


def our_limits(
    content: DisplacedReportContent, value: PublishedLifetimeLimit, confidence_level: float
) -> tuple[float, float, float]:
    """Return our mass (GeV), observed and median limit at the place of a published value; NaN where there is none."""
    limits = content.lifetime_limits.get(confidence_level, ())
    masses = np.array(sorted({one.mass_gev for one in limits if one.channel == value.channel}))
    nothing = (np.nan, np.nan, np.nan)
    if not masses.size:
        return nothing
    mass = float(masses[np.argmin(np.abs(masses - value.mass_gev))])
    if abs(mass / value.mass_gev - 1.0) > NEAR:
        return nothing
    curves = limits_by_lifetime(limits, value.channel, mass)
    place = np.array([value.ctau_cm])
    found = [float(curves[quantile](place)[0]) for quantile in ("observed", "0")]
    observed, median = (one if np.isfinite(one) else np.nan for one in found)
    return mass, observed, median
