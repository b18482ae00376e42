"""The simulation stage: all samples of a run, in parallel processes, finished ones reused."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from darkreach.configuration import DetectorConfig, SearchConfig
from darkreach.events.manifest import SampleManifest
from darkreach.pipeline.settings import RunSettings
from darkreach.running.disk_faults import disk_faults
from darkreach.running.tasks import InProcessExecutor, TaskExecutor
from darkreach.simulation import SampleRequest, finished_sample, sample_requests, simulate_sample


def simulate_samples(
    settings: RunSettings,
    folder: Path,
    *,
    executor: TaskExecutor | None = None,
    progress: Callable[[str, int, int], None],
) -> list[SampleManifest]:
    """Simulate every sample of the preset into ``folder/<sample>``; bytes do not depend on who does it.

    Args:
        settings: what to simulate.
        folder: on other machines the same path must be the same folder.
        executor: makes the samples that are not there yet; this process by default.
        progress: called with the stage, samples done and samples planned.

    Raises:
        DarkreachError: a sample cannot be made or written; those finished before stay.
    """
    requests = requests_of(settings)
    shared = (settings.config, settings.detector, folder)
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


def _simulate(shared: tuple[SearchConfig, DetectorConfig, Path], request: SampleRequest) -> SampleManifest:
    _, _, folder = shared
    with disk_faults(folder):
        return simulate_sample(request, *shared)


def requests_of(settings: RunSettings) -> list[SampleRequest]:
    """Return the samples a run needs."""
    return sample_requests(
        settings.config,
        settings.preset,
        luminosity_inverse_fb=settings.luminosity_inverse_fb,
        seed=settings.seed,
        pseudo_data_seed=settings.pseudo_data_seed,
    )
