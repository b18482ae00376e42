"""Published limits to compare with: a few values quoted with their paper, confidence level and luminosity."""

from __future__ import annotations

import math
from typing import Annotated, Literal

from pydantic import Field, model_validator

from darkreach.configuration import Section
from darkreach.published.lifetimes import PublishedLifetimes
from darkreach.published.ranges import PublishedRange

Positive = Annotated[float, Field(gt=0)]
Points = Annotated[tuple["PublishedPoint", ...], Field(min_length=1)]


class PublishedPoint(Section):
    """One published upper limit: mass in GeV, limit in the unit of the coupling."""

    mass_gev: Positive
    limit: Positive


class PublishedLimits(Section):
    """One curve of one paper, observed or expected.

    Attributes:
        paper: where it was published.
        source: how the values were obtained, e.g. ``arXiv:2007.13071, digitised``; starts with ``unverified`` where
            that is not known.
        coupling: name of the coupling; that of a reading of our limits.
        unit: its unit.
        confidence_level: e.g. 0.95; limits of different levels are never compared.
        luminosity_inverse_fb: integrated luminosity of the paper, fb^-1.
        smoothing: relative width in mass of the window whose geometric mean stands for a fluctuating curve; 0 for the
            values as they are.
        note: what a reader must know about these values.
        observed: points in order of rising mass; or
        expected: the same of an expected limit or a projection.
    """

    paper: str
    source: str
    coupling: str
    unit: str
    confidence_level: Annotated[float, Field(gt=0.5, lt=1.0)]
    luminosity_inverse_fb: Positive
    smoothing: Annotated[float, Field(ge=0.0, lt=1.0)] = 0.0
    note: str = ""
    observed: Points | tuple[()] = ()
    expected: Points | tuple[()] = ()

    @model_validator(mode="after")
    def _one_rising_curve(self) -> PublishedLimits:
        if bool(self.observed) == bool(self.expected):
            raise ValueError("give points as either observed or expected")
        masses = [point.mass_gev for point in self.points]
        if any(later <= earlier for earlier, later in zip(masses, masses[1:], strict=False)):
            raise ValueError(f"masses must rise, got {masses}")
        return self

    @property
    def kind(self) -> Literal["observed", "expected"]:
        """What the points are."""
        return "observed" if self.observed else "expected"

    @property
    def of_known_origin(self) -> bool:
        """Whether the values can be traced to a paper."""
        return not self.source.startswith("unverified")

    @property
    def points(self) -> tuple[PublishedPoint, ...]:
        """Observed or expected points as published."""
        return self.observed or self.expected

    @property
    def compared(self) -> tuple[PublishedPoint, ...]:
        """The points to compare with: each the geometric mean of all those within the smoothing window around it."""
        return tuple(
            PublishedPoint(mass_gev=point.mass_gev, limit=self._mean_around(point.mass_gev)) for point in self.points
        )

    def _mean_around(self, mass: float) -> float:
        # the points themselves are inside in spite of rounding
        low, high = mass * (1.0 - self.smoothing) * (1.0 - 1e-12), mass * (1.0 + self.smoothing) * (1.0 + 1e-12)
        near = [point.limit for point in self.points if low <= point.mass_gev <= high]
        return near[0] if len(near) == 1 else math.exp(sum(math.log(limit) for limit in near) / len(near))


class PublishedSearch(Section):
    """What is published about one search, and what separates ours from it.

    Attributes:
        search: name of ours.
        limits: curves, the main one first.
        ranges: of limits over a plane of two masses.
        lifetimes: limits in mass and lifetime.
        causes: named causes of a difference, a sentence each.
    """

    search: str
    limits: tuple[PublishedLimits, ...] = ()
    ranges: tuple[PublishedRange, ...] = ()
    lifetimes: tuple[PublishedLifetimes, ...] = ()
    causes: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _something(self) -> PublishedSearch:
        if not self.limits and not self.ranges and not self.lifetimes:
            raise ValueError("give limits, or ranges of them, or limits in mass and lifetime")
        return self

    def of(self, coupling: str) -> tuple[PublishedLimits, ...]:
        """Return the curves on one coupling."""
        return tuple(limits for limits in self.limits if limits.coupling == coupling)
