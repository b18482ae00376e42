"""The detector section: beams and photon response, as plain numbers with sources."""

from __future__ import annotations

from pydantic import model_validator

from darkreach.configuration.quantities import Quantity, Range, Section
from darkreach.kinematics.beams import Beams


class BeamsConfig(Section):
    """Beam energies (GeV), crossing angle (rad) and energy spreads (GeV)."""

    electron_energy: Quantity
    positron_energy: Quantity
    crossing_angle: Quantity
    electron_energy_spread: Quantity
    positron_energy_spread: Quantity

    def beams(self) -> Beams:
        """Return the beams as plain numbers."""
        return Beams(
            self.electron_energy.value,
            self.positron_energy.value,
            self.crossing_angle.value,
            self.electron_energy_spread.value,
            self.positron_energy_spread.value,
        )


class PhotonResponseConfig(Section):
    """Parametrised calorimeter; angles of the ranges in degrees, laboratory frame."""

    energy_noise_term: Quantity
    energy_stochastic_term: Quantity
    energy_constant_term: Quantity
    tail_fraction: Quantity
    tail_mean_loss: Quantity
    angle_stochastic_term: Quantity
    angle_constant_term: Quantity
    polar_ranges: tuple[Range, ...]
    merging_angle_none: Quantity
    merging_angle_all: Quantity
    minimum_energy: Quantity

    @model_validator(mode="after")
    def _consistent(self) -> PhotonResponseConfig:
        if not 0.0 <= self.tail_fraction.value <= 1.0:
            raise ValueError(f"tail_fraction must be in [0, 1], got {self.tail_fraction.value}")
        if not self.merging_angle_all.value <= self.merging_angle_none.value:
            raise ValueError("merging_angle_all must not exceed merging_angle_none")
        return self


class DetectorConfig(Section):
    """One detector at one collider."""

    beams: BeamsConfig
    photon_response: PhotonResponseConfig
