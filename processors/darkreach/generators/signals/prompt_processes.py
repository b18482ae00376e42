"""Signals made in the collision itself."""

from __future__ import annotations

from typing import Final

from darkreach.generators.process import Process
from darkreach.generators.signals.axion_process import AXION_PHOTON
from darkreach.generators.signals.dark_higgs_processes import DARK_HIGGSSTRAHLUNG, DARK_HIGGSSTRAHLUNG_INVISIBLE
from darkreach.generators.signals.dark_photon_process import DARK_PHOTON_PHOTON
from darkreach.generators.signals.displaced_dark_photon_process import DISPLACED_DARK_PHOTON
from darkreach.generators.signals.inelastic_dark_matter_process import INELASTIC_DARK_MATTER
from darkreach.generators.signals.lepton_pair_processes import (
    ELECTRON_MUON_Z_PRIME,
    MUON_PAIR_PSEUDOSCALAR,
    MUON_PAIR_SCALAR,
    MUON_PAIR_Z_PRIME,
)
from darkreach.generators.signals.tau_pair_scalar_process import TAU_PAIR_SCALAR

PROMPT_PROCESSES: Final[tuple[Process, ...]] = (
    AXION_PHOTON,
    DARK_PHOTON_PHOTON,
    DISPLACED_DARK_PHOTON,
    MUON_PAIR_Z_PRIME,
    MUON_PAIR_SCALAR,
    MUON_PAIR_PSEUDOSCALAR,
    ELECTRON_MUON_Z_PRIME,
    DARK_HIGGSSTRAHLUNG,
    DARK_HIGGSSTRAHLUNG_INVISIBLE,
    INELASTIC_DARK_MATTER,
    TAU_PAIR_SCALAR,
)
