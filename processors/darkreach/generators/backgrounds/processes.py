"""The backgrounds that can be simulated by name, each from a matrix element of our own."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

import numpy as np

from darkreach.generators.backgrounds.bhabha_background import generate_bhabha
from darkreach.generators.backgrounds.candidate_choice import resampled
from darkreach.generators.backgrounds.fusion_processes import FUSION_PROCESSES
from darkreach.generators.backgrounds.hard_photon_parameters import hard_photon_cuts, hard_photon_parameters
from darkreach.generators.backgrounds.lost_photon_background import check_lost_photons, generate_lost_photons
from darkreach.generators.backgrounds.muon_pair_photon_background import generate_muon_pair_photon
from darkreach.generators.backgrounds.neutrino_pair_photon import generate_neutrino_pair_photon
from darkreach.generators.backgrounds.pair_backgrounds import generate_muon_pairs, generate_two_photons
from darkreach.generators.backgrounds.pair_mass_threshold import check_pair_mass
from darkreach.generators.backgrounds.particle_source import particle_source
from darkreach.generators.backgrounds.pion_chain import PION_CHAIN
from darkreach.generators.backgrounds.radiative_bhabha_background import (
    check_lost_electrons,
    generate_radiative_bhabha,
    learn_bhabha_grid,
)
from darkreach.generators.backgrounds.tau_pair_processes import TAU_PAIR_PROCESSES
from darkreach.generators.backgrounds.three_photon_background import check_three_photon_cuts, generate_three_photons
from darkreach.generators.final_state_events import FinalStateEvents
from darkreach.generators.hard_photon_cuts import HardPhotonCuts
from darkreach.generators.process import OpenedProcess, Process, ProcessParameter
from darkreach.generators.radiator import check_radiation
from darkreach.kinematics import MUON_MASS, Beams

Values = Mapping[str, float]

_CANDIDATES: Final = 3
"""Trials of radiative Bhabha scattering of which one is taken."""

_RADIATOR: Final = "radiation along the beams: Kuraev and Fadin, Sov. J. Nucl. Phys. 41 (1985) 466"


def _opened(generate: Callable[..., FinalStateEvents], formula: str, maximum_isr_fraction: float) -> OpenedProcess:
    check_radiation(maximum_isr_fraction)
    source = particle_source(partial(generate, maximum_isr_fraction=maximum_isr_fraction))
    return OpenedProcess(source, formula if maximum_isr_fraction == 0.0 else f"{formula}; {_RADIATOR}")


def _open_two_photons(beams: Beams, values: Values, maximum_isr_fraction: float) -> OpenedProcess:
    cuts = hard_photon_cuts(values)
    cuts.check(beams, 0.0)
    cuts.check_off_beams(beams)
    formula = "tree, electron mass neglected: 2 pi alpha^2/s (1 + c^2)/(1 - c^2)"
    return _opened(partial(generate_two_photons, beams, cuts), formula, maximum_isr_fraction)


def _three_photons(
    beams: Beams, values: Values, n: int, random: np.random.Generator, *, maximum_isr_fraction: float
) -> FinalStateEvents:
    cuts = hard_photon_cuts(values)
    events = generate_three_photons(beams, cuts, n, random, maximum_isr_fraction=maximum_isr_fraction)
    return FinalStateEvents(events.weight_fb, (22, 22, 22), events.photons, events.isr)


def _open_three_photons(beams: Beams, values: Values, maximum_isr_fraction: float) -> OpenedProcess:
    check_three_photon_cuts(hard_photon_cuts(values), beams)
    formula = "tree, electron mass neglected: F. A. Berends and R. Kleiss, Nucl. Phys. B 186 (1981) 22"
    return _opened(partial(_three_photons, beams, values), formula, maximum_isr_fraction)


def _open_lost_photons(beams: Beams, values: Values, maximum_isr_fraction: float) -> OpenedProcess:
    cuts = hard_photon_cuts(values)
    low, high = math.radians(values["photon_low_deg"]), math.radians(values["photon_high_deg"])
    check_lost_photons(cuts, beams, low, high)
    formula = "full QED tree with the electron mass: six orders of the photons"
    generate = partial(generate_lost_photons, beams, cuts, photon_low=low, photon_high=high)
    return _opened(generate, formula, maximum_isr_fraction)


def _open_neutrinos(beams: Beams, values: Values, maximum_isr_fraction: float) -> OpenedProcess:
    cuts = hard_photon_cuts(values)
    cuts.check(beams, 0.0)
    cuts.check_off_beams(beams)
    formula = (
        "Z exchange and W exchange in the contact limit: Phys. Rev. Lett. 41 (1978) 287, Phys. Rev. D 19 (1979) 1605"
    )
    return _opened(partial(generate_neutrino_pair_photon, beams, cuts), formula, maximum_isr_fraction)


def _open_bhabha(beams: Beams, values: Values, maximum_isr_fraction: float) -> OpenedProcess:
    low, high = math.radians(values["electron_low_deg"]), math.radians(values["electron_high_deg"])
    cuts = HardPhotonCuts(values["minimum_energy_gev"], low, high)
    cuts.check(beams, 0.0)
    cuts.check_off_beams(beams)
    formula = "tree, electron mass neglected: annihilation, exchange and interference"
    return _opened(partial(generate_bhabha, beams, cuts), formula, maximum_isr_fraction)


def _open_radiative_bhabha(beams: Beams, values: Values, maximum_isr_fraction: float) -> OpenedProcess:
    cuts = hard_photon_cuts(values)
    low, high = math.radians(values["electron_low_deg"]), math.radians(values["electron_high_deg"])
    cuts.check(beams, 0.0)
    cuts.check_off_beams(beams)
    check_lost_electrons(cuts, low, high)
    # before the grid is learnt, which takes seconds
    check_radiation(maximum_isr_fraction)
    formula = "full QED tree with the electron mass: annihilation, exchange and interference"
    grid = learn_bhabha_grid(beams, cuts, electron_low=low, electron_high=high)
    generate = partial(generate_radiative_bhabha, beams, cuts, electron_low=low, electron_high=high, grid=grid)
    return _opened(partial(_one_of_several, generate), formula, maximum_isr_fraction)


def _one_of_several(
    generate: Callable[..., FinalStateEvents], n: int, random: np.random.Generator, *, maximum_isr_fraction: float
) -> FinalStateEvents:
    """Return n trials, each one of several by its weight: trials are cheap, measuring their events is not."""
    events = generate(_CANDIDATES * n, random, maximum_isr_fraction=maximum_isr_fraction)
    return resampled(events, _CANDIDATES, random)


def _open_muon_pair_photon(beams: Beams, values: Values, maximum_isr_fraction: float) -> OpenedProcess:
    cuts, minimum = hard_photon_cuts(values), values["minimum_pair_mass_gev"]
    check_pair_mass(minimum, beams)
    cuts.check(beams, minimum)
    generate = partial(generate_muon_pair_photon, beams, cuts, minimum_pair_mass=minimum)
    formula = "full QED tree with both masses: radiation of beams and muons and their interference"
    return _opened(generate, formula, maximum_isr_fraction)


def _open_muon_pairs(beams: Beams, values: Values, maximum_isr_fraction: float) -> OpenedProcess:
    minimum = values["minimum_pair_mass_gev"]
    check_pair_mass(minimum, beams)
    generate = partial(generate_muon_pairs, beams, minimum_pair_mass=minimum)
    return _opened(generate, "tree with the muon mass: 4 pi alpha^2/(3 s) at s >> m^2", maximum_isr_fraction)


_PAIR_MASS: Final = ProcessParameter("minimum_pair_mass_gev", "smallest mass of the muon pair", 2.0 * MUON_MASS)

BACKGROUND_PROCESSES: Final[tuple[Process, ...]] = (
    Process(
        "two_photon",
        "e+e- -> gamma gamma, both photons inside the cuts (one outside of them: three_photon_lost)",
        "background",
        hard_photon_parameters(0.5, 10.0, 160.0),
        _open_two_photons,
    ),
    Process(
        "three_photon",
        "e+e- -> gamma gamma gamma, all photons inside the cuts",
        "background",
        hard_photon_parameters(0.45, 33.0, 128.0),
        _open_three_photons,
    ),
    Process(
        "three_photon_lost",
        "e+e- -> gamma gamma gamma, one photon inside the cuts, two lost near the beams",
        "background",
        (
            *hard_photon_parameters(1.0, 22.0, 145.0),
            ProcessParameter(
                "photon_low_deg", "photons at smaller polar angles are lost; polar_low_deg of two_photon", 10.0
            ),
            ProcessParameter(
                "photon_high_deg", "photons at larger polar angles are lost; polar_high_deg of two_photon", 160.0
            ),
        ),
        _open_lost_photons,
    ),
    Process(
        "neutrino_pair_photon",
        "e+e- -> nu nubar gamma, three flavours",
        "background",
        hard_photon_parameters(0.5, 10.0, 160.0),
        _open_neutrinos,
    ),
    Process(
        "bhabha",
        "e+e- -> e+ e-, both electrons inside the cuts, radiation along the beams only",
        "background",
        (
            ProcessParameter("minimum_energy_gev", "smallest energy of both electrons in the CM", 1.0),
            ProcessParameter("electron_low_deg", "smallest polar angle of both in the laboratory", 12.0),
            ProcessParameter("electron_high_deg", "largest polar angle of both in the laboratory", 156.0),
        ),
        _open_bhabha,
    ),
    Process(
        "radiative_bhabha",
        "e+e- -> e+ e- gamma, photon inside the cuts, both electrons lost near the beams",
        "background",
        (
            *hard_photon_parameters(1.0, 22.0, 145.0),
            ProcessParameter("maximum_energy_gev", "largest energy of the hard photon in the CM; strata add up", 20.0),
            ProcessParameter("electron_low_deg", "electrons at smaller polar angles are lost", 17.0),
            ProcessParameter("electron_high_deg", "electrons at larger polar angles are lost", 150.0),
        ),
        _open_radiative_bhabha,
    ),
    Process(
        "muon_pair_photon",
        "e+e- -> mu+ mu- gamma with a hard photon inside the cuts, muons anywhere",
        "background",
        (*hard_photon_parameters(0.5, 10.0, 160.0), _PAIR_MASS),
        _open_muon_pair_photon,
    ),
    Process(
        "muon_pair_tree",
        "e+e- -> mu+ mu-, radiation along the beams only",
        "background",
        (_PAIR_MASS,),
        _open_muon_pairs,
    ),
    PION_CHAIN,
    *FUSION_PROCESSES,
    *TAU_PAIR_PROCESSES,
)
"""Every trial of these sources has its cross-section in fb as weight, zero outside of the volume asked for."""
