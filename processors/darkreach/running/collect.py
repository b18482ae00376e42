"""Taking in results as they arrive: counted, kept on disk where there is a store, merged, failures set apart."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from darkreach.errors import DarkreachError, InputFileError, LedgerError
from darkreach.running.merge import TreeMerge
from darkreach.running.plan import Plan, WorkItem
from darkreach.running.result_store import ResultStore
from darkreach.running.work import WorkResult


class Collection:
    """What has come back of a plan so far.

    Attributes:
        processed: events seen in each chunk, by position of the item in the plan.
        failures: errors, by position.
    """

    def __init__(
        self, plan: Plan, store: ResultStore | None = None, progress: Callable[[int, int], None] | None = None
    ) -> None:
        """Start with nothing; progress is called with events done and events planned."""
        self.processed: dict[int, tuple[int, ...]] = {}
        self.failures: dict[int, DarkreachError] = {}
        self._plan = plan
        self._store = store
        self._progress = progress
        self._merge = TreeMerge(len(plan.items))
        self._planned = plan.entries
        self._done = 0

    @property
    def output(self) -> dict[str, Any] | None:
        """The sum of all outputs, once every item has come."""
        return self._merge.output

    def take_stored(self, position: int, notice: Callable[[str], None] | None = None) -> bool:
        """Take the result of an item from the store; return whether there was a usable one."""
        if self._store is None:
            return False
        result = stored_result(self._store, self._plan.items[position], notice)
        if result is not None:
            self._add(position, result)
        return result is not None

    def take(self, position: int, value: WorkResult | DarkreachError) -> None:
        """Take a fresh result, or the failure of an item.

        Raises:
            DarkreachError: the failure itself where nothing is kept, as the others would be lost anyway.
            OutputError: the result cannot be kept.
        """
        item = self._plan.items[position]
        if self._store is None:
            if isinstance(value, DarkreachError):
                raise value
            self._add(position, value)
            return
        if isinstance(value, WorkResult):
            lost = lost_events(item, value)
            if lost is None:
                # kept first: merging changes it
                self._store.write(item, value)
                self._add(position, value)
                return
            value = lost
        self._store.record_failure(item, value)
        self.failures[position] = value

    def _add(self, position: int, result: WorkResult) -> None:
        self._merge.add(position, result.output)
        self.processed[position] = result.processed
        self._done += self._plan.items[position].entries
        if self._progress is not None:
            self._progress(self._done, self._planned)


def stored_result(store: ResultStore, item: WorkItem, notice: Callable[[str], None] | None = None) -> WorkResult | None:
    """Return the result of an item from a store if there is a usable one; tell about one that is not."""
    try:
        return store.read(item)
    except InputFileError as error:
        if notice is not None:
            notice(error.one_line())
        return None


def lost_events(item: WorkItem, result: WorkResult) -> LedgerError | None:
    """Return the error of a result that does not account for every event once, or None."""
    seen, chunks = result.processed, item.chunks
    wrong = [
        f"{item.path} entries {start} to {stop}: {count} of {stop - start}"
        for (start, stop), count in zip(chunks, seen, strict=True)
        if count != stop - start
    ]
    if not wrong:
        return None
    return LedgerError(
        "events processed differ from events planned",
        where="; ".join(wrong),
        allowed="every event once",
        next_step="check the processor: its ledger entry must count every event it is given",
    )
