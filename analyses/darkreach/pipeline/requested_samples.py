"""Samples made by processes of the generators and measured by the detector, file by file in parallel."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from darkreach.configuration import RecoilSearchConfig, SearchConfig
from darkreach.configuration.displaced_search import DisplacedSearchConfig
from darkreach.configuration.plane_search import PlaneSearchConfig
from darkreach.errors import ConfigError, unknown_name
from darkreach.events.manifest import SampleManifest
from darkreach.pipeline.settings import RunSettings
from darkreach.pipeline.simulate_processes import simulate_processes
from darkreach.response import measure_events
from darkreach.running.tasks import TaskExecutor
from darkreach.simulation.displaced_requests import displaced_requests
from darkreach.simulation.plane_requests import plane_requests
from darkreach.simulation.process_request import ProcessRequest
from darkreach.simulation.recoil_requests import recoil_requests
from darkreach.simulation.sample_plan import sample_digest


def simulate_requested_samples(
    settings: RunSettings,
    folder: Path,
    *,
    executor: TaskExecutor | None = None,
    progress: Callable[[str, int, int], None],
) -> list[SampleManifest]:
    """Simulate every sample of the preset; arguments and errors as ``simulate_samples``.

    Samples of earlier settings are replaced: the folder belongs to the run.
    """
    return simulate_processes(
        requests_of(settings),
        folder,
        measure_events,
        executor=executor,
        progress=lambda _stage, done, planned: progress("simulate", done, planned),
        replace_other=True,
    )


def requests_of(settings: RunSettings) -> list[ProcessRequest]:
    """Return the samples a run needs.

    Raises:
        ConfigError: as ``recoil_requests``, ``plane_requests`` and ``displaced_requests``, or there are none for this
            kind of search, or a group of backgrounds names none of them, or two groups the same.
    """
    config, name = settings.config, settings.preset_name
    if isinstance(config, RecoilSearchConfig):
        requests = recoil_requests(config, config.presets[name], settings.detector, seed=settings.seed)
    elif isinstance(config, PlaneSearchConfig):
        requests = plane_requests(config, config.presets[name], settings.detector, seed=settings.seed)
    elif isinstance(config, DisplacedSearchConfig):
        requests = displaced_requests(config, config.presets[name], settings.detector, seed=settings.seed)
    else:
        raise ConfigError(
            "no samples are known for this kind of search",
            where=config.search,
            given=type(config).__name__,
            next_step="process samples of your own with 'darkreach process'",
        )
    _check_groups(config, {request.sample for request in requests} | {request.process.name for request in requests})
    return requests


def _check_groups(config: SearchConfig, known: set[str]) -> None:
    # the workspace would refuse them, hours of simulation later
    where = f"{config.search}: workspace.groups"
    named = [name for group in config.workspace.groups for name in group.samples]
    for name in named:
        if name not in known:
            raise unknown_name("background of a group", name, known, where=where)
    twice = sorted({name for name in named if named.count(name) > 1})
    if twice:
        raise ConfigError(
            "a background belongs to several groups",
            where=where,
            given=", ".join(twice),
            next_step="name it in one of them",
        )


def requested_digests(settings: RunSettings) -> dict[str, str]:
    """Return the identity of every sample of a run, by name."""
    return {request.sample: sample_digest(request) for request in requests_of(settings)}
