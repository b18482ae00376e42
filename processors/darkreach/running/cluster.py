"""Running work on dask: a cluster of local processes, a batch system, or a scheduler that is already there."""

from __future__ import annotations

import logging
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from multiprocessing import resource_tracker
from typing import Any, Final

import dask
from distributed import Client, LocalCluster

from darkreach.configuration.site import BatchSite, GatewaySite, LocalSite, SchedulerSite, SiteConfig
from darkreach.errors import DarkreachError
from darkreach.running.worker_environment import WORKER_ENVIRONMENT, WORKER_MEMORY

PATIENCE: Final = 300.0
"""Seconds without any worker after which a run ends, where no site says otherwise."""

ALLOWED_FAILURES: Final = 1
"""Workers a task may lose before it is set aside and tried alone."""

_CONNECT_SECONDS: Final = 30


@dataclass(frozen=True)
class OpenCluster:
    """A connected cluster.

    Attributes:
        client: the connection.
        revive: asks for workers in place of lost ones; None where others look after that.
        patience: seconds without any worker after which a run ends.
    """

    client: Client
    revive: Callable[[], None] | None
    patience: float


@contextmanager
def open_cluster(
    *, workers: int | None = None, scheduler: str | None = None, site: SiteConfig | None = None
) -> Iterator[OpenCluster]:
    """Yield a connected cluster; what was started is ended on the way out, Ctrl-C included.

    Args:
        workers: local processes, or the number of workers asked of a site instead of its own.
        scheduler: address of a running scheduler, which stays.
        site: where workers run.

    Raises:
        DarkreachError: the scheduler does not answer, or the site cannot be used.
    """
    patience = PATIENCE if site is None else site.no_workers_timeout
    if scheduler is None and isinstance(site, SchedulerSite):
        scheduler = site.address
    if scheduler is not None:
        with remote_client(scheduler) as client:
            yield OpenCluster(client, None, patience)
        return
    wanted = workers or (1 if site is None else site.workers)
    with ExitStack() as stack:
        stack.enter_context(_settings(patience))
        with interrupts_held_back():
            cluster = _started(site, wanted)
            stack.callback(_close, cluster)
        client = stack.enter_context(Client(cluster, timeout=_CONNECT_SECONDS))  # type: ignore[no-untyped-call]
        yield OpenCluster(client, lambda: cluster.scale(wanted), patience)


@contextmanager
def local_client(workers: int) -> Iterator[Client]:
    """Yield a client of a cluster of single-threaded local processes; closed on the way out, Ctrl-C included."""
    with open_cluster(workers=workers) as opened:
        yield opened.client


@contextmanager
def remote_client(scheduler: str) -> Iterator[Client]:
    """Yield a client of a running scheduler, e.g. ``tcp://host:8786``; the scheduler stays.

    Raises:
        DarkreachError: nobody answers at this address.
    """
    try:
        client = Client(scheduler, timeout=_CONNECT_SECONDS)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:
        raise DarkreachError(
            "no dask scheduler at this address",
            where=scheduler,
            allowed="e.g. tcp://host:8786",
            given=str(error),
            next_step="start 'dask scheduler' or leave the address out",
        ) from error
    with client:
        yield client


def has_dashboard() -> bool:
    """Return whether dask can draw its dashboard: it needs bokeh, which nothing else here does."""
    return find_spec("bokeh") is not None


@contextmanager
def interrupts_held_back() -> Iterator[None]:
    """Hold back Ctrl-C while processes start: they inherit that and never see it, this process gets it at the end.

    Ctrl-C reaches every process of a terminal, but only this one knows what it means.
    """
    # the first process to start brings this one with it, and Python then no longer holds interrupts back
    resource_tracker.ensure_running()
    held = {signal.SIGINT}
    before = signal.pthread_sigmask(signal.SIG_BLOCK, held)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _settings(patience: float) -> Iterator[None]:
    settings = {
        "distributed.nanny.pre-spawn-environ": WORKER_ENVIRONMENT,
        **{f"distributed.worker.memory.{name}": value for name, value in WORKER_MEMORY.items()},
        "distributed.scheduler.allowed-failures": ALLOWED_FAILURES,
        # dask gives up a worker that is not back after 15 s, for good: on a loaded machine none is left then
        "distributed.deploy.lost-worker-timeout": f"{min(120.0, patience / 2.0)} s",
        # processor and settings travel once, as one block
        "distributed.admin.large-graph-warning-threshold": "1 GB",
    }
    with dask.config.set(settings):
        yield


def _started(site: SiteConfig | None, workers: int) -> Any:
    try:
        return _start(site, workers)
    except (OSError, RuntimeError, ValueError) as error:
        raise DarkreachError(
            "workers could not be started",
            where="this machine" if site is None else site.title,
            given=f"{type(error).__name__}: {error}",
            next_step="see whether the batch system is known here ('darkreach doctor --site'), or use fewer workers",
        ) from error


def _start(site: SiteConfig | None, workers: int) -> Any:
    if site is None or isinstance(site, LocalSite):
        memory = None if site is None else site.memory
        return _local_cluster(workers, "auto" if memory is None else round(memory * 1e9))
    # optional packages, only where such a site is used
    if isinstance(site, BatchSite):
        from darkreach.running.job_scripts import batch_cluster

        cluster = batch_cluster(site)
    elif isinstance(site, GatewaySite):
        from darkreach.running.gateway import gateway_cluster

        cluster = gateway_cluster(site)
    else:
        raise DarkreachError("no workers can be started at a site of this kind", where=site.title, given=site.kind)
    try:
        cluster.scale(workers)
    except (OSError, RuntimeError, ValueError):
        _close(cluster)
        raise
    return cluster


def _local_cluster(workers: int, memory_limit: int | str) -> LocalCluster:
    return LocalCluster(  # type: ignore[no-untyped-call]
        n_workers=workers,
        threads_per_worker=1,
        processes=True,
        host="127.0.0.1",
        # any free port: dask's own may belong to another run
        dashboard_address="127.0.0.1:0",
        scheduler_kwargs={"dashboard": has_dashboard()},
        silence_logs=logging.CRITICAL,
        memory_limit=memory_limit,
    )


def _close(cluster: Any) -> None:
    # an impatient second Ctrl-C must not leave processes behind
    with interrupts_held_back():
        cluster.close()
