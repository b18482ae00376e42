"""Sections of a detector configuration for charged particles: tracks, their identification, vertices, material."""

from __future__ import annotations

from pydantic import Field, model_validator

from darkreach.configuration.detector_tables import Curve, ProbabilityTable
from darkreach.configuration.quantities import Quantity, Range, Section


class TrackResolutionConfig(Section):
    """Resolution of tracks: a constant and a multiple-scattering term each, added in quadrature.

    sigma(pT)/pT = curvature pT (+) scattering/beta; angles: constant (+) scattering/(p beta); impact parameters:
    constant (+) scattering/(p beta sin^1.5 theta).
    """

    momentum_curvature_term: Quantity
    momentum_scattering_term: Quantity
    angle_constant_term: Quantity
    angle_scattering_term: Quantity
    transverse_impact_constant_term: Quantity
    transverse_impact_scattering_term: Quantity
    longitudinal_impact_constant_term: Quantity
    longitudinal_impact_scattering_term: Quantity


class TrackResponseConfig(Section):
    """Parametrised tracking; ranges of angles in degrees, lengths in cm."""

    magnetic_field: Quantity
    polar_range: Range
    full_lever_arm: Range
    silicon_radius: Quantity
    with_silicon: TrackResolutionConfig
    drift_chamber_only: TrackResolutionConfig
    bremsstrahlung_thickness: Quantity
    efficiency: Quantity
    momentum_turn_on: Curve
    displacement: Curve
    longitudinal_range: Range

    @model_validator(mode="after")
    def _consistent(self) -> TrackResponseConfig:
        if not self.magnetic_field.value > 0.0:
            raise ValueError(f"magnetic_field must be above 0, got {self.magnetic_field.value}")
        if not 0.0 <= self.efficiency.value <= 1.0:
            raise ValueError(f"efficiency must be in [0, 1], got {self.efficiency.value}")
        if not 0.0 < self.full_lever_arm.low < 90.0 < self.full_lever_arm.high < 180.0:
            raise ValueError("full_lever_arm must hold 90 degrees and lie between 0 and 180")
        return self


class IdentificationConfig(Section):
    """One hypothesis of the particle identification: how often each kind of particle passes the working point.

    Attributes:
        working_point: smallest value of the variable that the tables stand for, between 0 and 1.
        electron: probability of a true electron.
        muon: of a true muon.
        pion: of a true charged pion.
        kaon: of a true charged kaon.
        proton: of a true proton.
    """

    working_point: float = Field(gt=0.0, lt=1.0)
    electron: ProbabilityTable
    muon: ProbabilityTable
    pion: ProbabilityTable
    kaon: ProbabilityTable
    proton: ProbabilityTable


class IdentificationSet(Section):
    """The four hypotheses that are written."""

    electron: IdentificationConfig
    muon: IdentificationConfig
    pion: IdentificationConfig
    kaon: IdentificationConfig


class MaterialLayer(Section):
    """A cylinder of material around the beams: radius in cm, thickness at normal incidence in radiation lengths."""

    name: str
    radius: float = Field(gt=0.0)
    thickness: float = Field(ge=0.0, lt=1.0)
    source: str
    note: str = ""


class VertexRegion(Section):
    """Vertices between two radii (cm): resolution in each direction (cm) and efficiency to fit two found tracks."""

    outer_radius: float = Field(gt=0.0)
    transverse_resolution: float = Field(ge=0.0)
    longitudinal_resolution: float = Field(ge=0.0)
    efficiency: float = Field(ge=0.0, le=1.0)
    source: str
    note: str = ""


class VertexConfig(Section):
    """Vertices of two tracks, by regions of rising outer radius; none is found beyond the last one."""

    regions: tuple[VertexRegion, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _consistent(self) -> VertexConfig:
        radii = [region.outer_radius for region in self.regions]
        if radii != sorted(set(radii)):
            raise ValueError(f"outer radii must rise, got {radii}")
        return self
