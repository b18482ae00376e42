"""Factors on the parts of a detector response: one a subsystem, each usable as a nuisance parameter."""

from __future__ import annotations

from pydantic import model_validator

from darkreach.configuration.quantities import Quantity, Section


class ScalesConfig(Section):
    """Factors that multiply what their names say; 1 leaves the response as it is, 0 switches that part off."""

    track_momentum: Quantity
    track_momentum_resolution: Quantity
    track_angle_resolution: Quantity
    track_impact_resolution: Quantity
    track_inefficiency: Quantity
    vertex_resolution: Quantity
    photon_energy: Quantity
    photon_energy_resolution: Quantity
    photon_angle_resolution: Quantity
    photon_inefficiency: Quantity
    photon_conversion: Quantity
    identification_inefficiency: Quantity
    misidentification: Quantity
    neutral_hadrons: Quantity
    beam_background: Quantity
    trigger_inefficiency: Quantity

    @model_validator(mode="after")
    def _not_negative(self) -> ScalesConfig:
        for name in type(self).model_fields:
            if getattr(self, name).value < 0.0:
                raise ValueError(f"{name} must not be negative, got {getattr(self, name).value}")
        return self
