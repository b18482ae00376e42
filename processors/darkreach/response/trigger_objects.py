"""What the first-level trigger sees: its clusters and its tracks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from darkreach.configuration import DetectorConfig
from darkreach.kinematics import boost, photon_momenta
from darkreach.response.calorimeter_acceptance import inside_calorimeter
from darkreach.response.object_rows import ObjectRows

Array = NDArray[np.float64]


@dataclass(frozen=True)
class TriggerObjects:
    """Clusters and tracks of many events.

    Attributes:
        cluster_event: (k,) rows of events.
        cluster_energy: (k,) GeV, laboratory.
        cluster_theta: (k,) rad, laboratory.
        cluster_cm: (k, 4) four-momenta in the CM, GeV.
        track_event: (t,) rows of events, not falling.
        track_theta: (t,) rad, laboratory.
        track_phi: (t,) rad.
    """

    cluster_event: NDArray[np.int64]
    cluster_energy: Array
    cluster_theta: Array
    cluster_cm: Array
    track_event: NDArray[np.int64]
    track_theta: Array
    track_phi: Array


def trigger_objects(
    tracks: ObjectRows, photons: ObjectRows, detector: DetectorConfig, random: np.random.Generator
) -> TriggerObjects:
    """Return what the trigger makes of measured tracks and photons.

    Tracks have clusters too: electrons of their whole energy, all others of the ionisation they lose. Energies get
    the resolution of the trigger on top, which makes its turn-on.

    Args:
        tracks: ordered by event.
        photons: clusters without a track.
        detector: settings of the trigger and acceptance of the calorimeter.
        random: source of random numbers.
    """
    trigger = detector.trigger
    columns = tracks.columns
    electron = np.abs(columns["mcPDG"]) == 11
    deposit = np.where(electron, columns["p"], np.minimum(trigger.ionisation_energy.value, columns["p"]))
    inside = inside_calorimeter(columns["theta"], detector.photon_response.polar_ranges)
    event = np.concatenate([photons.event, tracks.event[inside]])
    energy = np.concatenate([photons.columns["E"], deposit[inside]])
    theta = np.concatenate([photons.columns["theta"], columns["theta"][inside]])
    phi = np.concatenate([photons.columns["phi"], columns["phi"][inside]])
    energy = energy * (1.0 + trigger.cluster_energy_resolution.value * random.standard_normal(len(energy)))
    above = np.flatnonzero(energy >= trigger.cluster_energy.value)
    event, energy, theta, phi = event[above], energy[above], theta[above], phi[above]
    beams = detector.beams.beams()
    in_cm = boost(photon_momenta(energy, theta, phi), -beams.boost)
    seen = columns["p"] * np.sin(columns["theta"]) >= trigger.track_transverse_momentum.value
    seen &= columns["dr"] <= trigger.track_impact.value
    return TriggerObjects(event, energy, theta, in_cm, tracks.event[seen], columns["theta"][seen], columns["phi"][seen])
