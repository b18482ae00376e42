"""Muon pairs of Pythia without a hard photon: what is missing to the tree amplitude with one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from darkreach.generators.backgrounds.hard_photon_parameters import hard_photon_cuts, hard_photon_parameters
from darkreach.generators.backgrounds.hard_photon_stratum import has_hard_photon
from darkreach.generators.generated_particles import GeneratedParticles
from darkreach.generators.hard_photon_cuts import HardPhotonCuts
from darkreach.generators.process import OpenedProcess, ParticleSource, Process
from darkreach.generators.pythia.pair_production import WHOLE_RADIATION, open_pair
from darkreach.kinematics import MUON_MASS, Beams


@dataclass(frozen=True)
class WithoutHardPhoton:
    """Events of a source, those with a hard photon with weight zero.

    Attributes:
        source: inclusive events.
        cuts: what a hard photon is.
        beams: nominal beams.
    """

    source: ParticleSource
    cuts: HardPhotonCuts
    beams: Beams

    def __call__(self, n: int, random: np.random.Generator) -> GeneratedParticles:
        """Draw n trials."""
        events = self.source(n, random)
        hard = has_hard_photon(events, self.cuts, self.beams)
        return replace(events, weight_fb=np.where(hard, 0.0, events.weight_fb))


def open_soft_muon_pair(beams: Beams, values: Mapping[str, float], maximum_isr_fraction: float) -> OpenedProcess:
    """Return muon pairs without a hard photon, ready to draw events.

    Raises:
        ConfigError: Pythia is missing, or a number is out of range.
    """
    cuts = hard_photon_cuts(values)
    cuts.check(beams, 2.0 * MUON_MASS)
    inclusive = open_pair("muon_pair", beams, {}, maximum_isr_fraction)
    source = WithoutHardPhoton(inclusive.source, cuts, beams)
    return OpenedProcess(source, f"{inclusive.cross_section_source}; without hard photons", inclusive.identity)


SOFT_MUON_PAIR: Final = Process(
    "muon_pair_soft_photons",
    "e+e- -> mu+ mu-, no photon inside the cuts: complements muon_pair_photon with the same cuts",
    "background",
    hard_photon_parameters(0.5, 10.0, 160.0),
    open_soft_muon_pair,
    WHOLE_RADIATION,
)
