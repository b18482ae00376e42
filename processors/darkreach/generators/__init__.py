"""Generators: from beams and a process to true particles with weights; nothing here knows a detector."""

from darkreach.generators.collisions import Collisions, generate_collisions
from darkreach.generators.final_state_events import FinalStateEvents
from darkreach.generators.generated_events import AXION_PDG, BEAM_PDG, GeneratedEvents
from darkreach.generators.generated_particles import GeneratedParticles, concatenate_particles, particles_of
from darkreach.generators.hard_photon_cuts import HardPhotonCuts
from darkreach.generators.process import OpenedProcess, ParticleSource, Process, ProcessParameter
from darkreach.generators.radiator import radiator_density, radiator_exponent, radiator_integral
from darkreach.generators.random_streams import random_stream

__all__ = [
    "AXION_PDG",
    "BEAM_PDG",
    "Collisions",
    "FinalStateEvents",
    "GeneratedEvents",
    "GeneratedParticles",
    "HardPhotonCuts",
    "OpenedProcess",
    "ParticleSource",
    "Process",
    "ProcessParameter",
    "concatenate_particles",
    "generate_collisions",
    "particles_of",
    "radiator_density",
    "radiator_exponent",
    "radiator_integral",
    "random_stream",
]
