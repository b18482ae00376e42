"""Published limits in mass and lifetime: single values of a paper's tables, quoted to compare with."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from darkreach.configuration import Section

Positive = Annotated[float, Field(gt=0)]


class PublishedLifetimeLimit(Section):
    """One published upper limit of a channel.

    Attributes:
        channel: name of ours that it is of.
        mass_gev: GeV.
        ctau_cm: mean proper decay length, cm.
        upper: limit, of the quantity that the paper's values are of.
    """

    channel: str
    mass_gev: Positive
    ctau_cm: Positive
    upper: Positive


class PublishedLifetimes(Section):
    """Values of one paper.

    Attributes:
        paper: where they were published.
        source: how the values were obtained; starts with ``unverified`` where they cannot be traced to a paper.
        quantity: what the limits are on, as in the header of our file of limits.
        kind: what the limits of the paper are.
        confidence_level: e.g. 0.95; limits of different levels are never compared.
        luminosity_inverse_fb: integrated luminosity of the paper, fb^-1.
        note: what a reader must know about these values.
        values: each channel, mass and lifetime once.
    """

    paper: str
    source: str
    quantity: str
    kind: Literal["observed", "expected"]
    confidence_level: Annotated[float, Field(gt=0.5, lt=1.0)]
    luminosity_inverse_fb: Positive
    note: str = ""
    values: Annotated[tuple[PublishedLifetimeLimit, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _once_each(self) -> PublishedLifetimes:
        seen = set()
        for value in self.values:
            place = (value.channel, value.mass_gev, value.ctau_cm)
            if place in seen:
                raise ValueError(f"two values of {place[0]} at {place[1]:g} GeV and {place[2]:g} cm")
            seen.add(place)
        return self

    @property
    def of_known_origin(self) -> bool:
        """Whether the values can be traced to a paper."""
        return not self.source.startswith("unverified")
