"""Measured objects of many events before they become jagged columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from darkreach.response.measured_events import MeasuredObjects


@dataclass(frozen=True)
class ObjectRows:
    """Objects of one kind, in any order.

    Attributes:
        event: (m,) row of the event.
        columns: (m,) each, by name.
    """

    event: NDArray[np.int64]
    columns: Mapping[str, NDArray[Any]]

    def __len__(self) -> int:
        return len(self.event)

    def select(self, rows: NDArray[np.bool_] | NDArray[np.intp]) -> ObjectRows:
        """Return the objects of a mask or of row numbers, in that order."""
        return ObjectRows(self.event[rows], {name: values[rows] for name, values in self.columns.items()})

    def without(self, name: str) -> ObjectRows:
        """Return the objects without one of the columns."""
        return ObjectRows(self.event, {key: values for key, values in self.columns.items() if key != name})

    def ordered(self, name: str) -> ObjectRows:
        """Return the objects by event, in an event by falling values of a column."""
        return self.select(np.lexsort((-self.columns[name], self.event)))

    def jagged(self, recorded: NDArray[np.int64], events: int) -> MeasuredObjects:
        """Return ordered objects as jagged columns of the recorded events; those of other events are dropped.

        Args:
            recorded: rows of the recorded events, rising.
            events: number of events the rows belong to.
        """
        counts = np.bincount(self.event, minlength=events)
        columns = self.columns
        if counts[recorded].sum() < len(self):
            kept = np.zeros(events, dtype=np.bool_)
            kept[recorded] = True
            columns = self.select(kept[self.event]).columns
        return MeasuredObjects(np.concatenate([[0], np.cumsum(counts[recorded])]), columns)


def stacked(parts: Sequence[ObjectRows]) -> ObjectRows:
    """Return the objects of all parts, which have the same columns."""
    return ObjectRows(
        np.concatenate([part.event for part in parts]),
        {name: np.concatenate([part.columns[name] for part in parts]) for name in parts[0].columns},
    )
