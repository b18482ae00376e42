"""Widths of a heavy neutral lepton that mixes with the tau neutrino only and is lighter than the tau lepton.

There is no charged current: N -> nu nu nu, nu l l, nu P and nu V by Z exchange. Dirac; a Majorana lepton has twice the
widths, half the lifetime and the same branching fractions. After Gorbunov and Shaposhnikov, 0705.1729; the couplings
of vector mesons follow from the quark neutral current.
"""

from __future__ import annotations

import math

from darkreach.generators.signals.heavy_flavour_numbers import HeavyFlavourNumbers
from darkreach.kinematics import ELECTRON_MASS, HBAR_C_CM, MUON_MASS, NEUTRAL_PION_MASS


def lepton_couplings(numbers: HeavyFlavourNumbers) -> tuple[float, float]:
    """Return gL = -1/2 + sin^2 theta_W and gR = sin^2 theta_W of charged leptons."""
    weak_mixing = numbers.neutral_currents.weak_mixing.value
    return weak_mixing - 0.5, weak_mixing


def partial_widths(numbers: HeavyFlavourNumbers, mass_gev: float) -> dict[str, float]:
    """Return the width of each mode at |U|^2 = 1, GeV: ``invisible``, ``ee``, ``mumu``, ``pi0`` and other mesons.

    Example:
        >>> from darkreach.generators.signals.heavy_flavour_numbers import heavy_flavour_numbers
        >>> widths = partial_widths(heavy_flavour_numbers(), 1.0)
        >>> round(widths["mumu"] / sum(widths.values()), 4)
        0.0379
    """
    currents = numbers.neutral_currents
    fermi = currents.fermi_constant.value
    weak_mixing = currents.weak_mixing.value
    vectors = {
        "rho": (1.0 - 2.0 * weak_mixing, currents.rho_coupling.value, numbers.tau_leptons.rho_mass.value),
        "omega": (-2.0 / 3.0 * weak_mixing, currents.omega_coupling.value, currents.omega_mass.value),
        "phi": (math.sqrt(2.0) * (2.0 / 3.0 * weak_mixing - 0.5), currents.phi_coupling.value, currents.phi_mass.value),
    }
    pseudoscalars = {
        "pi0": (currents.pion_decay_constant.value, NEUTRAL_PION_MASS),
        "eta": (currents.eta_decay_constant.value, currents.eta_mass.value),
        "eta_prime": (currents.eta_prime_decay_constant.value, currents.eta_prime_mass.value),
    }
    return {
        "invisible": fermi**2 * mass_gev**5 / (192.0 * math.pi**3),
        "ee": lepton_pair_width(numbers, mass_gev, ELECTRON_MASS),
        "mumu": lepton_pair_width(numbers, mass_gev, MUON_MASS),
        **{name: _pseudoscalar(fermi, mass_gev, *values) for name, values in pseudoscalars.items()},
        **{name: _vector(fermi, mass_gev, *values) for name, values in vectors.items()},
    }


def lepton_pair_width(numbers: HeavyFlavourNumbers, mass_gev: float, lepton_mass: float) -> float:
    """Return Gamma(N -> nu l+ l-) by the neutral current at |U|^2 = 1, GeV."""
    x = lepton_mass / mass_gev
    if x >= 0.5:
        return 0.0
    left, right = lepton_couplings(numbers)
    root = math.sqrt(1.0 - 4.0 * x**2)
    # the usual logarithm ln((1 - 3x^2 - (1 - x^2) root)/(x^2 (1 + root))), without its cancellation at small x
    logarithm = 4.0 * math.log(2.0 * x / (1.0 + root))
    same = (1.0 - 14.0 * x**2 - 2.0 * x**4 - 12.0 * x**6) * root + 12.0 * x**4 * (x**4 - 1.0) * logarithm
    mixed = x**2 * (2.0 + 10.0 * x**2 - 12.0 * x**4) * root + 6.0 * x**4 * (1.0 - 2.0 * x**2 + 2.0 * x**4) * logarithm
    scale = numbers.neutral_currents.fermi_constant.value**2 * mass_gev**5 / (192.0 * math.pi**3)
    # within 1e-4 of the threshold less is left than rounding leaves, of either sign
    return max(0.0, scale * ((left**2 + right**2) * same + 4.0 * left * right * mixed))


def heavy_neutral_lepton_ctau_cm(numbers: HeavyFlavourNumbers, mass_gev: float, mixing_squared: float) -> float:
    """Return c tau of a Dirac lepton, cm.

    Example:
        >>> from darkreach.generators.signals.heavy_flavour_numbers import heavy_flavour_numbers
        >>> round(heavy_neutral_lepton_ctau_cm(heavy_flavour_numbers(), 1.0, 1.0), 3)
        0.323
    """
    return HBAR_C_CM / (mixing_squared * sum(partial_widths(numbers, mass_gev).values()))


def _pseudoscalar(fermi: float, mass: float, decay_constant: float, meson: float) -> float:
    rest = max(1.0 - (meson / mass) ** 2, 0.0)
    return fermi**2 * decay_constant**2 * mass**3 * rest**2 / (32.0 * math.pi)


def _vector(fermi: float, mass: float, charge: float, coupling: float, meson: float) -> float:
    squared = (meson / mass) ** 2
    rest = max(1.0 - squared, 0.0)
    phase_space = (1.0 + 2.0 * squared) * rest**2
    return (fermi * charge * coupling) ** 2 * mass**3 * phase_space / (32.0 * math.pi * meson**2)
