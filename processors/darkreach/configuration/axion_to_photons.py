"""The configuration of the search for e+e- -> gamma a, a -> gamma gamma."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import model_validator

from darkreach.configuration.quantities import Quantity, Range, Section
from darkreach.configuration.search import (
    BinningSettings,
    MassPreset,
    MassScanConfig,
    Positive,
    PositiveInt,
    RegionSettings,
    SimulationSettings,
    VariationSettings,
)


class ThreePhotonSimulation(SimulationSettings):
    """How three photons are generated, and where those of the background are; energies in GeV."""

    initial_state_radiation: bool
    maximum_isr_fraction: Quantity
    event_efficiency: Quantity
    background_minimum_energy_cm: Quantity
    background_polar_range: Range
    file_entries: PositiveInt
    maximum_pseudo_data_events: PositiveInt

    @model_validator(mode="after")
    def _in_range(self) -> ThreePhotonSimulation:
        if not 0.0 < self.event_efficiency.value <= 1.0:
            raise ValueError(f"event_efficiency must be in (0, 1], got {self.event_efficiency.value}")
        if not 0.0 < self.maximum_isr_fraction.value < 1.0:
            raise ValueError(f"maximum_isr_fraction must be in (0, 1), got {self.maximum_isr_fraction.value}")
        return self

    @property
    def radiates(self) -> bool:
        """Whether the samples have initial-state radiation."""
        return self.initial_state_radiation


class ThreePhotonCuts(Section):
    """Cuts on three photons: laboratory polar angle (deg), mass in units of sqrt(s), veto energy (GeV, CM)."""

    polar_range: Range
    three_photon_mass_range: Range
    photon_count_threshold: Quantity


class PhotonRegion(RegionSettings):
    """A region with its photon threshold (GeV, CM)."""

    observable: Literal["pair_mass_squared", "recoil_mass_squared"]
    minimum_photon_energy_cm: Quantity

    def squared_mass_limits(self, sqrt_s: float) -> tuple[float, float]:
        """Return zero and the squared mass that leaves the recoil photon at the threshold, GeV^2.

        From M^2 = s - 2 sqrt(s) E*; exact for the recoil mass, up to resolution for the pair mass.
        """
        return 0.0, sqrt_s**2 - 2.0 * sqrt_s * self.minimum_photon_energy_cm.value


class PhotonBinning(BinningSettings):
    """Bins in the squared mass of a photon pair and of what a photon recoils against."""

    pair_mass_squared: tuple[tuple[Positive, Positive], ...]
    recoil_mass_squared: tuple[tuple[Positive, Positive], ...]


class PhotonEfficiencyVariation(Section):
    """Relative efficiency uncertainty a photon, by laboratory energy; one value more than edges."""

    energy_edges: tuple[Positive, ...]
    values: tuple[float, ...]
    source: str

    @model_validator(mode="after")
    def _lengths(self) -> PhotonEfficiencyVariation:
        if len(self.values) != len(self.energy_edges) + 1:
            raise ValueError(f"{len(self.energy_edges)} energy_edges need {len(self.energy_edges) + 1} values")
        return self


class PhotonVariations(VariationSettings):
    """Variations of measured photons."""

    energy_scale: Quantity | None = None
    resolution: Quantity | None = None
    photon_efficiency: PhotonEfficiencyVariation | None = None


class ThreePhotonPreset(MassPreset):
    """Adds the number of events of the background."""

    background_events: PositiveInt


class AxionConfig(MassScanConfig):
    """The whole configuration of the search."""

    simulation: ThreePhotonSimulation
    selection: ThreePhotonCuts
    regions: tuple[PhotonRegion, ...]
    binning: PhotonBinning
    variations: PhotonVariations
    presets: Mapping[str, ThreePhotonPreset]

    @property
    def detector_sections(self) -> tuple[str, ...]:
        """Beams and photons: nothing else is simulated."""
        return ("beams", "photon_response")
