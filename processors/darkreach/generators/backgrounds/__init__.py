"""Backgrounds from matrix elements of our own."""

from darkreach.generators.backgrounds.bhabha_background import generate_bhabha
from darkreach.generators.backgrounds.hard_photon_stratum import has_hard_photon
from darkreach.generators.backgrounds.lost_photon_background import generate_lost_photons
from darkreach.generators.backgrounds.muon_pair_photon_background import generate_muon_pair_photon
from darkreach.generators.backgrounds.neutrino_pair_photon import generate_neutrino_pair_photon
from darkreach.generators.backgrounds.pair_backgrounds import generate_muon_pairs, generate_two_photons
from darkreach.generators.backgrounds.pair_fusion import (
    FUSED_ELECTRONS,
    FUSED_MUONS,
    FUSED_PIONS,
    FusedPair,
    generate_pair_fusion,
)
from darkreach.generators.backgrounds.processes import BACKGROUND_PROCESSES
from darkreach.generators.backgrounds.radiative_bhabha_background import generate_radiative_bhabha, learn_bhabha_grid
from darkreach.generators.backgrounds.three_photon_background import generate_three_photons
from darkreach.generators.backgrounds.three_photon_matrix_element import three_photon_matrix_element
from darkreach.generators.backgrounds.transverse_muon_pairs import generate_transverse_muon_pairs

__all__ = [
    "BACKGROUND_PROCESSES",
    "FUSED_ELECTRONS",
    "FUSED_MUONS",
    "FUSED_PIONS",
    "FusedPair",
    "generate_bhabha",
    "generate_lost_photons",
    "generate_muon_pair_photon",
    "generate_muon_pairs",
    "generate_neutrino_pair_photon",
    "generate_pair_fusion",
    "generate_radiative_bhabha",
    "generate_three_photons",
    "generate_transverse_muon_pairs",
    "generate_two_photons",
    "has_hard_photon",
    "learn_bhabha_grid",
    "three_photon_matrix_element",
]
