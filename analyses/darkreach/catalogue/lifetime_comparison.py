"""Our median expected limits in mass and lifetime beside published ones: ratios, and how both change with lifetime."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
from scipy.stats import spearmanr

from darkreach.catalogue.median_limits import MedianLimits
from darkreach.couplings import LifetimeLimit
from darkreach.published import PublishedLifetimeLimit, PublishedLifetimes

MEDIAN_RATIO_GOAL: Final = (0.67, 1.5)
"""Range of the median of ours over published aimed at."""

LARGEST_FACTOR: Final = 3.0
"""What every single ratio, or its inverse, may reach."""

TREND_ENDS_CM: Final = (0.1, 100.0)
"""Lifetimes between which the slope is taken, cm."""


@dataclass(frozen=True)
class LifetimeRow:
    """Ours beside one published value; NaN where we have no limit."""

    channel: str
    mass_gev: float
    ctau_cm: float
    median: float
    published: float
    ratio: float


@dataclass(frozen=True)
class LifetimeTrend:
    """How limits of a channel change with lifetime, ours against published; NaN without enough values.

    Attributes:
        channel: name.
        masses: number of masses with at least three lifetimes.
        rank_correlation: of ours and published limits at the lifetimes of one mass (Spearman), smallest of the masses.
        slope_difference: largest over the masses, in size, of the slopes d log(limit)/d log(c tau) between 0.1 and
            100 cm, ours minus published.
    """

    channel: str
    masses: int
    rank_correlation: float
    slope_difference: float


@dataclass(frozen=True)
class ComparedLifetimes:
    """Ours beside the values of one paper.

    Attributes:
        quantity: what the limits are on.
        source: of the published values.
        kind: of the published values, observed or expected; ours are the median expected ones.
        confidence_level: of both.
        luminosity_inverse_fb: of the paper, fb^-1.
        our_luminosity_inverse_fb: ours, fb^-1, None if not known; nothing is scaled.
        rows: in the order of the published values.
        trends: by channel.
    """

    quantity: str
    source: str
    kind: str
    confidence_level: float
    luminosity_inverse_fb: float
    our_luminosity_inverse_fb: float | None
    rows: tuple[LifetimeRow, ...]
    trends: tuple[LifetimeTrend, ...]

    @property
    def ratios(self) -> tuple[float, ...]:
        """Ours over published, where there are both."""
        return tuple(row.ratio for row in self.rows if math.isfinite(row.ratio))

    @property
    def median_ratio(self) -> float:
        """The median of the ratios; NaN without any."""
        return statistics.median(self.ratios) if self.ratios else math.nan

    @property
    def inside(self) -> int:
        """Number of ratios within a factor of ``LARGEST_FACTOR``."""
        return sum(1.0 / LARGEST_FACTOR <= ratio <= LARGEST_FACTOR for ratio in self.ratios)

    @property
    def reached(self) -> bool:
        """Whether each value has one of ours within the factor, and the median is as good as aimed at."""
        low, high = MEDIAN_RATIO_GOAL
        return self.inside == len(self.rows) > 0 and low <= self.median_ratio <= high

    def as_dict(self) -> dict[str, Any]:
        """Return JSON-like data, null where there is no number, with a summary of the ratios."""
        content = asdict(self) | {"median_ratio": _number(self.median_ratio), "reached": self.reached}
        content["smallest_ratio"] = min(self.ratios, default=None)
        content["largest_ratio"] = max(self.ratios, default=None)
        for name in ("rows", "trends"):
            content[name] = [{key: _number(value) for key, value in row.items()} for row in content[name]]
        return content


def beside_lifetimes(
    published: PublishedLifetimes, limits: Sequence[LifetimeLimit], our_luminosity_inverse_fb: float | None
) -> ComparedLifetimes:
    """Compare our median expected limits with published ones of the same quantity and confidence level.

    Args:
        published: values of one paper.
        limits: ours.
        our_luminosity_inverse_fb: of ours, fb^-1.
    """
    ours = MedianLimits(limits)
    rows = []
    for value in published.values:
        median = float(ours.at(value.channel, value.mass_gev, value.ctau_cm))
        place = (value.channel, value.mass_gev, value.ctau_cm)
        rows.append(LifetimeRow(*place, median, value.upper, median / value.upper))
    return ComparedLifetimes(
        quantity=published.quantity,
        source=published.source,
        kind=published.kind,
        confidence_level=published.confidence_level,
        luminosity_inverse_fb=published.luminosity_inverse_fb,
        our_luminosity_inverse_fb=our_luminosity_inverse_fb,
        rows=tuple(rows),
        trends=lifetime_trends(published.values, ours),
    )


def lifetime_trends(published: Iterable[PublishedLifetimeLimit], ours: MedianLimits) -> tuple[LifetimeTrend, ...]:
    """Return, by channel, how our limits change with lifetime against how the published ones do."""
    groups: dict[str, dict[float, list[PublishedLifetimeLimit]]] = {}
    for value in published:
        groups.setdefault(value.channel, {}).setdefault(value.mass_gev, []).append(value)
    return tuple(_trend(channel, masses, ours) for channel, masses in groups.items())


def _trend(channel: str, masses: dict[float, list[PublishedLifetimeLimit]], ours: MedianLimits) -> LifetimeTrend:
    ranks, slopes = [], []
    for mass, values in masses.items():
        ctau = np.array([value.ctau_cm for value in values])
        theirs = np.log([value.upper for value in values])
        found = np.log(ours.at(channel, mass, ctau))
        known = np.isfinite(found)
        if known.sum() >= 3:
            # limits that do not change at all have no order
            flat = np.ptp(found[known]) == 0.0 or np.ptp(theirs[known]) == 0.0
            ranks.append(0.0 if flat else float(spearmanr(found[known], theirs[known]).statistic))
        ends = [np.flatnonzero(known & np.isclose(ctau, end)) for end in TREND_ENDS_CM]
        if all(len(end) for end in ends):
            first, last = int(ends[0][0]), int(ends[1][0])
            decades = math.log(TREND_ENDS_CM[1] / TREND_ENDS_CM[0])
            slopes.append(float((found[last] - found[first] - theirs[last] + theirs[first]) / decades))
    return LifetimeTrend(channel, len(ranks), min(ranks, default=math.nan), max(slopes, key=abs, default=math.nan))


def _number(value: Any) -> Any:
    return None if isinstance(value, float) and math.isnan(value) else value
