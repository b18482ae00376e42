"""Running a processor over samples: in this process, on local workers, or on a cluster; same numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from darkreach.configuration.site import SiteConfig
from darkreach.errors import DarkreachError
from darkreach.events.readers import DEFAULT_CHUNK_ENTRIES
from darkreach.histograms.search_histograms import LedgerEntry
from darkreach.running.collect import Collection
from darkreach.running.ledger import checked_ledger, missing_items_error
from darkreach.running.plan import ITEM_ENTRIES, Plan, plan_run
from darkreach.running.result_store import ResultStore
from darkreach.running.samples import DataSample, open_samples
from darkreach.running.task_progress import Watch
from darkreach.running.tasks import TaskExecutor, open_executor
from darkreach.running.work import ColumnarProcessor, WorkResult, process_item

Progress = Callable[[int, int], None]
"""Called with events done and events planned."""

NEXT_STEP = "the other items are kept: 'darkreach retry-failed', or the same command with --resume, does the rest"


@dataclass(frozen=True)
class Workplace:
    """Where items are processed; results do not depend on it.

    Attributes:
        workers: 1 is this process; more are local dask workers of one thread each.
        scheduler: address of a running dask scheduler, instead of workers.
        site: a batch system or other place, instead of workers.
        watch: told how tasks and workers are doing.
        executor: workers that are there already and stay, instead of all others.
    """

    workers: int = 1
    scheduler: str | None = None
    site: SiteConfig | None = None
    watch: Watch | None = None
    executor: TaskExecutor | None = None


def run_processor(
    processor: ColumnarProcessor,
    samples: Sequence[Path | DataSample],
    *,
    workers: int = 1,
    scheduler: str | None = None,
    site: SiteConfig | None = None,
    chunk_entries: int = DEFAULT_CHUNK_ENTRIES,
    item_entries: int = ITEM_ENTRIES,
    progress: Progress | None = None,
) -> tuple[dict[str, Any], tuple[LedgerEntry, ...]]:
    """Run a processor over all events of the samples, each exactly once.

    Results are merged in a fixed tree over samples, files and ranges: 1, 2 or 200 workers give the same bits. Other
    ``chunk_entries`` or ``item_entries`` change the order of summation, thus the last digits.

    Args:
        processor: a coffea processor with ``required_columns(kind)``.
        samples: folders with a manifest, or ntuples without one.
        workers: 1 runs in this process; more start local dask workers of one thread each.
        scheduler: address of a running dask scheduler, instead of workers.
        site: a batch system or other place, instead of workers.
        chunk_entries: largest number of events wanted in memory.
        item_entries: largest number of events wanted in one piece of work.
        progress: called with (events done, events planned).

    Returns:
        The merged, postprocessed output and the ledger, one entry a file.

    Raises:
        InputFileError: a file cannot be used, or comes twice.
        EventContentError: events that would make the histograms undefined.
        LedgerError: events processed differ from events planned.
        DarkreachError: a worker was lost; names the range of events.
    """
    if workers < 1:
        raise DarkreachError("number of workers must be positive", given=str(workers), next_step="give 1 or more")
    opened = open_samples(samples)
    plan = plan_run(opened, processor.required_columns, chunk_entries=chunk_entries, item_entries=item_entries)
    return execute_plan(processor, plan, workplace=Workplace(workers, scheduler, site), progress=progress)


def execute_plan(
    processor: ColumnarProcessor,
    plan: Plan,
    *,
    workplace: Workplace | None = None,
    progress: Progress | None = None,
    store: ResultStore | None = None,
    reuse: bool = False,
    notice: Callable[[str], None] | None = None,
) -> tuple[dict[str, Any], tuple[LedgerEntry, ...]]:
    """Process the items of a plan; arguments and results as in ``run_processor``.

    Args:
        processor: a coffea processor with ``required_columns(kind)``.
        plan: what to do.
        workplace: where to do it; this process by default.
        progress: called with (events done, events planned).
        store: keeps every result as it arrives; with it a failed item does not stop the others.
        reuse: take results that the store has already.
        notice: told about stored results that cannot be used.
    """
    collection = collect(
        processor, plan, workplace=workplace, progress=progress, store=store, reuse=reuse, notice=notice
    )
    if collection.failures:
        raise missing_items_error(plan, collection.failures, NEXT_STEP)
    ledger = checked_ledger(plan, collection.processed)
    # a complete ledger of a plan with items implies an output
    return processor.postprocess(collection.output or {}), ledger


def collect(
    processor: ColumnarProcessor,
    plan: Plan,
    *,
    workplace: Workplace | None = None,
    progress: Progress | None = None,
    store: ResultStore | None = None,
    reuse: bool = False,
    notice: Callable[[str], None] | None = None,
) -> Collection:
    """Process the items of a plan as ``execute_plan``, and return what came back, failures included."""
    collection = Collection(plan, store, progress)
    positions = [
        position
        for position in range(len(plan.items))
        if not (reuse and store is not None and collection.take_stored(position, notice))
    ]
    for position, value in item_outcomes(processor, plan, positions, workplace or Workplace()):
        collection.take(position, value)
    return collection


def item_outcomes(
    processor: ColumnarProcessor, plan: Plan, positions: Sequence[int], workplace: Workplace
) -> Iterator[tuple[int, WorkResult | DarkreachError]]:
    """Process some items of a plan; yield (position in the plan, result or error) as they come."""
    if not positions:
        # nothing to do needs no workers
        return
    items = [plan.items[position] for position in positions]
    with _executor_of(workplace) as executor:
        outcomes = executor.run(process_item, processor, items)
        # a generator: closing it cancels what still runs
        with closing(outcomes):  # type: ignore[type-var]
            for outcome in outcomes:
                value = outcome.error if outcome.error is not None else outcome.value
                assert value is not None
                yield positions[outcome.index], value


def _executor_of(workplace: Workplace) -> AbstractContextManager[TaskExecutor]:
    if workplace.executor is not None:
        return nullcontext(workplace.executor)
    return open_executor(
        workers=workplace.workers, scheduler=workplace.scheduler, site=workplace.site, watch=workplace.watch
    )
