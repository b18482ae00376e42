"""The one way to spread work: over this process, local processes, a batch system or a dask scheduler."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from darkreach.configuration.site import SiteConfig
from darkreach.errors import ConfigError, DarkreachError
from darkreach.running.task_outcome import TaskExecutor, TaskOutcome, call_task
from darkreach.running.task_progress import TaskProgress, Watch

__all__ = ["InProcessExecutor", "TaskExecutor", "TaskOutcome", "open_executor"]

T = TypeVar("T")
R = TypeVar("R")


class InProcessExecutor:
    """Runs tasks one after the other in this process.

    Example:
        >>> outcomes = InProcessExecutor().run(pow, 2, [3, 4])
        >>> [(outcome.index, outcome.value) for outcome in outcomes]
        [(0, 8), (1, 16)]
    """

    def __init__(self, watch: Watch | None = None) -> None:
        self._watch = watch

    def run(self, function: Callable[[Any, T], R], shared: Any, tasks: Sequence[T]) -> Iterator[TaskOutcome[R]]:
        """Yield the outcomes in the order of the tasks."""
        start, failed = time.monotonic(), 0
        for index, task in enumerate(tasks):
            outcome: TaskOutcome[R]
            try:
                outcome = TaskOutcome(index, call_task(function, shared, task))
            except DarkreachError as error:
                failed += 1
                outcome = TaskOutcome(index, None, error)
            if self._watch is not None:
                self._watch(TaskProgress(index + 1, len(tasks), failed, 1, time.monotonic() - start))
            yield outcome


@contextmanager
def open_executor(
    *,
    workers: int = 1,
    scheduler: str | None = None,
    site: SiteConfig | None = None,
    no_workers_timeout: float | None = None,
    watch: Watch | None = None,
) -> Iterator[TaskExecutor]:
    """Yield an executor: this process for one worker, else dask.

    Args:
        workers: local processes of one thread each.
        scheduler: address of a running dask scheduler, which stays; instead of workers.
        site: a batch system or other place; ``workers`` other than 1 replaces its number of workers.
        no_workers_timeout: seconds without any worker after which a run ends with an error; the site's if not given.
        watch: called with the progress of the tasks, at most about once a second.

    Raises:
        ConfigError: fewer than one worker, or both a scheduler and a site.
        DarkreachError: the scheduler does not answer, its workers run other software, or the site cannot be used.
    """
    if workers < 1:
        raise ConfigError("number of workers must be positive", given=str(workers), next_step="give 1 or more")
    if scheduler is not None and site is not None:
        raise ConfigError(
            "a scheduler and a site exclude each other",
            where="--scheduler, --site",
            given=scheduler,
            next_step="leave one of them out",
        )
    if scheduler is None and site is None and workers == 1:
        yield InProcessExecutor(watch)
        return
    # dask takes a second to import, which a run in this process need not pay
    from darkreach.running.cluster import open_cluster
    from darkreach.running.dask_executor import DaskExecutor
    from darkreach.running.worker_versions import check_workers, software

    # now, not when a worker asks: the source may be edited while the run goes on, and this process keeps what it has
    software()
    # one worker is what nobody asked for
    wanted = None if site is not None and workers == 1 else workers
    with open_cluster(workers=wanted, scheduler=scheduler, site=site) as cluster:
        elsewhere = scheduler is not None or not (site is None or site.kind == "local")
        if elsewhere:
            check_workers(cluster.client)
        timeout = no_workers_timeout or cluster.patience
        yield DaskExecutor(cluster.client, revive=cluster.revive, no_workers_timeout=timeout, watch=watch)
