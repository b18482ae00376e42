"""Samples of the axion search: signals, three photons and pseudo-data, in parallel processes."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from darkreach.configuration import AxionConfig, DetectorConfig
from darkreach.events.manifest import SampleManifest
from darkreach.pipeline.settings import RunSettings
from darkreach.running.disk_faults import disk_faults
from darkreach.running.tasks import InProcessExecutor, TaskExecutor
from darkreach.simulation import SampleRequest, finished_sample, sample_requests, simulate_sample
from darkreach.simulation.sample_request import request_digest


def simulate_axion_samples(
    settings: RunSettings,
    config: AxionConfig,
    folder: Path,
    *,
    executor: TaskExecutor | None = None,
    progress: Callable[[str, int, int], None],
) -> list[SampleManifest]:
    """Simulate every sample of the preset; arguments and errors as ``simulate_samples``."""
    requests = axion_requests(settings, config)
    shared = (config, settings.detector, folder)
    # here, as workers may have to be queued for, which nobody wants for nothing
    found = {request.sample: finished_sample(request, *shared) for request in requests}
    by_name = {name: manifest for name, manifest in found.items() if manifest is not None}
    missing = [request for request in requests if request.sample not in by_name]
    progress("simulate", len(by_name), len(requests))
    # pseudo-data first, as a luminosity too large for them ends the run; then the largest, not to wait for it last
    ordered = sorted(missing, key=lambda request: (request.process != "pseudo_data", -request.events))
    outcomes = (executor or InProcessExecutor()).run(_simulate, shared, ordered)
    # a generator: closing it cancels what still runs
    with closing(outcomes):  # type: ignore[type-var]
        for outcome in outcomes:
            if outcome.error is not None:
                raise outcome.error
            assert outcome.value is not None
            by_name[ordered[outcome.index].sample] = outcome.value
            progress("simulate", len(by_name), len(requests))
    return [by_name[request.sample] for request in requests]


def _simulate(shared: tuple[AxionConfig, DetectorConfig, Path], request: SampleRequest) -> SampleManifest:
    _, _, folder = shared
    with disk_faults(folder):
        return simulate_sample(request, *shared)


def axion_requests(settings: RunSettings, config: AxionConfig) -> list[SampleRequest]:
    """Return the samples a run needs."""
    return sample_requests(
        config,
        config.presets[settings.preset_name],
        luminosity_inverse_fb=settings.luminosity_inverse_fb,
        seed=settings.seed,
        pseudo_data_seed=settings.pseudo_data_seed,
    )


def axion_digests(settings: RunSettings, config: AxionConfig) -> dict[str, str]:
    """Return the identity of every sample of a run, by name."""
    return {
        request.sample: request_digest(request, config, settings.detector)
        for request in axion_requests(settings, config)
    }
