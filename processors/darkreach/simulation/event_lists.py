"""Events as an ntuple holds them: numbers of the event, and lists of several collections with lengths of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from darkreach.events.columns import Column
from darkreach.events.list_columns import counter_of, list_column
from darkreach.events.variable_source import known_column
from darkreach.response.measured_events import MeasuredEvents, MeasuredObjects


@dataclass(frozen=True)
class EventLists:
    """Rows of an ntuple, ready to be written.

    Attributes:
        event: columns of length n, by name.
        lists: the lists of each collection; column ``p`` of ``track`` is stored as ``track_p``, the length of the lists
            as ``ntrack``; those of the collection without a name as they are, and as ``__ncandidates__``.
    """

    event: Mapping[str, NDArray[np.generic]]
    lists: Mapping[str, MeasuredObjects]

    def __len__(self) -> int:
        return len(next(iter(self.event.values())))

    def columns(self) -> tuple[Column, ...]:
        """Return all columns in the order stored, with the types of the column table; others keep their own type."""
        columns = [_column(name, values, "event") for name, values in self.event.items()]
        for collection, objects in self.lists.items():
            columns.append(_column(counter_of(collection), np.zeros(0, dtype=np.int32), "event"))
            columns += [
                _column(list_column(collection, name), values, "candidate", collection)
                for name, values in objects.columns.items()
            ]
        return tuple(columns)


def measured_lists(measured: MeasuredEvents, event_number: NDArray[np.int64]) -> EventLists:
    """Return measured events as an ntuple; experiment, run and production are 0 and ``__weight__`` is 1.

    Args:
        measured: n events.
        event_number: (n,) written as ``__event__``.

    Example:
        >>> tracks = MeasuredObjects(np.array([0, 2]), {"p": np.array([1.0, 0.5])})
        >>> event = {"l1_ffo": np.ones(1)}
        >>> rows = measured_lists(MeasuredEvents({"track": tracks}, event, np.ones(1), np.zeros(1, int)), np.array([7]))
        >>> rows.event["nTracks"].tolist(), [column.name for column in rows.columns()][-3:]
        ([2], ['l1_ffo', 'ntrack', 'track_p'])
    """
    event = index_columns(event_number)
    if "track" in measured.lists:
        # the name that basf2 has for it
        event["nTracks"] = np.diff(measured.lists["track"].offsets)
    return EventLists({**event, "generatorWeight": measured.weight, **measured.event}, measured.lists)


def index_columns(event_number: NDArray[np.int64]) -> dict[str, NDArray[np.generic]]:
    """Return the columns that tell events apart, as basf2 writes them."""
    n = len(event_number)
    return {
        "__experiment__": np.zeros(n),
        "__run__": np.zeros(n),
        "__event__": event_number,
        "__production__": np.zeros(n),
        "__weight__": np.ones(n),
    }


def stored_values(rows: EventLists, columns: Sequence[Column]) -> dict[str, NDArray[np.generic]]:
    """Return the values of all columns by name, each of its type."""
    values: dict[str, NDArray[np.generic]] = dict(rows.event)
    for collection, objects in rows.lists.items():
        values[counter_of(collection)] = np.diff(objects.offsets)
        values |= {list_column(collection, name): array for name, array in objects.columns.items()}
    return {column.name: values[column.name].astype(column.dtype, copy=False) for column in columns}


def _column(
    name: str, values: NDArray[np.generic], level: Literal["event", "candidate"], collection: str = ""
) -> Column:
    known = known_column(name)
    if known is not None and (known.level, known.collection) == (level, collection):
        return known
    return Column(name, level, values.dtype.name, "", "", collection=collection)
