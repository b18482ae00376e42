"""The process e+e- -> gamma A', the dark photon seen as a pair or not at all."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

import numpy as np

from darkreach.generators.generated_particles import GeneratedParticles
from darkreach.generators.hard_photon_cuts import HardPhotonCuts
from darkreach.generators.particle_codes import DARK_PHOTON
from darkreach.generators.process import OpenedProcess, Process, ProcessParameter
from darkreach.generators.radiator import check_radiation
from darkreach.generators.signals.pair_decays import DARK_PHOTON_MODES, decay_parameters, pair_decay
from darkreach.generators.signals.parameter_ranges import require_between, require_positive
from darkreach.generators.signals.particle_columns import ParticleColumns
from darkreach.generators.signals.photon_recoil import generate_photon_recoil
from darkreach.kinematics import Beams

PHOTON_PARAMETERS: Final = (
    ProcessParameter("minimum_photon_energy_gev", "smallest energy of the photon in the CM, GeV", 0.2),
    ProcessParameter("photon_theta_low_deg", "smallest polar angle of the photon in the laboratory, deg", 0.0),
    ProcessParameter("photon_theta_high_deg", "largest polar angle of the photon in the laboratory, deg", 180.0),
)


def photon_cuts(values: Mapping[str, float]) -> HardPhotonCuts:
    """Return the volume of the photon from the parameters of a process."""
    low, high = (math.radians(values[f"photon_theta_{side}_deg"]) for side in ("low", "high"))
    return HardPhotonCuts(values["minimum_photon_energy_gev"], low, high)


def open_dark_photon_photon(beams: Beams, values: Mapping[str, float], maximum_isr_fraction: float) -> OpenedProcess:
    """Return the source of events for parameters, refusing those out of range with ConfigError."""
    mass = require_between("mass_gev", values["mass_gev"], 0.0, beams.sqrt_s)
    mixing = require_positive("kinetic_mixing", values["kinetic_mixing"])
    cuts = photon_cuts(values)
    cuts.check(beams, mass)
    check_radiation(maximum_isr_fraction)
    decay = pair_decay(mass, DARK_PHOTON_MODES, values)

    def source(n: int, random: np.random.Generator) -> GeneratedParticles:
        recoil = generate_photon_recoil(beams, mass, mixing, cuts, n, random, maximum_isr_fraction=maximum_isr_fraction)
        decayed = decay.generate(recoil.boson, random, polarisation=recoil.polarisation(random))
        columns = ParticleColumns(n)
        columns.add(22, recoil.photon)
        decayed.record(columns, DARK_PHOTON)
        columns.add_radiated(recoil.collisions.radiated)
        return columns.particles(recoil.weight_fb)

    return OpenedProcess(source, "arXiv:0903.3941 with the electron mass, at kinetic_mixing squared")


DARK_PHOTON_PHOTON: Final = Process(
    "dark_photon_photon",
    "e+e- -> gamma A', A' to a pair or unseen",
    "signal",
    (
        ProcessParameter("mass_gev", "mass of the dark photon, GeV"),
        ProcessParameter("kinetic_mixing", "epsilon, at which the cross-section is given", 1e-3),
        *PHOTON_PARAMETERS,
        *decay_parameters(DARK_PHOTON_MODES),
    ),
    open_dark_photon_photon,
)
