"""Running work items on dask: a cluster of local processes, or a scheduler that is already there."""

from __future__ import annotations

import logging
import signal
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any, Final

import dask
from distributed import Client, LocalCluster, as_completed

from darkreach.errors import DarkreachError
from darkreach.running.plan import WorkItem
from darkreach.running.work import ColumnarProcessor, WorkResult, process_item

WORKER_ENVIRONMENT: Final = {
    # dask's own setting returns every page after each task and faults it in again: twice the CPU time
    "MALLOC_TRIM_THRESHOLD_": 268435456,
    "MALLOC_MMAP_THRESHOLD_": 33554432,
    "OMP_NUM_THREADS": 1,
    "MKL_NUM_THREADS": 1,
    "OPENBLAS_NUM_THREADS": 1,
}
"""Must stand before a worker starts, hence not ``LocalCluster(env=...)``."""

NO_WORKERS_TIMEOUT: Final = "300s"
"""A task that no worker can take fails after this time instead of waiting for ever."""


@contextmanager
def local_client(workers: int) -> Iterator[Client]:
    """Yield a client of a cluster of single-threaded local processes; closed on the way out, Ctrl-C included."""
    settings = {
        "distributed.nanny.pre-spawn-environ": WORKER_ENVIRONMENT,
        "distributed.scheduler.no-workers-timeout": NO_WORKERS_TIMEOUT,
    }
    with ExitStack() as stack:
        stack.enter_context(dask.config.set(settings))
        with _interrupts_held_back():
            cluster = stack.enter_context(_local_cluster(workers))
        yield stack.enter_context(Client(cluster))  # type: ignore[no-untyped-call]


def _local_cluster(workers: int) -> LocalCluster:
    return LocalCluster(  # type: ignore[no-untyped-call]
        n_workers=workers,
        threads_per_worker=1,
        processes=True,
        host="127.0.0.1",
        # any free port: dask's own may belong to another run
        dashboard_address="127.0.0.1:0",
        scheduler_kwargs={"dashboard": False},
        silence_logs=logging.CRITICAL,
    )


@contextmanager
def _interrupts_held_back() -> Iterator[None]:
    """Hold back Ctrl-C while processes start: they inherit that and never see it, this process gets it at the end.

    Ctrl-C reaches every process of a terminal, but only this one knows what it means.
    """
    held = {signal.SIGINT}
    before = signal.pthread_sigmask(signal.SIG_BLOCK, held)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def remote_client(scheduler: str) -> Iterator[Client]:
    """Yield a client of a running scheduler, e.g. ``tcp://host:8786``; the scheduler stays.

    Raises:
        DarkreachError: nobody answers at this address.
    """
    try:
        client = Client(scheduler, timeout="30s")  # type: ignore[no-untyped-call]
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


def run_on_client(
    client: Client, processor: ColumnarProcessor, items: Sequence[WorkItem]
) -> Iterator[tuple[int, WorkResult]]:
    """Yield (position in the plan, result) as the workers finish.

    Raises:
        DarkreachError: an item failed, or its worker died repeatedly; the rest is cancelled.
    """
    shared = client.scatter(processor, broadcast=True)  # type: ignore[no-untyped-call]
    futures = client.map(_process, items, processor=shared, pure=False)
    position = {future.key: index for index, future in enumerate(futures)}
    try:
        for future in as_completed(futures):  # type: ignore[no-untyped-call]
            index = position[future.key]
            yield index, _result(future, items[index])
            future.release()
    finally:
        # after Ctrl-C the client may be closed before this generator is
        if client.status == "running":
            client.cancel(futures, force=True)  # type: ignore[no-untyped-call]


def _process(item: WorkItem, processor: ColumnarProcessor) -> WorkResult:
    return process_item(processor, item)


def _result(future: Any, item: WorkItem) -> WorkResult:
    error = future.exception()
    if error is None:
        result: WorkResult = future.result()
        return result
    if isinstance(error, DarkreachError):
        raise error
    raise DarkreachError(
        "a worker was lost, or could not return its result",
        where=str(item),
        given=f"{type(error).__name__}: {error}",
        next_step="give the workers more memory, or use smaller chunks",
    ) from error
