"""Sections of a detector configuration for neutral particles: calorimeter surface, photon losses, beam background."""

from __future__ import annotations

from pydantic import model_validator

from darkreach.configuration.detector_tables import ProbabilityTable
from darkreach.configuration.quantities import Quantity, Range, Section


class CalorimeterConfig(Section):
    """The front face of the calorimeter (cm) and the photons that make no cluster there."""

    barrel_radius: Quantity
    forward_z: Quantity
    backward_z: Quantity
    photon_inefficiency: ProbabilityTable


class UndetectedPhotonConfig(Section):
    """Photons that leave no cluster in the calorimeter but shower behind it: clusters in the muon system."""

    muon_system_probability: Quantity
    minimum_energy: Quantity

    @model_validator(mode="after")
    def _consistent(self) -> UndetectedPhotonConfig:
        if not 0.0 <= self.muon_system_probability.value <= 1.0:
            raise ValueError(f"muon_system_probability must be in [0, 1], got {self.muon_system_probability.value}")
        return self


class NeutralHadronConfig(Section):
    """K_L and neutrons: probabilities of a cluster in calorimeter and muon system, share of their energy seen."""

    calorimeter_probability: Quantity
    smallest_energy_fraction: Quantity
    largest_energy_fraction: Quantity
    muon_system_probability: Quantity
    muon_system_polar_range: Range
    minimum_momentum: Quantity
    angle_resolution: Quantity

    @model_validator(mode="after")
    def _consistent(self) -> NeutralHadronConfig:
        if not 0.0 <= self.smallest_energy_fraction.value < self.largest_energy_fraction.value:
            raise ValueError("smallest_energy_fraction must be below largest_energy_fraction")
        return self


class BeamBackgroundConfig(Section):
    """Clusters without a particle: mean number an event above the smallest energy, exponential above it (GeV)."""

    mean_clusters: Quantity
    minimum_energy: Quantity
    energy_scale: Quantity

    @model_validator(mode="after")
    def _consistent(self) -> BeamBackgroundConfig:
        if self.mean_clusters.value < 0.0 or self.minimum_energy.value < 0.0:
            raise ValueError("mean_clusters and minimum_energy must not be negative")
        if not self.energy_scale.value > 0.0:
            raise ValueError(f"energy_scale must be above 0, got {self.energy_scale.value}")
        return self
