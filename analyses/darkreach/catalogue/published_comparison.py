"""Our limits on a coupling beside published ones, projected to the luminosity of the paper where ours differs."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

import numpy as np

from darkreach.configuration import CouplingSettings
from darkreach.couplings import ExcludedInterval, couplings_from_limits
from darkreach.figures import coupling_limits
from darkreach.limits import LimitsDocument, compute_limits, limit_engine
from darkreach.published import PublishedLimits
from darkreach.report import compare
from darkreach.sharing import Hypothesis, projected

GOAL: Final = (0.67, 1.5)
"""Range of ours over published aimed at for every value."""

MEDIAN_GOAL: Final = (0.8, 1.25)
"""The same for the median of all values."""

SAME_LUMINOSITY: Final = 0.02
"""Relative difference up to which luminosities count as equal."""


@dataclass(frozen=True)
class PublishedComparison:
    """Ours beside one published value of the coupling; NaN where we exclude nothing, or did not test."""

    mass_gev: float
    median: float
    observed: float
    published: float
    ratio: float
    source: str


@dataclass(frozen=True)
class ComparedCurve:
    """Ours beside one published curve.

    Attributes:
        coupling: name.
        unit: of the coupling.
        confidence_level: of both.
        source: of the published values.
        kind: of the published values, observed or expected.
        smoothed: whether they were smoothed.
        luminosity_inverse_fb: of both, fb^-1.
        projected: whether ours is a projection from another luminosity; it then has no observed limits.
        rows: by mass.
    """

    coupling: str
    unit: str
    confidence_level: float
    source: str
    kind: str
    smoothed: bool
    luminosity_inverse_fb: float
    projected: bool
    rows: tuple[PublishedComparison, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return JSON-like data, null where there is no number, with the median of the ratios and the goal."""
        numbers = asdict(self) | {"median_ratio": _number(self.median_ratio), "reached": self.reached}
        rows = [{key: _number(value) for key, value in asdict(row).items()} for row in self.rows]
        return numbers | {"rows": rows}

    @property
    def ratios(self) -> tuple[float, ...]:
        """Our median over published, where there are both."""
        return tuple(row.ratio for row in self.rows if math.isfinite(row.ratio))

    @property
    def median_ratio(self) -> float:
        """The median of the ratios; NaN without any."""
        return statistics.median(self.ratios) if self.ratios else math.nan

    @property
    def inside_goal(self) -> int:
        """Number of ratios within ``GOAL``."""
        return sum(GOAL[0] <= ratio <= GOAL[1] for ratio in self.ratios)

    @property
    def reached(self) -> bool:
        """Whether all ratios and their median are as good as aimed at."""
        return self.inside_goal == len(self.ratios) > 0 and MEDIAN_GOAL[0] <= self.median_ratio <= MEDIAN_GOAL[1]


def beside_published(
    published: PublishedLimits,
    settings: CouplingSettings,
    document: LimitsDocument,
    intervals: Sequence[ExcludedInterval],
    hypotheses: Sequence[Hypothesis],
) -> ComparedCurve:
    """Compare excluded intervals of a coupling with a published curve of the same coupling and confidence level.

    Args:
        published: the curve.
        settings: of the coupling.
        document: our limits.
        intervals: from them, at the level of the paper.
        hypotheses: with the names of the limits; used if the paper has another luminosity, which our background
            expectation is then scaled to, with the same relative uncertainties and asymptotic limits.
    """
    theirs = published.luminosity_inverse_fb
    other = not math.isclose(document.luminosity_inverse_fb or theirs, theirs, rel_tol=SAME_LUMINOSITY)
    if other:
        intervals = _projected_intervals(published, settings, document, hypotheses)
    masses = sorted({interval.mass_gev for interval in intervals})
    rows = tuple(
        PublishedComparison(
            mass_gev=point.mass_gev,
            median=point.median,
            observed=math.nan if other else point.observed,
            published=point.published,
            ratio=point.median / point.published,
            source=published.source,
        )
        for point in compare(coupling_limits(intervals, masses, published.confidence_level), published)
    )
    return ComparedCurve(
        coupling=published.coupling,
        unit=published.unit,
        confidence_level=published.confidence_level,
        source=published.source,
        kind=published.kind,
        smoothed=published.smoothing > 0.0,
        luminosity_inverse_fb=theirs,
        projected=other,
        rows=rows,
    )


def _number(value: Any) -> Any:
    return None if isinstance(value, float) and math.isnan(value) else value


def _projected_intervals(
    published: PublishedLimits, settings: CouplingSettings, document: LimitsDocument, hypotheses: Sequence[Hypothesis]
) -> list[ExcludedInterval]:
    factor = published.luminosity_inverse_fb / (document.luminosity_inverse_fb or math.nan)
    chosen = [projected(one, factor) for one in _around(hypotheses, [point.mass_gev for point in published.points])]
    limits = compute_limits(chosen, [published.confidence_level], engine=limit_engine("auto", method="asymptotic"))
    scaled = replace(document, limits=tuple(limits), luminosity_inverse_fb=published.luminosity_inverse_fb)
    return couplings_from_limits(scaled, settings, cl=published.confidence_level)


def _around(hypotheses: Sequence[Hypothesis], masses: Sequence[float]) -> list[Hypothesis]:
    """Return, once each and by rising mass, the hypotheses at these masses and those next to them on both sides."""
    ordered = sorted(hypotheses, key=lambda hypothesis: float(hypothesis.values["mass_gev"]))
    tested = np.array([float(hypothesis.values["mass_gev"]) for hypothesis in ordered])
    wanted = set()
    for mass in masses:
        above = int(np.searchsorted(tested, mass))
        wanted |= {index for index in (above - 1, above) if 0 <= index < len(ordered)}
    return [ordered[index] for index in sorted(wanted)]
