"""What became of the events of every sample: planned, processed, left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from darkreach.histograms import SearchHistograms


@dataclass(frozen=True)
class EventAccount:
    """The events of one sample.

    Attributes:
        sample: its name.
        files: number of files read.
        planned: events in these files.
        processed: events the search has seen; the same, or there are no histograms.
        dropped: files left out and what they carried, in words.
    """

    sample: str
    files: int
    planned: int
    processed: int
    dropped: tuple[str, ...]


def event_accounts(histograms: SearchHistograms) -> list[EventAccount]:
    """Return the account of every sample, in the order of the histograms."""
    dropped = histograms.record.get("dropped_files", {})
    accounts = []
    for name in histograms.samples:
        its = [entry for entry in histograms.ledger if entry.sample == name]
        planned, processed = sum(entry.planned for entry in its), sum(entry.processed for entry in its)
        accounts.append(EventAccount(name, len(its), planned, processed, tuple(dropped.get(name, ()))))
    return accounts


def accounts_as_json(accounts: Sequence[EventAccount]) -> list[dict[str, Any]]:
    """Return the accounts as JSON-like data."""
    return [asdict(account) for account in accounts]
