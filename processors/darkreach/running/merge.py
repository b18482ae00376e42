"""Merging results in the order of the plan, whatever the order they come in, and checking that none is missing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from coffea.processor.accumulator import iadd

from darkreach.errors import LedgerError
from darkreach.histograms.search_histograms import LedgerEntry
from darkreach.running.plan import WorkItem
from darkreach.running.work import WorkResult


class OrderedMerge:
    """Adds outputs one by one in plan order, so that sums of floats do not depend on who finished first.

    Attributes:
        output: sum of the results so far.
        processed: events seen, by position in the plan.
    """

    def __init__(self) -> None:
        self.output: dict[str, Any] | None = None
        self.processed: dict[int, int] = {}
        self._waiting: dict[int, WorkResult] = {}
        self._next = 0

    def add(self, index: int, result: WorkResult) -> None:
        """Take the result of one item; merge it and all that waited for it.

        Raises:
            LedgerError: the item was merged before.
        """
        if index in self.processed:
            raise LedgerError(
                "a work item came back twice", given=str(index), next_step="this is a fault of the scheduler: run again"
            )
        self.processed[index] = result.processed
        self._waiting[index] = result
        while self._next in self._waiting:
            output = self._waiting.pop(self._next).output
            self.output = output if self.output is None else iadd(self.output, output)
            self._next += 1


def merge_results(
    items: Sequence[WorkItem],
    results: Iterable[tuple[int, WorkResult]],
    progress: Callable[[int, int], None] | None = None,
) -> tuple[dict[str, Any], tuple[LedgerEntry, ...]]:
    """Merge all results and return the sum with the ledger, one entry a file.

    Args:
        items: the plan.
        results: (position in the plan, result) in any order.
        progress: called with events done and events planned after every result.

    Raises:
        LedgerError: a range is missing, or fewer or more events were processed than planned.
    """
    merge = OrderedMerge()
    planned = sum(item.entries for item in items)
    done = 0
    for index, result in results:
        merge.add(index, result)
        done += items[index].entries
        if progress is not None:
            progress(done, planned)
    ledger = _checked_ledger(items, merge.processed)
    # a complete ledger of a plan with items implies an output
    return merge.output or {}, ledger


def _checked_ledger(items: Sequence[WorkItem], processed: dict[int, int]) -> tuple[LedgerEntry, ...]:
    wrong = [
        f"{item}: {processed.get(index, 0)} of {item.entries}"
        for index, item in enumerate(items)
        if processed.get(index, 0) != item.entries
    ]
    if wrong:
        raise LedgerError(
            f"{len(wrong)} of {len(items)} ranges were not processed as planned",
            where="; ".join(wrong[:20]) + ("; ..." if len(wrong) > 20 else ""),
            allowed="events processed equal events planned, for each range",
            next_step="run again; if it stays, run these files alone",
        )
    totals: dict[tuple[str, str], list[int]] = {}
    for index, item in enumerate(items):
        entry = totals.setdefault((item.sample, item.file), [0, 0])
        entry[0] += item.entries
        entry[1] += processed[index]
    return tuple(LedgerEntry(sample, file, *counts) for (sample, file), counts in totals.items())
