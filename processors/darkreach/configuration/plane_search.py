"""The configuration of searches in a plane of two masses: that of the dark photon and that of the dark Higgs boson.

A hypothesis is a point of the plane. Each event has values of two observables, x and y, whose expectations are powers
of the two masses; what is counted lies in an ellipse about the point, in units of the resolution.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Annotated, Literal

from pydantic import Field, model_validator

from darkreach.configuration.detector import DetectorConfig
from darkreach.configuration.quantities import Quantity, Range, Section
from darkreach.configuration.recoil_search import BackgroundSettings
from darkreach.configuration.search import (
    LikelihoodSettings,
    Name,
    Positive,
    Preset,
    SearchConfig,
    SimulationSettings,
    require_different,
)

Knots = Annotated[tuple[tuple[float, Positive], ...], Field(min_length=2)]
Point = tuple[Positive, Positive]
"""Masses of the dark photon and of the dark Higgs boson, GeV."""

DecayMode = Literal["electrons", "muons", "pions", "anything"]


class PlaneAxis(Section):
    """One of the two observables, and the cells it is histogrammed in.

    Attributes:
        observable: by name, as the processor of the search knows it.
        unit: of the observable.
        power: the expected value is the mass (1) or its square (2).
        low: end of the histogram, in the unit of the observable.
        high: the other end.
        cell_widths: knots (value, width of a cell there), in the unit of the observable; linear in between.
        label: mathtext of the axis title, without unit.
    """

    observable: Name
    unit: Literal["GeV", "GeV^2"]
    power: Literal[1, 2]
    low: float
    high: float
    cell_widths: Knots
    label: str

    @model_validator(mode="after")
    def _ordered(self) -> PlaneAxis:
        if not self.low < self.high:
            raise ValueError(f"low must be below high, got {self.low} and {self.high}")
        if (self.power == 1) != (self.unit == "GeV"):
            raise ValueError(f"power 1 goes with GeV, power 2 with GeV^2, got {self.power} and {self.unit}")
        if any(not one[0] < other[0] for one, other in pairwise(self.cell_widths)):
            raise ValueError(f"cell_widths: values must rise, got {[knot[0] for knot in self.cell_widths]}")
        return self


class PlaneResolution(Section):
    """Resolutions of both observables over the plane, linear between knots.

    Attributes:
        knots: (mass of the dark photon, of the dark Higgs boson, resolution of x, of y, correlation); units of the
            axes, half widths of the central 68 %.
        source: how they were found.
    """

    knots: Annotated[
        tuple[tuple[Positive, Positive, Positive, Positive, Annotated[float, Field(gt=-1.0, lt=1.0)]], ...],
        Field(min_length=3),
    ]
    source: str
    note: str = ""


class PlaneSettings(Section):
    """The plane, and which of its points are hypotheses.

    Attributes:
        x: measures the mass of the dark photon.
        y: measures the mass of the dark Higgs boson.
        resolution: of both.
        dark_photon_mass: GeV, of the hypotheses.
        dark_higgs_mass: GeV, of the hypotheses.
        order: what is between the masses besides: ``lighter_higgs`` m_h < m_A, ``pair`` m_h > 2 m_A.
        excluded: ranges of the dark photon mass without hypotheses, GeV.
        steps: between neighbouring hypotheses in x and in y, in resolutions.
    """

    x: PlaneAxis
    y: PlaneAxis
    resolution: PlaneResolution
    dark_photon_mass: Range
    dark_higgs_mass: Range
    order: Literal["lighter_higgs", "pair"]
    excluded: tuple[Range, ...] = ()
    # finer ones would be millions of hypotheses that see the same events
    steps: tuple[Annotated[float, Field(ge=0.05)], Annotated[float, Field(ge=0.05)]]

    @model_validator(mode="after")
    def _possible(self) -> PlaneSettings:
        first, second = self.dark_photon_mass, self.dark_higgs_mass
        possible = second.high > 2.0 * first.low if self.order == "pair" else second.low < first.high
        if not possible:
            raise ValueError(
                f"order {self.order}: none of the masses fulfils it, dark photon {first.low} to {first.high} GeV, "
                f"dark Higgs boson {second.low} to {second.high} GeV"
            )
        return self


class PlaneRegion(Section):
    """A region: one way to see the signal; an event is in one region at most.

    Attributes:
        name: of the region.
        decays: of the dark photons of the event; ``anything`` is what was not looked at.
        signal: label of the signal samples that its efficiency comes from.
        dark_photon_mass: of the hypotheses that it takes part in, GeV.
        vetoed_mass: ranges of x without background and data, GeV; signals have them, so that their efficiency can be
            interpolated across. Hypotheses whose window reaches into one do without the region.
        sideband: whether there is one, ``sideband/<region>``, whose events tell its background.
        sideband_ratio: instead of ``ratio`` of ``workspace.sideband``.
    """

    name: Name
    decays: Annotated[tuple[DecayMode, ...], Field(min_length=1)]
    signal: Name
    dark_photon_mass: Range
    vetoed_mass: tuple[Range, ...] = ()
    sideband: bool = False
    sideband_ratio: Positive | None = None


class PlaneSignal(Section):
    """Signal samples, one a point of the preset; several labels differ in what decays how.

    Attributes:
        label: in the names of the samples.
        process: with parameters dark_photon_mass_gev, dark_higgs_mass_gev, kinetic_mixing and dark_coupling.
        parameters: all others, such as branching fractions.
        maximum_isr_fraction: largest share of the beam energy radiated; what is usual for the process if left out.
    """

    label: Name
    process: Name
    parameters: dict[str, float] = Field(default_factory=dict)
    maximum_isr_fraction: Annotated[float, Field(ge=0.0, lt=1.0)] | None = None


class PlaneSimulation(SimulationSettings):
    """Signals and backgrounds of a plane search; the reference coupling is epsilon squared times alpha_D.

    Attributes:
        kinetic_mixing: epsilon at which signals are simulated; alpha_D follows from the reference coupling.
    """

    kinetic_mixing: Quantity
    signals: Annotated[tuple[PlaneSignal, ...], Field(min_length=1)]
    backgrounds: tuple[BackgroundSettings, ...]

    @property
    def dark_coupling(self) -> float:
        """alpha_D at which signals are simulated."""
        return self.reference_coupling.value / self.kinetic_mixing.value**2


class SidebandSettings(Section):
    """How events of the sideband of a region tell its background: on/off counting.

    Attributes:
        ratio: events of the sideband expected for one in the region, in an equal part of the plane.
        ratio_uncertainty: relative, one parameter ``sideband_<region>`` a region.
        radius: the sideband of a hypothesis is taken from an ellipse of this radius about it, resolutions.
    """

    ratio: Quantity
    ratio_uncertainty: Quantity
    radius: Positive

    @model_validator(mode="after")
    def _in_range(self) -> SidebandSettings:
        if not (self.ratio.value > 0.0 and self.ratio_uncertainty.value >= 0.0):
            raise ValueError("ratio must be positive and its uncertainty not negative")
        return self


class PlaneWorkspaceSettings(LikelihoodSettings):
    """How the histograms of a plane become a HistFactory workspace.

    Attributes:
        extraction: ``window`` counts in an ellipse; ``template`` fits all bins of a square about the hypothesis.
        window_radius: of the ellipse, resolutions (Mahalanobis distance).
        template_half_width: of the square, resolutions.
        sideband: of regions that have one.
    """

    extraction: Literal["window", "template"]
    window_radius: Positive
    template_half_width: Positive = 4.0
    sideband: SidebandSettings | None = None

    @model_validator(mode="after")
    def _around_the_window(self) -> PlaneWorkspaceSettings:
        if self.sideband is not None and self.sideband.radius < self.window_radius:
            raise ValueError(
                f"sideband.radius {self.sideband.radius} must not be below window_radius {self.window_radius}"
            )
        return self


class PlanePreset(Preset):
    """Adds what to simulate and which hypotheses to test.

    Attributes:
        background_factor: on the numbers of events of all backgrounds.
        anchors: points to simulate signals at; hypotheses outside of what they span take the nearest.
        scan: hypotheses; ``all`` those of the plane, a number every so many of them.
    """

    background_factor: Positive
    anchors: Annotated[tuple[Point, ...], Field(min_length=3)]
    scan: Literal["all"] | Annotated[int, Field(ge=1)] | tuple[Point, ...]

    @model_validator(mode="after")
    def _spanning(self) -> PlanePreset:
        first = self.anchors[0]
        steps = [(x - first[0], y - first[1]) for x, y in self.anchors[1:]]
        largest = max(abs(x * other_y - y * other_x) for x, y in steps for other_x, other_y in steps)
        if largest <= 1e-9:
            raise ValueError("anchors are all on one line: nothing can be interpolated between them")
        return self


class PlaneSearchConfig(SearchConfig):
    """A plane search without its selection, which the configuration of each kind of search adds."""

    simulation: PlaneSimulation
    plane: PlaneSettings
    regions: Annotated[tuple[PlaneRegion, ...], Field(min_length=1)]
    workspace: PlaneWorkspaceSettings
    presets: Mapping[str, PlanePreset]

    @model_validator(mode="after")
    def _fits_together(self) -> PlaneSearchConfig:
        require_different("regions: names", [region.name for region in self.regions])
        labels = [signal.label for signal in self.simulation.signals]
        require_different("simulation.signals: labels", labels)
        for region in self.regions:
            if region.signal not in labels:
                raise ValueError(f"region {region.name}: no signal samples '{region.signal}', only {labels}")
            if region.sideband != (self.workspace.sideband is not None):
                raise ValueError(f"region {region.name}: sideband and workspace.sideband go together")
        named = {name for group in self.workspace.groups for name in group.samples}
        for one in self.simulation.backgrounds if named else ():
            sample = f"{one.process}_{one.label}" if one.label else one.process
            if not {one.process, sample} & named:
                raise ValueError(f"background {sample} is in no group of the workspace: {sorted(named)}")
        for name, preset in self.presets.items():
            require_different(f"anchors of preset {name}", [str(point) for point in preset.anchors])
        if self.corrections:
            raise ValueError("corrections are not used by this search; give variations instead")
        return self

    @property
    def mu_one(self) -> str:
        """What a signal strength of one is, in words: limits are on the cross-section without radiation."""
        reference = self.simulation.reference_coupling.value
        return f"Born cross-section of {self.title} at epsilon squared alpha_D = {reference:g}"

    @property
    def detector_sections(self) -> tuple[str, ...]:
        """Everything: all that is measured may be a veto."""
        return tuple(DetectorConfig.model_fields)
