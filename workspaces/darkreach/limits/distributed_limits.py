"""Limits computed by tasks, in other processes or on other machines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Final

from darkreach.errors import DarkreachError
from darkreach.limits.engine import BatchLimitEngine, LimitEngine
from darkreach.limits.one_hypothesis import failed_limits, limits_of_batch
from darkreach.limits.results import Limit
from darkreach.running.tasks import TaskExecutor
from darkreach.sharing.hypothesis import Hypothesis

_BATCH: Final = 64
"""Hypotheses a task, of an engine that takes batches; others get one, as they need seconds for it."""


@dataclass(frozen=True)
class HypothesisBatch:
    """Hypotheses of one task; its text names them, for errors."""

    hypotheses: tuple[Hypothesis, ...]

    def __str__(self) -> str:
        return ", ".join(hypothesis.name for hypothesis in self.hypotheses)


Shared = tuple[LimitEngine, tuple[float, ...]]


def distributed_limits(
    hypotheses: Sequence[Hypothesis], confidence_levels: Sequence[float], engine: LimitEngine, executor: TaskExecutor
) -> Iterator[tuple[int, list[Limit]]]:
    """Yield (position, limits) of every hypothesis once, in any order.

    A batch whose worker died is computed again one by one, so that only the culprit fails.

    Raises:
        DarkreachError: no worker is left.
    """
    size = _BATCH if isinstance(engine, BatchLimitEngine) else 1
    batches = [range(first, min(first + size, len(hypotheses))) for first in range(0, len(hypotheses), size)]
    shared = (engine, tuple(confidence_levels))
    lost: list[range] = []
    for batch, found in _outcomes(batches, hypotheses, shared, executor):
        if isinstance(found, DarkreachError) and len(batch) > 1:
            lost += [range(position, position + 1) for position in batch]
        else:
            yield from _placed(batch, found, hypotheses, shared)
    for batch, found in _outcomes(sorted(lost, key=lambda one: one.start), hypotheses, shared, executor):
        yield from _placed(batch, found, hypotheses, shared)


def _outcomes(
    batches: Sequence[range], hypotheses: Sequence[Hypothesis], shared: Shared, executor: TaskExecutor
) -> Iterator[tuple[range, list[list[Limit]] | DarkreachError]]:
    tasks = [HypothesisBatch(tuple(hypotheses[position] for position in batch)) for batch in batches]
    outcomes = executor.run(_limits_of_task, shared, tasks)
    # a generator: closing it cancels what still runs
    with closing(outcomes):  # type: ignore[type-var]
        for outcome in outcomes:
            found = outcome.value if outcome.error is None else outcome.error
            assert found is not None
            yield batches[outcome.index], found


def _limits_of_task(shared: Shared, batch: HypothesisBatch) -> list[list[Limit]]:
    engine, confidence_levels = shared
    return limits_of_batch(batch.hypotheses, confidence_levels, engine)


def _placed(
    batch: range, found: list[list[Limit]] | DarkreachError, hypotheses: Sequence[Hypothesis], shared: Shared
) -> Iterator[tuple[int, list[Limit]]]:
    engine, confidence_levels = shared
    for place, position in enumerate(batch):
        if isinstance(found, DarkreachError):
            yield position, failed_limits(hypotheses[position], confidence_levels, engine, found.one_line())
        else:
            yield position, found[place]
