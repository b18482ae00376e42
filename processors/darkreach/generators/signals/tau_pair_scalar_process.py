"""The process e+e- -> tau+ tau- phi of a scalar that couples to leptons by their masses.

L = -xi sum_l (m_l/v) phi lbar l, with phi radiated by either tau lepton. Spins of the tau leptons are averaged: no
correlation between the two sides or with the production.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from darkreach.generators.decays import decay_vertices
from darkreach.generators.generated_particles import GeneratedParticles, concatenate_particles
from darkreach.generators.particle_codes import SCALAR
from darkreach.generators.process import OpenedProcess, Process, ProcessParameter
from darkreach.generators.radiator import check_radiation
from darkreach.generators.signals.heavy_flavour_numbers import heavy_flavour_numbers
from darkreach.generators.signals.lepton_pair_boson import LeptonPairBoson, lepton_pair_boson
from darkreach.generators.signals.lepton_pair_boson_matrix_element import BosonKind
from darkreach.generators.signals.pair_decays import LEPTON_MODES, PairDecay, decay_parameters, pair_decay
from darkreach.generators.signals.parameter_ranges import require_between, require_positive
from darkreach.generators.signals.particle_columns import ParticleColumns
from darkreach.generators.signals.tau_decay_modes import TauDecayMode, tau_decay_mode
from darkreach.kinematics import HBAR_C_CM, HBAR_GEV_SECONDS, TAU_MASS, Beams

TAU_NEUTRINO: Final = 16

TAU_MODES: Final = ("pi", "rho", "a1", "electron", "muon")


@dataclass(frozen=True)
class TauPairScalarSource:
    """Source of weighted events.

    Attributes:
        beams: beam energies, spreads and crossing angle.
        reaction: production of the tau leptons and the scalar.
        coupling: of the scalar to the tau lepton.
        decay: of the scalar.
        modes: decays of the tau leptons; others are left out, with their share of the rate.
        tau_ctau_cm: mean proper decay length of the tau lepton, cm.
        maximum_isr_fraction: largest energy fraction radiated.
    """

    beams: Beams
    reaction: LeptonPairBoson
    coupling: float
    decay: PairDecay
    modes: tuple[TauDecayMode, ...]
    tau_ctau_cm: float
    maximum_isr_fraction: float

    @property
    def decay_share(self) -> float:
        """Share of the tau pairs whose decays are generated."""
        return sum(mode.branching_fraction for mode in self.modes) ** 2

    def __call__(self, n: int, random: np.random.Generator) -> GeneratedParticles:
        """Return n trials."""
        shares = np.array([mode.branching_fraction for mode in self.modes])
        # events with the same pair of decays are made together
        numbers = random.multinomial(n, np.outer(shares, shares).ravel() / self.decay_share)
        parts = [
            self._events(
                int(number), (self.modes[place // len(self.modes)], self.modes[place % len(self.modes)]), random
            )
            for place, number in enumerate(numbers)
            if number > 0 or n == 0
        ]
        return concatenate_particles(parts).select(random.permutation(n))

    def _events(
        self, n: int, modes: tuple[TauDecayMode, TauDecayMode], random: np.random.Generator
    ) -> GeneratedParticles:
        events = self.reaction.generate(
            self.beams, self.coupling, n, random, maximum_isr_fraction=self.maximum_isr_fraction
        )
        weight = self.decay_share * events.weight_fb
        columns = ParticleColumns(n)
        taus = (events.negative, events.positive)
        places = [columns.add(15 * sign, tau, final=False) for sign, tau in zip((1, -1), taus, strict=True)]
        self.decay.generate(events.boson, random).record(columns, SCALAR)
        for place, sign, tau, mode in zip(places, (1, -1), taus, modes, strict=True):
            vertex = decay_vertices(tau, TAU_MASS, self.tau_ctau_cm, random).vertex
            signs: NDArray[np.int32] = np.full(n, sign, dtype=np.int32)
            neutrino, decay_weight = mode.add(columns, tau, (place, signs, vertex), random)
            columns.add(TAU_NEUTRINO * sign, neutrino, vertex=vertex, mother=place)
            weight = weight * decay_weight
        columns.add_radiated(events.collisions.radiated)
        return columns.particles(weight)


def open_tau_pair_scalar(beams: Beams, values: Mapping[str, float], maximum_isr_fraction: float) -> OpenedProcess:
    """Return the source of events for parameters, refusing those out of range with ConfigError."""
    mass = require_between("mass_gev", values["mass_gev"], 0.0, beams.sqrt_s - 2.0 * TAU_MASS)
    check_radiation(maximum_isr_fraction)
    numbers = heavy_flavour_numbers()
    # m_tau/v with 1/v^2 = sqrt2 G_F
    yukawa = TAU_MASS * math.sqrt(math.sqrt(2.0) * numbers.neutral_currents.fermi_constant.value)
    source = TauPairScalarSource(
        beams,
        lepton_pair_boson(beams.s, (TAU_MASS, TAU_MASS, mass), BosonKind.SCALAR),
        yukawa * require_positive("coupling", values["coupling"]),
        pair_decay(mass, LEPTON_MODES, values),
        tuple(tau_decay_mode(numbers, name, 0.0) for name in TAU_MODES),
        HBAR_C_CM / HBAR_GEV_SECONDS * numbers.tau_leptons.lifetime.value * 1e-12,
        maximum_isr_fraction,
    )
    rate = "tree amplitude of both tau leptons radiating, alpha at zero momentum, at coupling squared"
    modes = f"times {source.decay_share:.4g} for the decays of the tau leptons that are generated"
    return OpenedProcess(source, f"{rate}, {modes}", {"heavy_flavour": numbers.model_dump()})


TAU_PAIR_SCALAR: Final = Process(
    "tau_pair_scalar",
    "e+e- -> tau+ tau- phi, phi to a lepton pair or unseen",
    "signal",
    (
        ProcessParameter("mass_gev", "mass of the scalar, GeV"),
        ProcessParameter("coupling", "xi of xi m_l/v, at which the cross-section is given", 1.0),
        *decay_parameters(LEPTON_MODES, default="branching_muons"),
    ),
    open_tau_pair_scalar,
)
