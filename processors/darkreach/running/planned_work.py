"""Carrying out a plan that is on disk, in parts: some items here, some there, the failed ones again, then the merge."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from darkreach.configuration import DetectorConfig, SearchConfig
from darkreach.errors import ConfigError, DarkreachError, InputFileError, LedgerError
from darkreach.histograms.search_histograms import SearchHistograms
from darkreach.provenance import digest_file
from darkreach.running.collect import Collection, lost_events, stored_result
from darkreach.running.execute import Progress, Workplace, item_outcomes
from darkreach.running.identity import identity_of
from darkreach.running.ledger import checked_ledger, missing_items_error
from darkreach.running.plan import Plan, WorkItem
from darkreach.running.plan_file import read_plan
from darkreach.running.process import Notice, search_histograms
from darkreach.running.result_store import ResultStore
from darkreach.running.work import ColumnarProcessor, WorkResult
from darkreach.searches.registry import search_processor

_PART = re.compile(r"\s*(\d+)\s*/\s*(\d+)\s*")


def part_of(text: str, items: int) -> list[int]:
    """Return the positions of a part of a plan, written ``3/20`` for the third of twenty parts.

    Parts are as equal as can be and cover the plan once. Neighbours stay together, so that a file is read by few jobs.

    Raises:
        ConfigError: not of this form, or there is no such part.

    Example:
        >>> [part_of(f"{part}/3", 7) for part in (1, 2, 3)]
        [[0, 1], [2, 3], [4, 5, 6]]
    """
    match = _PART.fullmatch(text)
    part, parts = (int(match[1]), int(match[2])) if match else (0, 0)
    if not 1 <= part <= parts:
        raise ConfigError(
            "not a part of a plan",
            where="--items",
            allowed="part/parts, e.g. 3/20 for the third of twenty",
            given=text,
            next_step="count from 1",
        )
    return list(range((part - 1) * items // parts, part * items // parts))


@dataclass(frozen=True)
class PlannedWork:
    """A plan on disk, its results so far, and the processor that makes them.

    Attributes:
        plan: as written.
        store: results of the identity that was planned.
        processor: of the search.
    """

    plan: Plan
    store: ResultStore
    processor: ColumnarProcessor

    def failed(self) -> list[int]:
        """Return the positions of items that failed and have no result since."""
        return [at for at, item in enumerate(self.plan.items) if self.store.failure(item) is not None]

    def process(
        self,
        positions: Sequence[int],
        *,
        workplace: Workplace | None = None,
        progress: Progress | None = None,
        notice: Notice | None = None,
    ) -> int:
        """Process those of the items that have no usable result; keep each result as it comes.

        Returns:
            Number of events processed now.

        Raises:
            DarkreachError: items failed; all others are finished first.
            OutputError: the folder cannot take the results.
        """
        wanted = [at for at in positions if stored_result(self.store, self.plan.items[at], notice) is None]
        failures = self._changed(wanted)
        for at, error in failures.items():
            self.store.record_failure(self.plan.items[at], error)
        done, planned = 0, sum(self.plan.items[at].entries for at in wanted)
        intact = [at for at in wanted if at not in failures]
        for at, value in item_outcomes(self.processor, self.plan, intact, workplace or Workplace()):
            item = self.plan.items[at]
            fault = lost_events(item, value) if isinstance(value, WorkResult) else value
            if fault is not None:
                self.store.record_failure(item, fault)
                failures[at] = fault
            elif isinstance(value, WorkResult):
                self.store.write(item, value)
                done += item.entries
                if progress is not None:
                    progress(done, planned)
        if failures:
            step = "the other items are kept: mend the cause, then run these again with 'darkreach retry-failed'"
            raise missing_items_error(self.plan, failures, step)
        return done

    def _changed(self, positions: Sequence[int]) -> dict[int, DarkreachError]:
        """Return the errors of items whose file is no longer the planned one; every file is looked at once."""
        found: dict[int, DarkreachError] = {}
        faults: dict[Path, InputFileError | None] = {}
        for at in positions:
            item = self.plan.items[at]
            if item.path not in faults:
                faults[item.path] = _fault_of_file(item)
            fault = faults[item.path]
            if fault is not None:
                found[at] = fault
        return found

    def merge(
        self, search: str, config_digest: str, *, progress: Progress | None = None, notice: Notice | None = None
    ) -> SearchHistograms:
        """Add up the results of all items and check that every event is there.

        Raises:
            DarkreachError: items have no usable result; names their ranges and what they carry.
            LedgerError: events processed differ from events planned.
        """
        collection = Collection(self.plan, self.store, progress)
        missing: dict[int, DarkreachError | None] = {}
        for at, item in enumerate(self.plan.items):
            if not collection.take_stored(at, notice):
                failure = self.store.failure(item)
                missing[at] = None if failure is None else LedgerError(failure.error)
        if missing:
            raise missing_items_error(
                self.plan, missing, "run the jobs of these items again, or 'darkreach retry-failed'"
            )
        ledger = checked_ledger(self.plan, collection.processed)
        output = self.processor.postprocess(collection.output or {})
        return search_histograms(search, output, self.plan, ledger, config_digest)


def _fault_of_file(item: WorkItem) -> InputFileError | None:
    step = "restore the file, or plan again"
    try:
        digest = digest_file(item.path)
    except OSError as error:
        return InputFileError("file of the plan cannot be read", where=str(item.path), given=str(error), next_step=step)
    if digest == item.sha256:
        return None
    return InputFileError("file changed since it was planned", where=str(item.path), next_step=step)


def open_planned_work(folder: Path, config: SearchConfig, detector: DetectorConfig) -> PlannedWork:
    """Read the plan of a processing folder and make the processor it was planned for.

    Raises:
        InputFileError: there is no plan, or code, configuration, corrections or libraries changed since.
    """
    plan = read_plan(folder)
    processor = search_processor(config, detector)
    now = identity_of(processor.identity())
    changes = "nothing was recorded" if plan.identity is None else now.changes_since(plan.identity)
    if changes:
        raise InputFileError(
            "the plan was made for other code or another configuration",
            where=str(folder),
            given=changes,
            next_step="plan again: what is still valid is reused",
        )
    return PlannedWork(plan, ResultStore(folder, now), processor)
