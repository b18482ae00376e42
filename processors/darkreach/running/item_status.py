"""What became of every planned item: done, failed, stale or missing, and why."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from darkreach.errors import InputFileError
from darkreach.running.ledger import carried
from darkreach.running.plan import Plan, WorkItem
from darkreach.running.result_store import ResultStore

State = Literal["done", "failed", "stale", "missing"]


@dataclass(frozen=True)
class ItemStatus:
    """State of one item.

    Attributes:
        item: of the plan.
        state: ``done``: a usable result is there; ``failed``: it was tried in vain; ``stale``: there is a result of
            other code, configuration or content; ``missing``: it was never finished.
        why: empty if done.
    """

    item: WorkItem
    state: State
    why: str = ""


def item_status(
    plan: Plan, store: ResultStore, *, earlier: Plan | None = None, verify: bool = False
) -> list[ItemStatus]:
    """Compare a plan with what is on disk; a result that is truncated or foreign does not count as done.

    Args:
        plan: what is to be done.
        store: of the identity that counts.
        earlier: the plan before this one, to say which files changed.
        verify: read every result as a resumed run would, which finds damage anywhere but takes ten times as long.
    """
    stale = store.stale()
    before = {} if earlier is None else {(one.sample, one.file): one for one in earlier.items}
    usable: Callable[[WorkItem], bool] = (lambda item: store.read(item) is not None) if verify else store.holds
    return [_status(item, store, usable, stale, before.get((item.sample, item.file))) for item in plan.items]


def _status(
    item: WorkItem,
    store: ResultStore,
    usable: Callable[[WorkItem], bool],
    stale: Mapping[str, list[Any]],
    before: WorkItem | None,
) -> ItemStatus:
    damaged = ""
    try:
        if usable(item):
            return ItemStatus(item, "done")
    except InputFileError as error:
        damaged = f"result damaged: {error.given}"
    failure = store.failure(item)
    if failure is not None:
        times = "once" if failure.attempts == 1 else f"{failure.attempts} times"
        return ItemStatus(item, "failed", f"failed {times}: {failure.error}")
    if damaged:
        return ItemStatus(item, "missing", damaged)
    if item.key in stale:
        changes = [
            "made by unknown code" if identity is None else store.identity.changes_since(identity)
            for identity in stale[item.key]
        ]
        return ItemStatus(item, "stale", changes[-1])
    if before is not None and before.sha256 != item.sha256:
        return ItemStatus(item, "stale", "content of the file changed")
    if before is not None and (before.columns, before.metadata) != (item.columns, item.metadata):
        return ItemStatus(item, "stale", "columns or sample changed")
    return ItemStatus(item, "missing", "not processed yet")


def status_summary(plan: Plan, statuses: list[ItemStatus]) -> list[dict[str, Any]]:
    """Return one entry a sample: items by state, events done and planned, and what the missing ones carry."""
    summary = []
    for sample in plan.samples:
        name = sample.manifest.sample
        its = [one for one in statuses if one.item.sample == name]
        planned = sum(one.item.entries for one in its)
        done = sum(one.item.entries for one in its if one.state == "done")
        entry: dict[str, Any] = {"sample": name, "items": len(its)}
        entry |= {state: sum(one.state == state for one in its) for state in ("done", "failed", "stale", "missing")}
        entry |= {"events_done": done, "events_planned": planned}
        entry["lacking"] = "" if done == planned else carried(plan, name, planned - done)
        entry["dropped"] = [str(file) for file in sample.dropped]
        summary.append(entry)
    return summary
