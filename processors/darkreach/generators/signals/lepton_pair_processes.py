"""The processes e+e- -> mu mu X of a vector, scalar or pseudoscalar boson, and e+e- -> e mu Z'."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from darkreach.generators.generated_particles import GeneratedParticles
from darkreach.generators.particle_codes import AXION, SCALAR, Z_PRIME
from darkreach.generators.process import OpenedProcess, Process, ProcessParameter
from darkreach.generators.radiator import check_radiation
from darkreach.generators.signals.lepton_pair_boson import lepton_pair_boson
from darkreach.generators.signals.lepton_pair_boson_matrix_element import BosonKind
from darkreach.generators.signals.pair_decays import LEPTON_MODES, decay_parameters, pair_decay
from darkreach.generators.signals.parameter_ranges import require_between, require_positive
from darkreach.generators.signals.particle_columns import ParticleColumns
from darkreach.kinematics import ELECTRON_MASS, MUON_MASS, Beams


@dataclass(frozen=True)
class MuonPairBoson:
    """A boson that muons radiate.

    Attributes:
        kind: its coupling.
        pdg: its particle code.
        formula: where the rate comes from.
    """

    kind: BosonKind
    pdg: int
    formula: str

    def open(self, beams: Beams, values: Mapping[str, float], maximum_isr_fraction: float) -> OpenedProcess:
        """Return the source of events for parameters, refusing those out of range with ConfigError."""
        mass = require_between("mass_gev", values["mass_gev"], 0.0, beams.sqrt_s - 2.0 * MUON_MASS)
        coupling = require_positive("coupling", values["coupling"])
        decay = pair_decay(mass, LEPTON_MODES, values)
        check_radiation(maximum_isr_fraction)
        reaction = lepton_pair_boson(beams.s, (MUON_MASS, MUON_MASS, mass), self.kind)

        def source(n: int, random: np.random.Generator) -> GeneratedParticles:
            events = reaction.generate(beams, coupling, n, random, maximum_isr_fraction=maximum_isr_fraction)
            decayed = decay.generate(events.boson, random)
            weight = events.weight_fb
            if self.kind == BosonKind.VECTOR and decayed.decayed.any():
                weight = weight * decayed.spin_weight(events.polarisation)
            columns = ParticleColumns(n)
            columns.add(13, events.negative)
            columns.add(-13, events.positive)
            decayed.record(columns, self.pdg)
            columns.add_radiated(events.collisions.radiated)
            return columns.particles(weight)

        return OpenedProcess(source, self.formula)


def _muon_pair_process(name: str, symbol: str, coupling: str, boson: MuonPairBoson) -> Process:
    return Process(
        name,
        f"e+e- -> mu+ mu- {symbol}, {symbol} to a lepton pair or unseen",
        "signal",
        (
            ProcessParameter("mass_gev", "mass of the boson, GeV"),
            ProcessParameter("coupling", f"{coupling}, at which the cross-section is given", 0.01),
            *decay_parameters(LEPTON_MODES),
        ),
        boson.open,
    )


TREE: Final = "tree amplitude of both muons radiating, massive muons, alpha at zero momentum, at coupling squared"

MUON_PAIR_Z_PRIME: Final = _muon_pair_process(
    "muon_pair_z_prime", "Z'", "g' of g' Z' mubar gamma mu", MuonPairBoson(BosonKind.VECTOR, Z_PRIME, TREE)
)
MUON_PAIR_SCALAR: Final = _muon_pair_process(
    "muon_pair_scalar", "S", "g of g S mubar mu", MuonPairBoson(BosonKind.SCALAR, SCALAR, TREE)
)
MUON_PAIR_PSEUDOSCALAR: Final = _muon_pair_process(
    "muon_pair_pseudoscalar", "a", "g of g a mubar i gamma5 mu", MuonPairBoson(BosonKind.PSEUDOSCALAR, AXION, TREE)
)


def open_electron_muon_z_prime(beams: Beams, values: Mapping[str, float], maximum_isr_fraction: float) -> OpenedProcess:
    """Return the source of events e mu Z', refusing parameters out of range with ConfigError.

    The model is a benchmark without a coupling: a virtual photon makes a pair of electrons or of muons, one of which
    turns into the other flavour by radiating an unseen Z'; exchange of a photon between the beams is left out. Shapes
    are those of this amplitude, the rate is the one asked for.
    """
    # a lighter Z' could be made by a muon on its mass shell
    mass = require_between("mass_gev", values["mass_gev"], MUON_MASS, beams.sqrt_s - MUON_MASS - ELECTRON_MASS)
    rate = require_positive("cross_section_fb", values["cross_section_fb"])
    check_radiation(maximum_isr_fraction)
    reaction = lepton_pair_boson(beams.s, (ELECTRON_MASS, MUON_MASS, mass), BosonKind.VECTOR)
    coupling = (rate / reaction.cross_section_fb) ** 0.5

    def source(n: int, random: np.random.Generator) -> GeneratedParticles:
        events = reaction.generate(beams, coupling, n, random, maximum_isr_fraction=maximum_isr_fraction)
        # e- mu+ and e+ mu- alike
        charge = np.where(random.random(n) < 0.5, 1, -1)
        columns = ParticleColumns(n)
        columns.add(11 * charge, events.negative)
        columns.add(-13 * charge, events.positive)
        columns.add(Z_PRIME, events.boson)
        columns.add_radiated(events.collisions.radiated)
        return columns.particles(events.weight_fb)

    return OpenedProcess(source, "benchmark: cross_section_fb at the nominal energy without radiation")


ELECTRON_MUON_Z_PRIME: Final = Process(
    "electron_muon_z_prime",
    "e+e- -> e mu Z', Z' unseen",
    "signal",
    (
        ProcessParameter("mass_gev", "mass of the Z', GeV"),
        ProcessParameter("cross_section_fb", "cross-section of both charges without radiation, fb", 1.0),
    ),
    open_electron_muon_z_prime,
)
