"""Lifetime of a dark photon without dark decays, and how often it decays into one pair of charged particles."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from darkreach.errors import ConfigError, unknown_name
from darkreach.kinematics import ELECTRON_MASS, HBAR_C_CM
from darkreach.models.dark_photon import charged_lepton_width_gev
from darkreach.models.dark_photon_branching import branching_fractions
from darkreach.models.hadronic_channels import charged_kaon_pair_ratio

PAIR_NAMES: Final[Mapping[str, str]] = {"ee": "electrons", "mumu": "muons", "pipi": "pions", "kk": "kaons"}
"""Pairs of charged particles, as regions of a search name them, and what they are."""

_HEAVIEST: Final = 10.5


def total_width_gev(mass_gev: float) -> float:
    """Return the width to all leptons and hadrons at epsilon = 1, GeV; it is proportional to epsilon^2.

    Raises:
        ConfigError: below two electrons, or above 10.5 GeV, where R of hadrons is not known.

    Example:
        >>> f"{total_width_gev(0.1):.4e}"
        '2.4325e-04'
    """
    if not 2.0 * ELECTRON_MASS < mass_gev <= _HEAVIEST:
        raise ConfigError(
            "the width of a dark photon is not known at this mass",
            where="mass_gev",
            allowed=f"above {2.0 * ELECTRON_MASS:.6g} GeV and up to {_HEAVIEST:g} GeV",
            given=f"{mass_gev:g} GeV",
        )
    electrons = charged_lepton_width_gev(mass_gev, 1.0, ELECTRON_MASS)
    return float(electrons / branching_fractions(mass_gev)["electrons"])


def visible_ctau_cm(mass_gev: float, mixing: float = 1.0) -> float:
    """Return the mean proper decay length c tau, cm.

    Raises:
        ConfigError: the mass is out of range, see ``total_width_gev``.

    Example:
        >>> round(visible_ctau_cm(0.1, 1e-6), 3)
        81.123
    """
    return HBAR_C_CM / (total_width_gev(mass_gev) * mixing**2)


def charged_pair_fraction(mass_gev: float, pair: str) -> float:
    """Return the branching fraction into a pair of `PAIR_NAMES`; pions and kaons by their form factors at all masses.

    Raises:
        ConfigError: the mass is out of range, see ``total_width_gev``.
        UnknownNameError: no such pair.

    Example:
        >>> round(charged_pair_fraction(0.5, "mumu"), 3), round(charged_pair_fraction(1.02, "kk"), 3)
        (0.397, 0.48)
    """
    if pair not in PAIR_NAMES:
        raise unknown_name("pair", pair, PAIR_NAMES)
    if pair != "kk":
        return float(branching_fractions(mass_gev)[PAIR_NAMES[pair]])
    massless = float(charged_lepton_width_gev(mass_gev, 1.0, 0.0))
    return float(charged_kaon_pair_ratio(mass_gev)) * massless / total_width_gev(mass_gev)
