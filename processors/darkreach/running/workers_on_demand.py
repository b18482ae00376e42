"""Workers that start when the first task comes, serve several stages, and end together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any, TypeVar

from darkreach.configuration.site import SiteConfig
from darkreach.running.task_outcome import TaskExecutor, TaskOutcome
from darkreach.running.task_progress import Watch
from darkreach.running.tasks import open_executor

T = TypeVar("T")
R = TypeVar("R")


@contextmanager
def workers_on_demand(
    *,
    workers: int = 1,
    scheduler: str | None = None,
    site: SiteConfig | None = None,
    watch: Watch | None = None,
) -> Iterator[TaskExecutor]:
    """Yield an executor that is opened by its first task, kept for the next ones, and closed on the way out.

    A batch system queues the workers of a run once, not once a stage; where nothing is left to do, none are asked for.

    Args:
        workers: as ``open_executor``, like the others.
        scheduler: address of a running dask scheduler.
        site: a batch system or other place.
        watch: told how tasks and workers are doing.

    Raises:
        ConfigError: with the first task: fewer than one worker, or both a scheduler and a site.
        DarkreachError: with the first task: the scheduler does not answer, or the site cannot be used.

    Example:
        >>> with workers_on_demand() as executor:
        ...     [outcome.value for stage in (2, 3) for outcome in executor.run(pow, stage, [2])]
        [4, 9]
    """
    with ExitStack() as stack:
        yield _WorkersOnDemand(
            lambda: stack.enter_context(open_executor(workers=workers, scheduler=scheduler, site=site, watch=watch))
        )


class _WorkersOnDemand:
    def __init__(self, start: Callable[[], TaskExecutor]) -> None:
        self._start = start
        self._executor: TaskExecutor | None = None

    def run(self, function: Callable[[Any, T], R], shared: Any, tasks: Sequence[T]) -> Iterator[TaskOutcome[R]]:
        """Yield the outcome of every task once."""
        if not tasks:
            return
        if self._executor is None:
            self._executor = self._start()
        yield from self._executor.run(function, shared, tasks)
