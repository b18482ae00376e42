"""Limits of many hypotheses: in order, in several processes, with checkpoints, none lost to the failure of another."""

from __future__ import annotations

import multiprocessing
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, ThreadPoolExecutor, as_completed, wait
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import TYPE_CHECKING

from darkreach.errors import DarkreachError, LimitError, WorkspaceError
from darkreach.limits.checkpoints import Checkpoints
from darkreach.limits.engine import BatchLimitEngine
from darkreach.limits.results import Limit

if TYPE_CHECKING:
    from darkreach.limits.engine import LimitEngine
    from darkreach.sharing.hypothesis import Hypothesis

_TIMED, _LARGEST_BATCH, _BATCH_SECONDS = 16, 256, 0.25
"""A call of a batch engine: long enough to hide its cost, short enough for progress, interrupts and checkpoints."""

Finished = Callable[[int, list[Limit]], None]

_CALCULATION_ERRORS = (ArithmeticError, LookupError, TypeError, ValueError, RuntimeError, MemoryError, AssertionError)


def compute_limits(
    hypotheses: Sequence[Hypothesis],
    confidence_levels: Sequence[float],
    *,
    engine: LimitEngine,
    workers: int = 1,
    progress: Callable[[int, int], None] | None = None,
    checkpoint: Path | None = None,
) -> list[Limit]:
    """Compute the limits of all hypotheses at all confidence levels.

    Args:
        hypotheses: in the order of the result.
        confidence_levels: e.g. (0.90, 0.95); the limits of one hypothesis stand together.
        engine: computes the limits of one hypothesis.
        workers: threads where the engine takes batches of hypotheses, else processes at most; fewer if starting them
            takes longer. The result does not depend on it.
        progress: called with the number of hypotheses done and planned.
        checkpoint: folder of finished limits, read before and written while computing.

    Raises:
        LimitError: confidence levels that are missing, repeated or not between 0.5 and 1, or no workers.
        OutputError: the checkpoint folder cannot be written to.

    An interrupt (Ctrl-C) lets the running hypotheses finish, stores them and is raised again.
    """
    _check(confidence_levels, workers)
    hypotheses = list(hypotheses)
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
    if isinstance(engine, BatchLimitEngine):
        _in_threads(tasks, confidence_levels, engine, workers, computed)
        return [limit for index in range(len(hypotheses)) for limit in results[index]]
    workers = min(workers, len(tasks) // engine.hypotheses_per_process)
    if workers < 2:
        for index, hypothesis in tasks.items():
            computed(index, limits_of(hypothesis, confidence_levels, engine))
    else:
        _in_processes(tasks, confidence_levels, engine, workers, computed)
    return [limit for index in range(len(hypotheses)) for limit in results[index]]


def limits_of(hypothesis: Hypothesis, confidence_levels: Sequence[float], engine: LimitEngine) -> list[Limit]:
    """Return the limits of one hypothesis; whatever goes wrong with it becomes the reason of failed limits."""
    try:
        return engine.limits(hypothesis, confidence_levels)
    except DarkreachError as error:
        return _failed(hypothesis, confidence_levels, engine, error.one_line())
    except _CALCULATION_ERRORS as error:
        return _failed(hypothesis, confidence_levels, engine, f"{type(error).__name__}: {error}")


def _check(confidence_levels: Sequence[float], workers: int) -> None:
    if not confidence_levels or len(set(confidence_levels)) != len(confidence_levels):
        raise LimitError("confidence levels are missing or repeated", given=str(list(confidence_levels)))
    for cl in confidence_levels:
        if not 0.5 < cl < 1.0:
            raise LimitError("not a confidence level", allowed="a number between 0.5 and 1", given=str(cl))
    if workers < 1:
        raise LimitError("no workers", allowed="1 or more", given=str(workers))


def _failed(
    hypothesis: Hypothesis, confidence_levels: Sequence[float], engine: LimitEngine, reason: str
) -> list[Limit]:
    values = dict(hypothesis.values)
    return [
        Limit(hypothesis.name, values, cl, "asymptotic", engine.name, None, (), status="failed", reason=reason)
        for cl in confidence_levels
    ]


def _in_threads(
    tasks: dict[int, Hypothesis],
    confidence_levels: Sequence[float],
    engine: LimitEngine,
    workers: int,
    computed: Finished,
) -> None:
    """Compute batch by batch, several at a time; an interrupt lets the running ones finish."""
    indices = list(tasks)
    # the first one may compile the kernel, the next ones tell how many are worth a batch
    seconds = 0.0
    for batch in (indices[:1], indices[1:_TIMED]):
        start = time.perf_counter()
        for index, limits in zip(batch, _batch(batch, tasks, confidence_levels, engine), strict=True):
            computed(index, limits)
        seconds = (time.perf_counter() - start) / max(len(batch), 1)
    size = max(1, min(_LARGEST_BATCH, round(_BATCH_SECONDS / max(seconds, 1e-9))))
    batches = [indices[first : first + size] for first in range(_TIMED, len(indices), size)]
    if workers == 1 or len(batches) < 2:
        for batch in batches:
            for index, limits in zip(batch, _batch(batch, tasks, confidence_levels, engine), strict=True):
                computed(index, limits)
        return
    executor = ThreadPoolExecutor(max_workers=min(workers, len(batches)))
    running = {executor.submit(_batch, batch, tasks, confidence_levels, engine): batch for batch in batches}
    finished: set[Future[list[list[Limit]]]] = set()
    try:
        for future in as_completed(running):
            finished.add(future)
            for index, limits in zip(running[future], future.result(), strict=True):
                computed(index, limits)
    finally:
        executor.shutdown(wait=True, cancel_futures=True)
        for future, batch in running.items():
            if future not in finished and not future.cancelled() and future.exception() is None:
                for index, limits in zip(batch, future.result(), strict=True):
                    computed(index, limits)


def _batch(
    batch: Sequence[int], tasks: dict[int, Hypothesis], confidence_levels: Sequence[float], engine: LimitEngine
) -> list[list[Limit]]:
    assert isinstance(engine, BatchLimitEngine)
    results = engine.batch_limits([tasks[index] for index in batch], confidence_levels)
    return [
        _failed(tasks[index], confidence_levels, engine, found.one_line())
        if isinstance(found, WorkspaceError)
        else found
        for index, found in zip(batch, results, strict=True)
    ]


def _in_processes(
    tasks: dict[int, Hypothesis],
    confidence_levels: Sequence[float],
    engine: LimitEngine,
    workers: int,
    computed: Finished,
) -> None:
    lost = _pool(tasks, confidence_levels, engine, workers, computed)
    # a process died: everything it might have been is tried alone, so that only the culprit fails
    for index in lost:
        if _pool({index: tasks[index]}, confidence_levels, engine, 1, computed):
            reason = "the process computing it died (out of memory, or a crash in a library)"
            computed(index, _failed(tasks[index], confidence_levels, engine, reason))


def _pool(
    tasks: dict[int, Hypothesis],
    confidence_levels: Sequence[float],
    engine: LimitEngine,
    workers: int,
    computed: Finished,
) -> list[int]:
    """Compute in a pool of processes; return the tasks lost because a process died."""
    executor = ProcessPoolExecutor(
        max_workers=min(workers, len(tasks)),
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_ignore_interrupts,
    )
    waiting: Iterator[tuple[int, Hypothesis]] = iter(tasks.items())
    running: dict[Future[list[Limit]], int] = {}
    done: set[int] = set()

    def harvest(futures: set[Future[list[Limit]]]) -> None:
        for future in sorted(futures, key=lambda one: running[one]):
            index = running.pop(future)
            computed(index, future.result())
            done.add(index)

    try:
        while True:
            for index, hypothesis in waiting:
                running[executor.submit(limits_of, hypothesis, confidence_levels, engine)] = index
                if len(running) >= 2 * workers:
                    break
            if not running:
                break
            harvest(wait(running, return_when=FIRST_COMPLETED).done)
    except BrokenProcessPool:
        return [index for index in tasks if index not in done]
    except KeyboardInterrupt:
        executor.shutdown(wait=True, cancel_futures=True)
        harvest({future for future in running if not future.cancelled() and future.exception() is None})
        raise
    finally:
        executor.shutdown(wait=True, cancel_futures=True)
    return []


def _ignore_interrupts() -> None:
    # Ctrl-C goes to every process of the terminal; only the parent decides what it means
    signal.signal(signal.SIGINT, signal.SIG_IGN)
