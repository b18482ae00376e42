"""The lines of the first-level trigger."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from darkreach.configuration import DetectorConfig
from darkreach.configuration.detector_trigger import TriggerConfig, TriggerLine
from darkreach.response.calorimeter_acceptance import inside_calorimeter
from darkreach.response.close_clusters import pairs_of_each_event
from darkreach.response.trigger_objects import TriggerObjects

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]


def fired_lines(
    objects: TriggerObjects, events: int, detector: DetectorConfig, random: np.random.Generator
) -> dict[str, NDArray[np.int8]]:
    """Return 0 or 1 (events,) for each line, by the name of its column (``l1_`` and the name of the line).

    Args:
        objects: what the trigger sees.
        events: number of events.
        detector: the lines, and the scale of their inefficiency.
        random: source of random numbers.
    """
    trigger, scale = detector.trigger, detector.scales.trigger_inefficiency.value
    bhabha = back_to_back(objects, events, trigger)
    fired = {}
    for name, line in trigger.lines.items():
        accepted = random.random(events) < 1.0 - scale * (1.0 - line.efficiency)
        accepted &= cluster_conditions(objects, events, line) & track_conditions(objects, events, line)
        if line.bhabha_veto:
            accepted &= ~bhabha
        fired[f"l1_{name}"] = accepted.astype(np.int8)
    return fired


def cluster_conditions(objects: TriggerObjects, events: int, line: TriggerLine) -> Mask:
    """Return which events (events,) fulfil the conditions of a line on clusters, the Bhabha veto left aside."""
    event, energy = objects.cluster_event, objects.cluster_cm[:, 0]
    good = np.ones(events, dtype=np.bool_)
    if line.minimum_clusters:
        good &= np.bincount(event, minlength=events) >= line.minimum_clusters
    if line.leading_energy is not None:
        leading = energy > line.leading_energy
        if line.leading_polar:
            leading &= inside_calorimeter(objects.cluster_theta, line.leading_polar)
        found = np.zeros(events, dtype=np.bool_)
        found[event[leading]] = True
        good &= found
    if line.other_energy is not None:
        allowed = 0 if line.leading_energy is None else 1
        good &= np.bincount(event[energy > line.other_energy], minlength=events) <= allowed
    if line.total_energy is not None:
        good &= np.bincount(event, objects.cluster_energy, events) > line.total_energy
    return good


def track_conditions(objects: TriggerObjects, events: int, line: TriggerLine) -> Mask:
    """Return which events (events,) fulfil the conditions of a line on tracks."""
    if not line.minimum_tracks:
        return np.ones(events, dtype=np.bool_)
    event, phi = objects.track_event, objects.track_phi
    if line.track_polar is not None:
        inside = inside_calorimeter(objects.track_theta, (line.track_polar,))
        event, phi = event[inside], phi[inside]
    good = np.bincount(event, minlength=events) >= line.minimum_tracks
    if line.opening_angle is not None:
        first, second = pairs_of_each_event(event)
        wide = np.cos(phi[first] - phi[second]) < np.cos(np.radians(line.opening_angle))
        found = np.zeros(events, dtype=np.bool_)
        found[event[first[wide]]] = True
        good &= found
    return np.asarray(good)


def back_to_back(objects: TriggerObjects, events: int, trigger: TriggerConfig) -> Mask:
    """Return which events (events,) hold two energetic clusters back to back in the CM, as e+e- and gamma gamma do."""
    energy = objects.cluster_cm[:, 0]
    hard = np.flatnonzero(energy > trigger.bhabha_lower_energy.value)
    hard = hard[np.argsort(objects.cluster_event[hard], kind="stable")]
    event, momenta = objects.cluster_event[hard], objects.cluster_cm[hard]
    first, second = pairs_of_each_event(event)
    product = np.sum(momenta[first, 1:] * momenta[second, 1:], axis=1)
    opposite = (
        product < -np.cos(np.radians(trigger.bhabha_acollinearity.value)) * momenta[first, 0] * momenta[second, 0]
    )
    opposite &= np.maximum(momenta[first, 0], momenta[second, 0]) > trigger.bhabha_higher_energy.value
    found = np.zeros(events, dtype=np.bool_)
    found[event[first[opposite]]] = True
    return found
