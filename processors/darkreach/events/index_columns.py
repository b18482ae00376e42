"""The index columns of an ntuple: their types, and events that come twice."""

from __future__ import annotations

from typing import Final

import numpy as np

from darkreach.errors import EventContentError, InputFileError
from darkreach.events.candidate_counter import COUNTER, check_lists, check_rows
from darkreach.events.candidate_file import CANDIDATE
from darkreach.events.event_identity import (
    EVENT_KEY,
    PRODUCTION,
    Keys,
    identity_keys,
    repeated_events,
    split_events,
)
from darkreach.events.event_sample import EventSample, sampled_ranges
from darkreach.events.ntuple_finding import Finding
from darkreach.events.row_file import EventFile
from darkreach.events.stored_layout import StoredLayout

_ENTRIES_WITHOUT_SAMPLE: Final = 1_000_000


def check_index(file: EventFile, layout: StoredLayout, sample: EventSample) -> tuple[list[Finding], Keys | None]:
    """Return what is odd about the index columns, and the identity (n, k) of the rows read (None if there is none)."""
    dtypes = {column.name: column.dtype for column in layout.columns}
    lacking = [name for name in EVENT_KEY if name not in dtypes]
    findings = _types(dtypes)
    if lacking:
        text = f"no {', '.join(lacking)}: events that come twice cannot be found, trees cannot be joined"
        return [*findings, Finding("warning", text)], None
    names = [*EVENT_KEY, *([PRODUCTION] if PRODUCTION in dtypes else [])]
    flat = CANDIDATE in dtypes
    wanted = [*names, *([CANDIDATE] if flat else [])]
    ranges = sample.ranges or sampled_ranges(file, wanted, _ENTRIES_WITHOUT_SAMPLE)
    try:
        keys = np.concatenate(
            [
                identity_keys([chunk[name] for name in wanted], where=str(file.path))
                for chunk in (file.read(wanted, start, stop) for start, stop in ranges)
            ]
        )
    except (InputFileError, EventContentError) as error:
        return [*findings, Finding("fault", error.one_line())], None
    events = keys[:, : len(names)]
    findings += _event_numbers(events, dtypes) + _repeated(keys, events, flat)
    return findings + _counted(file, layout, events, ranges), events


def _counted(file: EventFile, layout: StoredLayout, events: Keys, ranges: list[tuple[int, int]]) -> list[Finding]:
    columns = {column.name: column for column in layout.columns}
    counter = columns.get(COUNTER)
    if counter is None or not counter.dtype or counter.level != "event":
        return []
    if CANDIDATE in columns:
        return check_rows(file, events, ranges)
    lists = [column.name for column in layout.columns if column.level == "candidate" and column.dtype]
    # the lists of a tree are read by its counters
    return check_lists(file, lists[0], ranges) if lists and layout.kind != "TTree" else []


def _types(dtypes: dict[str, str]) -> list[Finding]:
    findings = []
    for name in (*EVENT_KEY, PRODUCTION, CANDIDATE, COUNTER):
        if dtypes.get(name, "").startswith("float"):
            text = f"index column '{name}' is stored as {dtypes[name]}: an old ntuple of floating-point numbers"
            findings.append(Finding("warning", text))
    event = dtypes.get(EVENT_KEY[-1], "")
    if event in ("int32", "uint32"):
        text = f"'{EVENT_KEY[-1]}' is a 32-bit number ({event}): unique only with experiment, run and production"
        findings.append(Finding("note", text))
    return findings


def _event_numbers(events: Keys, dtypes: dict[str, str]) -> list[Finding]:
    negative = int((events[:, 2] < 0).sum())
    if not negative:
        return []
    text = f"{negative} negative event numbers: {dtypes[EVENT_KEY[-1]]} ran over at 2^31"
    return [Finding("warning", text)]


def _repeated(keys: Keys, events: Keys, flat: bool) -> list[Finding]:
    findings = []
    if repeated := repeated_events(keys):
        what = "candidates" if flat else "events"
        findings.append(Finding("fault", f"{repeated} {what} come twice or more (of {len(keys)} read)"))
    if flat and (split := split_events(events)):
        findings.append(Finding("fault", f"rows of {split} events are not next to each other"))
    return findings
