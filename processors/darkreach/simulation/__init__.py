"""Simulation: generators, the photon response of the detector, and samples written as ntuples."""

from darkreach.simulation.axion_matrix_element import axion_angular_density, axion_cross_section_fb, sample_axion_cosine
from darkreach.simulation.axion_signal import generate_axion_signal
from darkreach.simulation.generated_events import AXION_PDG, BEAM_PDG, GeneratedEvents
from darkreach.simulation.photon_clusters import PhotonClusters
from darkreach.simulation.photon_response import measure_photons
from darkreach.simulation.radiator import radiator_density, radiator_exponent, radiator_integral
from darkreach.simulation.sample_request import SampleRequest, sample_requests, signal_name
from darkreach.simulation.simulate_sample import finished_sample, simulate_sample
from darkreach.simulation.three_photon_background import GeneratorCuts, generate_three_photons
from darkreach.simulation.three_photon_matrix_element import three_photon_matrix_element

__all__ = [
    "AXION_PDG",
    "BEAM_PDG",
    "GeneratedEvents",
    "GeneratorCuts",
    "PhotonClusters",
    "SampleRequest",
    "axion_angular_density",
    "axion_cross_section_fb",
    "finished_sample",
    "generate_axion_signal",
    "generate_three_photons",
    "measure_photons",
    "radiator_density",
    "radiator_exponent",
    "radiator_integral",
    "sample_axion_cosine",
    "sample_requests",
    "signal_name",
    "simulate_sample",
    "three_photon_matrix_element",
]
