"""The process e+e- -> gamma A', the dark photon seen as a pair or not at all."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

import numpy as np

from darkreach.errors import ConfigError
from darkreach.generators.generated_particles import GeneratedParticles
from darkreach.generators.hard_photon_cuts import HardPhotonCuts
from darkreach.generators.particle_codes import DARK_PHOTON
from darkreach.generators.process import OpenedProcess, Process, ProcessParameter
from darkreach.generators.radiator import check_radiation
from darkreach.generators.signals.broad_resonance import BroadResonance
from darkreach.generators.signals.pair_decays import DARK_PHOTON_MODES, LIFETIME, decay_parameters, pair_decay
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
    resonance = _resonance(mass, values)

    def source(n: int, random: np.random.Generator) -> GeneratedParticles:
        recoil = generate_photon_recoil(
            beams, mass, mixing, cuts, n, random, maximum_isr_fraction=maximum_isr_fraction, resonance=resonance
        )
        columns = ParticleColumns(n)
        columns.add(22, recoil.photon)
        if resonance is None:
            decayed = decay.generate(recoil.boson, random, polarisation=recoil.polarisation(random))
            decayed.record(columns, DARK_PHOTON)
        else:
            columns.add(DARK_PHOTON, recoil.boson)
        columns.add_radiated(recoil.collisions.radiated)
        return columns.particles(recoil.weight_fb)

    formula = "arXiv:0903.3941 with the electron mass, at kinetic_mixing squared"
    return OpenedProcess(
        source, formula if resonance is None else f"{formula}; Breit-Wigner of the width to dark matter"
    )


def _resonance(mass: float, values: Mapping[str, float]) -> BroadResonance | None:
    """Return the mass distribution of a dark photon with a width to light dark matter, None for a narrow one.

    Gamma = alpha_D m/3 of a Dirac fermion much lighter than the dark photon.
    """
    coupling = values["dark_coupling"]
    if coupling == 0.0:
        return None
    require_between("dark_coupling", coupling, 0.0, 1.0, unit="")
    visible = {mode.parameter: values[mode.parameter] for mode in DARK_PHOTON_MODES}
    if any(visible.values()) or values[LIFETIME.name] > 0.0:
        raise ConfigError(
            "a dark photon with a width to dark matter decays unseen and at once",
            where="dark_coupling",
            allowed=f"0 for all of {', '.join((*visible, LIFETIME.name))}, or dark_coupling 0",
            given=f"dark_coupling {coupling:.6g}",
            next_step="leave out the branching fractions and the lifetime",
        )
    return BroadResonance(mass, coupling / 3.0)


DARK_PHOTON_PHOTON: Final = Process(
    "dark_photon_photon",
    "e+e- -> gamma A', A' to a pair or unseen",
    "signal",
    (
        ProcessParameter("mass_gev", "mass of the dark photon, GeV"),
        ProcessParameter("kinetic_mixing", "epsilon, at which the cross-section is given", 1e-3),
        *PHOTON_PARAMETERS,
        ProcessParameter("dark_coupling", "alpha_D of light dark matter: a width of alpha_D m/3; 0 for none", 0.0),
        *decay_parameters(DARK_PHOTON_MODES),
    ),
    open_dark_photon_photon,
)
