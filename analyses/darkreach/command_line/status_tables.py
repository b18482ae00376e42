"""Tables of what a run has done and would do: stages, samples, and items that are not done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from darkreach.command_line.display import print_line, print_table
from darkreach.pipeline import StageStatus
from darkreach.running.item_status import ItemStatus, status_summary
from darkreach.running.plan import Plan

SHOWN_ITEMS = 20
_STATES = ("done", "failed", "stale", "missing")


def print_stages(title: str, statuses: Sequence[StageStatus]) -> None:
    """Print one line a stage: reasons are too long for a table."""
    print_line(title)
    for one in statuses:
        print_line(f"{one.stage:<9} {one.state:<8} {one.why}".rstrip())


def print_items(plan: Plan, statuses: Sequence[ItemStatus]) -> None:
    """Print one row a sample, then the items that are not done."""
    summary = status_summary(plan, list(statuses))
    rows = [
        [one["sample"], *(str(one[state]) for state in _STATES), f"{one['events_done']}/{one['events_planned']}"]
        for one in summary
    ]
    print_line("")
    print_table("work items", ["sample", *_STATES, "events"], rows)
    for one in summary:
        if one["lacking"]:
            print_line(f"lacking: {one['lacking']}")
        for text in one["dropped"]:
            print_line(f"dropped: {one['sample']}/{text}")
    unfinished = [one for one in statuses if one.state != "done"]
    for status in unfinished[:SHOWN_ITEMS]:
        print_line(f"{status.state}: {status.item}: {status.why}")
    if len(unfinished) > SHOWN_ITEMS:
        print_line(f"... and {len(unfinished) - SHOWN_ITEMS} more; --json lists them all")


def items_as_json(plan: Plan, statuses: Sequence[ItemStatus]) -> dict[str, Any]:
    """Return samples and items as JSON-like data."""
    return {
        "samples": status_summary(plan, list(statuses)),
        "items": [
            {
                "sample": one.item.sample,
                "file": str(one.item.path),
                "start": one.item.start,
                "stop": one.item.stop,
                "key": one.item.key,
                "state": one.state,
                "why": one.why,
            }
            for one in statuses
        ],
    }
