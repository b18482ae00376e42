"""Widths, lifetime and branching fractions of a scalar that mixes with the Higgs boson.

Leptons: formulas. Hadrons: the tabulated lifetime less the leptons, interpolated by itself, so that no threshold of a
lepton is smeared; shares of the hadronic width from the same source (``configs/models/higgs_mixed_scalar.yaml``).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache
from typing import Final

import numpy as np
from scipy.interpolate import PchipInterpolator

from darkreach.errors import ConfigError
from darkreach.generators.signals.heavy_flavour_numbers import heavy_flavour_numbers
from darkreach.generators.signals.higgs_mixed_scalar_widths import lepton_width, pion_width
from darkreach.kinematics import (
    CHARGED_KAON_MASS,
    CHARGED_PION_MASS,
    ELECTRON_MASS,
    HBAR_C_CM,
    MUON_MASS,
    NEUTRAL_KAON_MASS,
    NEUTRAL_PION_MASS,
    TAU_MASS,
)
from darkreach.models.higgs_mixed_scalar_settings import higgs_mixed_scalar_numbers

LEPTON_MASSES: Final[Mapping[str, float]] = {"ee": ELECTRON_MASS, "mumu": MUON_MASS, "tautau": TAU_MASS}
HADRONS: Final = ("pipi", "kk", "four_pions", "gluons", "strange")
"""Names of the hadronic decays in the order of the shipped shares; what is missing to one is called ``other``."""


def lepton_width_gev(mass_gev: float, decay: str) -> float:
    """Return the width to ``ee``, ``mumu`` or ``tautau`` at sin(theta) = 1, GeV; zero below threshold.

    Example:
        >>> f"{lepton_width_gev(0.5, 'mumu'):.5e}"
        '2.72715e-09'
    """
    return lepton_width(mass_gev, LEPTON_MASSES[decay], _fermi_constant())


def hadron_width_gev(mass_gev: float) -> float:
    """Return the width to all hadrons at sin(theta) = 1, GeV; zero below two charged pions.

    A monotonic curve in the logarithms through the shipped lifetimes less the leptonic widths. Below the first of
    them, just above threshold, it follows the leading order of chiral perturbation theory.

    Raises:
        ConfigError: the mass is beyond the last shipped one.

    Example:
        >>> hadron_width_gev(0.25)
        0.0
    """
    if mass_gev <= 2.0 * CHARGED_PION_MASS:
        return 0.0
    first, last, curve = _hadron_curve()
    if mass_gev > last:
        raise ConfigError(
            "no hadronic width of the scalar is known at this mass",
            where="mass_gev",
            allowed=f"up to {last:g} GeV",
            given=f"{mass_gev:g} GeV",
            next_step="add lifetimes to configs/models/higgs_mixed_scalar.yaml",
        )
    if mass_gev < first:
        fermi = _fermi_constant()
        return hadron_width_gev(first) * pion_width(mass_gev, fermi) / pion_width(first, fermi)
    return math.exp(float(curve(math.log(mass_gev))))


def total_width_gev(mass_gev: float) -> float:
    """Return the total width at sin(theta) = 1, GeV; it is proportional to sin(theta)^2.

    Raises:
        ConfigError: the mass is beyond the last shipped lifetime, or below two electrons, where nothing is known.
    """
    if not mass_gev > 2.0 * ELECTRON_MASS:
        raise ConfigError(
            "the scalar is too light to decay to electrons",
            where="mass_gev",
            allowed=f"above {2.0 * ELECTRON_MASS:.6g} GeV",
            given=f"{mass_gev:g} GeV",
        )
    return _leptons(mass_gev) + hadron_width_gev(mass_gev)


def scalar_ctau_cm(mass_gev: float, sin_theta: float = 1.0) -> float:
    """Return the mean proper decay length c tau, cm.

    Raises:
        ConfigError: the mass is out of range, see `total_width_gev`.

    Example:
        >>> f"{scalar_ctau_cm(0.5, 1e-3):.5f}"
        '0.80947'
    """
    return HBAR_C_CM / (total_width_gev(mass_gev) * sin_theta**2)


def scalar_branching_fractions(mass_gev: float) -> dict[str, float]:
    """Return the branching fractions of all decays by name; their sum is one.

    ``pipi`` and ``kk`` hold all charges, see `charged_pion_share` and `charged_kaon_share`.

    Raises:
        ConfigError: the mass is out of range, see `total_width_gev`.

    Example:
        >>> {name: round(value, 3) for name, value in scalar_branching_fractions(0.5).items() if value > 1e-3}
        {'mumu': 0.112, 'pipi': 0.888}
    """
    total, hadrons = total_width_gev(mass_gev), hadron_width_gev(mass_gev)
    knots = np.array(higgs_mixed_scalar_numbers().hadrons.knots)
    shares = [float(np.interp(mass_gev, knots[:, 0], column)) for column in knots[:, 1:].T]
    # rounded shares may sum to a little more than one
    scale = 1.0 / max(sum(shares), 1.0)
    widths = {decay: lepton_width_gev(mass_gev, decay) for decay in LEPTON_MASSES}
    widths |= {name: hadrons * share * scale for name, share in zip(HADRONS, shares, strict=True)}
    widths["other"] = hadrons * max(1.0 - sum(shares), 0.0)
    return {name: width / total for name, width in widths.items()}


def charged_pion_share(mass_gev: float) -> float:
    """Return the share of pi+ pi- in decays to two pions: 2/3 (isospin zero), less near threshold; zero below it.

    Example:
        >>> round(charged_pion_share(1.0), 3)
        0.666
    """
    return _charged_share(2.0 * _speed(mass_gev, CHARGED_PION_MASS), _speed(mass_gev, NEUTRAL_PION_MASS))


def charged_kaon_share(mass_gev: float) -> float:
    """Return the share of K+ K- in decays to two kaons: 1/2 (isospin zero), more near threshold; zero below it.

    Example:
        >>> round(charged_kaon_share(1.5), 3)
        0.502
    """
    return _charged_share(_speed(mass_gev, CHARGED_KAON_MASS), _speed(mass_gev, NEUTRAL_KAON_MASS))


def _charged_share(charged: float, neutral: float) -> float:
    return charged / (charged + neutral) if charged > 0.0 else 0.0


def _speed(mass_gev: float, product: float) -> float:
    return math.sqrt(max(1.0 - (2.0 * product / mass_gev) ** 2, 0.0))


def _fermi_constant() -> float:
    return heavy_flavour_numbers().neutral_currents.fermi_constant.value


def _leptons(mass_gev: float) -> float:
    return sum(lepton_width_gev(mass_gev, decay) for decay in LEPTON_MASSES)


@cache
def _hadron_curve() -> tuple[float, float, PchipInterpolator]:
    """Return first and last mass, and the logarithm of the hadronic width of the logarithm of the mass."""
    mass, ctau = np.array(higgs_mixed_scalar_numbers().lifetime.knots).T
    hadrons = HBAR_C_CM / ctau - np.array([_leptons(float(value)) for value in mass])
    if np.any(hadrons <= 0.0):
        raise ConfigError(
            "a shipped lifetime is longer than that of decays to leptons alone",
            where="configs/models/higgs_mixed_scalar.yaml, lifetime.knots",
            given=f"at {mass[hadrons <= 0.0][0]:g} GeV",
        )
    return float(mass[0]), float(mass[-1]), PchipInterpolator(np.log(mass), np.log(hadrons))
