"""Running a processor over samples: in this process, on local workers, or on a dask scheduler; same numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from darkreach.errors import DarkreachError
from darkreach.events.readers import DEFAULT_CHUNK_ENTRIES
from darkreach.histograms.search_histograms import LedgerEntry
from darkreach.running.cluster import local_client, remote_client, run_on_client
from darkreach.running.merge import merge_results
from darkreach.running.plan import Plan, WorkItem, plan_run
from darkreach.running.samples import DataSample, open_samples
from darkreach.running.work import ColumnarProcessor, WorkResult, process_item

Progress = Callable[[int, int], None]


def run_processor(
    processor: ColumnarProcessor,
    samples: Sequence[Path | DataSample],
    *,
    workers: int = 1,
    scheduler: str | None = None,
    chunk_entries: int = DEFAULT_CHUNK_ENTRIES,
    progress: Progress | None = None,
) -> tuple[dict[str, Any], tuple[LedgerEntry, ...]]:
    """Run a processor over all events of the samples, each exactly once.

    Results are merged in the order of samples, files and ranges: 1, 2 or 200 workers give the same bits. A different
    ``chunk_entries`` changes the order of summation, thus the last digits.

    Args:
        processor: a coffea processor with ``required_columns(kind)``.
        samples: folders with a manifest, or ntuples without one.
        workers: 1 runs in this process; more start local dask workers of one thread each.
        scheduler: address of a running dask scheduler; overrides ``workers``.
        chunk_entries: largest number of events wanted in one piece of work.
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
    plan = plan_run(opened, processor.required_columns, chunk_entries=chunk_entries)
    return execute_plan(processor, plan, workers=workers, scheduler=scheduler, progress=progress)


def execute_plan(
    processor: ColumnarProcessor,
    plan: Plan,
    *,
    workers: int = 1,
    scheduler: str | None = None,
    progress: Progress | None = None,
) -> tuple[dict[str, Any], tuple[LedgerEntry, ...]]:
    """Process the items of a plan; arguments and results as in ``run_processor``."""
    if scheduler is None and workers == 1:
        output, ledger = merge_results(plan.items, _in_process(processor, plan.items), progress)
    else:
        opened = local_client(workers) if scheduler is None else remote_client(scheduler)
        with opened as client:
            output, ledger = merge_results(plan.items, run_on_client(client, processor, plan.items), progress)
    return processor.postprocess(output), ledger


def _in_process(processor: ColumnarProcessor, items: Sequence[WorkItem]) -> Iterator[tuple[int, WorkResult]]:
    for index, item in enumerate(items):
        yield index, process_item(processor, item)
