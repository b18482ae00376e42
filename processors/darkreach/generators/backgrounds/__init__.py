"""Backgrounds from matrix elements of our own."""

from darkreach.generators.backgrounds.muon_pair_photon_background import generate_muon_pair_photon
from darkreach.generators.backgrounds.neutrino_pair_photon import generate_neutrino_pair_photon
from darkreach.generators.backgrounds.pair_backgrounds import generate_muon_pairs, generate_two_photons
from darkreach.generators.backgrounds.radiative_bhabha_background import generate_radiative_bhabha
from darkreach.generators.backgrounds.three_photon_background import GeneratorCuts, generate_three_photons
from darkreach.generators.backgrounds.three_photon_matrix_element import three_photon_matrix_element

__all__ = [
    "GeneratorCuts",
    "generate_muon_pair_photon",
    "generate_muon_pairs",
    "generate_neutrino_pair_photon",
    "generate_radiative_bhabha",
    "generate_three_photons",
    "generate_two_photons",
    "three_photon_matrix_element",
]
