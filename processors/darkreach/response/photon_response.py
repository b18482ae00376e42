"""The calorimeter response: true photons in, measured clusters out."""

from __future__ import annotations

import numpy as np

from darkreach.configuration import PhotonResponseConfig
from darkreach.generators.generated_events import GeneratedEvents
from darkreach.response.calorimeter_acceptance import inside_calorimeter
from darkreach.response.cluster_merging import merge_photons
from darkreach.response.photon_clusters import PhotonClusters
from darkreach.response.photon_resolution import smear_direction, smear_energy


def measure_photons(
    events: GeneratedEvents,
    response: PhotonResponseConfig,
    random: np.random.Generator,
    *,
    event_efficiency: float = 1.0,
) -> PhotonClusters:
    """Merge, accept and smear the photons of generated events.

    Photons radiated along the beams are lost in the beam pipe. A cluster needs its true and its measured direction
    inside the calorimeter, and its measured energy above the threshold. Events of weight zero and events without any
    cluster are left out; they stay counted among the trials.

    Args:
        events: n generated events.
        response: calorimeter ranges, resolutions, merging angles (deg) and threshold (GeV).
        random: source of random numbers.
        event_efficiency: multiplies the weights.
    """
    trial = np.flatnonzero(events.weight_fb > 0.0)
    kept = events.select(trial)
    merged, mothers = merge_photons(
        kept.photons,
        kept.mother_pdg,
        random.random(len(kept)),
        np.radians(response.merging_angle_none.value),
        np.radians(response.merging_angle_all.value),
    )
    true_energy = merged[..., 0]
    true_theta = np.arctan2(np.hypot(merged[..., 1], merged[..., 2]), merged[..., 3])
    true_phi = np.arctan2(merged[..., 2], merged[..., 1])
    hit = np.flatnonzero((true_energy > 0.0) & inside_calorimeter(true_theta, response.polar_ranges))
    hit_energy, hit_theta, hit_phi = true_energy.ravel()[hit], true_theta.ravel()[hit], true_phi.ravel()[hit]
    energy = smear_energy(hit_energy, response, random)
    theta, phi = smear_direction(hit_energy, hit_theta, hit_phi, response, random)
    found = np.flatnonzero((energy >= response.minimum_energy.value) & inside_calorimeter(theta, response.polar_ranges))
    event = hit[found] // 3
    found = found[np.lexsort((-energy[found], event))]
    counts = np.bincount(event, minlength=len(kept))
    row = np.flatnonzero(counts)
    return PhotonClusters(
        offsets=np.concatenate([[0], np.cumsum(counts[row])]),
        energy=energy[found],
        theta=theta[found],
        phi=phi[found],
        true_energy=hit_energy[found],
        true_theta=hit_theta[found],
        true_phi=hit_phi[found],
        mother_pdg=mothers.ravel()[hit[found]],
        weight=kept.weight_fb[row] * event_efficiency,
        decay_beta_gamma=kept.decay_beta_gamma[row],
        trial=trial[row],
    )
