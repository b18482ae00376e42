"""A look at the values of some columns, over all rows of a file or over ranges from all over it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import awkward as ak
import numpy as np
from numpy.typing import NDArray

from darkreach.errors import EventContentError, InputFileError
from darkreach.events.ntuple_finding import Finding
from darkreach.events.row_file import EventFile
from darkreach.events.variable_source import known_column

_MOST_RANGES = 20


@dataclass
class EventSample:
    """Counts over the rows read.

    Attributes:
        ranges: of entries, whole blocks of the file.
        not_finite: share of NaN or infinite values of each column.
        unequal_lists: events in which the list of a column is not as long as the first one of its collection.
        most_candidates: longest list.
        beyond_maximum: events with more candidates than basf2 keeps by default.
        faults: columns that cannot be read.
    """

    ranges: list[tuple[int, int]]
    not_finite: dict[str, float] = field(default_factory=dict)
    unequal_lists: dict[str, int] = field(default_factory=dict)
    most_candidates: int = 0
    beyond_maximum: int = 0
    faults: list[Finding] = field(default_factory=list)

    @property
    def entries(self) -> int:
        """Number of rows read."""
        return sum(stop - start for start, stop in self.ranges)


def read_sample(file: EventFile, stored: Mapping[str, str], most_entries: int, *, maximum: int) -> EventSample:
    """Read the columns of at most about ``most_entries`` rows; a column that cannot be read becomes a fault."""
    sample = EventSample(sampled_ranges(file, list(stored), most_entries))
    references: dict[str, list[NDArray[np.int64]]] = {}
    for name in stored:
        try:
            parts = [_summary(file, name, start, stop) for start, stop in sample.ranges]
        except (InputFileError, EventContentError) as error:
            sample.faults.append(Finding("fault", error.one_line()))
            continue
        values = sum(part[1] for part in parts)
        sample.not_finite[name] = sum(part[0] for part in parts) / values if values else 0.0
        counts = [part[2] for part in parts if part[2] is not None]
        column = known_column(name)
        collection = "" if column is None else column.collection
        reference = references.get(collection)
        if counts and reference is None:
            references[collection] = counts
            most = max(int(part.max(initial=0)) for part in counts)
            sample.most_candidates = max(sample.most_candidates, most)
            sample.beyond_maximum += sum(int((part > maximum).sum()) for part in counts)
        elif counts and reference is not None:
            unequal = sum(int((own != first).sum()) for own, first in zip(counts, reference, strict=True))
            if unequal:
                sample.unequal_lists[name] = unequal
    return sample


def sampled_ranges(file: EventFile, columns: list[str], most_entries: int) -> list[tuple[int, int]]:
    """Return all ranges of a small file, or ranges from begin to end of a large one."""
    if file.entries <= most_entries or not columns:
        return file.ranges(columns, most_entries) if columns else []
    ranges = file.ranges(columns, max(most_entries // _MOST_RANGES, 1))
    number = min(max(most_entries // max(stop - start for start, stop in ranges), 1), len(ranges))
    chosen = np.unique(np.linspace(0, len(ranges) - 1, number).round().astype(int))
    return [ranges[index] for index in chosen]


def _summary(file: EventFile, name: str, start: int, stop: int) -> tuple[int, int, Any]:
    """Return numbers that are not finite, numbers in all, and the lengths of the lists (None if there are none)."""
    column = file.read([name], start, stop)[name]
    counts = None
    if column.ndim > 1:
        counts = np.asarray(ak.num(column, axis=1), dtype=np.int64)
        column = ak.flatten(column, axis=1)
    values = np.asarray(column)
    bad = int((~np.isfinite(values)).sum()) if values.dtype.kind == "f" else 0
    return bad, len(values), counts
