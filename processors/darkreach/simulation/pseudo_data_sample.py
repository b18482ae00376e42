"""The pseudo-data sample: unweighted events, measured and written without any truth."""

from __future__ import annotations

from collections.abc import Sequence

from darkreach.configuration import DetectorConfig, ThreePhotonSimulation
from darkreach.generators.random_streams import random_stream
from darkreach.response.photon_response import measure_photons
from darkreach.simulation.event_sources import axion_source, three_photon_source
from darkreach.simulation.ntuple_block import photon_ntuple
from darkreach.simulation.pseudo_data import (
    Component,
    Envelope,
    WeightAboveMaximumError,
    check_expected_events,
    find_envelope,
    pseudo_data_slices,
    raised,
)
from darkreach.simulation.sample_request import BACKGROUND_NAME, SampleRequest, signal_name
from darkreach.simulation.write_ntuples import NtupleFiles
from darkreach.simulation.written_sample import Progress, WrittenSample


def write_pseudo_data_sample(
    request: SampleRequest,
    settings: ThreePhotonSimulation,
    detector: DetectorConfig,
    files: NtupleFiles,
    progress: Progress,
) -> WrittenSample:
    """Draw, measure and write pseudo-data of the requested luminosity.

    Raises:
        ConfigError: more events are expected than ``maximum_pseudo_data_events``.
    """
    luminosity = request.luminosity_inverse_fb or 0.0
    envelopes = [find_envelope(part, request.seed) for part in _components(request, settings, detector)]
    expected = round(check_expected_events(envelopes, luminosity, settings.maximum_pseudo_data_events))
    while True:
        try:
            drawn = _write_slices(request, envelopes, detector, files, progress, expected)
        except WeightAboveMaximumError as error:
            files.restart()
            envelopes = raised(envelopes, error)
        else:
            return WrittenSample(drawn, None, _parameters(request, envelopes))


def _components(request: SampleRequest, settings: ThreePhotonSimulation, detector: DetectorConfig) -> list[Component]:
    efficiency = settings.event_efficiency.value
    name = f"{request.sample}/{BACKGROUND_NAME}"
    components = [Component(name, three_photon_source(settings, detector), efficiency)]
    if request.injected_mass_gev is not None:
        source = axion_source(settings, detector, request.injected_mass_gev)
        name = f"{request.sample}/{signal_name(request.injected_mass_gev)}"
        components.append(Component(name, source, efficiency * request.injected_signal_strength))
    return components


def _write_slices(
    request: SampleRequest,
    envelopes: Sequence[Envelope],
    detector: DetectorConfig,
    files: NtupleFiles,
    progress: Progress,
    expected: int,
) -> int:
    """Return the number of events drawn, of which those with a cluster are written."""
    drawn = 0
    slices = pseudo_data_slices(envelopes, request.luminosity_inverse_fb or 0.0, request.seed)
    for number, events in enumerate(slices):
        random = random_stream(request.seed, f"{request.sample}/detector", number)
        clusters = measure_photons(events, detector.photon_response, random)
        files.append(photon_ntuple(clusters, drawn + clusters.trial, truth=False))
        drawn += len(events)
        progress(drawn, max(drawn, expected))
    return drawn


def _parameters(request: SampleRequest, envelopes: Sequence[Envelope]) -> dict[str, float]:
    parameters = {"largest_weight_bound_fb": max(envelope.maximum_fb for envelope in envelopes)}
    parameters["raised_bounds"] = float(sum(len(envelope.bounds_fb) - 1 for envelope in envelopes))
    if request.injected_mass_gev is not None:
        parameters["injected_mass_gev"] = request.injected_mass_gev
        parameters["injected_signal_strength"] = request.injected_signal_strength
    return parameters
