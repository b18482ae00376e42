"""One run of tasks on a dask client."""

from __future__ import annotations

import pickle
import platform
import uuid
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from queue import Empty, SimpleQueue
from typing import Any, Final, Generic, TypeVar

import cloudpickle  # type: ignore[import-untyped]
from distributed import Client, Future
from distributed.scheduler import KilledWorker

from darkreach.errors import DarkreachError
from darkreach.running.cluster_watch import ClusterLostError, ClusterWatch
from darkreach.running.progress_line import ProgressLine
from darkreach.running.task_outcome import TaskOutcome, call_task, name_of
from darkreach.running.worker_versions import Software, WorkerSoftwareError, require_same, software

T = TypeVar("T")
R = TypeVar("R")

_TASKS_PER_THREAD: Final = 4
_LEAST_IN_FLIGHT: Final = 8
_POLL_SECONDS: Final = 0.5
_GATHER_SECONDS: Final = 10.0
_DEADLY_TASKS: Final = 10
"""After so many tasks that killed their worker even alone, the rest that was set aside is not tried again."""


class WorkerLossError(DarkreachError):
    """Workers died while they had this task."""


class DaskRun(Generic[T, R]):
    """Keeps a bounded number of tasks on their way and turns what comes back into outcomes.

    Args:
        client: connected to the scheduler.
        cluster: raises when nothing can be computed any more.
        line: counts outcomes.
        call: function, its first argument, and the software expected on the workers.
        tasks: second arguments.
    """

    def __init__(
        self,
        client: Client,
        cluster: ClusterWatch,
        line: ProgressLine,
        call: tuple[Callable[[Any, T], R], Any, Software | None],
        tasks: Sequence[T],
    ) -> None:
        self._client, self._cluster, self._line, self._tasks = client, cluster, line, tasks
        self._name = f"darkreach-{uuid.uuid4().hex}"
        # sent once and, unlike scattered data, loaded again wherever the workers that held it died
        self._call = cloudpickle.dumps(call)
        self._shared: Future[Any] | None = None
        self._on_the_way: dict[object, tuple[Future[R], int]] = {}
        self._finished: SimpleQueue[Future[R]] = SimpleQueue()
        self._waiting: deque[int] = deque(range(len(tasks)))
        self._suspects: list[int] = []
        self._alone = False
        self._deadly = 0

    def outcomes(self) -> Iterator[TaskOutcome[R]]:
        """Yield every outcome once.

        Raises:
            ClusterLostError: no worker or no scheduler for too long.
            WorkerSoftwareError: a worker runs other software than this process.
        """
        while True:
            self._submit()
            if not self._on_the_way:
                if not self._suspects:
                    return
                self._waiting.extend(sorted(self._suspects))
                self._suspects.clear()
                self._alone = True
                continue
            outcome = self._outcome(self._next_finished())
            if outcome is not None:
                yield self._counted(outcome)
            if self._deadly >= _DEADLY_TASKS:
                yield from map(self._counted, self._given_up())

    def cancel(self) -> None:
        """Forget all tasks, running ones included."""
        futures = [future for future, _ in self._on_the_way.values()]
        if self._shared is not None:
            futures.append(self._shared)
        self._on_the_way.clear()
        self._shared = None
        # after Ctrl-C the client may be closed before the run is
        if futures and self._client.status == "running":
            self._client.cancel(futures, force=True)  # type: ignore[no-untyped-call]

    def _submit(self) -> None:
        limit = 1 if self._alone else max(_LEAST_IN_FLIGHT, _TASKS_PER_THREAD * self._cluster.threads)
        if not self._waiting or len(self._on_the_way) >= limit:
            return
        if self._shared is None:
            key = f"{self._name}-shared-{uuid.uuid4().hex}"
            self._shared = self._client.submit(pickle.loads, self._call, key=key, pure=False)
        while self._waiting and len(self._on_the_way) < limit:
            index = self._waiting.popleft()
            key = f"{self._name}-{'again' if self._alone else 'task'}-{index}"
            future = self._client.submit(
                _call_loaded, self._shared, cloudpickle.dumps(self._tasks[index]), key=key, pure=False
            )
            self._on_the_way[key] = (future, index)
            future.add_done_callback(self._finished.put)  # type: ignore[no-untyped-call]

    def _next_finished(self) -> Future[R]:
        while True:
            self._cluster.look()
            self._line.show(self._cluster.workers)
            try:
                return self._finished.get(timeout=_POLL_SECONDS)
            except Empty:
                continue

    def _outcome(self, future: Future[R]) -> TaskOutcome[R] | None:
        """Return the outcome of a finished task; None if it is to be tried again."""
        index = self._on_the_way[future.key][1]
        try:
            outcome = TaskOutcome(index, self._value(future, self._tasks[index]))
        except (ClusterLostError, WorkerSoftwareError):
            raise
        except WorkerLossError as error:
            # sent again: dask may hold the death against what was being loaded in that moment, too
            self._shared = None
            outcome = None
            if self._alone:
                self._deadly += 1
                outcome = TaskOutcome(index, None, error)
            else:
                self._suspects.append(index)
        except DarkreachError as error:
            outcome = TaskOutcome(index, None, error)
        del self._on_the_way[future.key]
        future.release()  # type: ignore[no-untyped-call]
        return outcome

    def _value(self, future: Future[R], task: T) -> R:
        while True:
            if future.cancelled():  # type: ignore[no-untyped-call]
                raise ClusterLostError(
                    "the scheduler forgot a task: it was restarted, or somebody cancelled the work",
                    where=name_of(task),
                    next_step="run again: finished work is kept",
                )
            try:
                value: R = future.result(timeout=_GATHER_SECONDS)
                return value
            except TimeoutError:
                # its worker died before it handed over the result, which dask computes again
                self._cluster.look()
            except DarkreachError:
                raise
            except KilledWorker as error:
                raise _worker_loss(task, error) from error
            except Exception as error:
                raise DarkreachError(
                    "a task could not be sent to a worker, or its result could not be sent back",
                    where=name_of(task),
                    given=f"{type(error).__name__}: {error}",
                    next_step="'darkreach doctor --site' compares the software of the workers with this one",
                ) from error

    def _counted(self, outcome: TaskOutcome[R]) -> TaskOutcome[R]:
        self._line.count(failed=outcome.error is not None)
        self._line.show(self._cluster.workers)
        return outcome

    def _given_up(self) -> Iterator[TaskOutcome[R]]:
        while self._waiting:
            index = self._waiting.popleft()
            yield TaskOutcome(
                index,
                None,
                WorkerLossError(
                    "set aside when a worker died, and not tried again: too many others kill their workers",
                    where=name_of(self._tasks[index]),
                    given=f"{self._deadly} tasks that killed their worker when tried alone",
                    next_step="give the workers more memory, or make the tasks smaller",
                ),
            )


def _call_loaded(loaded: tuple[Callable[[Any, T], R], Any, Software | None], packed: bytes) -> R:
    function, shared, expected = loaded
    # workers join at any time, so each looks for itself
    if expected is not None and software() != expected:
        require_same(expected, software(), platform.node())
    # packed, as dask would look into tuples and lists for its own tasks
    task: T = pickle.loads(packed)
    return call_task(function, shared, task)


def _worker_loss(task: object, error: KilledWorker) -> WorkerLossError:
    deaths = error.allowed_failures + 1
    return WorkerLossError(
        f"the worker computing this task died {deaths} times, also with nothing else to do",
        where=name_of(task),
        given="out of memory (killed by the limit of the worker or by the system), or a crash in a library",
        next_step="give the workers more memory, or make the tasks smaller; else run this task alone in one process",
    )
