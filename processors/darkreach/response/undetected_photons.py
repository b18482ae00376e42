"""Photons that the calorimeter misses, by its inefficiency or in its gaps: most shower before the muon system."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from darkreach.configuration import DetectorConfig
from darkreach.response.calorimeter_acceptance import inside_calorimeter
from darkreach.response.calorimeter_impact import impact_directions
from darkreach.response.object_rows import ObjectRows, stacked
from darkreach.response.photon_resolution import over_the_poles
from darkreach.response.true_particles import TrueParticles


def measure_undetected(
    lost: ObjectRows, photons: TrueParticles, detector: DetectorConfig, random: np.random.Generator
) -> ObjectRows:
    """Return the clusters that undetected photons leave in the muon system; none if the detector has no such section.

    Args:
        lost: truth of the clusters that the inefficiency of the calorimeter took, as ``measure_clusters`` returns it.
        photons: all photons; those beside the calorimeter count as undetected as well.
        detector: probability, threshold, and the muon system with its angular resolution.
        random: source of random numbers.
    """
    settings, muon_system = detector.undetected_photons, detector.neutral_hadrons
    if settings is None:
        return _clusters(lost.select(np.zeros(len(lost), dtype=np.bool_)), np.zeros((2, 0)))
    missed = stacked([lost, _beside(photons, detector)])
    seen = missed.columns["mcE"] >= settings.minimum_energy.value
    seen &= inside_calorimeter(missed.columns["mcTheta"], (muon_system.muon_system_polar_range,))
    seen &= random.random(len(missed)) < settings.muon_system_probability.value
    shift = muon_system.angle_resolution.value * random.standard_normal((2, len(missed)))
    return _clusters(missed.select(seen), shift[:, seen])


def _beside(photons: TrueParticles, detector: DetectorConfig) -> ObjectRows:
    """Return the truth of the photons whose direction no range of the calorimeter holds."""
    theta, phi = impact_directions(photons.vertex, photons.momentum, detector.calorimeter)
    truth: dict[str, NDArray[Any]] = {
        "mcPDG": photons.pdg,
        "mcE": photons.momentum[:, 0],
        "mcTheta": theta,
        "mcPhi": phi,
        "genMotherPDG": photons.mother_pdg,
    }
    return ObjectRows(photons.event, truth).select(~inside_calorimeter(theta, detector.photon_response.polar_ranges))


def _clusters(missed: ObjectRows, shift: NDArray[np.float64]) -> ObjectRows:
    theta = missed.columns["mcTheta"]
    polar, azimuth = over_the_poles(theta + shift[0], missed.columns["mcPhi"] + shift[1] / np.sin(theta))
    return ObjectRows(missed.event, {"theta": polar, "phi": azimuth, **missed.columns})
