"""What the report of a plane search is made of: configuration, histograms, limits, couplings, published ranges."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from darkreach.configuration import CouplingSettings, DetectorConfig
from darkreach.configuration.plane_search import PlaneSearchConfig
from darkreach.couplings import PlaneInterval
from darkreach.figures import FigureLabel
from darkreach.figures.plane_frame import Floats, PlaneBox, PlaneFrame
from darkreach.figures.plane_limits import PlaneLimits, plane_coupling_limits, plane_cross_sections, plane_points
from darkreach.figures.plane_window_maps import PlaneWindows, plane_windows
from darkreach.fits.plane_significance import PlaneSignificance
from darkreach.histograms.search_histograms import SearchHistograms
from darkreach.limits.limits_file import LimitsDocument
from darkreach.published import PublishedRange
from darkreach.report.content import NamedEffect
from darkreach.report.data_description import data_kind_of, luminosity_of


@dataclass(frozen=True)
class PlaneReading:
    """The limits of a plane search read as limits on one coupling.

    Attributes:
        settings: the coupling and its model; the numbers of its parameters are said in captions.
        intervals: excluded intervals by confidence level, ``read_plane_couplings`` of the files of the coupling stage.
    """

    settings: CouplingSettings
    intervals: Mapping[float, Sequence[PlaneInterval]]


@dataclass(frozen=True)
class PlaneReportContent:
    """Everything the report of a plane search shows; the report itself computes no limit.

    Attributes:
        search: resolved configuration.
        detector: of the search; gives sqrt(s).
        histograms: of the processing stage; cells of background and data, cutflows, ledger.
        limits: of the limit stage, all confidence levels; metadata of the patches are in its ``meanings``: of each
            hypothesis cross_section_fb and, by region, efficiency, branching, background_events, observed.
        readings: the limits as limits on couplings, the main one first; none for cross-sections only.
        published: ranges of papers, of any quantity and confidence level.
        effects: why ours and the published limits may differ.
        significance: of the largest excess of the plane, by toys; None if it was not looked for.
        cautions: what weakens the limits without making them wrong, a sentence each.
    """

    search: PlaneSearchConfig
    detector: DetectorConfig
    histograms: SearchHistograms
    limits: LimitsDocument
    readings: Sequence[PlaneReading] = ()
    published: Sequence[PublishedRange] = ()
    effects: Sequence[NamedEffect] = ()
    significance: PlaneSignificance | None = None
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

    @property
    def sqrt_s(self) -> float:
        """Centre-of-mass energy, GeV."""
        return self.detector.beams.beams().sqrt_s

    @property
    def label(self) -> FigureLabel:
        """The label of every figure."""
        return FigureLabel(self.data_kind, self.luminosity_inverse_fb, self.sqrt_s)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names of the hypotheses, by rising dark photon, then dark Higgs mass."""
        return plane_points(self.limits)[0]

    @cached_property
    def masses(self) -> Floats:
        """Masses (n, 2) of the hypotheses in the order of the names, GeV."""
        return plane_points(self.limits)[1]

    @cached_property
    def windows(self) -> PlaneWindows:
        """What the windows hold, in the order of the names."""
        return plane_windows(self.limits.meanings, self.names, [region.name for region in self.search.regions])

    def frame(self, boxes: Sequence[PlaneBox] = ()) -> PlaneFrame:
        """Return the frame of all maps, with published ranges."""
        return PlaneFrame(self.masses, self.search.plane.order, self.label, tuple(boxes))

    def cross_sections(self, confidence_level: float) -> PlaneLimits:
        """Return the limits on the cross-section of mu = 1 at one level, fb."""
        return plane_cross_sections(self.limits, confidence_level)

    def coupling_limits(self, reading: PlaneReading, confidence_level: float) -> PlaneLimits:
        """Return the limits on a coupling at one level."""
        return plane_coupling_limits(reading.intervals[confidence_level], self.masses, confidence_level)

    def published_on(self, quantity: str, confidence_level: float) -> tuple[PublishedRange, ...]:
        """Return the published ranges of a quantity (``cross_section_fb`` or a coupling) at this level."""
        return tuple(
            one for one in self.published if one.quantity == quantity and one.confidence_level == confidence_level
        )
