"""The configuration of searches for something invisible that a few measured particles recoil against."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final, Literal

from pydantic import Field, model_validator

from darkreach.configuration.campaign import CampaignSample
from darkreach.configuration.detector import DetectorConfig
from darkreach.configuration.quantities import Quantity, Section
from darkreach.configuration.search import (
    BinningSettings,
    MassPreset,
    MassScanConfig,
    Name,
    Positive,
    PositiveInt,
    RegionSettings,
    SimulationSettings,
)

MASS_PARAMETER: Final = "mass_gev"
"""Parameter of a signal process that is scanned."""

Hypothesis = Literal["electron", "muon", "pion", "kaon"]
WrongNumber = Annotated[int, Field(ge=0, le=6)]


class SignalSettings(Section):
    """The process of the signal.

    Attributes:
        process: by name; has a parameter ``mass_gev``.
        coupling_parameter: its parameter that is the coupling, set to ``reference_coupling``.
        parameters: all others.
        maximum_isr_fraction: largest share of the beam energy radiated; what is usual for the process if left out.
    """

    process: Name
    coupling_parameter: Name
    parameters: dict[str, float] = Field(default_factory=dict)
    maximum_isr_fraction: Annotated[float, Field(ge=0.0, lt=1.0)] | None = None

    @model_validator(mode="after")
    def _set_elsewhere(self) -> SignalSettings:
        for name, place in ((MASS_PARAMETER, "anchor_masses"), (self.coupling_parameter, "reference_coupling")):
            if name in self.parameters:
                raise ValueError(f"parameters: {name} is set by {place}, take it out")
        return self


class ForcedSettings(Section):
    """Rare outcomes of the detector that are forced in every event, their probability becoming a weight.

    The same names as in ``darkreach.response.ForcedOutcomes``.
    """

    lost_photons: Literal[0, 1] | None = None
    lost_photon_energy: Positive = 0.5
    wrong_identifications: WrongNumber | dict[Hypothesis, WrongNumber] | None = None
    hypothesis: Hypothesis = "muon"


class BackgroundSettings(CampaignSample):
    """A background sample: as in a campaign, with what is forced.

    Attributes:
        label: put after the name of the process to name the sample, for several samples of one process.
        forced: rare outcomes.
    """

    label: Name | Literal[""] = ""
    forced: ForcedSettings = ForcedSettings()


class RecoilSimulation(SimulationSettings):
    """Signals and backgrounds of a recoil search."""

    signal: SignalSettings
    backgrounds: Annotated[tuple[BackgroundSettings, ...], Field(min_length=1)]

    @property
    def radiates(self) -> bool:
        """Whether the signal has initial-state radiation."""
        return self.signal.maximum_isr_fraction != 0.0


class RecoilRegion(RegionSettings):
    """A region in the squared recoil mass; resolution reaches below zero.

    Attributes:
        observable: of two kinds in searches whose binning has both, see ``KaonRecoilBinning``.
        largest_squared_mass: end of the histogram, GeV^2; s if left out.
        smallest_squared_mass: its start, GeV^2; as the resolution needs if left out.
    """

    observable: Literal["recoil_mass_squared", "beam_recoil_mass_squared"] = "recoil_mass_squared"
    largest_squared_mass: Quantity | None = None
    smallest_squared_mass: Quantity | None = None

    @model_validator(mode="after")
    def _around_the_masses(self) -> RecoilRegion:
        low, high = self.squared_mass_limits(float("inf"))
        if not (low < self.mass_range[0] ** 2 and self.mass_range[1] ** 2 < high):
            raise ValueError(f"mass_range {self.mass_range} GeV must lie inside {low} to {high} GeV^2")
        return self

    def squared_mass_limits(self, sqrt_s: float) -> tuple[float, float]:
        """Return the ends of the histogram, GeV^2, as configured; else minus infinity and s."""
        low = -float("inf") if self.smallest_squared_mass is None else self.smallest_squared_mass.value
        high = sqrt_s**2 if self.largest_squared_mass is None else self.largest_squared_mass.value
        return low, high


class RecoilBinning(BinningSettings):
    """Bins in the squared recoil mass."""

    recoil_mass_squared: Annotated[tuple[tuple[Positive, Positive], ...], Field(min_length=2)]

    @model_validator(mode="after")
    def _masses_rise(self) -> RecoilBinning:
        masses = [mass for mass, _ in self.recoil_mass_squared]
        if any(not low < high for low, high in zip(masses[:-1], masses[1:], strict=True)):
            raise ValueError(f"recoil_mass_squared: masses of the knots must rise, got {masses}")
        return self


class RecoilPreset(MassPreset):
    """Adds a factor on the numbers of events of all backgrounds."""

    background_factor: Positive
    signal_events: PositiveInt


class RecoilSearchConfig(MassScanConfig):
    """A recoil search without its selection, which the configuration of each kind of search adds."""

    simulation: RecoilSimulation
    regions: tuple[RecoilRegion, ...]
    binning: RecoilBinning
    presets: Mapping[str, RecoilPreset]

    @model_validator(mode="after")
    def _grouped(self) -> RecoilSearchConfig:
        named = {name for group in self.workspace.groups for name in group.samples}
        for one in self.simulation.backgrounds if named else ():
            sample = f"{one.process}_{one.label}" if one.label else one.process
            if not {one.process, sample} & named:
                raise ValueError(f"background {sample} is in no group of the workspace: {sorted(named)}")
        return self

    @model_validator(mode="after")
    def _observables_have_bins(self) -> RecoilSearchConfig:
        for region in self.regions:
            if region.observable not in type(self.binning).model_fields:
                raise ValueError(f"region {region.name}: this search has no observable {region.observable}")
        return self

    @model_validator(mode="after")
    def _without_corrections(self) -> RecoilSearchConfig:
        if self.corrections:
            raise ValueError("corrections are not used by this search; give variations instead")
        return self

    @property
    def detector_sections(self) -> tuple[str, ...]:
        """Everything: all that is measured may be a veto."""
        return tuple(DetectorConfig.model_fields)
