"""The configuration of searches for B+ -> K+ and something invisible, the other B tagged."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from darkreach.configuration.quantities import Quantity, Section
from darkreach.configuration.recoil_search import RecoilBinning, RecoilRegion, RecoilSearchConfig
from darkreach.configuration.search import Name, Positive, VariationSettings

TAGGED: Final = "recoil_mass_squared"
"""Observable of regions in which the other B is reconstructed: the momentum of the signal B is known."""


class KaonSelection(Section):
    """What makes a kaon, laboratory.

    Attributes:
        identification: least value of ``kaonID``.
        transverse_momentum: at least, GeV.
        transverse_impact: largest ``|dr|``, cm.
        longitudinal_impact: largest ``|dz|``, cm.
    """

    identification: Quantity
    transverse_momentum: Quantity
    transverse_impact: Quantity
    longitudinal_impact: Quantity


class EfficiencyCurve(Section):
    """An efficiency against q^2 of the kaon alone; its logarithm is linear between the knots.

    Attributes:
        knots: q^2 (GeV^2), rising, and efficiency; constant outside of them.
        source: paper and place, or ``unverified``.
        note: what it is of.
    """

    knots: Annotated[tuple[tuple[float, Annotated[float, Field(gt=0.0, le=1.0)]], ...], Field(min_length=1)]
    source: str
    note: str = ""

    @model_validator(mode="after")
    def _rising(self) -> EfficiencyCurve:
        places = [place for place, _ in self.knots]
        if places != sorted(set(places)):
            raise ValueError(f"q^2 of the knots must rise, got {places}")
        return self

    def at(self, q_squared: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the efficiency (n,) at q^2 (n,) in GeV^2.

        Example:
            >>> EfficiencyCurve(knots=((0.0, 0.1), (4.0, 0.001)), source="example").at(np.array([2.0, 9.0])).round(6)
            array([0.01 , 0.001])
        """
        places, values = np.asarray(self.knots).T
        return np.asarray(np.exp(np.interp(q_squared, places, np.log(values))))


class KaonRegion(RecoilRegion):
    """A way to tag the other B, which is not simulated: its efficiencies are numbers.

    An event belongs to one region: each takes its share of the events that those before it left.

    Attributes:
        observable: q^2 with the momentum of the B from the tag (``recoil_mass_squared``), or from the kaon alone as if
            the B was at rest in the centre of mass (``beam_recoil_mass_squared``).
        resolution: of q^2 by the tag, GeV^2; only of the first.
        signal_efficiency: of tag and suppression together, for events with a kaon.
        background_efficiencies: the same by name of the background: process, and label if it has one.
    """

    observable: Literal["recoil_mass_squared", "beam_recoil_mass_squared"]
    resolution: Quantity | None = None
    signal_efficiency: EfficiencyCurve
    background_efficiencies: Mapping[Name, EfficiencyCurve]

    @model_validator(mode="after")
    def _of_its_tag(self) -> KaonRegion:
        if self.is_tagged != (self.resolution is not None):
            raise ValueError(f"{TAGGED} needs a resolution, the other observable none")
        if self.resolution is not None and not (self.resolution.value > 0.0 and self.resolution.unit == "GeV^2"):
            raise ValueError(f"resolution must be positive and in GeV^2, got {self.resolution.value}")
        return self

    @property
    def is_tagged(self) -> bool:
        """Whether the momentum of the B is known from the tag."""
        return self.observable == TAGGED


class KaonRecoilBinning(RecoilBinning):
    """Bins in both kinds of q^2."""

    beam_recoil_mass_squared: Annotated[tuple[tuple[Positive, Positive], ...], Field(min_length=2)]


class KaonRecoilVariations(VariationSettings):
    """Variations of simulated events.

    Attributes:
        track_momentum_scale: relative shift of all momenta.
        tag_resolution: relative change of the resolution of tagged regions; of the signal, as other spectra are wide.
        tag_efficiency: relative, of tagged regions.
        inclusive_efficiency: relative, of the others.
    """

    track_momentum_scale: Quantity | None = None
    tag_resolution: Quantity | None = None
    tag_efficiency: Quantity | None = None
    inclusive_efficiency: Quantity | None = None


class KaonRecoilConfig(RecoilSearchConfig):
    """The whole configuration of a search with one kaon."""

    selection: KaonSelection
    regions: tuple[KaonRegion, ...]
    binning: KaonRecoilBinning
    variations: KaonRecoilVariations

    @model_validator(mode="after")
    def _without_controls(self) -> KaonRecoilConfig:
        if self.controls:
            raise ValueError("this search has no controls")
        return self

    @model_validator(mode="after")
    def _with_efficiencies(self) -> KaonRecoilConfig:
        names = {f"{one.process}_{one.label}" if one.label else one.process for one in self.simulation.backgrounds}
        for region in self.regions:
            if names != set(region.background_efficiencies):
                raise ValueError(
                    f"regions: background_efficiencies of {region.name} must be those of {sorted(names)},"
                    f" got {sorted(region.background_efficiencies)}"
                )
        return self

    @model_validator(mode="after")
    def _with_shares(self) -> KaonRecoilConfig:
        for region in self.regions:
            if region.mass_range != self.regions[0].mass_range:
                raise ValueError("regions act together: mass_range must be the same for all")
        return self
