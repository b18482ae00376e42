"""Particle gun: one particle at a time that decays into two, to see how well a detector measures it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from darkreach.errors import ConfigError
from darkreach.generators.decays import DecayTree, check_lifetime, decay_vertices, isotropic_directions, two_body_decay
from darkreach.generators.generated_particles import GeneratedParticles
from darkreach.generators.process import OpenedProcess, Process, ProcessParameter
from darkreach.generators.radiator import check_radiation
from darkreach.kinematics import (
    CHARGED_KAON_MASS,
    CHARGED_PION_MASS,
    ELECTRON_MASS,
    MUON_MASS,
    Beams,
)

Array = NDArray[np.float64]

PRODUCT_MASSES: Final[Mapping[int, float]] = {
    11: ELECTRON_MASS,
    13: MUON_MASS,
    22: 0.0,
    211: CHARGED_PION_MASS,
    321: CHARGED_KAON_MASS,
}
"""Mass (GeV) of what the particle may decay into, by absolute code."""

LARGEST: Final = 1e6
"""Momenta and masses stay below, GeV."""


def _open(beams: Beams, values: Mapping[str, float], maximum_isr_fraction: float) -> OpenedProcess:
    check_radiation(maximum_isr_fraction)
    codes = tuple(_particle_code(name, values[name]) for name in ("mother_pdg", "first_pdg", "second_pdg"))
    for name, code in zip(("first_pdg", "second_pdg"), codes[1:], strict=True):
        if abs(code) not in PRODUCT_MASSES:
            raise ConfigError(
                "the particle gun does not know this product",
                where=name,
                allowed=", ".join(str(known) for known in PRODUCT_MASSES) + " and their antiparticles",
                given=str(code),
                next_step="choose one of them",
            )
    low, high = values["minimum_momentum_gev"], values["maximum_momentum_gev"]
    if not 0.0 <= low <= high < LARGEST:
        raise ConfigError(
            "no momentum is in this range",
            where="minimum_momentum_gev, maximum_momentum_gev",
            allowed=f"0 or above and below {LARGEST:g} GeV, rising",
            given=f"{low} to {high} GeV",
            next_step="give the smaller one first",
        )
    mass, products = values["mass_gev"], tuple(PRODUCT_MASSES[abs(code)] for code in codes[1:])
    if not sum(products) < mass < LARGEST:
        raise ConfigError(
            "the particle is too light for its decay, or heavier than anything",
            where="mass_gev",
            allowed=f"above {sum(products):.6g} and below {LARGEST:g} GeV",
            given=f"{mass} GeV",
            next_step="choose another mass or other products",
        )
    check_lifetime(values["lifetime_ctau_cm"])

    def source(n: int, random: np.random.Generator) -> GeneratedParticles:
        momentum = low + (high - low) * random.random(n)
        mother = np.empty((n, 4))
        mother[:, 0] = np.hypot(momentum, mass)
        mother[:, 1:] = momentum[:, np.newaxis] * isotropic_directions(n, random)
        first, second = two_body_decay(mother, mass, products[0], products[1], random)
        place = decay_vertices(mother, mass, values["lifetime_ctau_cm"], random).vertex
        tree = DecayTree(
            codes,
            (-1, 0, 0),
            np.stack([mother, first, second], axis=1),
            np.stack([np.zeros((n, 3)), place, place], axis=1),
        )
        return tree.particles(np.ones(n))

    return OpenedProcess(source, "no cross-section: one event counts 1 fb")


def _particle_code(name: str, value: float) -> int:
    if not (0.0 < abs(value) < 2.0**31 and value == round(value)):
        raise ConfigError(
            "a particle code must be a whole number",
            where=name,
            allowed="codes of the PDG scheme, not 0",
            given=f"{value:g}",
            next_step="choose the code of a particle",
        )
    return int(value)


PARTICLE_GUN: Final = Process(
    name="particle_gun",
    title="one particle, isotropic in the laboratory, that decays into two",
    kind="signal",
    parameters=(
        ProcessParameter("mass_gev", "mass of the particle, GeV"),
        ProcessParameter("mother_pdg", "its code", 443.0),
        ProcessParameter("first_pdg", "code of the first product", 13.0),
        ProcessParameter("second_pdg", "code of the second product", -13.0),
        ProcessParameter("minimum_momentum_gev", "smallest momentum, laboratory, GeV", 0.5),
        ProcessParameter("maximum_momentum_gev", "largest momentum, laboratory, GeV", 3.0),
        ProcessParameter("lifetime_ctau_cm", "mean proper decay length, cm; 0 decays at once", 0.0),
    ),
    open=_open,
)
