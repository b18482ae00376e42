"""The background B+ -> K+ nu nubar: a kaon and nothing else by the Standard Model.

dGamma/dq^2 ~ p_K^3 f_+(q^2)^2 with f_+ = r1/(1 - q^2/m^2) + r2/(1 - q^2/m^2)^2 (Ball and Zwicky, hep-ph/0406232). The
neutrinos are isotropic in their rest frame, which nobody sees. The other B decays by the tables of Pythia.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from darkreach.errors import ConfigError
from darkreach.generators.decays import (
    TabulatedDensity,
    decay_vertices,
    tabulate_density,
    two_body_decay,
    two_body_momentum,
    unit_quadrature,
)
from darkreach.generators.generated_particles import GeneratedParticles
from darkreach.generators.process import OpenedProcess, Process, ProcessParameter
from darkreach.generators.pythia.pythia_decays import PythiaDecays, decay_settings
from darkreach.generators.pythia.pythia_library import pythia_identity
from darkreach.generators.radiator import check_radiation
from darkreach.generators.signals.b_meson_pairs import b_meson_pairs, require_b_pairs
from darkreach.generators.signals.b_to_kaon_rates import b_meson_mass, b_meson_width
from darkreach.generators.signals.heavy_flavour_numbers import HeavyFlavourNumbers, heavy_flavour_numbers
from darkreach.generators.signals.kaon_systems import KAON
from darkreach.generators.signals.parameter_ranges import require_between, require_fractions
from darkreach.generators.signals.particle_columns import ParticleColumns
from darkreach.kinematics import CHARGED_KAON_MASS, HBAR_C_CM, Beams

Array = NDArray[np.float64]

_NEUTRINO: Final = 12
_FB_PER_NB: Final = 1e6


def neutrino_pair_density(q_squared: Array, b_mass: float, values: Mapping[str, float]) -> Array:
    """Return p_K^3 f_+^2 (n,), not normalised; zero beyond the kinematic end.

    Args:
        q_squared: (n,) GeV^2.
        b_mass: GeV.
        values: ``simple_pole``, ``double_pole`` (r1, r2) and ``pole_mass_gev`` (m).
    """
    momentum = two_body_momentum(b_mass, CHARGED_KAON_MASS, np.sqrt(q_squared))
    inverse = 1.0 / (1.0 - q_squared / values["pole_mass_gev"] ** 2)
    form_factor = values["simple_pole"] * inverse + values["double_pole"] * inverse**2
    return np.asarray(momentum**3 * form_factor**2)


@dataclass(frozen=True)
class BToKaonNeutrinos:
    """Source of weighted events.

    Attributes:
        beams: at the Y(4S).
        branching_fraction: of B+ -> K+ nu nubar.
        numbers: masses, lifetimes and the cross-section of B pairs.
        table: of q^2 over its largest value.
        integral: mean of the tabulated density.
        decay_of_others: decays the other B meson; None leaves it as one final particle.
    """

    beams: Beams
    branching_fraction: float
    numbers: HeavyFlavourNumbers
    table: TabulatedDensity
    integral: float
    decay_of_others: Callable[[GeneratedParticles, np.random.Generator], GeneratedParticles] | None

    @property
    def cross_section_fb(self) -> float:
        """Cross-section of pairs of charged B mesons, one of either charge decaying this way, fb."""
        production = self.numbers.production
        pairs = production.b_pair_cross_section.value * production.charged_fraction.value
        return 2.0 * _FB_PER_NB * pairs * self.branching_fraction

    def __call__(self, n: int, random: np.random.Generator) -> GeneratedParticles:
        """Return n trials."""
        b_mass = b_meson_mass(self.numbers, charged=True)
        signal, other, weight = b_meson_pairs(self.beams, b_mass, n, random)
        sign = np.where(random.random(n) < 0.5, 1, -1).astype(np.int32)
        lifetime = HBAR_C_CM / b_meson_width(self.numbers, charged=True)
        place = decay_vertices(signal, b_mass, lifetime, random).vertex
        share, _, shape = self.table.sample(n, random)
        pair_mass = np.sqrt(share) * (b_mass - CHARGED_KAON_MASS)
        kaon, pair = two_body_decay(signal, b_mass, CHARGED_KAON_MASS, pair_mass, random)
        neutrinos = two_body_decay(pair, pair_mass, 0.0, 0.0, random)
        columns = ParticleColumns(n)
        b_column = columns.add(521 * sign, signal, final=False)
        columns.add(-521 * sign, other)
        columns.add(KAON * sign, kaon, vertex=place, mother=b_column)
        for code, neutrino in zip((_NEUTRINO, -_NEUTRINO), neutrinos, strict=True):
            columns.add(code, neutrino, vertex=place, mother=b_column)
        particles = columns.particles(self.cross_section_fb * weight * shape / self.integral)
        return particles if self.decay_of_others is None else self.decay_of_others(particles, random)


def open_b_to_kaon_neutrinos(beams: Beams, values: Mapping[str, float], maximum_isr_fraction: float) -> OpenedProcess:
    """Return the source of events for parameters, refusing those out of range with ConfigError."""
    check_radiation(maximum_isr_fraction)
    numbers = heavy_flavour_numbers()
    b_mass = b_meson_mass(numbers, charged=True)
    require_b_pairs(beams, b_mass)
    require_fractions({"branching_fraction": values["branching_fraction"]})
    highest = b_mass - CHARGED_KAON_MASS
    require_between("pole_mass_gev", values["pole_mass_gev"], highest, 100.0)
    if values["decay_other_b"] not in (0.0, 1.0):
        raise ConfigError(
            "a choice is neither yes nor no",
            where="decay_other_b",
            allowed="1: Pythia decays the other B meson; 0: it stays undecayed",
            given=f"{values['decay_other_b']:g}",
            next_step="give 1 or 0",
        )

    def density(u: Array, v: Array) -> Array:
        return neutrino_pair_density(highest**2 * (u + 0.0 * v), b_mass, values)

    points, weights = unit_quadrature(200)
    integral = float(np.sum(weights * density(points, np.zeros(len(points)))))
    table = tabulate_density(density, cells=(256, 1))
    others, identity = None, {"heavy_flavour": numbers.model_dump()}
    if values["decay_other_b"] == 1.0:
        others, identity = PythiaDecays(), {**identity, "pythia": pythia_identity(decay_settings())}
    source = BToKaonNeutrinos(beams, values["branching_fraction"], numbers, table, integral, others)
    text = (
        f"sigma(BB) {numbers.production.b_pair_cross_section.value:g} nb; BR {values['branching_fraction']:g} as given;"
        " p_K^3 f_+^2 with f_+ of Ball and Zwicky (hep-ph/0406232)"
    )
    return OpenedProcess(source, text, identity)


B_TO_KAON_NEUTRINOS: Final = Process(
    "b_to_k_neutrino_pair",
    "B+ -> K+ nu nubar, the other B decayed by Pythia",
    "background",
    (
        ProcessParameter("branching_fraction", "of B+ -> K+ nu nubar; the default is unverified", 5.3e-6),
        ProcessParameter("simple_pole", "r1 of the form factor; the default is unverified", 0.162),
        ProcessParameter("double_pole", "r2 of the form factor; the default is unverified", 0.173),
        ProcessParameter("pole_mass_gev", "m of the form factor, GeV; the default is unverified", 5.41),
        ProcessParameter("decay_other_b", "1: Pythia decays the other B meson; 0: it stays undecayed", 1.0),
    ),
    open_b_to_kaon_neutrinos,
)
