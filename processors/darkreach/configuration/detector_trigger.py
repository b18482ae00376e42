"""The first-level trigger of a detector configuration: lines with conditions on clusters and tracks."""

from __future__ import annotations

from pydantic import Field, model_validator

from darkreach.configuration.quantities import Quantity, Range, Section


class TriggerLine(Section):
    """One line: all of its conditions must hold; then it fires with its efficiency.

    Attributes:
        efficiency: when all conditions hold; a prescale is part of it.
        source: paper and place, or ``unverified``.
        note: what the line is for.
        minimum_clusters: clusters above the threshold of the trigger.
        leading_energy: GeV in the CM; one cluster above it, inside ``leading_polar``.
        leading_polar: degrees, laboratory; everywhere if empty.
        other_energy: GeV in the CM; no second cluster above it.
        total_energy: GeV, laboratory; sum of all clusters.
        bhabha_veto: not two energetic clusters back to back.
        minimum_tracks: tracks of the trigger inside ``track_polar``.
        track_polar: degrees, laboratory.
        opening_angle: degrees; two of these tracks further apart in azimuth.
    """

    efficiency: float = Field(ge=0.0, le=1.0)
    source: str
    note: str = ""
    minimum_clusters: int = Field(default=0, ge=0)
    leading_energy: float | None = None
    leading_polar: tuple[Range, ...] = ()
    other_energy: float | None = None
    total_energy: float | None = None
    bhabha_veto: bool = False
    minimum_tracks: int = Field(default=0, ge=0)
    track_polar: Range | None = None
    opening_angle: float | None = None

    @model_validator(mode="after")
    def _consistent(self) -> TriggerLine:
        if self.leading_polar and self.leading_energy is None:
            raise ValueError("leading_polar needs leading_energy")
        if self.opening_angle is not None and self.minimum_tracks < 2:
            raise ValueError("opening_angle needs minimum_tracks of 2 or more")
        return self


class TriggerConfig(Section):
    """What the trigger sees of clusters and tracks, and its lines by name (GeV, cm, degrees)."""

    cluster_energy: Quantity
    cluster_energy_resolution: Quantity
    ionisation_energy: Quantity
    track_transverse_momentum: Quantity
    track_impact: Quantity
    bhabha_higher_energy: Quantity
    bhabha_lower_energy: Quantity
    bhabha_acollinearity: Quantity
    lines: dict[str, TriggerLine]
