"""The configuration of searches for three dark photons of one mass in events with six tracks, or four and a recoil."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Final

from pydantic import Field, model_validator

from darkreach.configuration.plane_search import PlaneRegion, PlaneSearchConfig
from darkreach.configuration.quantities import Quantity, Section
from darkreach.configuration.search import Name, Positive, VariationSettings
from darkreach.configuration.two_leptons import IdentificationCut, LeptonEfficiencyVariation, TrackQuality

ANYTHING: Final = "anything"
DECAYS: Final = 3
_OBSERVABLES: Final = {"x": "mean_pair_mass", "y": "two_pair_mass"}

MassKnots = Annotated[tuple[tuple[float, Positive], ...], Field(min_length=2)]


class TrackIdentification(Section):
    """One flavour a track: electron if it passes that cut, else muon, else kaon if asked for, else pion.

    Attributes:
        kaon: tracks that pass it are in no pair.
    """

    electron: IdentificationCut
    muon: IdentificationCut
    kaon: IdentificationCut | None = None


class ResolutionCurve(Section):
    """The resolution of a mass, linear between knots, constant outside.

    Attributes:
        knots: (mass in GeV, resolution in GeV or, of a squared mass, GeV^2); masses rise.
        source: how they were found.
    """

    knots: MassKnots
    source: str

    @model_validator(mode="after")
    def _rising(self) -> ResolutionCurve:
        masses = [knot[0] for knot in self.knots]
        if any(not one < other for one, other in pairwise(masses)):
            raise ValueError(f"masses of the knots must rise, got {masses}")
        return self


class SpreadCuts(Section):
    """How much the masses of the pairs may differ: largest minus smallest, in resolutions of one pair.

    Attributes:
        largest: of the region.
        sideband: from, and to, of the sideband.
        resolution: of the mass of a pair.
    """

    largest: Positive
    sideband: tuple[Positive, Positive]
    resolution: ResolutionCurve
    source: str

    @model_validator(mode="after")
    def _in_order(self) -> SpreadCuts:
        if not self.largest <= self.sideband[0] < self.sideband[1]:
            raise ValueError(f"sideband must rise and lie above largest {self.largest}, got {self.sideband}")
        return self

    def sideband_ratio(self, pairs: int) -> float:
        """Return the background of the sideband for one event in the region, for two or three measured pairs.

        Near equal masses the density of combinations is even in the pairs - 1 differences of masses: the number below
        a spread grows with its power pairs - 1.

        Example:
            >>> curve = ResolutionCurve(knots=((0.0, 0.01), (1.0, 0.01)), source="computed")
            >>> cuts = SpreadCuts(largest=2.0, sideband=(3.0, 5.0), resolution=curve, source="convention")
            >>> cuts.sideband_ratio(3), cuts.sideband_ratio(2)
            (4.0, 1.0)
        """
        power = pairs - 1
        low, high = self.sideband
        return (high**power - low**power) / self.largest**power


class RecoilAgreement(Section):
    """How well the recoil against two pairs must agree with their mean mass, in resolutions of its square.

    Attributes:
        largest: of the difference of squared masses.
        resolution: of the squared recoil mass, GeV^2.
    """

    largest: Quantity
    resolution: ResolutionCurve


class SixTrackSelection(Section):
    """What makes an event; energies and momenta in GeV.

    Attributes:
        trigger_lines: any of these lines of the detector, by name, must have fired; none is asked for if empty.
        event_efficiency: factor on the weights of simulated events, for what the detector model does not know.
        identification: of all tracks.
        tracks: the impact parameters make a track one of the collision, of which there are exactly six; the tracks
            of all pairs must have the momentum and the direction.
        smallest_balance: of the mass of six tracks, in units of sqrt(s); events above it are in no inclusive region.
        largest_helicity_cosine: of electrons in the rest frame of their pair, against converted photons.
        spread: of the masses of pairs.
        recoil: of inclusive regions.
    """

    trigger_lines: tuple[Name, ...] = ()
    event_efficiency: Quantity
    identification: TrackIdentification
    tracks: TrackQuality
    smallest_balance: Quantity
    largest_helicity_cosine: Quantity
    spread: SpreadCuts
    recoil: RecoilAgreement

    @model_validator(mode="after")
    def _in_range(self) -> SixTrackSelection:
        for name in ("event_efficiency", "smallest_balance", "largest_helicity_cosine"):
            value = getattr(self, name).value
            if not 0.0 < value <= 1.0:
                raise ValueError(f"{name} must be in (0, 1], got {value}")
        return self


class SixTrackVariations(VariationSettings):
    """Variations of measured tracks; each is left out if it is not there.

    Attributes:
        track_momentum_scale: relative shift of all momenta.
        track_resolution: relative change of the residuals of tracks, momentum and angles, to the true ones.
        electron_identification: of all electrons of the pairs together.
        muon_identification: of all muons of the pairs together.
    """

    track_momentum_scale: Quantity | None = None
    track_resolution: Quantity | None = None
    electron_identification: LeptonEfficiencyVariation | None = None
    muon_identification: LeptonEfficiencyVariation | None = None


class SixTracksConfig(PlaneSearchConfig):
    """The whole configuration of a search with six tracks."""

    selection: SixTrackSelection
    variations: SixTrackVariations

    @model_validator(mode="after")
    def _of_this_kind(self) -> SixTracksConfig:
        for name, axis in (("x", self.plane.x), ("y", self.plane.y)):
            wanted = _OBSERVABLES[name]
            if (axis.observable, axis.power) != (wanted, 1):
                raise ValueError(f"plane.{name}: observable and power must be {wanted} and 1")
        if self.plane.order != "pair":
            raise ValueError("plane.order must be pair: h' -> A' A'")
        return self

    @model_validator(mode="after")
    def _three_decays(self) -> SixTracksConfig:
        modes = []
        for region in self.regions:
            if len(region.decays) != DECAYS:
                raise ValueError(f"region {region.name}: decays of three dark photons, got {list(region.decays)}")
            unseen = [decay for decay in region.decays if decay == ANYTHING]
            if len(unseen) > 1 or (unseen and "pions" in region.decays):
                raise ValueError(f"region {region.name}: 'anything' goes with two pairs of leptons")
            if not region.sideband:
                raise ValueError(f"region {region.name}: every region has a sideband")
            modes.append(tuple(sorted(region.decays)))
        if len(set(modes)) != len(modes):
            raise ValueError(f"regions must differ in their decays, got {[list(mode) for mode in modes]}")
        return self

    def sideband_ratio(self, region: PlaneRegion) -> float:
        """Return what the cuts say: events of its sideband for one of the background in a region."""
        return self.selection.spread.sideband_ratio(DECAYS - region.decays.count(ANYTHING))
