"""Published ranges: what a paper says of all its limits over a plane of two masses, from the lowest to the highest."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import Field, model_validator

from darkreach.configuration import Section
from darkreach.configuration.plane_search import DecayMode

Positive = Annotated[float, Field(gt=0)]
Ends = tuple[Positive, Positive]

CROSS_SECTION: Final = "cross_section_fb"
"""Quantity of limits on the cross-section."""


class PublishedRange(Section):
    """The lowest and the highest limit of one paper.

    Attributes:
        paper: where it was published.
        source: how the values were obtained, e.g. ``arXiv:2207.00509, abstract``; starts with ``unverified`` where that
            is not known.
        quantity: ``cross_section_fb``, that of both bosons, or the name of a coupling of the search.
        unit: fb, or that of the coupling.
        decays: of dark photons whose branching fractions are part of the published cross-section.
        kind: what the limits of the paper are.
        confidence_level: e.g. 0.9; limits of different levels are never compared.
        luminosity_inverse_fb: integrated luminosity of the paper, fb^-1.
        low: lowest limit.
        high: highest limit.
        dark_photon_mass_gev: ends of the masses it is said of.
        dark_higgs_mass_gev: the same of the dark Higgs boson; None for all.
        note: what a reader must know about these values.
    """

    paper: str
    source: str
    quantity: str
    unit: str
    decays: tuple[DecayMode, ...] = ()
    kind: Literal["observed", "expected"] = "observed"
    confidence_level: Annotated[float, Field(gt=0.5, lt=1.0)]
    luminosity_inverse_fb: Positive
    low: Positive
    high: Positive
    dark_photon_mass_gev: Ends
    dark_higgs_mass_gev: Ends | None = None
    note: str = ""

    @model_validator(mode="after")
    def _consistent(self) -> PublishedRange:
        for name, ends in (
            ("low, high", (self.low, self.high)),
            ("dark_photon_mass_gev", self.dark_photon_mass_gev),
            ("dark_higgs_mass_gev", self.dark_higgs_mass_gev),
        ):
            if ends is not None and not ends[0] < ends[1]:
                raise ValueError(f"{name} must rise, got {ends[0]} and {ends[1]}")
        if self.quantity == CROSS_SECTION and self.unit != "fb":
            raise ValueError(f"a cross-section is in fb, got '{self.unit}'")
        if self.quantity != CROSS_SECTION and self.decays:
            raise ValueError("only a cross-section has decays as a part")
        return self

    @property
    def of_known_origin(self) -> bool:
        """Whether the values can be traced to a paper."""
        return not self.source.startswith("unverified")

    def holds(self, dark_photon_mass: float, dark_higgs_mass: float) -> bool:
        """Return whether the range is said of a point of the plane, GeV."""
        pairs = ((self.dark_photon_mass_gev, dark_photon_mass), (self.dark_higgs_mass_gev, dark_higgs_mass))
        return all(ends is None or ends[0] <= mass <= ends[1] for ends, mass in pairs)
