"""Widths of a scalar that mixes with the Higgs boson."""

from __future__ import annotations

import math

from darkreach.kinematics import CHARGED_PION_MASS, ELECTRON_MASS, HBAR_C_CM, MUON_MASS, NEUTRAL_PION_MASS


def lepton_width(mass_gev: float, lepton_mass: float, fermi_constant: float) -> float:
    """Return Gamma(S -> l+ l-) = m_l^2 m_S/(8 pi v^2) (1 - 4 m_l^2/m_S^2)^(3/2) at sin(theta) = 1, GeV.

    Example:
        >>> f"{lepton_width(0.25, 0.1056583755, 1.1663788e-5):.3e}"
        '2.795e-10'
    """
    if mass_gev <= 2.0 * lepton_mass:
        return 0.0
    speed = math.sqrt(1.0 - (2.0 * lepton_mass / mass_gev) ** 2)
    # 1/v^2 = sqrt2 G_F
    return lepton_mass**2 * mass_gev * math.sqrt(2.0) * fermi_constant / (8.0 * math.pi) * speed**3


def pion_width(mass_gev: float, fermi_constant: float) -> float:
    """Return the leading-order width into two pions, charged and neutral, at sin(theta) = 1, GeV.

    3 sqrt2 G_F/(32 pi m_S) beta |2/9 m_S^2 + 11/9 m_pi^2|^2 (Voloshin; Donoghue, Gasser and Leutwyler). Too small by
    factors of two to three above 0.3 GeV, where the dispersive result (Winkler, 1809.01876) has to be used.
    """
    charged, neutral = (_speed(mass_gev, mass) for mass in (CHARGED_PION_MASS, NEUTRAL_PION_MASS))
    form = 2.0 / 9.0 * mass_gev**2 + 11.0 / 9.0 * CHARGED_PION_MASS**2
    phase_space = 2.0 / 3.0 * charged + neutral / 3.0
    return 3.0 * math.sqrt(2.0) * fermi_constant / (32.0 * math.pi * mass_gev) * phase_space * form**2


def leptonic_ctau_cm(mass_gev: float, sin_theta: float, fermi_constant: float) -> float:
    """Return c tau of a scalar that decays into electrons and muons only, as it does below two pions, cm."""
    width = sum(lepton_width(mass_gev, mass, fermi_constant) for mass in (ELECTRON_MASS, MUON_MASS))
    return HBAR_C_CM / (sin_theta**2 * width)


def _speed(mass_gev: float, product: float) -> float:
    return math.sqrt(max(1.0 - (2.0 * product / mass_gev) ** 2, 0.0))
