"""Events e+e- -> tau+ tau- with tau -> X N, N a heavy neutral lepton that mixes with the tau neutrino.

Both signs of the signal tau lepton are equally frequent. Spins of the tau leptons and of N are averaged: no spin
correlation between the two sides, and none between production and decay of N. N is a Dirac lepton (tau- makes N, tau+
anti-N). Pions of a rho or a1 meson follow phase space. The other tau lepton decays into a neutrino and what its modes
say, four fifths of all decays; the rest (more neutral pions, kaons, five charged pions) is left out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from darkreach.generators.decays import ThreeBodyDecay, decay_vertices, two_body_decay
from darkreach.generators.generated_particles import GeneratedParticles, concatenate_particles
from darkreach.generators.particle_codes import HEAVY_NEUTRAL_LEPTON
from darkreach.generators.signals.displaced_decays import DisplacedDecays
from darkreach.generators.signals.heavy_flavour_numbers import HeavyFlavourNumbers
from darkreach.generators.signals.particle_columns import ParticleColumns
from darkreach.generators.signals.tau_decay_modes import Sign, TauDecayMode, add_neutral_pion
from darkreach.generators.signals.tau_pairs import radiated_cross_section_fb, tau_pair_cross_section_fb, tau_pairs
from darkreach.kinematics import HBAR_C_CM, HBAR_GEV_SECONDS, NEUTRAL_PION_MASS, TAU_MASS, Beams

Array = NDArray[np.float64]

TAU_NEUTRINO = 16


@dataclass(frozen=True)
class NeutralLeptonDecay:
    """How N decays.

    Attributes:
        lepton_code: of l- in N -> nu l- l+; 0 for nu pi0.
        leptonic: the decay with leptons; None for nu pi0.
        decays: lifetime and radii.
    """

    lepton_code: int
    leptonic: ThreeBodyDecay | None
    decays: DisplacedDecays


@dataclass(frozen=True)
class HeavyNeutralLeptonSignal:
    """Source of weighted events.

    Attributes:
        beams: above the threshold of tau pairs.
        mode: the decay of the tau lepton.
        decay: of N; None flies on undecayed.
        branching_fraction: of the signal tau lepton into X N, times that of N.
        numbers: lifetime of the tau lepton and cross-section of tau pairs.
        maximum_isr_fraction: largest energy fraction radiated; 0 switches radiation off.
        other_modes: decays of the other tau lepton, with a massless N for its neutrino.
    """

    beams: Beams
    mode: TauDecayMode
    decay: NeutralLeptonDecay | None
    branching_fraction: float
    numbers: HeavyFlavourNumbers
    maximum_isr_fraction: float
    other_modes: tuple[TauDecayMode, ...]

    @property
    def cross_section_fb(self) -> float:
        """Cross-section of the signal with one tau lepton of either sign, before a limit on the radiation, fb.

        With radiation the sum over all of it is the reference cross-section, at its energy 10.58 GeV; at other
        energies that scales as ours. Without radiation it is the lowest order with alpha(0).
        """
        if self.maximum_isr_fraction == 0.0:
            pairs = float(tau_pair_cross_section_fb(self.beams.s))
        else:
            reference = 1e6 * self.numbers.production.tau_pair_cross_section.value
            pairs = reference * radiated_cross_section_fb(self.beams.s) / radiated_cross_section_fb(10.58**2)
        return 2.0 * pairs * self.branching_fraction * self.other_fraction

    @property
    def other_fraction(self) -> float:
        """Branching fraction of the other tau lepton into the decays that are generated."""
        return sum(mode.branching_fraction for mode in self.other_modes)

    def __call__(self, n: int, random: np.random.Generator) -> GeneratedParticles:
        """Return n trials."""
        shares = np.array([mode.branching_fraction for mode in self.other_modes]) / self.other_fraction
        numbers = random.multinomial(n, shares)
        parts = [self._events(int(k), mode, random) for k, mode in zip(numbers, self.other_modes, strict=True)]
        return concatenate_particles(parts).select(random.permutation(n))

    def _events(self, n: int, other_mode: TauDecayMode, random: np.random.Generator) -> GeneratedParticles:
        """Return n trials in which the other tau lepton decays in one mode."""
        pairs = tau_pairs(self.beams, n, random, maximum_isr_fraction=self.maximum_isr_fraction)
        negative = random.random(n) < 0.5
        sign = np.where(negative, 1, -1).astype(np.int32)
        signal = np.where(negative[:, np.newaxis], pairs.negative, pairs.positive)
        other = np.where(negative[:, np.newaxis], pairs.positive, pairs.negative)
        lifetime = HBAR_C_CM / HBAR_GEV_SECONDS * self.numbers.tau_leptons.lifetime.value * 1e-12
        vertex, other_vertex = (decay_vertices(tau, TAU_MASS, lifetime, random).vertex for tau in (signal, other))
        columns = ParticleColumns(n)
        tau_column = columns.add(15 * sign, signal, final=False)
        other_column = columns.add(-15 * sign, other, final=False)
        heavy, mode_weight = self.mode.add(columns, signal, (tau_column, sign, vertex), random)
        decay_weight = self._add_heavy(columns, tau_column, heavy, sign, vertex, random)
        neutrino, other_weight = other_mode.add(columns, other, (other_column, -sign, other_vertex), random)
        columns.add(-TAU_NEUTRINO * sign, neutrino, vertex=other_vertex, mother=other_column)
        columns.add_radiated(pairs.radiated)
        return columns.particles(self.cross_section_fb * pairs.weight * mode_weight * decay_weight * other_weight)

    def _add_heavy(
        self,
        columns: ParticleColumns,
        tau_column: int,
        heavy: Array,
        sign: Sign,
        vertex: Array,
        random: np.random.Generator,
    ) -> Array:
        """Add N and its products; return the weights (n,) of its decay."""
        code = HEAVY_NEUTRAL_LEPTON * sign
        if self.decay is None:
            columns.add(code, heavy, vertex=vertex, mother=tau_column)
            return np.ones(len(heavy))
        decays = self.decay.decays.vertices(heavy, self.mode.mass, vertex, random)
        column = columns.add(code, heavy, vertex=vertex, mother=tau_column, final=False)
        if self.decay.leptonic is None:
            pion, neutrino = two_body_decay(heavy, self.mode.mass, NEUTRAL_PION_MASS, 0.0, random)
            add_neutral_pion(columns, pion, column, decays.vertex, random)
            columns.add(TAU_NEUTRINO * sign, neutrino, vertex=decays.vertex, mother=column)
            return decays.weight
        products, weight = self.decay.leptonic.generate(heavy, random)
        # of N the first product is l-, of anti-N it is l+
        codes = (self.decay.lepton_code, -self.decay.lepton_code, TAU_NEUTRINO)
        for place, product in enumerate(codes):
            columns.add(product * sign, products[:, place], vertex=decays.vertex, mother=column)
        return decays.weight * weight
