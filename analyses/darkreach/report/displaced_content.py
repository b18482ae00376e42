"""What the report of a search for displaced vertices is made of: configuration, histograms, limits, efficiencies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

import numpy as np

from darkreach.configuration import DetectorConfig
from darkreach.configuration.displaced_search import COMBINED, DisplacedSearchConfig
from darkreach.couplings import EfficiencyGrid, LifetimeLimit, lifetime_limits_from
from darkreach.figures import FigureLabel
from darkreach.figures.axis_text import coupling_text, plain_coupling
from darkreach.figures.lifetime_islands import ExclusionContours, Plane, exclusion_contours
from darkreach.figures.lifetime_limit_grid import Floats, LifetimeLimitGrid, lifetime_limit_grid
from darkreach.histograms.search_histograms import SearchHistograms
from darkreach.limits.limits_file import LimitsDocument
from darkreach.published import PublishedLifetimes
from darkreach.report.content import CouplingReading, NamedEffect
from darkreach.report.data_description import data_kind_of, luminosity_of
from darkreach.report.displaced_names import left_out_masses

LARGEST_COUPLING: Final = 1.0
"""Couplings are looked for up to here."""


@dataclass(frozen=True)
class DisplacedReportContent:
    """Everything the report of a search for displaced vertices shows; the report itself computes no limit.

    Attributes:
        search: resolved configuration.
        detector: of the search; gives sqrt(s).
        histograms: of the processing stage.
        limits: of the limit stage, all confidence levels; metadata of the patches are in its ``meanings``.
        grids: efficiencies by channel, as published.
        readings: limits of all channels together as intervals of a coupling, the main one first.
        drawn: pseudo-data that are in the workspace alone, by region, and what they are drawn from: events in cells of
            mass and radius each.
        without_limits: channel and mass in GeV of hypotheses that were left out for want of simulated signal: lines and
            contours do not lead across these masses unless there is a limit at another lifetime.
        published: limits of papers in mass and lifetime.
        effects: why ours and the published limits may differ, and what is not simulated.
        cautions: what weakens the limits without making them wrong, a sentence each.
    """

    search: DisplacedSearchConfig
    detector: DetectorConfig
    histograms: SearchHistograms
    limits: LimitsDocument
    grids: Mapping[str, EfficiencyGrid]
    readings: Sequence[CouplingReading] = ()
    drawn: Mapping[str, tuple[Floats, Floats]] = field(default_factory=dict)
    without_limits: Sequence[tuple[str, float]] = ()
    published: Sequence[PublishedLifetimes] = ()
    effects: Sequence[NamedEffect] = ()
    cautions: Sequence[str] = ()

    @property
    def confidence_levels(self) -> tuple[float, ...]:
        """Levels that have limits, rising."""
        return tuple(sorted({limit.cl for limit in self.limits.limits}))

    @property
    def luminosity_inverse_fb(self) -> float:
        """Integrated luminosity of the limits, fb^-1.

        Raises:
            LimitError: the limits do not tell it, or the (pseudo-)data have another one.
        """
        return luminosity_of(self.limits, self.histograms)

    @property
    def data_kind(self) -> str:
        """``pseudo-data`` if they are simulated, else ``data``."""
        return data_kind_of(self.limits, self.histograms)

    @cached_property
    def label(self) -> FigureLabel:
        """The label of every figure."""
        return FigureLabel(self.data_kind, self.luminosity_inverse_fb, self.detector.beams.beams().sqrt_s)

    @cached_property
    def lifetime_limits(self) -> Mapping[float, Sequence[LifetimeLimit]]:
        """Limits against mass and lifetime by confidence level."""
        return {level: lifetime_limits_from(self.limits, cl=level) for level in self.confidence_levels}

    @property
    def coupling(self) -> tuple[str, str]:
        """Symbol of the coupling, with mathtext and without."""
        main = self.search.main_coupling
        name = self.search.simulation.coupling_parameter if main is None else main.name
        return coupling_text(name), plain_coupling(name)

    @property
    def squared_coupling(self) -> str:
        """Symbol of the square of the coupling, without mathtext."""
        name = self.coupling[1]
        return name.replace("sin ", "sin² ") if name.startswith("sin ") else f"{name}²"

    @property
    def mass_title(self) -> str:
        """Title of the mass axis, mathtext with unit."""
        return rf"${self.mass_symbol}$ [GeV]"

    @property
    def mass_symbol(self) -> str:
        """Mathtext of the mass, without dollar signs."""
        return self.search.labels.mass.strip("$")

    def channels(self, confidence_level: float) -> tuple[str, ...]:
        """Return the channels that have limits at a level: regions in order, then all together."""
        found = {limit.channel for limit in self.lifetime_limits.get(confidence_level, ())}
        names = [*(region.name for region in self.search.regions), COMBINED]
        return tuple(name for name in names if name in found)

    def grid(self, channel: str, confidence_level: float) -> LifetimeLimitGrid:
        """Return the limits of a channel over mass and lifetime, with the masses that it leaves out as gaps."""
        gaps = left_out_masses(self.search, channel)
        limits = self.lifetime_limits[confidence_level]
        return lifetime_limit_grid(limits, channel, confidence_level, gaps, self._without_limits(channel))

    def contours(self, reading: CouplingReading, confidence_level: float, plane: Plane) -> ExclusionContours:
        """Return the excluded regions of a coupling in mass and coupling, or in mass and lifetime.

        Raises:
            LimitError: an interval belongs to no tested mass.
        """
        limits = self.lifetime_limits[confidence_level]
        masses = [limit.mass_gev for limit in limits if limit.channel == COMBINED]
        masses += self._without_limits(COMBINED)
        gaps = left_out_masses(self.search, COMBINED)
        intervals = reading.intervals[confidence_level]
        return exclusion_contours(intervals, masses, confidence_level, plane, LARGEST_COUPLING, gaps)

    def central_lifetime(self, confidence_level: float) -> float:
        """Return the tested lifetime in the middle of the logarithms of all, cm."""
        lifetimes = np.unique([limit.ctau_cm for limit in self.lifetime_limits[confidence_level]])
        middle = np.sqrt(lifetimes[0] * lifetimes[-1])
        return float(lifetimes[np.argmin(np.abs(np.log(lifetimes / middle)))])

    def shortest_lifetime(self, confidence_level: float) -> float:
        """Return the shortest lifetime that was tested, cm."""
        return min(limit.ctau_cm for limit in self.lifetime_limits[confidence_level])

    def published_at(self, confidence_level: float) -> tuple[PublishedLifetimes, ...]:
        """Return the published limits on the same quantity at this level; others are never put beside ours."""
        quantity = self.search.quantity
        return tuple(
            one for one in self.published if one.confidence_level == confidence_level and one.quantity == quantity
        )

    def _without_limits(self, channel: str) -> list[float]:
        return [mass for name, mass in self.without_limits if name == channel]
