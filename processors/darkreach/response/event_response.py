"""The response to whole events: true particles in, tracks, clusters, vertices and trigger lines out."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from darkreach.configuration import DetectorConfig
from darkreach.generators.generated_particles import GeneratedParticles
from darkreach.response.beam_background import background_clusters
from darkreach.response.cluster_response import measure_clusters
from darkreach.response.forced_outcomes import ForcedOutcomes
from darkreach.response.identification import identify_tracks
from darkreach.response.measured_events import MeasuredEvents
from darkreach.response.neutral_hadrons import NEUTRAL_HADRONS, measure_neutral_hadrons
from darkreach.response.new_particle_decays import new_particle_decays
from darkreach.response.object_rows import ObjectRows, stacked
from darkreach.response.photon_conversion import convert_photons
from darkreach.response.track_response import measure_tracks
from darkreach.response.trigger_lines import fired_lines
from darkreach.response.trigger_objects import trigger_objects
from darkreach.response.true_particles import TrueParticles, joined, reaching_particles
from darkreach.response.undetected_photons import measure_undetected
from darkreach.response.vertex_response import measure_vertices

Array = NDArray[np.float64]


def measure_events(
    particles: GeneratedParticles,
    detector: DetectorConfig,
    random: np.random.Generator,
    *,
    forced: ForcedOutcomes | None = None,
) -> MeasuredEvents:
    """Return what the detector records of generated events of any content.

    Photons may convert in the material, then e, mu, pi, K and p make tracks; photons, K_L, neutrons, beam background
    and electrons without a track make clusters of the list ``photon``; K_L, neutrons and photons that the calorimeter
    misses make clusters of the list ``klm``. Clusters of tracks are seen by the trigger
    only. Neutrinos, new particles that fly on and other charged particles are not seen. Events of weight zero, and
    those in which nothing is seen, are left out; they stay counted among the trials.

    Args:
        particles: n generated events; particles that are not final are not seen.
        detector: response and scales.
        random: source of random numbers; same state, same result.
        forced: rare outcomes that are forced with a weight.
    """
    forced = ForcedOutcomes() if forced is None else forced
    # files of other generators may carry negative weights
    trial = np.flatnonzero(particles.weight_fb != 0.0)
    kept = particles if len(trial) == len(particles) else particles.select(trial)
    n = len(kept)
    photons, charged, hadrons = _after_material(kept, detector, random)
    tracks = measure_tracks(charged, detector, random)
    photons = joined(photons, _electrons_without_track(charged, tracks))
    clusters, lost, photon_weight = measure_clusters(photons, n, detector, random, forced=forced)
    hadron_clusters, klm = measure_neutral_hadrons(hadrons, detector, random)
    clusters = stacked([clusters, hadron_clusters, background_clusters(n, detector, random)]).ordered("E")
    tracks = tracks.ordered("p")
    vertices = measure_vertices(tracks, charged, detector, random).ordered("dr")
    variables, track_weight = identify_tracks(tracks, n, detector, random, forced=forced)
    lines = fired_lines(trigger_objects(tracks, clusters, detector, random), n, detector, random)
    # last, so that a detector without this draws the same random numbers for all else
    klm = stacked([klm, measure_undetected(lost, photons, detector, random)])
    tracks = ObjectRows(tracks.event, {**tracks.columns, **variables}).without("particle")
    rows = {"track": tracks, "photon": clusters, "vertex": vertices, "klm": klm.ordered("mcE")}
    weight = kept.weight_fb * photon_weight * track_weight
    recorded = np.flatnonzero(_anything_seen(rows, n) & (weight != 0.0))
    event: dict[str, NDArray[Any]] = {**new_particle_decays(kept), **lines}
    return MeasuredEvents(
        {name: objects.jagged(recorded, n) for name, objects in rows.items()},
        {name: values[recorded] for name, values in event.items()},
        weight[recorded],
        trial[recorded],
    )


def _after_material(
    particles: GeneratedParticles, detector: DetectorConfig, random: np.random.Generator
) -> tuple[TrueParticles, TrueParticles, TrueParticles]:
    """Return photons that did not convert, particles that make tracks, and neutral hadrons."""
    reaching = reaching_particles(particles)
    photons = reaching.select((reaching.pdg == 22) & (reaching.momentum[:, 0] > 0.0))
    converted, pairs = convert_photons(photons, detector, random)
    charged = joined(reaching.select(reaching.charge != 0.0), pairs)
    return photons.select(~converted), charged, reaching.select(np.isin(np.abs(reaching.pdg), NEUTRAL_HADRONS))


def _electrons_without_track(charged: TrueParticles, tracks: ObjectRows) -> TrueParticles:
    """Return the electrons that no track was found of: they look like photons."""
    lost = np.abs(charged.pdg) == 11
    lost[tracks.columns["particle"]] = False
    return charged.select(lost)


def _anything_seen(rows: dict[str, ObjectRows], events: int) -> NDArray[np.bool_]:
    seen = np.zeros(events, dtype=np.bool_)
    for objects in rows.values():
        seen[objects.event] = True
    return seen
