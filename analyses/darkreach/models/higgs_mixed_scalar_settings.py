"""Lifetimes and hadronic decays of a scalar that mixes with the Higgs boson, read from the shipped file."""

from __future__ import annotations

from functools import cache
from typing import Annotated, Final, Self

from pydantic import Field, model_validator

from darkreach.configuration import Section, config_path, read_config

Positive = Annotated[float, Field(gt=0)]
Share = Annotated[float, Field(ge=0, le=1)]

HIGGS_MIXED_SCALAR: Final = "higgs_mixed_scalar"

# shares have four digits
_ROUNDING = 3e-4


class LifetimeKnots(Section):
    """Mass (GeV) and c tau (``unit``) at sin(theta) = 1, masses rising."""

    knots: Annotated[tuple[tuple[Positive, Positive], ...], Field(min_length=2)]
    source: str
    licence: str
    unit: str = "cm"
    note: str = ""

    @model_validator(mode="after")
    def _rising(self) -> Self:
        _check_rising([knot[0] for knot in self.knots])
        if self.unit != "cm":
            raise ValueError(f"unit must be cm, got {self.unit}")
        return self


class HadronKnots(Section):
    """Mass (GeV) and the shares of pions, kaons, four pions, gluons and strange quarks in the hadronic width."""

    knots: Annotated[tuple[tuple[Positive, Share, Share, Share, Share, Share], ...], Field(min_length=2)]
    source: str
    licence: str
    note: str = ""

    @model_validator(mode="after")
    def _rising_and_shares(self) -> Self:
        _check_rising([knot[0] for knot in self.knots])
        for mass, *shares in self.knots:
            if sum(shares) > 1.0 + _ROUNDING:
                raise ValueError(f"shares at {mass} GeV sum to {sum(shares):g}, more than one")
        return self


class HiggsMixedScalarNumbers(Section):
    """All of them, at sin(theta) = 1."""

    lifetime: LifetimeKnots
    hadrons: HadronKnots


@cache
def higgs_mixed_scalar_numbers() -> HiggsMixedScalarNumbers:
    """Return the shipped numbers, ``configs/models/higgs_mixed_scalar.yaml``.

    Raises:
        ConfigError: the file holds unknown keys or values out of range.

    Example:
        >>> higgs_mixed_scalar_numbers().lifetime.knots[0][0]
        0.28
    """
    return read_config(config_path("models", HIGGS_MIXED_SCALAR), HiggsMixedScalarNumbers)


def _check_rising(masses: list[float]) -> None:
    if any(after <= before for before, after in zip(masses, masses[1:], strict=False)):
        raise ValueError("masses of the knots must rise")
