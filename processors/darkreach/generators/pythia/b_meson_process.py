"""Pairs of B mesons from the Y(4S), decayed by the tables of Pythia."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from darkreach.generators.generated_particles import GeneratedParticles
from darkreach.generators.process import OpenedProcess
from darkreach.generators.pythia.pythia_decays import PythiaDecays, decay_settings
from darkreach.generators.pythia.pythia_library import pythia_identity
from darkreach.generators.radiator import check_radiation
from darkreach.generators.signals.b_meson_pairs import b_meson_pairs, require_b_pairs
from darkreach.generators.signals.heavy_flavour_numbers import HeavyFlavourNumbers, heavy_flavour_numbers
from darkreach.kinematics import Beams

_FB_PER_NB = 1e6


@dataclass(frozen=True)
class BMesonPairs:
    """Source of events Y(4S) -> B Bbar.

    Attributes:
        beams: at the Y(4S).
        numbers: masses, fractions and the cross-section.
        decays: of both mesons.
    """

    beams: Beams
    numbers: HeavyFlavourNumbers
    decays: PythiaDecays = field(default_factory=PythiaDecays)

    def __call__(self, n: int, random: np.random.Generator) -> GeneratedParticles:
        """Draw n events; those whose beams have too little energy have weight zero."""
        production, mesons = self.numbers.production, self.numbers.b_mesons
        charged = random.random(n) < production.charged_fraction.value
        momentum, possible = np.empty((n, 2, 4)), np.empty(n)
        for rows, mass in ((charged, mesons.charged_mass), (~charged, mesons.neutral_mass)):
            first, second, there = b_meson_pairs(self.beams, mass.value, int(rows.sum()), random)
            momentum[rows], possible[rows] = np.stack([first, second], axis=1), there
        pdg = np.where(charged, 521, 511)[:, np.newaxis] * np.array([1, -1])
        pairs = GeneratedParticles(
            2 * np.arange(n + 1),
            possible * (production.b_pair_cross_section.value * _FB_PER_NB),
            pdg.ravel().astype(np.int32),
            momentum.reshape(2 * n, 4),
            np.zeros((2 * n, 3)),
            np.full(2 * n, -1, dtype=np.int32),
            np.ones(2 * n, dtype=np.bool_),
        )
        return self.decays(pairs, random)


def open_b_meson_pair(beams: Beams, values: Mapping[str, float], maximum_isr_fraction: float) -> OpenedProcess:
    """Return pairs of B mesons ready to draw; radiation is part of the reference cross-section, photons are not made.

    Raises:
        ConfigError: Pythia is missing, the beams are not at the Y(4S), or the fraction of radiation has no meaning.
    """
    check_radiation(maximum_isr_fraction)
    numbers = heavy_flavour_numbers()
    require_b_pairs(beams, numbers.b_mesons.neutral_mass.value)
    reference = numbers.production.b_pair_cross_section
    return OpenedProcess(
        BMesonPairs(beams, numbers),
        f"reference cross-section {reference.value} nb ({reference.source}: {reference.note}); "
        "decays: tables of Pythia 8, no helicity structure, neutral mesons mix without coherence; "
        "no photons from the beams",
        pythia_identity(decay_settings()),
    )
