"""Signals in decays of B mesons and tau leptons, and the decay of B mesons that looks like one of them."""

from __future__ import annotations

from typing import Final

from darkreach.generators.process import Process
from darkreach.generators.signals.b_to_kaon_neutrinos import B_TO_KAON_NEUTRINOS
from darkreach.generators.signals.b_to_kaon_processes import B_TO_KAON_PROCESSES
from darkreach.generators.signals.heavy_neutral_lepton_processes import HEAVY_NEUTRAL_LEPTON_PROCESSES

DECAY_PROCESSES: Final[tuple[Process, ...]] = (
    *B_TO_KAON_PROCESSES,
    B_TO_KAON_NEUTRINOS,
    *HEAVY_NEUTRAL_LEPTON_PROCESSES,
)
