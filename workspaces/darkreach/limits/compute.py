"""Limits of many hypotheses: in order, in several processes, with checkpoints, none lost to the failure of another."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from darkreach.errors import LimitError
from darkreach.limits.checkpoints import Checkpoints
from darkreach.limits.engine import BatchLimitEngine, QuickLimitEngine
from darkreach.limits.one_hypothesis import limits_of, limits_of_batch, quick_limits_of_batch
from darkreach.limits.results import Limit

if TYPE_CHECKING:
    from darkreach.limits.engine import LimitEngine
    from darkreach.running.tasks import TaskExecutor
    from darkreach.sharing.hypothesis import Hypothesis

_TIMED, _LARGEST_BATCH, _BATCH_SECONDS = 16, 256, 0.25
"""A call of a batch engine: long enough to hide its cost, short enough for progress, interrupts and checkpoints."""

Finished = Callable[[int, list[Limit]], None]
Batch = Callable[[Sequence[int]], Sequence[list[Limit] | None]]
"""Limits of some hypotheses; None for those that take another way."""


def compute_limits(
    hypotheses: Sequence[Hypothesis],
    confidence_levels: Sequence[float],
    *,
    engine: LimitEngine,
    workers: int = 1,
    executor: TaskExecutor | None = None,
    processes: TaskExecutor | None = None,
    progress: Callable[[int, int], None] | None = None,
    checkpoint: Path | None = None,
) -> list[Limit]:
    """Compute the limits of all hypotheses at all confidence levels.

    Args:
        hypotheses: in the order of the result.
        confidence_levels: e.g. (0.90, 0.95); the limits of one hypothesis stand together.
        engine: computes the limits of one hypothesis.
        workers: threads for limits that take milliseconds, else processes at most; fewer if starting them takes longer.
        executor: runs hypotheses elsewhere, e.g. on a batch system; instead of workers.
        processes: that many workers which others use as well, instead of starting processes where those are worth it.
        progress: called with the number of hypotheses done and planned.
        checkpoint: folder of finished limits, read before and written while computing.

    Raises:
        LimitError: confidence levels that are missing, repeated or not between 0.5 and 1, or no workers.
        OutputError: the checkpoint folder cannot be written to.
        DarkreachError: no worker is left; the limits found before stand in the checkpoint folder.

    Ctrl-C keeps finished hypotheses.
    """
    _check(confidence_levels, workers)
    store = None if checkpoint is None else Checkpoints(checkpoint, engine, tuple(confidence_levels))
    results: dict[int, list[Limit]] = {}

    def finished(index: int, limits: list[Limit]) -> None:
        results[index] = limits
        if progress is not None:
            progress(len(results), len(hypotheses))

    def computed(index: int, limits: list[Limit]) -> None:
        if store is not None:
            store.write(hypotheses[index], limits)
        finished(index, limits)

    for index, hypothesis in enumerate(hypotheses):
        stored = None if store is None else store.read(hypothesis)
        if stored is not None:
            finished(index, stored)
    tasks = {index: hypothesis for index, hypothesis in enumerate(hypotheses) if index not in results}
    if isinstance(engine, QuickLimitEngine):
        _in_threads(list(tasks), lambda batch: _quick(batch, tasks, confidence_levels, engine), workers, computed)
        tasks = {index: hypothesis for index, hypothesis in tasks.items() if index not in results}
    if executor is not None:
        _in_tasks(tasks, confidence_levels, engine, executor, computed)
    else:
        _locally(tasks, confidence_levels, engine, workers, processes, computed)
    return [limit for index in range(len(hypotheses)) for limit in results[index]]


def _locally(
    tasks: dict[int, Hypothesis],
    confidence_levels: Sequence[float],
    engine: LimitEngine,
    workers: int,
    processes: TaskExecutor | None,
    computed: Finished,
) -> None:
    """Compute in threads or processes of this machine, or one by one."""
    if isinstance(engine, BatchLimitEngine):
        _in_threads(list(tasks), lambda batch: _batch(batch, tasks, confidence_levels, engine), workers, computed)
    elif (number := min(workers, len(tasks) // engine.hypotheses_per_process)) > 1:
        with _local_processes(number, processes) as opened:
            _in_tasks(tasks, confidence_levels, engine, opened, computed)
    else:
        for index, hypothesis in tasks.items():
            computed(index, limits_of(hypothesis, confidence_levels, engine))


def _check(confidence_levels: Sequence[float], workers: int) -> None:
    if not confidence_levels or len(set(confidence_levels)) != len(confidence_levels):
        raise LimitError("confidence levels are missing or repeated", given=str(list(confidence_levels)))
    for cl in confidence_levels:
        if not 0.5 < cl < 1.0:
            raise LimitError("not a confidence level", allowed="a number between 0.5 and 1", given=str(cl))
    if workers < 1:
        raise LimitError("no workers", allowed="1 or more", given=str(workers))


def _in_threads(indices: Sequence[int], compute: Batch, workers: int, computed: Finished) -> None:
    """Compute batch by batch, several at a time; an interrupt lets the running ones finish."""

    def placed(batch: Sequence[int], found: Sequence[list[Limit] | None]) -> None:
        for index, limits in zip(batch, found, strict=True):
            if limits is not None:
                computed(index, limits)

    # the first one may compile the kernel, the next ones tell how many are worth a batch
    seconds = 0.0
    for batch in (indices[:1], indices[1:_TIMED]):
        start = time.perf_counter()
        placed(batch, compute(batch))
        seconds = (time.perf_counter() - start) / max(len(batch), 1)
    size = max(1, min(_LARGEST_BATCH, round(_BATCH_SECONDS / max(seconds, 1e-9))))
    batches = [indices[first : first + size] for first in range(_TIMED, len(indices), size)]
    if workers == 1 or len(batches) < 2:
        for batch in batches:
            placed(batch, compute(batch))
        return
    executor = ThreadPoolExecutor(max_workers=min(workers, len(batches)))
    running = {executor.submit(compute, batch): batch for batch in batches}
    finished: set[Future[Sequence[list[Limit] | None]]] = set()
    try:
        for future in as_completed(running):
            finished.add(future)
            placed(running[future], future.result())
    finally:
        executor.shutdown(wait=True, cancel_futures=True)
        for future, batch in running.items():
            if future not in finished and not future.cancelled() and future.exception() is None:
                placed(batch, future.result())


def _batch(
    batch: Sequence[int], tasks: dict[int, Hypothesis], confidence_levels: Sequence[float], engine: LimitEngine
) -> list[list[Limit]]:
    return limits_of_batch([tasks[index] for index in batch], confidence_levels, engine)


def _quick(
    batch: Sequence[int], tasks: dict[int, Hypothesis], confidence_levels: Sequence[float], engine: QuickLimitEngine
) -> list[list[Limit] | None]:
    return quick_limits_of_batch([tasks[index] for index in batch], confidence_levels, engine)


def _local_processes(workers: int, shared: TaskExecutor | None) -> AbstractContextManager[TaskExecutor]:
    if shared is not None:
        return nullcontext(shared)
    from darkreach.running.tasks import open_executor

    return open_executor(workers=workers)


def _in_tasks(
    tasks: dict[int, Hypothesis],
    confidence_levels: Sequence[float],
    engine: LimitEngine,
    executor: TaskExecutor,
    computed: Finished,
) -> None:
    # what distributes needs a second to import, which limits of one process need not pay
    from darkreach.limits.distributed_limits import distributed_limits

    indices = list(tasks)
    for position, limits in distributed_limits(list(tasks.values()), confidence_levels, engine, executor):
        computed(indices[position], limits)
