"""The configuration of searches for a muon pair and what it recoils against, in the plane of both masses."""

from __future__ import annotations

from itertools import combinations
from typing import Annotated, Literal

from pydantic import Field, model_validator

from darkreach.configuration.plane_search import PlaneRegion, PlaneSearchConfig
from darkreach.configuration.quantities import Range, Section
from darkreach.configuration.two_leptons import TwoLeptonSelection, TwoLeptonVariations


class HelicityCut(Section):
    """A linear cut in the plane of helicity and transverse momentum, whose numbers depend on the recoil mass.

    Events pass where ``|cos| < constant + slope p_T``, with the angle between a muon in the rest frame of the pair and
    the flight of the pair, and the momentum p_T of the pair across the beams, both in the CM. Where the two muons share
    the energy unequally there is a tau pair, or a photon radiated by a muon.

    Attributes:
        knots: rows of recoil mass (GeV), constant, and slope (1/GeV); linear in between, constant outside.
        source: how they were found.
    """

    knots: Annotated[tuple[tuple[float, float, float], ...], Field(min_length=1)]
    source: str
    note: str = ""

    @model_validator(mode="after")
    def _rising(self) -> HelicityCut:
        masses = [knot[0] for knot in self.knots]
        if masses != sorted(set(masses)):
            raise ValueError(f"masses of the knots must rise, got {masses}")
        return self


class MuonPairSelection(TwoLeptonSelection):
    """What makes an event: that of searches for two leptons, and a cut on the sharing of energy.

    Attributes:
        helicity: none if left out.
    """

    flavours: tuple[Literal["muon"], Literal["muon"]] = ("muon", "muon")
    helicity: HelicityCut | None = None


class MuonPairRegion(PlaneRegion):
    """A region by the direction of the recoil.

    Attributes:
        polar_range: of the recoil, deg, laboratory; low end inside, high end outside: neighbours share no event.
    """

    decays: tuple[Literal["muons"]]
    vetoed_mass: tuple[()] = ()
    sideband: Literal[False] = False
    sideband_ratio: None = None
    polar_range: Range


class MuonPairPlaneConfig(PlaneSearchConfig):
    """The whole configuration: x is the mass of the pair, y the squared mass of the recoil."""

    selection: MuonPairSelection
    regions: Annotated[tuple[MuonPairRegion, ...], Field(min_length=1)]
    variations: TwoLeptonVariations

    @model_validator(mode="after")
    def _of_this_kind(self) -> MuonPairPlaneConfig:
        for name, axis, wanted in (
            ("x", self.plane.x, ("pair_mass", "GeV", 1)),
            ("y", self.plane.y, ("recoil_mass_squared", "GeV^2", 2)),
        ):
            given = (axis.observable, axis.unit, axis.power)
            if given != wanted:
                raise ValueError(f"plane.{name}: observable, unit and power must be {wanted}, got {given}")
        for one, other in combinations(self.regions, 2):
            if one.polar_range.low < other.polar_range.high and other.polar_range.low < one.polar_range.high:
                raise ValueError(f"regions {one.name} and {other.name} share events: polar_range must not overlap")
        return self
