"""What a report is made of: configuration, histograms, limits, couplings, published values and named effects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from darkreach.configuration import CouplingSettings, DetectorConfig, MassScanConfig
from darkreach.couplings.couplings_file import ExcludedInterval
from darkreach.figures import FigureLabel, LimitBand, StackedSpectrum, coupling_limits, cross_section_limits
from darkreach.fits import GlobalSignificance
from darkreach.histograms.search_histograms import SearchHistograms
from darkreach.limits.limits_file import LimitsDocument
from darkreach.published import PublishedLimits
from darkreach.report.data_description import data_kind_of, luminosity_of


@dataclass(frozen=True)
class NamedEffect:
    """One cause why our limit differs from the published one, with its size in words and numbers."""

    cause: str
    effect: str


@dataclass(frozen=True)
class CouplingReading:
    """The limits of a run read as limits on one coupling.

    Attributes:
        settings: the coupling and its model.
        intervals: excluded intervals by confidence level, from the files of the coupling stage.
    """

    settings: CouplingSettings
    intervals: Mapping[float, Sequence[ExcludedInterval]]


@dataclass(frozen=True)
class ReportContent:
    """Everything a report shows; the report itself computes no limit.

    Attributes:
        search: resolved configuration, ``read_search(config_path("searches", name))``.
        detector: ``read_config(config_path("detectors", search.detector), DetectorConfig)``; gives sqrt(s).
        histograms: of the processing stage, ``read_histograms``; spectra, cutflows, ledger.
        limits: of the limit stage, ``read_limits``; its luminosity is the one of the whole report.
        readings: the limits as limits on couplings, the main one first; none for cross-sections only.
        published: limits of papers, of any coupling and confidence level.
        effects: why ours and the published limit differ.
        stacked: spectra of background groups, those of one figure together; none for searches without groups.
        groups: background samples by group.
        significance: of the largest excess of the scan; None if it was not looked for.
        cautions: what weakens the limits without making them wrong, a sentence each.
    """

    search: MassScanConfig
    detector: DetectorConfig
    histograms: SearchHistograms
    limits: LimitsDocument
    readings: Sequence[CouplingReading]
    published: Sequence[PublishedLimits] = ()
    effects: Sequence[NamedEffect] = ()
    stacked: Sequence[Sequence[StackedSpectrum]] = ()
    groups: Mapping[str, Sequence[str]] = field(default_factory=dict)
    significance: GlobalSignificance | None = None
    cautions: Sequence[str] = ()

    @property
    def confidence_levels(self) -> tuple[float, ...]:
        """Levels that have limits, rising."""
        return tuple(sorted({limit.cl for limit in self.limits.limits}))

    @property
    def luminosity_inverse_fb(self) -> float:
        """Integrated luminosity of the limits, fb^-1.

        Raises:
            LimitError: the limits do not tell their luminosity, or the (pseudo-)data have another one.
        """
        return luminosity_of(self.limits, self.histograms)

    @property
    def data_kind(self) -> str:
        """``pseudo-data`` if they are simulated, else ``data``."""
        return data_kind_of(self.limits, self.histograms)

    @property
    def label(self) -> FigureLabel:
        """The label of every figure."""
        return FigureLabel(self.data_kind, self.luminosity_inverse_fb, self.detector.beams.beams().sqrt_s)

    @property
    def masses_gev(self) -> tuple[float, ...]:
        """All masses that were tested, rising."""
        return tuple(sorted({float(limit.values["mass_gev"]) for limit in self.limits.limits}))

    @property
    def masses_by_name(self) -> dict[str, float]:
        """Masses of the hypotheses by name, GeV."""
        return {limit.name: float(limit.values["mass_gev"]) for limit in self.limits.limits}

    def coupling_band(self, reading: CouplingReading, confidence_level: float) -> LimitBand:
        """Return the excluded couplings at one level, a gap at masses where nothing is excluded."""
        return coupling_limits(reading.intervals[confidence_level], self.masses_gev, confidence_level)

    def cross_section_band(self, confidence_level: float) -> LimitBand:
        """Return the limits on the cross-section at one level, fb."""
        return cross_section_limits(self.limits.limits, self.limits.meanings, confidence_level)

    def published_at(self, reading: CouplingReading, confidence_level: float) -> tuple[PublishedLimits, ...]:
        """Return the published limits of this coupling and level; others are never put beside ours."""
        return tuple(
            one
            for one in self.published
            if one.coupling == reading.settings.name and one.confidence_level == confidence_level
        )
