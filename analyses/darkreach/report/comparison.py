"""Our limits beside published ones of the same confidence level, mass by mass."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from darkreach.figures import LimitBand, percent
from darkreach.figures.axis_text import plain_coupling, plain_unit
from darkreach.published import PublishedLimits
from darkreach.report.table import NOTHING, Table, common_power, number, scaled_unit


@dataclass(frozen=True)
class ComparedPoint:
    """Published and our limits at one mass (GeV); NaN where we exclude nothing.

    Attributes:
        mass_gev: of the published value.
        published: published limit, smoothed if the paper's curve is to be.
        observed: ours.
        median: our median expected limit.
        between: the two tested masses ours is interpolated between; empty if the mass itself was tested.
    """

    mass_gev: float
    published: float
    observed: float
    median: float
    between: tuple[float, float] | tuple[()]


def compare(band: LimitBand, published: PublishedLimits) -> tuple[ComparedPoint, ...]:
    """Return our limits at the published masses, interpolated in log limit and log mass where not tested."""
    return tuple(
        ComparedPoint(
            point.mass_gev,
            point.limit,
            _at(band.mass_gev, band.observed, point.mass_gev),
            _at(band.mass_gev, band.expected[2], point.mass_gev),
            _neighbours(band.mass_gev, point.mass_gev),
        )
        for point in published.compared
    )


def _position(masses: NDArray[np.float64], mass: float) -> int | None:
    """Return the index of the tested mass that equals this one to rounding."""
    close = np.flatnonzero(np.isclose(masses, mass, rtol=1e-6, atol=0.0))
    return int(close[0]) if close.size else None


def _neighbours(masses: NDArray[np.float64], mass: float) -> tuple[float, float] | tuple[()]:
    if _position(masses, mass) is not None or not masses.size or not masses[0] < mass < masses[-1]:
        return ()
    index = int(np.searchsorted(masses, mass))
    return float(masses[index - 1]), float(masses[index])


def _at(masses: NDArray[np.float64], values: NDArray[np.float64], mass: float) -> float:
    index = _position(masses, mass)
    if index is not None:
        return float(values[index])
    between = _neighbours(masses, mass)
    if not between:
        return math.nan
    upper = int(np.searchsorted(masses, mass))
    fraction = math.log(mass / between[0]) / math.log(between[1] / between[0])
    return float(values[upper - 1] ** (1.0 - fraction) * values[upper] ** fraction)


def mean_ratio(points: tuple[ComparedPoint, ...], which: str) -> float:
    """Return the geometric mean of ours/published; ``which`` is ``observed`` or ``median``; NaN without any point."""
    ratios = np.array([getattr(point, which) / point.published for point in points])
    ratios = ratios[np.isfinite(ratios)]
    return float(np.exp(np.log(ratios).mean())) if ratios.size else math.nan


def comparison_table(band: LimitBand, published: PublishedLimits, luminosity_inverse_fb: float | None = None) -> Table:
    """Return published and our limits with their ratios.

    Args:
        band: ours, of the same coupling and confidence level.
        published: theirs.
        luminosity_inverse_fb: ours, fb^-1; said in the caption if it is another one.
    """
    points = compare(band, published)
    power = common_power([point.published for point in points])
    unit, scale = scaled_unit(power, plain_unit(published.unit)), 10.0**power
    ours = published.luminosity_inverse_fb if luminosity_inverse_fb is None else luminosity_inverse_fb
    other = "" if math.isclose(ours, published.luminosity_inverse_fb, rel_tol=0.01) else f"; ours: {ours:g} fb⁻¹"
    rows = tuple(
        (
            f"{point.mass_gev:g}",
            number(point.published / scale),
            number(point.observed / scale),
            number(point.observed / point.published),
            number(point.median / scale),
            number(point.median / point.published),
            _remark(point),
        )
        for point in points
    )
    mean = ("geometric mean", NOTHING, NOTHING, number(mean_ratio(points, "observed")), NOTHING,
            number(mean_ratio(points, "median")), "")  # fmt: skip
    return Table(
        header=(
            "mass [GeV]",
            f"published {published.kind}",
            "our observed",
            "observed / published",
            "our median",
            "median / published",
            "remark",
        ),
        rows=(*rows, mean),
        caption=f"{plain_coupling(published.coupling)}{f' in {unit}' if unit else ''}, "
        f"{percent(published.confidence_level)}; published: {published.source}, "
        f"{published.luminosity_inverse_fb:g} fb⁻¹, {published.note}".rstrip(", ")
        + other,
        text_columns=frozenset({6}),
    )


def _remark(point: ComparedPoint) -> str:
    if point.between:
        return f"ours interpolated between {point.between[0]:g} and {point.between[1]:g} GeV"
    if math.isnan(point.observed) and math.isnan(point.median):
        return "not tested, or nothing excluded"
    return ""
