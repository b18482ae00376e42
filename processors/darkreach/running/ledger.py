"""Accounting: events processed equal events planned for every range, or an error with all that is missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from darkreach.errors import DarkreachError, LedgerError
from darkreach.events.manifest import SampleManifest
from darkreach.histograms.search_histograms import LedgerEntry
from darkreach.running.plan import Plan, WorkItem

SHOWN_RANGES = 20


def checked_ledger(plan: Plan, processed: Mapping[int, Sequence[int]]) -> tuple[LedgerEntry, ...]:
    """Return the ledger, one entry a file.

    Args:
        plan: all items.
        processed: events seen in each chunk, by position of the item in the plan.

    Raises:
        LedgerError: a range is missing, or fewer or more events were processed than planned.
    """
    wrong: list[tuple[WorkItem, int, int, int]] = []
    for index, item in enumerate(plan.items):
        wrong += [(item, *chunk) for chunk in _wrong_chunks(item, processed.get(index, ()))]
    if wrong:
        chunks = sum(len(item.chunks) for item in plan.items)
        shown = "; ".join(
            f"{item.path} entries {start} to {stop}: {seen} of {stop - start}"
            for item, start, stop, seen in wrong[:SHOWN_RANGES]
        )
        lost: dict[str, int] = {}
        for item, start, stop, seen in wrong:
            lost[item.sample] = lost.get(item.sample, 0) + stop - start - seen
        raise LedgerError(
            f"{len(wrong)} of {chunks} ranges were not processed as planned",
            where=shown + ("; ..." if len(wrong) > SHOWN_RANGES else ""),
            allowed="events processed equal events planned, for each range",
            given="; ".join(carried(plan, sample, count) for sample, count in lost.items()),
            next_step="run again; if it stays, run these files alone",
        )
    totals: dict[tuple[str, str], list[int]] = {}
    for index, item in enumerate(plan.items):
        entry = totals.setdefault((item.sample, item.file), [0, 0])
        entry[0] += item.entries
        entry[1] += sum(processed[index])
    return tuple(LedgerEntry(sample, file, *counts) for (sample, file), counts in totals.items())


def _wrong_chunks(item: WorkItem, seen: Sequence[int]) -> Iterator[tuple[int, int, int]]:
    if len(seen) != len(item.chunks):
        yield item.start, item.stop, 0
        return
    for (start, stop), count in zip(item.chunks, seen, strict=True):
        if count != stop - start:
            yield start, stop, count


def missing_items_error(plan: Plan, missing: Mapping[int, DarkreachError | None], next_step: str) -> DarkreachError:
    """Build the error of a run some of whose items have no result.

    Args:
        plan: all items.
        missing: why, by position in the plan; None if an item was never tried.
        next_step: what to do now.

    Returns:
        An error of the kind of the failures if they are of one kind, else a LedgerError; it names the ranges and what
        they carry.
    """
    failures = [error for error in missing.values() if error is not None]
    kinds = {type(error) for error in failures}
    kind = kinds.pop() if len(kinds) == 1 and len(failures) == len(missing) else LedgerError
    events: dict[str, int] = {}
    for index in missing:
        item = plan.items[index]
        events[item.sample] = events.get(item.sample, 0) + item.entries
    ranges = [str(plan.items[index]) for index in sorted(missing)]
    what = f"{len(missing)} of {len(plan.items)} work items have no result"
    first = failures[0] if failures else None
    given = "; ".join(carried(plan, sample, count) for sample, count in events.items())
    if first is not None:
        what += f": {first.what}"
        given += f"; first failure: {'; '.join(text for text in (first.where, first.given) if text)}"
    return kind(
        what,
        where="; ".join(ranges[:SHOWN_RANGES]) + ("; ..." if len(ranges) > SHOWN_RANGES else ""),
        allowed=first.allowed if first is not None else None,
        given=f"missing: {given}",
        next_step="; ".join(text for text in (first.next_step if first is not None else None, next_step) if text),
    )


def carried(plan: Plan, sample: str, events: int) -> str:
    """Return in words what events of a sample carry: a share of its luminosity or of its generated events."""
    planned = sum(item.entries for item in plan.items if item.sample == sample)
    text = f"{sample}: {events} of {planned} events"
    manifest = next((one.manifest for one in plan.samples if one.manifest.sample == sample), None)
    return text if manifest is None else f"{text}, {_amount(manifest, events / planned)}"


def _amount(manifest: SampleManifest, share: float) -> str:
    about = "" if share == 1.0 else "about "
    if manifest.luminosity_inverse_fb is not None:
        return f"{about}{manifest.luminosity_inverse_fb * share:.6g} fb^-1"
    return f"{about}{round(manifest.generated_events * share)} generated events"
