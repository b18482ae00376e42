"""K_L and neutrons: clusters in the calorimeter and in the muon system."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from darkreach.configuration import DetectorConfig
from darkreach.response.calorimeter_acceptance import inside_calorimeter
from darkreach.response.calorimeter_impact import impact_directions
from darkreach.response.object_rows import ObjectRows
from darkreach.response.photon_resolution import angular_resolution, over_the_poles
from darkreach.response.true_particles import TrueParticles

Array = NDArray[np.float64]

NEUTRAL_HADRONS = (130, 2112)
"""Absolute codes of K_L and neutrons."""


def measure_neutral_hadrons(
    hadrons: TrueParticles, detector: DetectorConfig, random: np.random.Generator
) -> tuple[ObjectRows, ObjectRows]:
    """Return clusters in the calorimeter (columns as of photons) and in the muon system.

    The energy seen is a uniform share of the energy; both kinds of cluster are independent of each other.

    Args:
        hadrons: K_L, neutrons and their antiparticles.
        detector: probabilities and scales.
        random: source of random numbers.
    """
    settings, photon = detector.neutral_hadrons, detector.photon_response
    factor = detector.scales.neutral_hadrons.value
    theta, phi = impact_directions(hadrons.vertex, hadrons.momentum, detector.calorimeter)
    fast = np.linalg.norm(hadrons.momentum[:, 1:], axis=1) >= settings.minimum_momentum.value
    n = len(hadrons)
    draw, normal = random.random((3, n)), random.standard_normal((4, n))
    low, high = settings.smallest_energy_fraction.value, settings.largest_energy_fraction.value
    energy = hadrons.momentum[:, 0] * (low + (high - low) * draw[0])
    angle = detector.scales.photon_angle_resolution.value * angular_resolution(energy, photon)
    polar, azimuth = over_the_poles(theta + angle * normal[0], phi + angle * normal[1] / np.sin(theta))
    truth: dict[str, NDArray[Any]] = {
        "mcPDG": hadrons.pdg,
        "mcE": hadrons.momentum[:, 0],
        "mcTheta": theta,
        "mcPhi": phi,
        "genMotherPDG": hadrons.mother_pdg,
    }
    seen = fast & (draw[1] < factor * settings.calorimeter_probability.value)
    seen &= (energy >= photon.minimum_energy.value) & inside_calorimeter(theta, photon.polar_ranges)
    seen &= inside_calorimeter(polar, photon.polar_ranges)
    clusters = ObjectRows(hadrons.event, {"E": energy, "theta": polar, "phi": azimuth, **truth}).select(seen)
    angle = np.full(n, settings.angle_resolution.value)
    polar, azimuth = over_the_poles(theta + angle * normal[2], phi + angle * normal[3] / np.sin(theta))
    seen = fast & (draw[2] < factor * settings.muon_system_probability.value)
    seen &= inside_calorimeter(theta, (settings.muon_system_polar_range,))
    return clusters, ObjectRows(hadrons.event, {"theta": polar, "phi": azimuth, **truth}).select(seen)
