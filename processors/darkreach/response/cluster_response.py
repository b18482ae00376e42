"""The calorimeter response to any number of photons."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from darkreach.configuration import DetectorConfig
from darkreach.response.calorimeter_acceptance import inside_calorimeter
from darkreach.response.calorimeter_impact import impact_directions
from darkreach.response.close_clusters import cluster_labels
from darkreach.response.forced_number import force_outcome
from darkreach.response.forced_outcomes import ForcedOutcomes
from darkreach.response.object_rows import ObjectRows
from darkreach.response.photon_resolution import angular_resolution, over_the_poles, relative_energy_resolution
from darkreach.response.true_particles import TrueParticles

Array = NDArray[np.float64]


def measure_clusters(
    photons: TrueParticles,
    events: int,
    detector: DetectorConfig,
    random: np.random.Generator,
    *,
    forced: ForcedOutcomes,
) -> tuple[ObjectRows, ObjectRows, Array]:
    """Merge, accept and smear photons.

    A cluster needs its true and its measured direction inside the calorimeter and its measured energy above the
    threshold; then it is lost with the inefficiency of its energy and angle. The truth of a merged cluster is the sum
    of its photons with the mother of the most energetic one. The random numbers do not depend on any scale.

    Args:
        photons: final photons and what looks like them, ordered by event.
        events: number of events.
        detector: response and scales.
        random: source of random numbers.
        forced: losses that are forced.

    Returns:
        Clusters, the truth of those lost by the inefficiency, and the weight (events,) of what is forced.
    """
    response, scales = detector.photon_response, detector.scales
    clusters = _true_clusters(photons, detector, random)
    energy, theta, phi = clusters.columns["mcE"], clusters.columns["mcTheta"], clusters.columns["mcPhi"]
    n = len(clusters)
    normal = random.standard_normal((3, n))
    in_tail = random.random(n) < response.tail_fraction.value
    loss = np.where(in_tail, response.tail_mean_loss.value * random.standard_exponential(n), 0.0)
    inefficiency = photon_inefficiency(energy, theta, detector)
    lost, weight = random.random(n) < inefficiency, np.ones(events)
    if forced.lost_photons is not None:
        hard = np.flatnonzero(energy > forced.lost_photon_energy)
        lost[hard], weight = force_outcome(
            clusters.event[hard], inefficiency[hard], events, random, wanted=forced.lost_photons
        )
    width = scales.photon_energy_resolution.value
    # the tail is leakage: it grows with the scale of the resolution as well
    measured = energy * scales.photon_energy.value * (1.0 - width * loss)
    measured = measured * (1.0 + width * relative_energy_resolution(energy, response) * normal[0])
    angle = scales.photon_angle_resolution.value * angular_resolution(energy, response)
    polar, azimuth = over_the_poles(theta + angle * normal[1], phi + angle * normal[2] / np.sin(theta))
    found = (measured >= response.minimum_energy.value) & inside_calorimeter(polar, response.polar_ranges) & ~lost
    columns = {"E": measured, "theta": polar, "phi": azimuth, **clusters.columns}
    return ObjectRows(clusters.event, columns).select(found), clusters.select(lost), weight


def photon_inefficiency(energy: Array, theta: Array, detector: DetectorConfig) -> Array:
    """Return the probability (n,) that a photon of energy (n,) in GeV at theta (n,) in rad makes no cluster."""
    table = detector.calorimeter.photon_inefficiency.at(energy, theta)
    return np.minimum(detector.scales.photon_inefficiency.value * table, 1.0)


def _true_clusters(photons: TrueParticles, detector: DetectorConfig, random: np.random.Generator) -> ObjectRows:
    """Return what enters the calorimeter inside its acceptance, close photons merged."""
    response = detector.photon_response
    theta, phi = impact_directions(photons.vertex, photons.momentum, detector.calorimeter)
    hit = np.flatnonzero(inside_calorimeter(theta, response.polar_ranges) & (photons.momentum[:, 0] > 0.0))
    photons, theta, phi = photons.select(hit), theta[hit], phi[hit]
    energy: Array = photons.momentum[:, 0]
    sine = np.sin(theta)
    direction = np.stack([sine * np.cos(phi), sine * np.sin(phi), np.cos(theta)], axis=1)
    number, label = cluster_labels(
        photons.event,
        direction,
        random,
        none_above=np.radians(response.merging_angle_none.value),
        all_below=np.radians(response.merging_angle_all.value),
    )
    leading: NDArray[np.intp] = np.arange(len(photons))
    if number < len(photons):
        # the most energetic photon of each cluster gives event, code and mother
        order = np.lexsort((-energy, label))
        leading = order[np.diff(label[order], prepend=-1) != 0]
        leading_order = np.argsort(leading, kind="stable")
        summed = np.stack([np.bincount(label, energy * direction[:, axis], number) for axis in range(3)], axis=1)
        total = np.asarray(np.bincount(label, energy, number), dtype=np.float64)
        leading, summed, energy = leading[leading_order], summed[leading_order], total[leading_order]
        theta = np.arctan2(np.hypot(summed[:, 0], summed[:, 1]), summed[:, 2])
        phi = np.arctan2(summed[:, 1], summed[:, 0])
    columns: dict[str, NDArray[Any]] = {
        "mcPDG": photons.pdg[leading],
        "mcE": energy,
        "mcTheta": theta,
        "mcPhi": phi,
        "genMotherPDG": photons.mother_pdg[leading],
    }
    return ObjectRows(photons.event[leading], columns)
