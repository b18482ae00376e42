"""Two electrons along the beams and a pair from two nearly real photons, as processes with a name."""

from __future__ import annotations

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
from darkreach.generators.final_state_events import FinalStateEvents
from darkreach.generators.process import OpenedProcess, Process, ProcessParameter
from darkreach.generators.radiator import check_radiation
from darkreach.kinematics import Beams

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
    generate = _generate(FUSED_MUONS, beams, values)
    return OpenedProcess(particle_source(generate), f"{_FORMULA}; 2 % below the full calculation at W > 0.5 GeV")


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
        _parameters(0.5),
        _open_muons,
    ),
    Process(
        "electron_pair_pion_pair",
        "e+e- -> e+ e- pi+ pi- by two nearly real photons, electrons mostly along the beams",
        "background",
        _parameters(0.5),
        _open_pions,
    ),
)
