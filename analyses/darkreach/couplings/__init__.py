"""Couplings: limits on the signal strength in, excluded intervals of a coupling out."""

from darkreach.couplings.axion_coupling import axion_signal_strength
from darkreach.couplings.coupling_model import CouplingModel
from darkreach.couplings.coupling_models import MODELS, coupling_model
from darkreach.couplings.couplings_file import (
    COLUMNS,
    QUANTILES,
    ExcludedInterval,
    read_couplings,
    read_couplings_header,
    write_couplings,
)
from darkreach.couplings.decay_boost import BoostSpectrum, DecayBoosts, decay_boosts
from darkreach.couplings.displaced_efficiency import displaced_efficiency
from darkreach.couplings.excluded_couplings import couplings_from_limits
from darkreach.couplings.excluded_region import excluded_intervals
from darkreach.couplings.recoil_axion import RecoilAxions, recoil_axions

__all__ = [
    "COLUMNS",
    "MODELS",
    "QUANTILES",
    "BoostSpectrum",
    "CouplingModel",
    "DecayBoosts",
    "ExcludedInterval",
    "RecoilAxions",
    "axion_signal_strength",
    "coupling_model",
    "couplings_from_limits",
    "decay_boosts",
    "displaced_efficiency",
    "excluded_intervals",
    "read_couplings",
    "read_couplings_header",
    "recoil_axions",
    "write_couplings",
]
