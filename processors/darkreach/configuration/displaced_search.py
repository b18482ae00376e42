"""The configuration of searches for displaced vertices of two tracks, alone or beside a kaon from a B meson.

A hypothesis is a mass and a lifetime, of one channel or of all of them together. The lifetime of a simulated decay is
re-weighted event by event; what is counted lies in a window of the mass, in bins of the radius of the vertex.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Annotated, Final, Literal

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
    VariationSettings,
    require_different,
)

Pair = Literal["ee", "mumu", "pipi", "kk"]
Kaon = Literal["none", "kplus", "kstar0"]
Species = Literal["electron", "muon", "pion", "kaon", "proton"]

PAIR_SPECIES: Final[Mapping[Pair, Species]] = {"ee": "electron", "mumu": "muon", "pipi": "pion", "kk": "kaon"}
"""What both tracks of a pair are taken for."""

COMBINED: Final = "combined"
"""The channel of hypotheses on all regions together, with the rates of a model at one coupling."""


class PairVeto(Section):
    """A range of the mass of the pair that is left out, under some hypothesis for the tracks.

    Attributes:
        first: what one track is taken for.
        second: the other one; both assignments are tried.
        mass: GeV.
    """

    first: Species
    second: Species
    mass: Range


class MassResolution(Section):
    """Resolution of the observable against the mass, linear between knots.

    Attributes:
        knots: (mass in GeV, resolution of the observable in GeV), half widths of the central 68 %.
        source: how they were found.
    """

    knots: Annotated[tuple[tuple[Positive, Positive], ...], Field(min_length=2)]
    source: str
    note: str = ""

    @model_validator(mode="after")
    def _rising(self) -> MassResolution:
        masses = [mass for mass, _ in self.knots]
        if any(not one < other for one, other in pairwise(masses)):
            raise ValueError(f"masses of the knots must rise, got {masses}")
        return self


class DisplacedRegion(Section):
    """A region, which is a channel: one pair of tracks, with one kaon system or none. An event may be in several.

    Attributes:
        name: of the region.
        pair: what the two tracks are.
        kaon: what else the B meson decays to; ``none`` if no B meson is reconstructed.
        signal: label of the signal samples that its efficiency comes from.
        mass: of the hypotheses that it takes part in, GeV.
        excluded: masses without it, GeV: where vetoes take the signal away. None of them may hold an anchor.
        smallest_radius: of the vertex, cm, if larger than the first of ``radius_edges``.
        material_distance: smallest radial distance to a layer of material, cm; vertices closer are left out.
        vetoes: on the mass of the pair under other hypotheses.
        vetoed_identification: hypotheses whose working point neither track may pass.
        resolution: of the observable.
    """

    name: Name
    pair: Pair
    kaon: Kaon
    signal: Name
    mass: Range
    excluded: tuple[Range, ...] = ()
    smallest_radius: Positive | None = None
    material_distance: Quantity | None = None
    vetoes: tuple[PairVeto, ...] = ()
    vetoed_identification: tuple[Literal["electron", "muon", "pion", "kaon"], ...] = ()
    resolution: MassResolution


class BCandidate(Section):
    """The B meson that pair and kaon form.

    Attributes:
        impact: largest distance of the kaon (and pion of a K*) from the beams, cm.
        longitudinal_impact: largest distance along z, cm.
        transverse_momentum: smallest of these tracks, GeV.
        identification: smallest ``kaonID`` of the kaon, ``pionID`` of the pion.
        resonance_mass: of kaon and pion of a K*, GeV.
        beam_constrained_mass: M_bc, GeV.
        energy_difference: largest absolute value of Delta E, GeV.
        sideband_energy_difference: up to this absolute value Delta E is histogrammed, GeV.
        fox_wolfram_ratio: largest R2 of tracks and photons of the event; no such cut if left out.
    """

    impact: Quantity
    longitudinal_impact: Quantity
    transverse_momentum: Quantity
    identification: Quantity
    resonance_mass: Range
    beam_constrained_mass: Range
    energy_difference: Quantity
    sideband_energy_difference: Quantity
    fox_wolfram_ratio: Quantity | None = None


class DisplacedSelection(Section):
    """What makes a candidate.

    Attributes:
        trigger_lines: one of them must have fired; none asks for none.
        event_efficiency: a factor on all simulated events.
        track_transverse_momentum: smallest of the two tracks, GeV.
        identification: smallest value of the variable of the hypothesis of the pair, of both tracks.
        pointing_cosine: smallest cosine between the momentum of the pair and the way from the beams to the vertex,
            across the beams.
        pair_transverse_momentum: smallest of the pair, GeV, laboratory.
        background_identification: ``weighted`` counts simulated background with the probabilities of the detector
            instead of its random answers: many more events say something.
        b_candidate: of searches for a kaon beside the pair.
    """

    trigger_lines: tuple[Name, ...] = ()
    event_efficiency: Quantity
    track_transverse_momentum: Quantity
    identification: Quantity
    pointing_cosine: Quantity
    pair_transverse_momentum: Quantity
    background_identification: Literal["sampled", "weighted"] = "sampled"
    b_candidate: BCandidate | None = None


class DisplacedSignal(Section):
    """Signal samples, one an anchor mass inside of ``mass``.

    Attributes:
        label: in the names of the samples.
        process: with parameters mass_gev, lifetime_ctau_cm, decay_radius_from_cm, decay_radius_to_cm, decay_spread.
        parameters: all others besides the coupling, such as branching fractions.
        mass: anchors are simulated in this range, GeV.
        maximum_isr_fraction: largest share of the beam energy radiated; what is usual for the process if left out.
    """

    label: Name
    process: Name
    parameters: dict[str, float] = Field(default_factory=dict)
    mass: Range
    maximum_isr_fraction: Annotated[float, Field(ge=0.0, lt=1.0)] | None = None


class DisplacedSimulation(SimulationSettings):
    """Signals and backgrounds; mu = 1 is the reference coupling: a product of branching fractions, or fb.

    Attributes:
        coupling_parameter: parameter of the signal processes that is the coupling.
        generated_coupling: its value in the samples; rates go with its square.
        combined_coupling: its value at mu = 1 of hypotheses on all channels together.
        generated_ctau_cm: mean proper decay length of the samples, at least all of ``lifetimes_cm``.
        decay_radius: decays are forced into this range of distances from the beams, evenly in the logarithm, cm.
        signals: of all regions.
        backgrounds: none for searches that are given data.
    """

    coupling_parameter: Name
    generated_coupling: Quantity
    combined_coupling: Quantity
    generated_ctau_cm: Quantity
    decay_radius: Range
    signals: Annotated[tuple[DisplacedSignal, ...], Field(min_length=1)]
    backgrounds: tuple[BackgroundSettings, ...]


class MassObservable(Section):
    """What is histogrammed, and how finely.

    Attributes:
        observable: ``pair_mass`` m, or ``reduced_mass`` sqrt(m^2 - 4 m_x^2), which is flat at threshold.
        cells_per_resolution: of the histograms.
        step_resolutions: between neighbouring hypotheses, in units of the best resolution of all regions.
        label: mathtext of the axis title, without unit.
    """

    observable: Literal["pair_mass", "reduced_mass"]
    cells_per_resolution: Positive
    step_resolutions: Positive
    label: str


class MassSideband(Section):
    """Neighbouring masses, both sides, whose events tell the background of a window: on/off counting.

    Attributes:
        inner: begins at this distance, resolutions.
        outer: ends there.
        ratio_uncertainty: relative, of its ratio to the window; one parameter ``sideband_<region>`` a region.
    """

    inner: Positive
    outer: Positive
    ratio_uncertainty: Quantity

    @model_validator(mode="after")
    def _ordered(self) -> MassSideband:
        if not self.inner < self.outer:
            raise ValueError(f"inner must be below outer, got {self.inner} and {self.outer}")
        return self


class DisplacedWorkspaceSettings(LikelihoodSettings):
    """How the histograms become a HistFactory workspace.

    Attributes:
        window_half_width: of the mass of a hypothesis, resolutions.
        sideband: that tells its background.
        smoothing_resolutions: pseudo-data are drawn from the simulated background averaged over so many resolutions.
        smallest_effective_events: of the re-weighted signal in the window of a region; with fewer, its efficiency at
            that lifetime is not known and the region does without.
    """

    window_half_width: Positive
    sideband: MassSideband
    smoothing_resolutions: Positive
    smallest_effective_events: Positive = 10.0


class DisplacedPreset(Preset):
    """Adds what to simulate and which hypotheses to test.

    Attributes:
        background_factor: on the numbers of events of all backgrounds.
        anchor_masses: to simulate signals at, GeV.
        scan: hypotheses; ``all`` masses, a number every so many of them, or masses in GeV.
        lifetimes_cm: of the hypotheses, some of those of the search; all if left out.
        single_channels: whether channels are tested one by one, besides all together.
    """

    background_factor: Positive
    anchor_masses: Annotated[tuple[Positive, ...], Field(min_length=2)]
    scan: Literal["all"] | Annotated[int, Field(ge=1)] | tuple[Positive, ...]
    lifetimes_cm: tuple[Positive, ...] | None = None
    single_channels: bool = True


class DisplacedSearchConfig(SearchConfig):
    """The whole configuration.

    Attributes:
        lifetimes_cm: mean proper decay lengths of the hypotheses, rising.
        radius_edges: of the bins of the radius of the vertex, cm; the first one is the smallest radius of all.
    """

    variations: VariationSettings = VariationSettings()
    simulation: DisplacedSimulation
    mass: MassObservable
    lifetimes_cm: Annotated[tuple[Positive, ...], Field(min_length=2)]
    radius_edges: Annotated[tuple[Positive, ...], Field(min_length=2)]
    selection: DisplacedSelection
    regions: Annotated[tuple[DisplacedRegion, ...], Field(min_length=1)]
    workspace: DisplacedWorkspaceSettings
    presets: Mapping[str, DisplacedPreset]

    @model_validator(mode="after")
    def _fits_together(self) -> DisplacedSearchConfig:
        for name, values in (("lifetimes_cm", self.lifetimes_cm), ("radius_edges", self.radius_edges)):
            if any(not one < other for one, other in pairwise(values)):
                raise ValueError(f"{name} must rise, got {values}")
        if self.lifetimes_cm[-1] > self.simulation.generated_ctau_cm.value:
            raise ValueError("simulation.generated_ctau_cm must not be below the longest of lifetimes_cm")
        names = [region.name for region in self.regions]
        require_different("regions: names", [*names, COMBINED])
        labels = [signal.label for signal in self.simulation.signals]
        require_different("simulation.signals: labels", labels)
        with_b = self.selection.b_candidate is not None
        for region in self.regions:
            if region.signal not in labels:
                raise ValueError(f"region {region.name}: no signal samples '{region.signal}', only {labels}")
            if (region.kaon != "none") != with_b:
                raise ValueError(f"region {region.name}: kaon and selection.b_candidate go together")
        for name, preset in self.presets.items():
            require_different(f"anchor_masses of preset {name}", list(preset.anchor_masses))
            if not set(preset.lifetimes_cm or ()) <= set(self.lifetimes_cm):
                raise ValueError(f"preset {name}: lifetimes_cm must be some of {self.lifetimes_cm}")
        forced = [one.process for one in self.simulation.backgrounds if one.forced.wrong_identifications is not None]
        if forced and self.selection.background_identification == "weighted":
            raise ValueError(f"backgrounds {forced}: forced identifications and weighted ones would count twice")
        if self.corrections:
            raise ValueError("corrections are not used by this search; give variations instead")
        if self.workspace.groups:
            raise ValueError("workspace.groups are not used by this search: sidebands tell the background")
        return self

    @property
    def quantity(self) -> str:
        """What limits of single channels are on, in words."""
        if self.simulation.reference_coupling.unit == "fb":
            return "cross-section times branching fraction, fb"
        return "product of branching fractions"

    @property
    def mu_one(self) -> str:
        """What a signal strength of one is, in words."""
        reference = self.simulation.reference_coupling
        what = self.quantity.removesuffix(", fb")
        return f"{what} of {reference.value:g} {reference.unit}".rstrip()

    @property
    def detector_sections(self) -> tuple[str, ...]:
        """Everything: tracks, vertices, their identification and the material."""
        return tuple(DetectorConfig.model_fields)
