"""The kaons of B -> K X: which there are, and their decays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from darkreach.generators.decays import (
    TabulatedDensity,
    decay_vertices,
    tabulate_density,
    two_body_decay,
    two_body_momentum,
    unit_quadrature,
)
from darkreach.generators.signals.heavy_flavour_numbers import HeavyFlavourNumbers
from darkreach.generators.signals.particle_columns import ParticleColumns
from darkreach.kinematics import CHARGED_KAON_MASS, CHARGED_PION_MASS, NEUTRAL_KAON_MASS

Array = NDArray[np.float64]

KAON, PION, K_SHORT = 321, 211, 310

HIGHEST_RESONANCE_MASS: Final = 1.2
"""GeV: the tail of the K*(892) beyond is left out."""


@dataclass(frozen=True)
class KaonSystem:
    """A kaon that a B meson decays into, with the decay that is generated.

    Attributes:
        name: in names of processes.
        title: the decay of the B meson up to the other particle.
        charged: B+ or B0; B- and anti-B0 are the mirror image.
        code: of the kaon, for B+ or B0.
        vector: K*(892), which decays into the pion ``pion_code`` and a kaon.
        pion_code: see ``vector``; 0 otherwise.
        isospin_fraction: of the decay chain, without K_S -> pi pi.
        through_k_short: the kaon is a K_S that decays into pi+ pi-.
    """

    name: str
    title: str
    charged: bool
    code: int
    vector: bool
    pion_code: int
    isospin_fraction: float
    through_k_short: bool

    @property
    def kaon_mass(self) -> float:
        """Mass of the pseudoscalar kaon, GeV."""
        return NEUTRAL_KAON_MASS if self.through_k_short else CHARGED_KAON_MASS

    def lowest_mass(self, numbers: HeavyFlavourNumbers) -> float:
        """Mass that limits the other particle: of the kaon, or the nominal one of the K*, GeV."""
        return numbers.kaons.resonance_mass.value if self.vector else self.kaon_mass

    def fraction(self, numbers: HeavyFlavourNumbers) -> float:
        """Branching fraction of the decays of the kaons."""
        return self.isospin_fraction * (numbers.kaons.short_lived_to_pions.value if self.through_k_short else 1.0)


K_PLUS: Final = KaonSystem("k", "B+ -> K+", True, KAON, False, 0, 1.0, False)
K_SHORT_ALONE: Final = KaonSystem("kshort", "B0 -> K_S(pi pi)", False, K_SHORT, False, 0, 0.5, True)
K_STAR_ZERO: Final = KaonSystem("kstar0", "B0 -> K*0(K+ pi-)", False, 313, True, -PION, 2.0 / 3.0, False)
K_STAR_PLUS: Final = KaonSystem("kstarplus", "B+ -> K*+(K_S pi+)", True, 323, True, PION, 1.0 / 3.0, True)


def resonance_density(system: KaonSystem, numbers: HeavyFlavourNumbers, b_mass: float, other_mass: float) -> Resonance:
    """Return the masses of the K*(892) in B -> K* X.

    m Gamma(m)/((m0^2 - m^2)^2 + m0^2 Gamma(m)^2) dm^2 with Gamma(m) = Gamma0 (k/k0)^3 m0/m (k: momentum of the decay)
    times p*^3 of the decay of the B meson into a longitudinal K*; normalised, as the rate is that of a narrow K*.
    """
    nominal, width = numbers.kaons.resonance_mass.value, numbers.kaons.resonance_width.value
    lowest = system.kaon_mass + CHARGED_PION_MASS
    highest = min(HIGHEST_RESONANCE_MASS, b_mass - other_mass)

    def density(u: Array, v: Array) -> Array:
        mass = lowest + (highest - lowest) * u + 0.0 * v
        momentum = two_body_momentum(mass, system.kaon_mass, CHARGED_PION_MASS)
        ratio = momentum / two_body_momentum(nominal, system.kaon_mass, CHARGED_PION_MASS)
        running = width * ratio**3 * nominal / mass
        peak = mass * running / ((nominal**2 - mass**2) ** 2 + (nominal * running) ** 2)
        return np.asarray(2.0 * mass * peak * two_body_momentum(b_mass, mass, other_mass) ** 3)

    points, weights = unit_quadrature(400)
    integral = float(np.sum(weights * density(points, np.zeros(len(points)))))
    return Resonance(lowest, highest, integral, tabulate_density(density, cells=(256, 1)))


@dataclass(frozen=True)
class Resonance:
    """Masses of a resonance between two ends, GeV."""

    lowest: float
    highest: float
    integral: float
    table: TabulatedDensity

    def sample(self, n: int, random: np.random.Generator) -> tuple[Array, Array]:
        """Return masses (n,), GeV, and weights (n,) of mean one."""
        u, _, weight = self.table.sample(n, random)
        return self.lowest + (self.highest - self.lowest) * u, weight / self.integral


def add_kaon(
    system: KaonSystem,
    numbers: HeavyFlavourNumbers,
    columns: ParticleColumns,
    b_column: int,
    sign: NDArray[np.int32],
    kaon: tuple[Array, Array | None, Array | None],
    vertex: Array,
    random: np.random.Generator,
) -> None:
    """Add the kaon and what it decays into.

    Args:
        system: which kaon.
        numbers: lifetimes.
        columns: the events so far.
        b_column: column of the B meson.
        sign: (n,) one for B+ and B0, -1 for their antiparticles.
        kaon: four-momenta (n, 4) of the kaon or K*, and for a K* of the kaon and the pion that it decays into.
        vertex: (n, 3) where the B meson decays, cm.
        random: for the decay of the K_S.
    """
    top, from_resonance, pion = kaon
    if from_resonance is None or pion is None:
        code = system.code if system.through_k_short else system.code * sign
        column = columns.add(code, top, vertex=vertex, mother=b_column, final=not system.through_k_short)
        momentum = top
    else:
        resonance = columns.add(system.code * sign, top, vertex=vertex, mother=b_column, final=False)
        code = K_SHORT if system.through_k_short else KAON * sign
        final = not system.through_k_short
        column = columns.add(code, from_resonance, vertex=vertex, mother=resonance, final=final)
        columns.add(system.pion_code * sign, pion, vertex=vertex, mother=resonance)
        momentum = from_resonance
    if system.through_k_short:
        lifetime = numbers.kaons.short_lived_ctau.value
        place = decay_vertices(momentum, NEUTRAL_KAON_MASS, lifetime, random, origin=vertex).vertex
        pions = two_body_decay(momentum, NEUTRAL_KAON_MASS, CHARGED_PION_MASS, CHARGED_PION_MASS, random)
        for charge, pion_momentum in zip((1, -1), pions, strict=True):
            columns.add(charge * PION, pion_momentum, vertex=place, mother=column)


def longitudinal_cosine(uniform: Array) -> Array:
    """Return cosines (n,) distributed as 3/2 c^2: a vector meson of helicity zero decays into two spinless ones."""
    return np.asarray(np.cbrt(2.0 * uniform - 1.0))
