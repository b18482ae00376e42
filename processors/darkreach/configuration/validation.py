"""The validation of the simulation: which numbers of which processes are compared with what."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from darkreach.configuration.detector import BeamsConfig
from darkreach.configuration.quantities import Quantity, Range, Section


class _ProcessCheck(Section):
    """What every check says about the events it needs.

    Attributes:
        name: one line, shown in the page.
        process: to be generated.
        parameters: of the process; its defaults otherwise.
        beams: name of the beams.
        maximum_isr_fraction: 0 for no radiation.
        events: number of trials.
    """

    name: str
    process: str
    parameters: dict[str, float] = Field(default_factory=dict)
    beams: str
    maximum_isr_fraction: float = Field(default=0.0, ge=0.0, lt=1.0)
    events: int = Field(gt=0)


class CrossSectionCheck(_ProcessCheck):
    """The mean weight of a process against a cross-section in fb, pb or nb; ``tolerance`` is relative."""

    reference: Quantity
    tolerance: float = Field(gt=0.0, lt=1.0)

    @model_validator(mode="after")
    def _cross_section(self) -> CrossSectionCheck:
        if self.reference.unit not in ("fb", "pb", "nb") or self.reference.value <= 0.0:
            raise ValueError(f"check '{self.name}': the reference must be positive and in fb, pb or nb")
        return self


class ResolutionCheck(_ProcessCheck):
    """Half of the central 68 % of measured minus true against a width; ``tolerance`` is relative.

    Attributes:
        observable: what is measured.
        tracks_within: polar angles of all tracks used, laboratory, degrees.
    """

    observable: Literal[
        "recoil_mass", "track_pair_mass", "photon_pair_mass", "photon_energy", "photon_recoil_mass_squared"
    ]
    reference: Quantity
    tolerance: float = Field(gt=0.0, lt=1.0)
    tracks_within: Range = Range(low=37.0, high=120.0, unit="deg")

    @model_validator(mode="after")
    def _width(self) -> ResolutionCheck:
        if self.reference.unit not in ("", "%", "MeV", "GeV", "GeV^2") or self.reference.value <= 0.0:
            raise ValueError(f"check '{self.name}': the reference must be positive, in MeV, GeV, GeV^2, % or no unit")
        return self


class AngleCheck(_ProcessCheck):
    """The polar angle of a particle in the centre of mass against a law.

    Attributes:
        particle: PDG code; the first such particle of each event is used.
        law: name of the closed form.
        cosine: range compared.
    """

    particle: int
    law: Literal["axion", "dark_photon", "dark_higgsstrahlung", "two_photons", "muon_pair"]
    cosine: Range


class ValidationConfig(Section):
    """All checks of the simulation, the beams they use and the seed of their random numbers."""

    title: str
    seed: int = Field(ge=0)
    detector: str
    beams: dict[str, BeamsConfig]
    cross_sections: tuple[CrossSectionCheck, ...]
    resolutions: tuple[ResolutionCheck, ...]
    angles: tuple[AngleCheck, ...]

    @model_validator(mode="after")
    def _consistent(self) -> ValidationConfig:
        checks = (*self.cross_sections, *self.resolutions, *self.angles)
        names = [check.name for check in checks]
        for check in checks:
            if check.beams not in self.beams:
                raise ValueError(f"check '{check.name}': beams must be one of {', '.join(self.beams)}")
            if names.count(check.name) > 1:
                raise ValueError(f"two checks are called '{check.name}'")
        return self
