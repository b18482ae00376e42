"""The numbers of mesons that decide how a dark photon decays to hadrons, read from the shipped file."""

from __future__ import annotations

from functools import cache
from typing import Annotated, Final

from pydantic import Field

from darkreach.configuration import Quantity, Section, config_path, read_config

Positive = Annotated[float, Field(gt=0)]
Share = Annotated[float, Field(gt=0, lt=1)]

HADRONS: Final = "dark_photon_hadrons"


class MesonState(Section):
    """A state of a sum of amplitudes: mass and width in GeV, size and phase (rad) against the first one."""

    mass: Positive
    width: Positive
    size: Positive
    phase: float


class PionFormFactorSettings(Section):
    """States of the rho meson, the lightest first, and the omega meson that mixes with the lightest."""

    states: Annotated[tuple[MesonState, ...], Field(min_length=1)]
    omega: MesonState
    source: str
    note: str = ""


class RhoMeson(Section):
    """Mass and width, GeV."""

    mass: Positive
    width: Positive
    source: str
    note: str = ""


class VectorMeson(RhoMeson):
    """A narrow vector meson.

    Attributes:
        electrons: share of its decays to electron pairs.
        three_pions: to three pions.
        photon: to a photon and a meson.
        photon_partner_mass: of that meson, GeV.
    """

    electrons: Share
    three_pions: Share
    photon: Share
    photon_partner_mass: Positive


class RisingContinuum(Section):
    """A ratio that rises to ``height`` around ``middle`` (GeV) within a few times ``slope`` (GeV)."""

    height: Positive
    middle: Positive
    slope: Positive
    source: str
    note: str = ""


class QuarkSettings(Section):
    """The charm quark mass (GeV), and the coupling of the strong interaction at the mass of the tau lepton."""

    charm_mass: Positive
    strong_coupling: Share
    source: str
    note: str = ""


class DarkPhotonHadrons(Section):
    """All of them; angles in degrees if their unit says so, else in rad."""

    pion_form_factor: PionFormFactorSettings
    rho: RhoMeson
    omega: VectorMeson
    phi: VectorMeson
    phi_phase: Quantity
    phi_to_kaons: Quantity
    continuum: RisingContinuum
    quarks: QuarkSettings


@cache
def hadron_settings() -> DarkPhotonHadrons:
    """Return the shipped numbers, ``configs/models/dark_photon_hadrons.yaml``.

    Raises:
        ConfigError: the file holds unknown keys or values out of range.

    Example:
        >>> hadron_settings().omega.mass
        0.78266
    """
    return read_config(config_path("models", HADRONS), DarkPhotonHadrons)
