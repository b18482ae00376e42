"""Masses of two and three pions in tau -> hadrons N, and how the rate falls with the mass of N.

dGamma/dq^2 ~ rho(q^2) lambda^(1/2)(m_tau^2, m_N^2, q^2) [(m_tau^2 - m_N^2)^2 + q^2 (m_tau^2 + m_N^2) - 2 q^4], for
hadrons of spin one. Spectral functions after Kuehn and Santamaria, Z. Phys. C 48 (1990) 445: one rho meson for two
pions, one a1 meson for three.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from darkreach.generators.decays import TabulatedDensity, tabulate_density, two_body_momentum, unit_quadrature
from darkreach.generators.signals.heavy_flavour_numbers import HeavyFlavourNumbers
from darkreach.kinematics import CHARGED_PION_MASS, NEUTRAL_PION_MASS, TAU_MASS

Array = NDArray[np.float64]
SpectralFunction = Callable[[Array], Array]


@dataclass(frozen=True)
class HadronSpectrum:
    """Squared masses of the hadrons in tau -> hadrons N.

    Attributes:
        lowest: GeV^2.
        highest: GeV^2.
        integral: of the spectrum, in a unit that depends on the hadrons only.
        table: from which masses are drawn.
    """

    lowest: float
    highest: float
    integral: float
    table: TabulatedDensity

    def sample(self, n: int, random: np.random.Generator) -> tuple[Array, Array]:
        """Return masses (n,), GeV, and weights (n,) of mean one."""
        u, _, weight = self.table.sample(n, random)
        return np.sqrt(_squared_mass(u, self.lowest, self.highest)), weight / self.integral


def hadron_spectrum(spectral: SpectralFunction, threshold: float, mass_gev: float) -> HadronSpectrum:
    """Return the spectrum of hadrons above their threshold (GeV) beside N of a mass (GeV).

    Example:
        >>> from darkreach.generators.signals.heavy_flavour_numbers import heavy_flavour_numbers
        >>> spectral = three_pion_function(heavy_flavour_numbers())
        >>> integrals = [hadron_spectrum(spectral, 3 * CHARGED_PION_MASS, mass).integral for mass in (0.0, 0.5)]
        >>> round(integrals[1] / integrals[0], 2)
        0.42
    """
    lowest, highest = threshold**2, (TAU_MASS - mass_gev) ** 2

    def density(u: Array, v: Array) -> Array:
        q_squared = _squared_mass(u, lowest, highest) + 0.0 * v
        momentum = two_body_momentum(TAU_MASS, np.sqrt(q_squared), mass_gev)
        squared, heavy = TAU_MASS**2, mass_gev**2
        current = (squared - heavy) ** 2 + q_squared * (squared + heavy) - 2.0 * q_squared**2
        jacobian = (highest - lowest) * 0.5 * np.pi * np.sin(np.pi * u)
        return np.asarray(spectral(q_squared) * momentum * current * jacobian)

    points, weights = unit_quadrature(600)
    integral = float(np.sum(weights * density(points, np.zeros(len(points)))))
    return HadronSpectrum(lowest, highest, integral, tabulate_density(density, cells=(256, 1)))


def two_pion_function(numbers: HeavyFlavourNumbers) -> SpectralFunction:
    """Return p^3/q^3 |BW|^2 of the rho meson with its running width; the tail of heavier rho mesons is left out."""
    nominal, width = numbers.tau_leptons.rho_mass.value, numbers.tau_leptons.rho_width.value

    def momentum(mass: Array) -> Array:
        return two_body_momentum(mass, CHARGED_PION_MASS, NEUTRAL_PION_MASS)

    def spectral(q_squared: Array) -> Array:
        mass = np.sqrt(q_squared)
        speed = momentum(mass)
        running = width * (speed / momentum(np.asarray(nominal))) ** 3 * nominal**2 / q_squared
        breit_wigner = 1.0 / ((nominal**2 - q_squared) ** 2 + q_squared * running**2)
        return np.asarray((speed / mass) ** 3 * breit_wigner)

    return spectral


def three_pion_function(numbers: HeavyFlavourNumbers) -> SpectralFunction:
    """Return g(q^2)/q^2 / [(m^2 - q^2)^2 + (m Gamma g(q^2)/g(m^2))^2] of the a1 meson."""
    nominal, width = numbers.tau_leptons.a1_mass.value, numbers.tau_leptons.a1_width.value
    rho = numbers.tau_leptons.rho_mass.value
    at_peak = float(_three_pion_phase_space(np.asarray(nominal**2), rho))

    def spectral(q_squared: Array) -> Array:
        phase_space = _three_pion_phase_space(q_squared, rho)
        running = nominal * width * phase_space / at_peak
        return np.asarray(phase_space / q_squared / ((nominal**2 - q_squared) ** 2 + running**2))

    return spectral


def _three_pion_phase_space(q_squared: Array, rho_mass: float) -> Array:
    """Return the fitted phase space g(q^2) of a1 -> rho pi; good to 1 % above 0.6 GeV^2, too large below 0.4 GeV^2."""
    above = np.maximum(q_squared - 9.0 * CHARGED_PION_MASS**2, 0.0)
    low = 4.1 * above**3 * (1.0 - 3.3 * above + 5.8 * above**2)
    high = 1.623 * q_squared + 10.38 - 9.32 / q_squared + 0.65 / q_squared**2
    return np.asarray(np.where(q_squared < (rho_mass + CHARGED_PION_MASS) ** 2, low, high))


def _squared_mass(u: Array, lowest: float, highest: float) -> Array:
    return np.asarray(lowest + (highest - lowest) * np.sin(0.5 * np.pi * u) ** 2)
