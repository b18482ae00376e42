"""Whether the number of candidates that basf2 wrote down is the number an ntuple holds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import awkward as ak
import numpy as np
from numpy.typing import NDArray

from darkreach.events.candidate_rows import event_offsets
from darkreach.events.event_identity import Keys
from darkreach.events.ntuple_finding import Finding
from darkreach.events.row_file import EventFile

COUNTER: Final = "__ncandidates__"

Ranges = Sequence[tuple[int, int]]


def check_rows(file: EventFile, events: Keys, ranges: Ranges) -> list[Finding]:
    """Compare the counter of a flat candidate ntuple with the rows of each event.

    Args:
        file: one row a candidate, with the counter.
        events: identities (n, k) of the rows in the ranges, one range after the other.
        ranges: of rows; an event at the edge of a stretch is left aside where the file goes on.
    """
    fewer = more = total = 0
    counter = _counter(file, ranges)
    first = 0
    for start, stop in _stretches(ranges):
        part = slice(first, first + stop - start)
        first = part.stop
        offsets = event_offsets(tuple(events[part].T))
        rows, expected = np.diff(offsets), counter[part][offsets[:-1]]
        whole = slice(int(start > 0), len(rows) - int(stop < file.entries))
        fewer += int(np.count_nonzero(rows[whole] < expected[whole]))
        more += int(np.count_nonzero(rows[whole] > expected[whole]))
        total += len(rows[whole])
    findings = []
    if more:
        text = f"{more} of {total} events have more rows than '{COUNTER}' says: candidates were written twice"
        findings.append(Finding("fault", text))
    if fewer:
        text = f"{fewer} of {total} events have fewer rows than '{COUNTER}' says: rows were left out after basf2 wrote "
        findings.append(Finding("warning", f"{text}them, sampling rates were used, or events are split over files"))
    return findings


def check_lists(file: EventFile, column: str, ranges: Ranges) -> list[Finding]:
    """Compare the counter of a file of events with the length of the lists of a column."""
    counter = _counter(file, ranges)
    lengths = np.concatenate([ak.to_numpy(ak.num(file.read([column], *span)[column], axis=1)) for span in ranges])
    unequal = int(np.count_nonzero(lengths != counter))
    if not unequal:
        return []
    text = f"lists of '{column}' are not as long as '{COUNTER}' says in {unequal} of {len(counter)} events"
    return [Finding("warning", text)]


def _counter(file: EventFile, ranges: Ranges) -> NDArray[Any]:
    return np.concatenate([ak.to_numpy(file.read([COUNTER], *span)[COUNTER]) for span in ranges])


def _stretches(ranges: Ranges) -> list[tuple[int, int]]:
    """Join ranges that follow each other.

    Example:
        >>> _stretches([(0, 5), (5, 9), (20, 30)])
        [(0, 9), (20, 30)]
    """
    joined: list[tuple[int, int]] = []
    for start, stop in ranges:
        if joined and joined[-1][1] == start:
            joined[-1] = (joined[-1][0], stop)
        else:
            joined.append((start, stop))
    return joined
