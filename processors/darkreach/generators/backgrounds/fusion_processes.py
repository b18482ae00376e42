"""Two electrons along the beams and a pair from two photons, as processes with a name.

``electron_pair_muon_pair`` takes the photons as nearly real, which fails where the pair has transverse momentum P. With
both electrons lost and W > 0.5 GeV its rate over that of the full tree is 1.00 at P = 0.02 to 0.05 GeV, 1.14 at 0.1 to
0.2, 0.7 at 0.3 to 0.5 and 0.2 from 0.9 GeV on (1.9 with Q^2 up to W^2). Two strata without overlap or hole among the
events with both electrons lost are

    ``electron_pair_muon_pair_transverse`` with minimum_pair_transverse_gev = T (full tree)  +
    ``electron_pair_muon_pair`` with maximum_pair_transverse_gev = T.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Final

import numpy as np

from darkreach.errors import ConfigError
from darkreach.generators.backgrounds.equivalent_photons import two_photon_rate_fb
from darkreach.generators.backgrounds.four_fermion_rates import four_fermion_rates
from darkreach.generators.backgrounds.pair_fusion import (
    FUSED_ELECTRONS,
    FUSED_MUONS,
    FUSED_PIONS,
    FusedPair,
    check_fusion,
    generate_pair_fusion,
)
from darkreach.generators.backgrounds.particle_source import particle_source
from darkreach.generators.backgrounds.transverse_muon_pairs import (
    check_transverse_pairs,
    generate_transverse_muon_pairs,
    transverse_to_beams,
)
from darkreach.generators.final_state_events import FinalStateEvents
from darkreach.generators.process import OpenedProcess, Process, ProcessParameter
from darkreach.generators.radiator import check_radiation
from darkreach.kinematics import MUON_MASS, Beams

Values = Mapping[str, float]

_FORMULA: Final = "equivalent photons: Budnev et al., Phys. Rept. 15 (1975) 181; no radiation"


def _generate(fused: FusedPair, beams: Beams, values: Values) -> Callable[[int, np.random.Generator], FinalStateEvents]:
    low, high = values["minimum_pair_mass_gev"], values["maximum_pair_mass_gev"]
    share = values["virtuality_share"]
    check_fusion(fused, low, high, share, beams)
    return partial(
        generate_pair_fusion,
        beams,
        fused,
        minimum_pair_mass=low,
        maximum_pair_mass=high,
        virtuality_share=share,
    )


def _open_muons(beams: Beams, values: Values, maximum_isr_fraction: float) -> OpenedProcess:
    check_radiation(maximum_isr_fraction)
    generate, largest = _generate(FUSED_MUONS, beams, values), values["maximum_pair_transverse_gev"]
    if not 0.0 < largest < math.inf:
        raise ConfigError(
            "no pair has so little transverse momentum",
            where="maximum_pair_transverse_gev",
            allowed="above 0 GeV; half of the CM energy or more means no limit",
            given=str(largest),
        )

    def limited(n: int, random: np.random.Generator) -> FinalStateEvents:
        events = generate(n, random)
        pair = events.momenta[:, 2] + events.momenta[:, 3]
        soft = transverse_to_beams(pair, beams) < largest
        return replace(events, weight_fb=np.where(soft, events.weight_fb, 0.0))

    return OpenedProcess(particle_source(limited), f"{_FORMULA}; 2 % below the full calculation at W > 0.5 GeV")


def _open_transverse_muons(beams: Beams, values: Values, maximum_isr_fraction: float) -> OpenedProcess:
    check_radiation(maximum_isr_fraction)
    low, high = math.radians(values["electron_low_deg"]), math.radians(values["electron_high_deg"])
    transverse, mass = values["minimum_pair_transverse_gev"], values["minimum_pair_mass_gev"]
    check_transverse_pairs(beams, transverse, low, high, mass)
    generate = partial(
        generate_transverse_muon_pairs,
        beams,
        minimum_transverse=transverse,
        electron_low=low,
        electron_high=high,
        minimum_pair_mass=mass,
    )
    formula = "QED tree with all masses: two colliding photons and pairs radiated by electrons; no radiation"
    return OpenedProcess(particle_source(generate), formula)


def _open_pions(beams: Beams, values: Values, maximum_isr_fraction: float) -> OpenedProcess:
    check_radiation(maximum_isr_fraction)
    generate = _generate(FUSED_PIONS, beams, values)
    return OpenedProcess(particle_source(generate), f"{_FORMULA}; pions without structure or resonances")


def _open_electrons(beams: Beams, values: Values, maximum_isr_fraction: float) -> OpenedProcess:
    check_radiation(maximum_isr_fraction)
    generate = _generate(FUSED_ELECTRONS, beams, values)
    rates, share = four_fermion_rates(), values["virtuality_share"]
    # without exchange and with the other diagrams missing the method gives twice the rate: only its shape is used
    masses = rates.minimum_pair_mass.value, beams.sqrt_s
    ours = two_photon_rate_fb(beams.s, masses, share, FUSED_ELECTRONS.total_fb)
    wanted = rates.rate_fb("electron_pair_electron_pair")
    if not ours > 0.0:
        raise ConfigError(
            "no photons of so small a virtuality make pairs of electrons",
            where="virtuality_share",
            allowed="large enough for a rate above 0, up to 1 (units of the squared pair mass)",
            given=str(share),
            next_step="0.25 comes close to the full calculation",
        )

    def scaled(n: int, random: np.random.Generator) -> FinalStateEvents:
        events = generate(n, random)
        return replace(events, weight_fb=events.weight_fb * (wanted / ours))

    source = f"shape by {_FORMULA}; scaled to {wanted / 1e6:g} nb for W > {rates.minimum_pair_mass.value:g} GeV"
    return OpenedProcess(particle_source(scaled), source, {"reference_fb": wanted})


def _parameters(smallest: float) -> tuple[ProcessParameter, ...]:
    return (
        ProcessParameter("minimum_pair_mass_gev", "smallest mass W of the pair", smallest),
        ProcessParameter("maximum_pair_mass_gev", "largest mass of the pair; strata in W add up", 20.0),
        ProcessParameter("virtuality_share", "largest Q^2 of the photons in units of W^2", 0.25),
    )


FUSION_PROCESSES: Final[tuple[Process, ...]] = (
    Process(
        "electron_pair_electron_pair",
        "e+e- -> e+ e- e+ e- by two nearly real photons, two electrons mostly along the beams",
        "background",
        _parameters(0.5),
        _open_electrons,
    ),
    Process(
        "electron_pair_muon_pair",
        "e+e- -> e+ e- mu+ mu- by two nearly real photons, electrons mostly along the beams",
        "background",
        (
            *_parameters(0.5),
            ProcessParameter(
                "maximum_pair_transverse_gev", "largest transverse momentum of the pair about the beams, CM", 20.0
            ),
        ),
        _open_muons,
    ),
    Process(
        "electron_pair_muon_pair_transverse",
        "e+e- -> e+ e- mu+ mu-, pair with transverse momentum, both electrons lost near the beams",
        "background",
        (
            ProcessParameter(
                "minimum_pair_transverse_gev", "smallest transverse momentum of the pair about the beams, CM", 0.9
            ),
            ProcessParameter("electron_low_deg", "electrons at smaller polar angles are lost", 17.0),
            ProcessParameter("electron_high_deg", "electrons at larger polar angles are lost", 150.0),
            ProcessParameter("minimum_pair_mass_gev", "smallest mass of the muon pair", 2.0 * MUON_MASS),
        ),
        _open_transverse_muons,
    ),
    Process(
        "electron_pair_pion_pair",
        "e+e- -> e+ e- pi+ pi- by two nearly real photons, electrons mostly along the beams",
        "background",
        _parameters(0.5),
        _open_pions,
    ),
)
