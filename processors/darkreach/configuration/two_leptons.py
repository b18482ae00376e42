"""The configuration of searches for two leptons that recoil against something invisible."""

from __future__ import annotations

from itertools import combinations
from typing import Annotated, Literal

from pydantic import Field, model_validator

from darkreach.configuration.quantities import Quantity, Range, Section
from darkreach.configuration.recoil_search import RecoilRegion, RecoilSearchConfig
from darkreach.configuration.search import ControlSettings, Name, Positive, VariationSettings

Flavours = tuple[Literal["electron", "muon"], Literal["electron", "muon"]]


class IdentificationCut(Section):
    """One flavour: a variable of the tracks, and the value it must exceed; another flavour must not exceed its own.

    Attributes:
        variable: without the name of the list, as ``muonID``.
        threshold: between 0 and 1.
    """

    variable: Annotated[str, Field(pattern=r"^\w+$")]
    threshold: Quantity


class LeptonIdentification(Section):
    """Both flavours: a track is of the one whose cut it passes, if it fails that of the other."""

    electron: IdentificationCut
    muon: IdentificationCut


class TrackQuality(Section):
    """What both tracks must be like; laboratory.

    Attributes:
        transverse_momentum: at least, GeV.
        polar_range: deg.
        transverse_impact: largest ``|dr|``, cm.
        longitudinal_impact: largest ``|dz|``, cm.
    """

    transverse_momentum: Quantity
    polar_range: Range
    transverse_impact: Quantity
    longitudinal_impact: Quantity


class PhotonVetoes(Section):
    """Photons that must not be there.

    Attributes:
        minimum_energy: photons at or above it count, GeV.
        cone: none of them is closer to the recoil direction, deg.
        largest_sum: of their energies, GeV.
        uncovered_ranges: of the polar angle, deg, laboratory, where the calorimeter has gaps: the recoil must not be a
            photon there together with one along a beam.
    """

    minimum_energy: Quantity
    cone: Quantity
    largest_sum: Quantity
    uncovered_ranges: tuple[Range, ...] = ()

    @model_validator(mode="after")
    def _in_range(self) -> PhotonVetoes:
        if not 0.0 < self.cone.value <= 180.0:
            raise ValueError(f"cone must be in (0, 180] deg, got {self.cone.value}")
        return self


class TauSuppression(Section):
    """A linear discriminant whose coefficients depend on the recoil mass; interpolated linearly, constant outside.

    Events pass where the sum of coefficient times variable is above the threshold. Variables are transverse momenta in
    the CM, GeV: of the recoil against the lepton of larger and of smaller momentum, and of the pair against the beams.

    Attributes:
        knots: rows of recoil mass (GeV), the three coefficients (1/GeV), and the threshold.
        source: how they were found.
    """

    knots: Annotated[tuple[tuple[float, float, float, float, float], ...], Field(min_length=1)]
    source: str

    @model_validator(mode="after")
    def _rising(self) -> TauSuppression:
        masses = [knot[0] for knot in self.knots]
        if masses != sorted(set(masses)):
            raise ValueError(f"masses of the knots must rise, got {masses}")
        return self


class TwoLeptonSelection(Section):
    """What makes an event; energies and momenta in GeV.

    Attributes:
        flavours: of the two leptons, whose charges are opposite.
        trigger_lines: any of these lines of the detector, by name, must have fired.
        event_efficiency: factor on the weights of simulated events, for what the detector model does not know.
        identification: of both flavours.
        tracks: of both leptons; an event has no third track.
        photon_vetoes: of the signal and of controls that do not ask for a photon.
        pair_transverse_momentum: of the pair against the beams in the CM, at least.
        tau_suppression: none if left out.
    """

    flavours: Flavours
    trigger_lines: Annotated[tuple[Name, ...], Field(min_length=1)]
    event_efficiency: Quantity
    identification: LeptonIdentification
    tracks: TrackQuality
    photon_vetoes: PhotonVetoes
    pair_transverse_momentum: Quantity
    tau_suppression: TauSuppression | None = None

    @model_validator(mode="after")
    def _in_range(self) -> TwoLeptonSelection:
        if not 0.0 < self.event_efficiency.value <= 1.0:
            raise ValueError(f"event_efficiency must be in (0, 1], got {self.event_efficiency.value}")
        return self


class TwoLeptonRegion(RecoilRegion):
    """A region in the squared recoil mass and the direction of the recoil.

    Attributes:
        polar_range: of the recoil, deg, laboratory; low end inside, high end outside: neighbours share no event.
    """

    polar_range: Range


class TwoLeptonControl(ControlSettings):
    """A control channel: the selection with some cuts replaced.

    Attributes:
        observable: squared mass (GeV^2) or polar angle (deg, laboratory) of the recoil.
        flavours: those of the signal if left out.
        photon: ``vetoed`` as in the signal, or ``required``: one in the cone, and vetoes on all others.
        photon_energy: of a required photon, at least, GeV.
        pair_transverse_momentum: range in the CM, GeV; as in the signal if left out.
        tau_suppression: whether events must have passed it, have failed it, or either.
        polar_range: of the recoil, deg, laboratory.
    """

    observable: Literal["recoil_mass_squared", "recoil_polar_angle"]
    flavours: Flavours | None = None
    photon: Literal["vetoed", "required"] = "vetoed"
    photon_energy: Quantity | None = None
    pair_transverse_momentum: Range | None = None
    tau_suppression: Literal["passed", "failed", "either"] = "passed"
    polar_range: Range

    @model_validator(mode="after")
    def _photon_with_energy(self) -> TwoLeptonControl:
        if (self.photon == "required") != (self.photon_energy is not None):
            raise ValueError("a required photon needs photon_energy, a vetoed one none")
        return self


class LeptonEfficiencyVariation(Section):
    """Relative uncertainty of the identification of one lepton, by laboratory momentum; one value more than edges."""

    momentum_edges: tuple[Positive, ...]
    values: tuple[float, ...]
    source: str

    @model_validator(mode="after")
    def _lengths(self) -> LeptonEfficiencyVariation:
        if len(self.values) != len(self.momentum_edges) + 1:
            raise ValueError(f"{len(self.momentum_edges)} momentum_edges need {len(self.momentum_edges) + 1} values")
        return self


class TwoLeptonVariations(VariationSettings):
    """Variations of measured tracks and photons.

    Attributes:
        track_momentum_scale: relative shift of all momenta.
        recoil_resolution: relative change of the residuals of tracks, momentum and angles, to the true ones.
        lepton_identification: of both leptons together.
        photon_veto: relative shift of the energies of all photons.
    """

    track_momentum_scale: Quantity | None = None
    recoil_resolution: Quantity | None = None
    lepton_identification: LeptonEfficiencyVariation | None = None
    photon_veto: Quantity | None = None


class TwoLeptonsConfig(RecoilSearchConfig):
    """The whole configuration of a search with two leptons."""

    selection: TwoLeptonSelection
    regions: tuple[TwoLeptonRegion, ...]
    controls: tuple[TwoLeptonControl, ...] = ()
    variations: TwoLeptonVariations

    @model_validator(mode="after")
    def _events_once(self) -> TwoLeptonsConfig:
        for one, other in combinations(self.regions, 2):
            overlap = one.polar_range.low < other.polar_range.high and other.polar_range.low < one.polar_range.high
            if one.mass_range == other.mass_range and overlap:
                raise ValueError(
                    f"regions {one.name} and {other.name} act together and share events: polar_range must not overlap"
                )
        return self
