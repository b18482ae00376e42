"""The detector: beams and the response of its parts, as plain numbers with sources."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import model_validator

from darkreach.configuration.detector_clusters import (
    BeamBackgroundConfig,
    CalorimeterConfig,
    NeutralHadronConfig,
    UndetectedPhotonConfig,
)
from darkreach.configuration.detector_scales import ScalesConfig
from darkreach.configuration.detector_tracks import (
    IdentificationSet,
    MaterialLayer,
    TrackResponseConfig,
    VertexConfig,
)
from darkreach.configuration.detector_trigger import TriggerConfig
from darkreach.configuration.quantities import Quantity, Range, Section
from darkreach.errors import ConfigError, unknown_name
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
    """One detector at one collider; the response to whole events needs all sections, photon searches the first two."""

    beams: BeamsConfig
    photon_response: PhotonResponseConfig
    scales: ScalesConfig
    tracks: TrackResponseConfig
    calorimeter: CalorimeterConfig
    neutral_hadrons: NeutralHadronConfig
    undetected_photons: UndetectedPhotonConfig | None = None
    beam_background: BeamBackgroundConfig
    identification: IdentificationSet
    material: tuple[MaterialLayer, ...]
    vertices: VertexConfig
    trigger: TriggerConfig

    def scaled(self, factors: Mapping[str, float]) -> DetectorConfig:
        """Return the detector with some of its scales multiplied, as a nuisance parameter does.

        Args:
            factors: by the name of the scale, not negative.

        Raises:
            UnknownNameError: no such scale.
            ConfigError: a factor is negative.
        """
        changed = {}
        for name, factor in factors.items():
            if name not in ScalesConfig.model_fields:
                raise unknown_name("scale", name, ScalesConfig.model_fields, where="scales")
            if not factor >= 0.0:
                raise ConfigError("a scale must not be negative", where=f"scales.{name}", given=str(factor))
            scale = getattr(self.scales, name)
            changed[name] = scale.model_copy(update={"value": factor * scale.value})
        return self.model_copy(update={"scales": self.scales.model_copy(update=changed)})
