"""Processes B -> K X: scalars into two charged particles or unseen, axion-like particles into two photons.

The other B meson decays by the tables of Pythia, or stays one undecayed particle if asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from darkreach.errors import ConfigError
from darkreach.generators.particle_codes import AXION, SCALAR
from darkreach.generators.process import OpenedProcess, Process, ProcessParameter
from darkreach.generators.pythia.pythia_decays import PythiaDecays, decay_settings
from darkreach.generators.pythia.pythia_library import pythia_identity
from darkreach.generators.radiator import check_radiation
from darkreach.generators.signals.b_meson_pairs import require_b_pairs
from darkreach.generators.signals.b_to_kaon_rates import (
    axion_branching_fraction,
    b_meson_mass,
    scalar_branching_fraction,
)
from darkreach.generators.signals.b_to_kaon_signal import BToKaonSignal, DarkParticle
from darkreach.generators.signals.displaced_decays import DISPLACED_PARAMETERS, displaced_decays
from darkreach.generators.signals.heavy_flavour_numbers import HeavyFlavourNumbers, heavy_flavour_numbers
from darkreach.generators.signals.higgs_mixed_scalar_widths import leptonic_ctau_cm
from darkreach.generators.signals.kaon_systems import (
    K_PLUS,
    K_SHORT_ALONE,
    K_STAR_PLUS,
    K_STAR_ZERO,
    KaonSystem,
)
from darkreach.generators.signals.parameter_ranges import require_between, require_fractions, require_positive
from darkreach.kinematics import CHARGED_KAON_MASS, CHARGED_PION_MASS, ELECTRON_MASS, MUON_MASS, Beams

SCALAR_MODES: Final[Mapping[str, tuple[int, float, str]]] = {
    "ee": (11, ELECTRON_MASS, "e+ e-"),
    "mumu": (13, MUON_MASS, "mu+ mu-"),
    "pipi": (211, CHARGED_PION_MASS, "pi+ pi-"),
    "kk": (321, CHARGED_KAON_MASS, "K+ K-"),
}
"""Code and mass (GeV) of the products of a scalar."""

MIXING: Final = ProcessParameter(
    "sin_theta", "mixing with the Higgs boson; the rate is proportional to its square", 1e-3
)
OTHER: Final = ProcessParameter("decay_other_b", "1: Pythia decays the other B meson; 0: it stays undecayed", 1.0)
FRACTION: Final = ProcessParameter("branching_fraction", "of the scalar into what is generated", 1.0)


def _scalar(
    system: KaonSystem, mode: str | None, beams: Beams, values: Mapping[str, float], maximum_isr_fraction: float
) -> OpenedProcess:
    check_radiation(maximum_isr_fraction)
    numbers = heavy_flavour_numbers()
    code, product_mass = SCALAR_MODES[mode][:2] if mode is not None else (0, 0.0)
    mass = _mass_in_range(system, numbers, beams, values["mass_gev"], 2.0 * product_mass)
    sin_theta = require_between("sin_theta", values["sin_theta"], 0.0, 1.0, "")
    rate = scalar_branching_fraction(numbers, mass, sin_theta, charged=system.charged, vector=system.vector)
    if mode is None:
        dark, fraction = DarkParticle(SCALAR, mass), 1.0
    else:
        fraction = values["branching_fraction"]
        require_fractions({"branching_fraction": fraction})
        dark = DarkParticle(SCALAR, mass, (code, -code), product_mass, displaced_decays(values))
    others, identity = _other_b(values, numbers)
    signal = BToKaonSignal(beams, system, dark, rate * fraction, numbers, others)
    text = (
        f"sigma(BB) {numbers.production.b_pair_cross_section.value:g} nb; BR of a Higgs-mixed scalar at sin(theta) = "
        f"{sin_theta:g} (0911.4938, form factors of Ball and Zwicky, 15 % each), times {fraction:g} for its decay"
    )
    if 2.0 * ELECTRON_MASS < mass < 2.0 * CHARGED_PION_MASS:
        ctau = leptonic_ctau_cm(mass, sin_theta, numbers.neutral_currents.fermi_constant.value)
        text += f"; c tau of the model: {ctau:.4g} cm"
    return OpenedProcess(signal, text, identity)


def _axion(system: KaonSystem, beams: Beams, values: Mapping[str, float], maximum_isr_fraction: float) -> OpenedProcess:
    check_radiation(maximum_isr_fraction)
    numbers = heavy_flavour_numbers()
    mass = _mass_in_range(system, numbers, beams, values["mass_gev"], 0.0)
    coupling = require_positive("coupling", values["coupling"])
    rate = axion_branching_fraction(numbers, mass, coupling, charged=system.charged, vector=system.vector)
    dark = DarkParticle(AXION, mass, (22, 22), 0.0, displaced_decays(values))
    others, identity = _other_b(values, numbers)
    signal = BToKaonSignal(beams, system, dark, rate, numbers, others)
    text = (
        f"sigma(BB) {numbers.production.b_pair_cross_section.value:g} nb; BR at g_aW = {coupling:g}/GeV (1611.09355, "
        "form factors of Ball and Zwicky, 15 % each); all axion-like particles decay into two photons"
    )
    return OpenedProcess(signal, text, identity)


def _other_b(
    values: Mapping[str, float], numbers: HeavyFlavourNumbers
) -> tuple[PythiaDecays | None, Mapping[str, Any]]:
    """Return the decays of the other B meson, and what decides the events beside parameters."""
    identity = {"heavy_flavour": numbers.model_dump()}
    choice = values["decay_other_b"]
    if choice not in (0.0, 1.0):
        raise ConfigError(
            "a choice is neither yes nor no",
            where="decay_other_b",
            allowed="1: Pythia decays the other B meson; 0: it stays undecayed",
            given=f"{choice:g}",
            next_step="give 1 or 0",
        )
    if choice == 0.0:
        return None, identity
    return PythiaDecays(), {**identity, "pythia": pythia_identity(decay_settings())}


def _mass_in_range(system: KaonSystem, numbers: HeavyFlavourNumbers, beams: Beams, mass: float, lowest: float) -> float:
    b_mass = b_meson_mass(numbers, charged=system.charged)
    require_b_pairs(beams, b_mass)
    return require_between("mass_gev", mass, lowest, b_mass - system.lowest_mass(numbers))


def _process(
    name: str,
    title: str,
    parameters: tuple[ProcessParameter, ...],
    opening: Callable[[Beams, Mapping[str, float], float], OpenedProcess],
) -> Process:
    mass = ProcessParameter("mass_gev", "mass of the new particle, GeV")
    return Process(name, f"{title}, the other B decayed by Pythia", "signal", (mass, *parameters, OTHER), opening)


B_TO_KAON_PROCESSES: Final[tuple[Process, ...]] = (
    *(
        _process(
            f"b_to_{system.name}_scalar_{mode}",
            f"{system.title} S, S -> {products}",
            (MIXING, FRACTION, *DISPLACED_PARAMETERS),
            partial(_scalar, system, mode),
        )
        for system in (K_PLUS, K_STAR_ZERO, K_STAR_PLUS)
        for mode, (_, _, products) in SCALAR_MODES.items()
    ),
    *(
        _process(
            f"b_to_{system.name}_scalar_invisible",
            f"{system.title} S, S unseen",
            (MIXING,),
            partial(_scalar, system, None),
        )
        for system in (K_PLUS, K_STAR_ZERO)
    ),
    *(
        _process(
            f"b_to_{system.name}_axion",
            f"{system.title} a, a -> gamma gamma",
            (
                ProcessParameter("coupling", "g_aW, 1/GeV; the rate is proportional to its square", 1e-5),
                *DISPLACED_PARAMETERS,
            ),
            partial(_axion, system),
        )
        for system in (K_PLUS, K_SHORT_ALONE, K_STAR_ZERO, K_STAR_PLUS)
    ),
)
