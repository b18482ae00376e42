"""The processes e+e- -> A' h': the dark Higgs boson unseen, or a pair of dark photons."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

from darkreach.errors import ConfigError
from darkreach.generators.decays import two_body_decay
from darkreach.generators.generated_particles import GeneratedParticles
from darkreach.generators.particle_codes import DARK_HIGGS, DARK_PHOTON
from darkreach.generators.process import OpenedProcess, Process, ProcessParameter
from darkreach.generators.radiator import check_radiation
from darkreach.generators.signals.dark_higgsstrahlung import (
    first_cascade_polarisation,
    generate_dark_higgsstrahlung,
    second_cascade_polarisation,
)
from darkreach.generators.signals.pair_decays import DARK_PHOTON_MODES, decay_parameters, pair_decay
from darkreach.generators.signals.parameter_ranges import require_between, require_positive
from darkreach.generators.signals.particle_columns import ParticleColumns
from darkreach.kinematics import Beams

FORMULA: Final = "arXiv:0903.0363 with all masses, at kinetic_mixing squared times dark_coupling"


def open_dark_higgsstrahlung_invisible(
    beams: Beams, values: Mapping[str, float], maximum_isr_fraction: float
) -> OpenedProcess:
    """Return the source of events with an unseen dark Higgs boson, refusing parameters out of range."""
    masses, mixing, coupling = _checked(beams, values)
    check_radiation(maximum_isr_fraction)
    decay = pair_decay(masses[0], DARK_PHOTON_MODES, values)

    def source(n: int, random: np.random.Generator) -> GeneratedParticles:
        events = generate_dark_higgsstrahlung(
            beams, masses, mixing, coupling, n, random, maximum_isr_fraction=maximum_isr_fraction
        )
        decayed = decay.generate(events.dark_photon, random, polarisation=events.polarisation(random))
        columns = ParticleColumns(n)
        decayed.record(columns, DARK_PHOTON)
        columns.add(DARK_HIGGS, events.dark_higgs)
        columns.add_radiated(events.collisions.radiated)
        return columns.particles(events.weight_fb)

    return OpenedProcess(source, FORMULA)


def open_dark_higgsstrahlung(beams: Beams, values: Mapping[str, float], maximum_isr_fraction: float) -> OpenedProcess:
    """Return the source of events with three dark photons, refusing parameters out of range."""
    masses, mixing, coupling = _checked(beams, values)
    check_radiation(maximum_isr_fraction)
    if not masses[1] > 2.0 * masses[0]:
        raise ConfigError(
            "the dark Higgs boson is too light for two dark photons",
            where="dark_higgs_mass_gev",
            allowed=f"above {2.0 * masses[0]:.6g} and below {beams.sqrt_s - masses[0]:.6g} GeV",
            given=f"{masses[1]:.6g} GeV",
            next_step="choose a heavier one, or dark_higgsstrahlung_invisible",
        )
    decay = pair_decay(masses[0], DARK_PHOTON_MODES, values)

    def source(n: int, random: np.random.Generator) -> GeneratedParticles:
        events = generate_dark_higgsstrahlung(
            beams, masses, mixing, coupling, n, random, maximum_isr_fraction=maximum_isr_fraction
        )
        one, other = two_body_decay(events.dark_higgs, masses[1], masses[0], masses[0], random)
        alone = decay.generate(events.dark_photon, random, polarisation=events.polarisation(random))
        axes = first_cascade_polarisation(one, other, masses[0], random)
        first = decay.generate(one, random, polarisation=axes)
        axes = second_cascade_polarisation(first, other, masses[0], random)
        second = decay.generate(other, random, polarisation=axes)
        columns = ParticleColumns(n)
        alone.record(columns, DARK_PHOTON)
        dark_higgs = columns.add(DARK_HIGGS, events.dark_higgs, final=False)
        for decayed in (first, second):
            decayed.record(columns, DARK_PHOTON, mother=dark_higgs)
        columns.add_radiated(events.collisions.radiated)
        return columns.particles(events.weight_fb)

    return OpenedProcess(source, FORMULA)


def _checked(beams: Beams, values: Mapping[str, float]) -> tuple[tuple[float, float], float, float]:
    dark_photon = require_between("dark_photon_mass_gev", values["dark_photon_mass_gev"], 0.0, beams.sqrt_s)
    dark_higgs = require_between("dark_higgs_mass_gev", values["dark_higgs_mass_gev"], 0.0, beams.sqrt_s - dark_photon)
    mixing = require_positive("kinetic_mixing", values["kinetic_mixing"])
    return (dark_photon, dark_higgs), mixing, require_positive("dark_coupling", values["dark_coupling"])


PARAMETERS: Final = (
    ProcessParameter("dark_photon_mass_gev", "mass of the dark photon, GeV"),
    ProcessParameter("dark_higgs_mass_gev", "mass of the dark Higgs boson, GeV"),
    ProcessParameter("kinetic_mixing", "epsilon, at which the cross-section is given", 1e-3),
    ProcessParameter("dark_coupling", "alpha_D, at which the cross-section is given", 0.1),
    *decay_parameters(DARK_PHOTON_MODES, default="branching_muons"),
)

DARK_HIGGSSTRAHLUNG: Final = Process(
    "dark_higgsstrahlung",
    "e+e- -> A' h', h' -> A' A', each A' to a pair",
    "signal",
    PARAMETERS,
    open_dark_higgsstrahlung,
)

DARK_HIGGSSTRAHLUNG_INVISIBLE: Final = Process(
    "dark_higgsstrahlung_invisible",
    "e+e- -> A' h', h' unseen, A' to a pair",
    "signal",
    PARAMETERS,
    open_dark_higgsstrahlung_invisible,
)
