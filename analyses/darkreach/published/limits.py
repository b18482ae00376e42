"""Published limits to compare with: a few values quoted with their paper, confidence level and luminosity."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from darkreach.configuration import Section, config_path, read_config

Positive = Annotated[float, Field(gt=0)]


class PublishedPoint(Section):
    """One published upper limit: mass in GeV, limit in the unit of the coupling."""

    mass_gev: Positive
    limit: Positive


class PublishedLimits(Section):
    """Observed limits of one paper.

    Attributes:
        search: name of the search they belong to.
        paper: where they were published.
        source: how they were obtained, e.g. ``arXiv:2007.13071, digitised``.
        coupling: name of the coupling.
        unit: its unit.
        confidence_level: e.g. 0.95; limits of different levels are never compared.
        luminosity_inverse_fb: integrated luminosity of the paper, fb^-1.
        note: what a reader must know about these values.
        observed: points in order of rising mass.
    """

    search: str
    paper: str
    source: str
    coupling: str
    unit: str
    confidence_level: Annotated[float, Field(gt=0.5, lt=1.0)]
    luminosity_inverse_fb: Positive
    note: str = ""
    observed: Annotated[tuple[PublishedPoint, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _rising(self) -> PublishedLimits:
        masses = [point.mass_gev for point in self.observed]
        if any(later <= earlier for earlier, later in zip(masses, masses[1:], strict=False)):
            raise ValueError(f"masses must rise, got {masses}")
        return self


def read_published(search: str) -> PublishedLimits:
    """Read the shipped published limits of a search.

    Raises:
        UnknownNameError: nothing published is stored for this search.
        ConfigError: the file holds unknown keys or values out of range, or belongs to another search.

    Example:
        >>> published = read_published("axion_to_photons")
        >>> published.confidence_level, published.observed[3].limit
        (0.95, 0.0013)
    """
    return read_config(config_path("published", search), PublishedLimits)
