"""The simulation stage: all samples of a run, in parallel processes, finished ones reused."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

from darkreach.events.manifest import SampleManifest
from darkreach.pipeline.settings import RunSettings
from darkreach.simulation import SampleRequest, sample_requests, simulate_sample


def simulate_samples(
    settings: RunSettings, folder: Path, *, workers: int, progress: Callable[[str, int, int], None]
) -> list[SampleManifest]:
    """Simulate every sample of the preset into ``folder/<sample>``; bytes do not depend on the number of workers.

    Raises:
        DarkreachError: a sample cannot be made or written.
    """
    requests = requests_of(settings)
    progress("simulate", 0, len(requests))
    arguments = (settings.config, settings.detector, folder)
    # pseudo-data first, as a luminosity too large for them ends the run; then the largest, not to wait for it last
    ordered = sorted(requests, key=lambda request: (request.process != "pseudo_data", -request.events))
    by_name: dict[str, SampleManifest] = {}
    if workers == 1:
        for request in ordered:
            by_name[request.sample] = simulate_sample(request, *arguments)
            progress("simulate", len(by_name), len(requests))
        return [by_name[request.sample] for request in requests]
    # spawn, not fork: threads of numerical libraries do not survive a fork
    context = multiprocessing.get_context("spawn")
    # Ctrl-C reaches every process of the terminal: this one cancels, the workers finish their sample in silence
    quiet = (signal.SIGINT, signal.SIG_IGN)
    with ProcessPoolExecutor(workers, mp_context=context, initializer=signal.signal, initargs=quiet) as pool:
        futures = {pool.submit(simulate_sample, request, *arguments): request for request in ordered}
        try:
            for future in as_completed(futures):
                by_name[futures[future].sample] = future.result()
                progress("simulate", len(by_name), len(requests))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return [by_name[request.sample] for request in requests]


def requests_of(settings: RunSettings) -> list[SampleRequest]:
    """Return the samples a run needs."""
    return sample_requests(
        settings.config,
        settings.preset,
        luminosity_inverse_fb=settings.luminosity_inverse_fb,
        seed=settings.seed,
        pseudo_data_seed=settings.pseudo_data_seed,
    )
