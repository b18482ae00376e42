"""Running tasks on dask: a bounded number at a time, each failure kept apart, and an end in finite time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from distributed import Client

from darkreach.running.cluster import has_dashboard
from darkreach.running.cluster_watch import ClusterWatch
from darkreach.running.dask_run import DaskRun
from darkreach.running.progress_line import ProgressLine
from darkreach.running.task_outcome import TaskOutcome
from darkreach.running.task_progress import Watch
from darkreach.running.worker_versions import software

T = TypeVar("T")
R = TypeVar("R")


class DaskExecutor:
    """Runs tasks on the workers of a dask client.

    Args:
        client: connected to the scheduler.
        revive: asks for workers in place of lost ones, where that is this program's business.
        no_workers_timeout: seconds without any worker after which a run ends with an error.
        watch: called with the progress, at most about once a second.
        check_software: refuse workers of other software, also local ones: their source may be newer than this process.
    """

    def __init__(
        self,
        client: Client,
        *,
        revive: Callable[[], None] | None = None,
        no_workers_timeout: float = 300.0,
        watch: Watch | None = None,
        check_software: bool = True,
    ) -> None:
        self._client = client
        self._revive = revive
        self._timeout = no_workers_timeout
        self._watch = watch
        self._check_software = check_software

    def run(self, function: Callable[[Any, T], R], shared: Any, tasks: Sequence[T]) -> Iterator[TaskOutcome[R]]:
        """Yield the outcome of every task once, as the workers finish.

        At most four tasks a worker thread are on their way or wait to be consumed, so that neither the scheduler nor
        this process ever holds many results. A task whose workers died is set aside with all that waited on the same
        worker, and tried alone at the end: only the one that kills its worker again fails.

        Raises:
            DarkreachError: no worker or no scheduler for too long.
        """
        cluster = ClusterWatch(self._client, self._timeout, self._revive)
        dashboard = self._client.dashboard_link if has_dashboard() else None
        line = ProgressLine(len(tasks), dashboard, self._watch)
        expected = software() if self._check_software else None
        run: DaskRun[T, R] = DaskRun(self._client, cluster, line, (function, shared, expected), tasks)
        try:
            yield from run.outcomes()
        finally:
            run.cancel()
