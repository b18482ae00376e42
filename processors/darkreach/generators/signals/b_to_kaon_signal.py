"""Events e+e- -> Y(4S) -> B Bbar with B -> K X, where X is a scalar or an axion-like particle.

X is isotropic in the rest frame of the B meson, a K* is longitudinal (cos^2 of its helicity angle), X decays
isotropically into two bodies or flies on. Half of the signal mesons are B (B0), half their antiparticles; there is no
mixing of the signal meson. The other B meson decays by what is given for it; without, it stays one final particle.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from darkreach.generators.decays import boost_from_rest_frame, decay_vertices, two_body_decay
from darkreach.generators.generated_particles import GeneratedParticles
from darkreach.generators.signals.b_meson_pairs import b_meson_pairs
from darkreach.generators.signals.b_to_kaon_rates import b_meson_mass, b_meson_width
from darkreach.generators.signals.displaced_decays import DisplacedDecays
from darkreach.generators.signals.heavy_flavour_numbers import HeavyFlavourNumbers
from darkreach.generators.signals.kaon_systems import (
    KaonSystem,
    Resonance,
    add_kaon,
    longitudinal_cosine,
    resonance_density,
)
from darkreach.generators.signals.particle_columns import ParticleColumns
from darkreach.kinematics import CHARGED_PION_MASS, HBAR_C_CM, Beams

Array = NDArray[np.float64]

DecayOfOthers: TypeAlias = Callable[[GeneratedParticles, np.random.Generator], GeneratedParticles]
"""Decays the final particles that a generator left undecayed."""


@dataclass(frozen=True)
class DarkParticle:
    """What the kaon recoils against.

    Attributes:
        code: particle code.
        mass: GeV.
        products: codes of the two products; None flies on undecayed.
        product_mass: of each of them, GeV.
        decays: lifetime and radii; None for what flies on.
    """

    code: int
    mass: float
    products: tuple[int, int] | None = None
    product_mass: float = 0.0
    decays: DisplacedDecays | None = None


@dataclass(frozen=True)
class BToKaonSignal:
    """Source of weighted events.

    Attributes:
        beams: at the Y(4S).
        system: which kaon.
        dark: what it recoils against.
        branching_fraction: of the B meson into kaon and dark particle, times that of the dark particle.
        numbers: masses, lifetimes and the cross-section of B pairs.
        decay_of_others: decays the other B meson; None leaves it as one final particle.
    """

    beams: Beams
    system: KaonSystem
    dark: DarkParticle
    branching_fraction: float
    numbers: HeavyFlavourNumbers
    decay_of_others: DecayOfOthers | None = None
    _resonance: Resonance | None = field(init=False, default=None, repr=False)

    def __post_init__(self) -> None:
        if self.system.vector:
            shape = resonance_density(self.system, self.numbers, self.b_mass, self.dark.mass)
            object.__setattr__(self, "_resonance", shape)

    @property
    def b_mass(self) -> float:
        """Mass of the B meson, GeV."""
        return b_meson_mass(self.numbers, charged=self.system.charged)

    @property
    def cross_section_fb(self) -> float:
        """Cross-section of the signal, one B meson of either charge decaying into it, fb."""
        production = self.numbers.production
        charged = production.charged_fraction.value
        pairs = 1e6 * production.b_pair_cross_section.value * (charged if self.system.charged else 1.0 - charged)
        return 2.0 * pairs * self.branching_fraction * self.system.fraction(self.numbers)

    def __call__(self, n: int, random: np.random.Generator) -> GeneratedParticles:
        """Return n trials."""
        signal, other, weight = b_meson_pairs(self.beams, self.b_mass, n, random)
        sign = np.where(random.random(n) < 0.5, 1, -1).astype(np.int32)
        lifetime = HBAR_C_CM / b_meson_width(self.numbers, charged=self.system.charged)
        place = decay_vertices(signal, self.b_mass, lifetime, random).vertex
        code = 521 if self.system.charged else 511
        columns = ParticleColumns(n)
        b_column = columns.add(code * sign, signal, final=False)
        columns.add(-code * sign, other)
        kaon, dark, shape_weight = self._decay(signal, random)
        add_kaon(self.system, self.numbers, columns, b_column, sign, kaon, place, random)
        decay_weight = self._add_dark(columns, b_column, dark, place, random)
        particles = columns.particles(self.cross_section_fb * weight * shape_weight * decay_weight)
        return particles if self.decay_of_others is None else self.decay_of_others(particles, random)

    def _decay(
        self, signal: Array, random: np.random.Generator
    ) -> tuple[tuple[Array, Array | None, Array | None], Array, Array]:
        """Return kaon (with the products of a K*) and dark particle in the laboratory, and weights (n,)."""
        n = len(signal)
        rest = np.zeros((n, 4))
        rest[:, 0] = self.b_mass
        if self._resonance is None:
            kaon, dark = two_body_decay(signal, self.b_mass, self.system.kaon_mass, self.dark.mass, random)
            return (kaon, None, None), dark, np.ones(n)
        mass, weight = self._resonance.sample(n, random)
        # in the rest frame of the B meson, to which the helicity angle of the K* refers
        resonance, dark = two_body_decay(rest, self.b_mass, mass, self.dark.mass, random)
        cosine = longitudinal_cosine(random.random(n))
        products = two_body_decay(resonance, mass, self.system.kaon_mass, CHARGED_PION_MASS, random, cosine=cosine)
        top, kaon, pion, dark = (
            boost_from_rest_frame(momentum, signal, self.b_mass) for momentum in (resonance, *products, dark)
        )
        return (top, kaon, pion), dark, weight

    def _add_dark(
        self, columns: ParticleColumns, b_column: int, momentum: Array, place: Array, random: np.random.Generator
    ) -> Array:
        """Add the dark particle and its products; return the weights (n,) of forced decays."""
        dark = self.dark
        if dark.products is None or dark.decays is None:
            columns.add(dark.code, momentum, vertex=place, mother=b_column)
            return np.ones(len(momentum))
        decays = dark.decays.vertices(momentum, dark.mass, place, random)
        column = columns.add(dark.code, momentum, vertex=place, mother=b_column, final=False)
        products = two_body_decay(momentum, dark.mass, dark.product_mass, dark.product_mass, random)
        for code, product in zip(dark.products, products, strict=True):
            columns.add(code, product, vertex=decays.vertex, mother=column)
        return decays.weight
