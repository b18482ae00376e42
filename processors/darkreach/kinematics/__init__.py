"""Kinematics: beams, boosts, photon pairs and recoil; pure functions of arrays."""

from darkreach.kinematics.beams import Beams
from darkreach.kinematics.constants import (
    CHARGED_KAON_MASS,
    CHARGED_PION_MASS,
    ELECTRON_MASS,
    FINE_STRUCTURE,
    HBAR_C_CM,
    HBAR_C_SQUARED_FB,
    HBAR_GEV_SECONDS,
    MUON_MASS,
    NEUTRAL_KAON_MASS,
    NEUTRAL_PION_MASS,
    PROTON_MASS,
    TAU_MASS,
)
from darkreach.kinematics.lorentz import boost, mass_squared
from darkreach.kinematics.photons import (
    PAIRINGS,
    boosted_energy,
    pair_mass_squared,
    photon_momenta,
    recoil_mass_squared,
)

__all__ = [
    "CHARGED_KAON_MASS",
    "CHARGED_PION_MASS",
    "ELECTRON_MASS",
    "FINE_STRUCTURE",
    "HBAR_C_CM",
    "HBAR_C_SQUARED_FB",
    "HBAR_GEV_SECONDS",
    "MUON_MASS",
    "NEUTRAL_KAON_MASS",
    "NEUTRAL_PION_MASS",
    "PAIRINGS",
    "PROTON_MASS",
    "TAU_MASS",
    "Beams",
    "boost",
    "boosted_energy",
    "mass_squared",
    "pair_mass_squared",
    "photon_momenta",
    "recoil_mass_squared",
]
