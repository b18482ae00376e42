"""The process e+e- -> gamma a, a -> gamma gamma, as particles."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

from darkreach.generators.decays import check_lifetime, decay_vertices
from darkreach.generators.generated_particles import GeneratedParticles
from darkreach.generators.particle_codes import AXION
from darkreach.generators.process import OpenedProcess, Process, ProcessParameter
from darkreach.generators.radiator import check_radiation
from darkreach.generators.signals.axion_signal import generate_axion_signal
from darkreach.generators.signals.pair_decays import LIFETIME
from darkreach.generators.signals.parameter_ranges import require_between, require_positive
from darkreach.generators.signals.particle_columns import ParticleColumns
from darkreach.kinematics import Beams


def open_axion_photon(beams: Beams, values: Mapping[str, float], maximum_isr_fraction: float) -> OpenedProcess:
    """Return the source of events for parameters, refusing those out of range with ConfigError."""
    mass = require_between("mass_gev", values["mass_gev"], 0.0, beams.sqrt_s)
    coupling = require_positive("coupling_per_gev", values["coupling_per_gev"])
    lifetime = values["lifetime_ctau_cm"]
    check_lifetime(lifetime)
    check_radiation(maximum_isr_fraction)

    def source(n: int, random: np.random.Generator) -> GeneratedParticles:
        events = generate_axion_signal(beams, mass, coupling, n, random, maximum_isr_fraction=maximum_isr_fraction)
        axion = events.photons[:, 1] + events.photons[:, 2]
        vertex = decay_vertices(axion, mass, lifetime, random).vertex
        columns = ParticleColumns(n)
        columns.add(22, events.photons[:, 0])
        mother = columns.add(AXION, axion, final=False)
        for place in (1, 2):
            columns.add(22, events.photons[:, place], vertex=vertex, mother=mother)
        columns.add_radiated(events.isr)
        return columns.particles(events.weight_fb)

    return OpenedProcess(source, "arXiv:1709.00009, photon coupling only, at coupling_per_gev squared")


AXION_PHOTON: Final = Process(
    "axion_photon",
    "e+e- -> gamma a, a -> gamma gamma",
    "signal",
    (
        ProcessParameter("mass_gev", "mass of the axion-like particle, GeV"),
        ProcessParameter("coupling_per_gev", "photon coupling g, 1/GeV, at which the cross-section is given", 1e-3),
        LIFETIME,
    ),
    open_axion_photon,
)
