"""The process e+e- -> gamma A' of a dark photon that lives, seen as a pair of electrons, muons, pions or kaons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import numpy as np

from darkreach.generators.generated_particles import GeneratedParticles
from darkreach.generators.particle_codes import DARK_PHOTON
from darkreach.generators.process import OpenedProcess, Process, ProcessParameter
from darkreach.generators.radiator import check_radiation
from darkreach.generators.signals.dark_photon_process import PHOTON_PARAMETERS, photon_cuts
from darkreach.generators.signals.displaced_decays import DISPLACED_PARAMETERS, displaced_decays
from darkreach.generators.signals.pair_decays import (
    DARK_PHOTON_MODES,
    LIFETIME,
    PairMode,
    branching_parameters,
    pair_decay,
)
from darkreach.generators.signals.parameter_ranges import require_between, require_positive
from darkreach.generators.signals.particle_columns import ParticleColumns
from darkreach.generators.signals.photon_recoil import generate_photon_recoil
from darkreach.kinematics import CHARGED_KAON_MASS, Beams

MODES: Final = (*DARK_PHOTON_MODES, PairMode("branching_kaons", -321, CHARGED_KAON_MASS, True))


def open_displaced_dark_photon(beams: Beams, values: Mapping[str, float], maximum_isr_fraction: float) -> OpenedProcess:
    """Return the source of events for parameters, refusing those out of range with ConfigError."""
    mass = require_between("mass_gev", values["mass_gev"], 0.0, beams.sqrt_s)
    mixing = require_positive("kinetic_mixing", values["kinetic_mixing"])
    cuts = photon_cuts(values)
    cuts.check(beams, mass)
    check_radiation(maximum_isr_fraction)
    # where it decays is drawn below, as it may be forced into a window
    decay = pair_decay(mass, MODES, {**values, LIFETIME.name: 0.0})
    flight = displaced_decays(values)

    def source(n: int, random: np.random.Generator) -> GeneratedParticles:
        recoil = generate_photon_recoil(beams, mass, mixing, cuts, n, random, maximum_isr_fraction=maximum_isr_fraction)
        decayed = decay.generate(recoil.boson, random, polarisation=recoil.polarisation(random))
        decays = flight.vertices(recoil.boson, mass, np.zeros((n, 3)), random)
        columns = ParticleColumns(n)
        columns.add(22, recoil.photon)
        replace(decayed, vertex=decays.vertex).record(columns, DARK_PHOTON)
        columns.add_radiated(recoil.collisions.radiated)
        # what flies on undecayed is not forced
        forced = np.where(decayed.decayed, decays.weight, 1.0)
        return columns.particles(recoil.weight_fb * forced)

    return OpenedProcess(source, "arXiv:0903.3941 with the electron mass, at kinetic_mixing squared; lifetime as given")


DISPLACED_DARK_PHOTON: Final = Process(
    "displaced_dark_photon",
    "e+e- -> gamma A', A' -> e+ e-, mu+ mu-, pi+ pi- or K+ K- away from the collision",
    "signal",
    (
        ProcessParameter("mass_gev", "mass of the dark photon, GeV"),
        ProcessParameter("kinetic_mixing", "epsilon, at which the cross-section is given", 1e-3),
        *PHOTON_PARAMETERS,
        *branching_parameters(MODES),
        *DISPLACED_PARAMETERS,
    ),
    open_displaced_dark_photon,
)
