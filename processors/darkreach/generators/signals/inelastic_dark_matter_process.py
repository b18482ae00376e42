"""The process e+e- -> gamma A', A' -> chi_1 chi_2, chi_2 -> chi_1 l+ l-."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from darkreach.generators.decays import boost_from_rest_frame, check_lifetime, decay_vertices, two_body_momentum
from darkreach.generators.generated_particles import GeneratedParticles
from darkreach.generators.particle_codes import DARK_MATTER, DARK_PHOTON, EXCITED_DARK_MATTER
from darkreach.generators.process import OpenedProcess, Process, ProcessParameter
from darkreach.generators.radiator import check_radiation
from darkreach.generators.signals.dark_photon_process import PHOTON_PARAMETERS, photon_cuts
from darkreach.generators.signals.excited_dark_matter_decay import excited_dark_matter_decay
from darkreach.generators.signals.pair_decays import LEPTON_MODES, decay_parameters
from darkreach.generators.signals.parameter_ranges import require_between, require_fractions, require_positive
from darkreach.generators.signals.particle_columns import ParticleColumns
from darkreach.generators.signals.photon_recoil import generate_photon_recoil
from darkreach.generators.signals.spin_axes import direction_along_polarisation
from darkreach.kinematics import Beams

Array = NDArray[np.float64]


def open_inelastic_dark_matter(beams: Beams, values: Mapping[str, float], maximum_isr_fraction: float) -> OpenedProcess:
    """Return the source of events for parameters, refusing those out of range with ConfigError.

    The dark photon is narrow and decays to nothing else. The spin of chi_2 is averaged over.
    """
    mass = require_between("dark_photon_mass_gev", values["dark_photon_mass_gev"], 0.0, beams.sqrt_s)
    light = require_between("dark_matter_mass_gev", values["dark_matter_mass_gev"], 0.0, 0.5 * mass)
    splitting = require_between("mass_splitting_gev", values["mass_splitting_gev"], 0.0, mass - 2.0 * light)
    mixing = require_positive("kinetic_mixing", values["kinetic_mixing"])
    cuts, lifetime = photon_cuts(values), values["lifetime_ctau_cm"]
    cuts.check(beams, mass)
    check_lifetime(lifetime)
    check_radiation(maximum_isr_fraction)
    fractions = {mode.parameter: values[mode.parameter] for mode in LEPTON_MODES}
    require_fractions(fractions)
    for mode in LEPTON_MODES:
        if fractions[mode.parameter] > 0.0:
            require_between("mass_splitting_gev", splitting, 2.0 * mode.mass, mass - 2.0 * light)
    masses = (light, light + splitting)
    # the shape does not depend on the couplings
    decays = {
        mode: excited_dark_matter_decay(mass, masses, mode.mass, (1.0, 1.0))
        for mode in LEPTON_MODES
        if fractions[mode.parameter] > 0.0
    }
    edges = np.cumsum([fractions[mode.parameter] for mode in LEPTON_MODES])

    def source(n: int, random: np.random.Generator) -> GeneratedParticles:
        recoil = generate_photon_recoil(beams, mass, mixing, cuts, n, random, maximum_isr_fraction=maximum_isr_fraction)
        excited, stable = fermion_pair_decay(recoil.boson, (mass, *masses), recoil.polarisation(random), random)
        weight = recoil.weight_fb.copy()
        vertex = decay_vertices(excited, masses[1], lifetime, random).vertex
        chosen = np.searchsorted(edges, random.random(n), side="right")
        columns = ParticleColumns(n)
        columns.add(22, recoil.photon)
        boson = columns.add(DARK_PHOTON, recoil.boson, final=False)
        columns.add(DARK_MATTER, stable, mother=boson)
        mother = columns.add(EXCITED_DARK_MATTER, excited, mother=boson, final=chosen == len(LEPTON_MODES))
        products, pdg = np.zeros((n, 3, 4)), np.zeros(n, dtype=np.int32)
        for mode, decay in decays.items():
            rows = chosen == LEPTON_MODES.index(mode)
            products[rows], shape = decay.generate(excited[rows], random)
            weight[rows] *= shape
            pdg[rows] = mode.negative_pdg
        for place, code in enumerate((pdg, -pdg, np.full(n, DARK_MATTER))):
            columns.add(code, products[:, place], vertex=vertex, mother=mother, present=pdg != 0)
        columns.add_radiated(recoil.collisions.radiated)
        return columns.particles(weight)

    return OpenedProcess(source, "that of dark_photon_photon (A' decays to chi1 chi2 alone), at kinetic_mixing squared")


def fermion_pair_decay(
    boson: Array, masses: tuple[float, float, float], polarisation: Array, random: np.random.Generator
) -> tuple[Array, Array]:
    """Return chi_2 and chi_1 (n, 4), laboratory, of polarised dark photons.

    The current of two Majorana fermions gives P (m_A^2 - Delta^2)/2 - d d/2 with the difference d of their momenta
    across that of the dark photon, P its sum over polarisations.

    Args:
        boson: (n, 4) dark photons, laboratory, GeV.
        masses: of dark photon, chi_1 and chi_2, GeV.
        polarisation: (n, 3) in the rest frame.
        random: source of random numbers.
    """
    mass, light, heavy = masses
    momentum = float(two_body_momentum(mass, heavy, light))
    slope = -4.0 * momentum**2 / (mass**2 - (heavy - light) ** 2)
    at_rest = np.empty((len(boson), 4))
    at_rest[:, 0] = math.hypot(momentum, heavy)
    at_rest[:, 1:] = momentum * direction_along_polarisation(polarisation, 1.0, slope, random)
    excited = boost_from_rest_frame(at_rest, boson, mass)
    at_rest[:, 0] = math.hypot(momentum, light)
    at_rest[:, 1:] *= -1.0
    return excited, boost_from_rest_frame(at_rest, boson, mass)


INELASTIC_DARK_MATTER: Final = Process(
    "inelastic_dark_matter",
    "e+e- -> gamma A', A' -> chi1 chi2, chi2 -> chi1 l+ l-",
    "signal",
    (
        ProcessParameter("dark_photon_mass_gev", "mass of the dark photon, GeV"),
        ProcessParameter("dark_matter_mass_gev", "mass of chi1, GeV"),
        ProcessParameter("mass_splitting_gev", "mass of chi2 above that of chi1, GeV"),
        ProcessParameter("kinetic_mixing", "epsilon, at which the cross-section is given", 1e-3),
        *PHOTON_PARAMETERS,
        *decay_parameters(LEPTON_MODES, default="branching_electrons"),
    ),
    open_inelastic_dark_matter,
)
