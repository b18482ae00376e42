"""Weighted samples of one process: chunks of generated events, measured and written."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Final

from darkreach.configuration import DetectorConfig, ThreePhotonSimulation
from darkreach.generators.random_streams import random_stream
from darkreach.response.photon_response import measure_photons
from darkreach.simulation.event_sources import axion_source, three_photon_source
from darkreach.simulation.ntuple_block import photon_ntuple
from darkreach.simulation.sample_request import SampleRequest
from darkreach.simulation.write_ntuples import NtupleFiles
from darkreach.simulation.written_sample import Progress, WrittenSample

CHUNK_EVENTS: Final = 100_000
"""Generated events a chunk; each chunk has its own random numbers."""


def write_weighted_sample(
    request: SampleRequest,
    settings: ThreePhotonSimulation,
    detector: DetectorConfig,
    files: NtupleFiles,
    progress: Progress,
) -> WrittenSample:
    """Generate, measure and write the events of a signal or of the background.

    The weights over all generated events add up to the cross-section times the event efficiency.
    """
    if request.mass_gev is not None:
        source = axion_source(settings, detector, request.mass_gev)
        parameters = {"mass_gev": request.mass_gev, "coupling": settings.reference_coupling.value}
    else:
        source, parameters = three_photon_source(settings, detector), {}
    sums = []
    for chunk, start in enumerate(range(0, request.events, CHUNK_EVENTS)):
        random = random_stream(request.seed, request.sample, chunk)
        events = source(min(CHUNK_EVENTS, request.events - start), random)
        # a weight is a share of the cross-section of the whole sample
        events = replace(events, weight_fb=events.weight_fb / request.events)
        sums.append(math.fsum(events.weight_fb))
        clusters = measure_photons(
            events, detector.photon_response, random, event_efficiency=settings.event_efficiency.value
        )
        files.append(photon_ntuple(clusters, start + clusters.trial, truth=True))
        progress(start + len(events), request.events)
    return WrittenSample(request.events, math.fsum(sums), parameters)
