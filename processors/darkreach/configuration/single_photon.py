"""The configuration of searches for one photon that recoils against something invisible."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from darkreach.configuration.axion_to_photons import PhotonVariations
from darkreach.configuration.quantities import Quantity, Range, Section
from darkreach.configuration.recoil_search import RecoilRegion, RecoilSearchConfig
from darkreach.configuration.search import Name


class PolarCurve(Section):
    """A bound on the polar angle of the photon (deg, laboratory), a polynomial in its CM energy.

    Attributes:
        coefficients: of the powers 0, 1, 2, ... of the energy in GeV; deg/GeV^power.
        source: paper and place, or ``unverified``.
        note: what it keeps out.
    """

    coefficients: Annotated[tuple[float, ...], Field(min_length=1)]
    source: str
    note: str = ""

    def degrees(self, energy_cm: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the bound (n,) in degrees at CM energies (n,) in GeV.

        Example:
            >>> PolarCurve(coefficients=(195.71, -58.82, 5.399), source="example").degrees(np.array([5.29])).round(1)
            array([35.6])
        """
        value = np.zeros_like(energy_cm, dtype=np.float64)
        for coefficient in reversed(self.coefficients):
            value = value * energy_cm + coefficient
        return value


class SinglePhotonSelection(Section):
    """What makes an event with a single photon; energies in the CM in GeV.

    Attributes:
        minimum_energy_cm: the photon has more.
        veto_energy_cm: no other photon has more.
        track_transverse_momentum: GeV; tracks above it are a veto if they come from the collision.
        track_transverse_impact: cm; such tracks have a smaller ``|dr|``.
        track_longitudinal_impact: cm; and a smaller ``|dz|``.
        muon_system_angle: deg, laboratory; no cluster of the muon system is closer to where a massless particle would
            go that the photon recoils against in the CM.
        uncovered_ranges: deg, laboratory; polar angles where photons are lost. Events are left out in which the photon
            recoils against one that goes there and radiation along either beam; none if empty.
    """

    minimum_energy_cm: Quantity
    veto_energy_cm: Quantity
    track_transverse_momentum: Quantity
    track_transverse_impact: Quantity
    track_longitudinal_impact: Quantity
    muon_system_angle: Quantity
    uncovered_ranges: tuple[Range, ...] = ()

    @model_validator(mode="after")
    def _in_range(self) -> SinglePhotonSelection:
        if not 0.0 <= self.veto_energy_cm.value <= self.minimum_energy_cm.value:
            raise ValueError(
                f"veto_energy_cm must be between 0 and minimum_energy_cm, got {self.veto_energy_cm.value}"
                f" and {self.minimum_energy_cm.value}"
            )
        if not 0.0 <= self.muon_system_angle.value <= 180.0:
            raise ValueError(f"muon_system_angle must be 0 to 180 deg, got {self.muon_system_angle.value}")
        return self


class SinglePhotonRegion(RecoilRegion):
    """A region in the squared recoil mass and the direction of the photon; all bounds given must hold.

    Attributes:
        trigger_lines: any of these lines of the detector, by name, must have fired.
        lowest_angle: curve of the smallest polar angle.
        highest_angle: curve of the largest polar angle.
        polar_range: deg, laboratory; low end inside, high end outside, so that neighbouring regions share no event.
        cosine_range_cm: cosine of the angle to the electron in the CM, ends as of ``polar_range``.
    """

    trigger_lines: Annotated[tuple[Name, ...], Field(min_length=1)]
    lowest_angle: PolarCurve | None = None
    highest_angle: PolarCurve | None = None
    polar_range: Range | None = None
    cosine_range_cm: Range | None = None


class SinglePhotonConfig(RecoilSearchConfig):
    """The whole configuration of a search with one photon."""

    selection: SinglePhotonSelection
    regions: tuple[SinglePhotonRegion, ...]
    variations: PhotonVariations

    @model_validator(mode="after")
    def _without_controls(self) -> SinglePhotonConfig:
        if self.controls:
            raise ValueError("this search has no controls")
        return self
