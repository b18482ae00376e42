"""Processes whose events Pythia makes."""

from __future__ import annotations

from typing import Final

from darkreach.generators.process import Process, ProcessParameter
from darkreach.generators.pythia.b_meson_process import open_b_meson_pair
from darkreach.generators.pythia.charged_stratum import CHARGED_PARAMETERS
from darkreach.generators.pythia.pair_production import pair_process
from darkreach.generators.pythia.soft_photon_stratum import SOFT_MUON_PAIR

_TAU_DECAY_MODE: Final = ProcessParameter(
    "tau_decay_mode", "0 isotropic, 1 with the correlated spins of both taus (200 times slower), 3 uncorrelated", 0.0
)

PYTHIA_PROCESSES: Final[tuple[Process, ...]] = (
    pair_process("muon_pair", "e+e- -> mu+ mu-, photons from beams and muons"),
    SOFT_MUON_PAIR,
    pair_process("tau_pair", "e+e- -> tau+ tau-, taus decayed", (_TAU_DECAY_MODE, *CHARGED_PARAMETERS)),
    pair_process("uubar", "e+e- -> u ubar, hadronised and decayed", CHARGED_PARAMETERS),
    pair_process("ddbar", "e+e- -> d dbar, hadronised and decayed", CHARGED_PARAMETERS),
    pair_process("ssbar", "e+e- -> s sbar, hadronised and decayed", CHARGED_PARAMETERS),
    pair_process("charm_pair", "e+e- -> c cbar, hadronised and decayed", CHARGED_PARAMETERS),
    Process(
        "b_meson_pair", "e+e- -> Y(4S) -> B Bbar, charged and neutral, decayed", "background", (), open_b_meson_pair
    ),
)
"""Opening one needs the wheel of Pythia (``pip install 'darkreach[generators]'``); listing them does not."""
