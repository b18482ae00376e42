"""Squared amplitudes of three-body decays with a heavy neutral lepton, averaged over the spin of what decays."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from darkreach.generators.decays import ThreeBodyDecay, three_body_decay
from darkreach.generators.signals.heavy_flavour_numbers import HeavyFlavourNumbers
from darkreach.generators.signals.heavy_neutral_lepton_widths import lepton_couplings
from darkreach.kinematics import TAU_MASS

Array = NDArray[np.float64]


def to_neutrino_lepton_pair(numbers: HeavyFlavourNumbers, mass_gev: float, lepton_mass: float) -> ThreeBodyDecay:
    """Return N -> l- l+ nu (in this order) by the neutral current, Dirac, at |U|^2 = 1.

    |M|^2 = 64 G_F^2 [gL^2 (N.l+)(nu.l-) + gR^2 (N.l-)(nu.l+) + gL gR m_l^2 (N.nu)].

    Example:
        >>> from darkreach.generators.signals.heavy_flavour_numbers import heavy_flavour_numbers
        >>> f"{to_neutrino_lepton_pair(heavy_flavour_numbers(), 1.0, 0.1056583755).width:.4e}"
        '2.3129e-15'
    """
    left, right = lepton_couplings(numbers)
    fermi = numbers.neutral_currents.fermi_constant.value

    def squared_amplitude(s12: Array, s13: Array, s23: Array) -> Array:
        heavy = mass_gev**2 + lepton_mass**2
        of_left = 0.25 * (heavy - s13) * (s13 - lepton_mass**2)
        of_right = 0.25 * (heavy - s23) * (s23 - lepton_mass**2)
        mixed = 0.5 * lepton_mass**2 * (mass_gev**2 - s12)
        return np.asarray(64.0 * fermi**2 * (left**2 * of_left + right**2 * of_right + left * right * mixed))

    return three_body_decay(mass_gev, (lepton_mass, lepton_mass, 0.0), squared_amplitude)


def tau_to_lepton(numbers: HeavyFlavourNumbers, mass_gev: float, lepton_mass: float) -> ThreeBodyDecay:
    """Return tau- -> l- nubar_l N (in this order) at |U|^2 = 1: |M|^2 = 64 G_F^2 (tau.nubar)(l.N).

    Example:
        >>> from darkreach.generators.signals.heavy_flavour_numbers import heavy_flavour_numbers
        >>> decays = [tau_to_lepton(heavy_flavour_numbers(), mass, 0.0) for mass in (0.0, 1.0)]
        >>> round(decays[1].width / decays[0].width, 4)
        0.0943
    """
    fermi = numbers.neutral_currents.fermi_constant.value

    def squared_amplitude(s12: Array, s13: Array, s23: Array) -> Array:
        del s12, s23
        return np.asarray(64.0 * fermi**2 * 0.25 * (TAU_MASS**2 - s13) * (s13 - lepton_mass**2 - mass_gev**2))

    return three_body_decay(TAU_MASS, (lepton_mass, 0.0, mass_gev), squared_amplitude)
