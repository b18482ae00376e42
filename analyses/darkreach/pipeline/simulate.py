"""The simulation stage: all samples of a run, whatever the kind of its search; finished ones are reused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal

from darkreach.configuration import AxionConfig
from darkreach.errors import InputFileError
from darkreach.events.manifest import SampleManifest, read_manifest
from darkreach.pipeline.axion_samples import axion_digests, axion_requests, simulate_axion_samples
from darkreach.pipeline.requested_samples import requested_digests, requests_of, simulate_requested_samples
from darkreach.pipeline.settings import RunSettings
from darkreach.running.tasks import TaskExecutor

SampleState = Literal["done", "missing", "changed"]


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
        executor: makes what is not there yet; this process by default.
        progress: called with the stage, units done and units planned.

    Raises:
        DarkreachError: a sample cannot be made or written; those finished before stay.
    """
    if isinstance(settings.config, AxionConfig):
        return simulate_axion_samples(settings, settings.config, folder, executor=executor, progress=progress)
    return simulate_requested_samples(settings, folder, executor=executor, progress=progress)


def sample_names(settings: RunSettings) -> list[str]:
    """Return the names of the samples of a run, in their order."""
    if isinstance(settings.config, AxionConfig):
        return [request.sample for request in axion_requests(settings, settings.config)]
    return [request.sample for request in requests_of(settings)]


def sample_states(settings: RunSettings, folder: Path) -> dict[str, SampleState]:
    """Return by sample whether it is there as the run needs it; nothing but manifests is read."""
    states: dict[str, SampleState] = {}
    for name, digest in _digests(settings).items():
        try:
            manifest = read_manifest(folder / name)
        except InputFileError:
            states[name] = "missing"
            continue
        states[name] = "done" if manifest.record.get("request_digest") == digest else "changed"
    return states


def _digests(settings: RunSettings) -> dict[str, str]:
    if isinstance(settings.config, AxionConfig):
        return axion_digests(settings, settings.config)
    return requested_digests(settings)
