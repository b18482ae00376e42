"""What a tau lepton decays into beside a heavy neutral lepton."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from darkreach.generators.decays import (
    ThreeBodyDecay,
    even_three_body_decay,
    two_body_decay,
    two_body_momentum,
)
from darkreach.generators.signals.heavy_flavour_numbers import HeavyFlavourNumbers
from darkreach.generators.signals.heavy_neutral_lepton_amplitudes import tau_to_lepton
from darkreach.generators.signals.particle_columns import ParticleColumns
from darkreach.generators.signals.tau_hadron_spectra import (
    HadronSpectrum,
    SpectralFunction,
    hadron_spectrum,
    three_pion_function,
    two_pion_function,
)
from darkreach.kinematics import (
    CHARGED_PION_MASS,
    ELECTRON_MASS,
    MUON_MASS,
    NEUTRAL_PION_MASS,
    TAU_MASS,
)

Array = NDArray[np.float64]
Sign = NDArray[np.int32]
Places = tuple[int, Sign, Array]
"""Column of the tau lepton, (n,) one for tau- and -1 for tau+, and (n, 3) where it decays in cm."""

HADRONS: Final[Mapping[str, tuple[Callable[[HeavyFlavourNumbers], SpectralFunction], float]]] = {
    "rho": (two_pion_function, CHARGED_PION_MASS + NEUTRAL_PION_MASS),
    "a1": (three_pion_function, 3.0 * CHARGED_PION_MASS),
}
LEPTONS: Final[Mapping[str, tuple[int, float]]] = {"electron": (11, ELECTRON_MASS), "muon": (13, MUON_MASS)}


@dataclass(frozen=True)
class TauDecayMode:
    """A decay tau -> X N with N of one mass.

    Attributes:
        name: of X: ``pi``, ``rho``, ``a1``, ``electron`` or ``muon``.
        mass: of N, GeV.
        branching_fraction: at |U|^2 = 1.
        spectrum: masses of a hadron resonance; None without one.
        leptonic: the decay with a lepton and its neutrino; None for hadrons.
    """

    name: str
    mass: float
    branching_fraction: float
    spectrum: HadronSpectrum | None = None
    leptonic: ThreeBodyDecay | None = None

    def add(
        self, columns: ParticleColumns, tau: Array, places: Places, random: np.random.Generator
    ) -> tuple[Array, Array]:
        """Add X and what it decays into to tau leptons (n, 4); return the momenta of N (n, 4) and weights (n,)."""
        column, sign, vertex = places
        if self.leptonic is not None:
            products, weight = self.leptonic.generate(tau, random)
            code = LEPTONS[self.name][0]
            columns.add(code * sign, products[:, 0], vertex=vertex, mother=column)
            columns.add(-(code + 1) * sign, products[:, 1], vertex=vertex, mother=column)
            return products[:, 2], weight
        if self.spectrum is None:
            pion, heavy = two_body_decay(tau, TAU_MASS, CHARGED_PION_MASS, self.mass, random)
            columns.add(-211 * sign, pion, vertex=vertex, mother=column)
            return heavy, np.ones(len(tau))
        mass, weight = self.spectrum.sample(len(tau), random)
        # the table ends at the threshold, which rounding may cross
        mass = np.minimum(mass, TAU_MASS - self.mass)
        hadrons, heavy = two_body_decay(tau, TAU_MASS, mass, self.mass, random)
        add_hadrons = _add_two_pions if self.name == "rho" else _add_three_pions
        return heavy, weight * add_hadrons(columns, hadrons, mass, places, random)


def tau_decay_mode(numbers: HeavyFlavourNumbers, name: str, mass_gev: float) -> TauDecayMode:
    """Return a decay: measured branching fraction with a neutrino times the ratio of widths with and without mass.

    tau -> pi N: [(1 - x)^2 - y (1 + x)] lambda^(1/2)(1, x, y)/(1 - y)^2, x = m_N^2/m_tau^2 and y = m_pi^2/m_tau^2.

    Args:
        numbers: branching fractions and resonances.
        name: of X, see :class:`TauDecayMode`.
        mass_gev: of N, below :func:`highest_mass`.

    Example:
        >>> from darkreach.generators.signals.heavy_flavour_numbers import heavy_flavour_numbers
        >>> round(tau_decay_mode(heavy_flavour_numbers(), "pi", 1.0).branching_fraction, 4)
        0.0337
    """
    tau = numbers.tau_leptons
    if name in LEPTONS:
        lepton = LEPTONS[name][1]
        measured = (tau.to_electron if name == "electron" else tau.to_muon).value
        decay, massless = (tau_to_lepton(numbers, mass, lepton) for mass in (mass_gev, 0.0))
        return TauDecayMode(name, mass_gev, measured * decay.integral / massless.integral, leptonic=decay)
    if name in HADRONS:
        function, threshold = HADRONS[name]
        measured = (tau.to_two_pions if name == "rho" else tau.to_three_pions).value
        spectra = [hadron_spectrum(function(numbers), threshold, mass) for mass in (mass_gev, 0.0)]
        fraction = measured * spectra[0].integral / spectra[1].integral
        return TauDecayMode(name, mass_gev, fraction, spectrum=spectra[0])
    heavy, pion = (mass_gev / TAU_MASS) ** 2, (CHARGED_PION_MASS / TAU_MASS) ** 2
    root = 2.0 * float(two_body_momentum(TAU_MASS, CHARGED_PION_MASS, mass_gev)) / TAU_MASS
    ratio = ((1.0 - heavy) ** 2 - pion * (1.0 + heavy)) * root / (1.0 - pion) ** 2
    return TauDecayMode(name, mass_gev, tau.to_pion.value * ratio)


def highest_mass(name: str) -> float:
    """Return the mass of N, GeV, at which the decay into X ends.

    Example:
        >>> round(highest_mass("pi"), 4)
        1.6374
    """
    if name in LEPTONS:
        return TAU_MASS - LEPTONS[name][1]
    return TAU_MASS - (HADRONS[name][1] if name in HADRONS else CHARGED_PION_MASS)


def _add_two_pions(
    columns: ParticleColumns, hadrons: Array, mass: Array, places: Places, random: np.random.Generator
) -> Array:
    column, sign, vertex = places
    mass = np.maximum(mass, CHARGED_PION_MASS + NEUTRAL_PION_MASS)
    resonance = columns.add(-213 * sign, hadrons, vertex=vertex, mother=column, final=False)
    charged, neutral = two_body_decay(hadrons, mass, CHARGED_PION_MASS, NEUTRAL_PION_MASS, random)
    columns.add(-211 * sign, charged, vertex=vertex, mother=resonance)
    add_neutral_pion(columns, neutral, resonance, vertex, random)
    return np.ones(len(mass))


def _add_three_pions(
    columns: ParticleColumns, hadrons: Array, mass: Array, places: Places, random: np.random.Generator
) -> Array:
    column, sign, vertex = places
    resonance = columns.add(-20213 * sign, hadrons, vertex=vertex, mother=column, final=False)
    masses = (CHARGED_PION_MASS, CHARGED_PION_MASS, CHARGED_PION_MASS)
    pions, weight = even_three_body_decay(hadrons, mass, masses, random)
    for place, charge in enumerate((-1, 1, -1)):
        columns.add(charge * 211 * sign, pions[:, place], vertex=vertex, mother=resonance)
    return weight


def add_neutral_pion(
    columns: ParticleColumns, momentum: Array, mother: int, vertex: Array, random: np.random.Generator
) -> None:
    """Add neutral pions (n, 4) that decay into two photons at once."""
    column = columns.add(111, momentum, vertex=vertex, mother=mother, final=False)
    for photon in two_body_decay(momentum, NEUTRAL_PION_MASS, 0.0, 0.0, random):
        columns.add(22, photon, vertex=vertex, mother=column)
