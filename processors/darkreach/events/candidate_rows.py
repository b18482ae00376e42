"""Rows of a flat candidate ntuple grouped into events: where each event begins, and whether its rows are together."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

from darkreach.events.event_identity import split_events

Offsets = NDArray[np.int64]

_MULTIPLIER: Final = np.uint64(0x9E3779B97F4A7C15)


def event_offsets(identity: tuple[NDArray[Any], ...]) -> Offsets:
    """Return the first row of every event and the number of rows, (n + 1,).

    Args:
        identity: experiment, run, event and, where there is one, production number of each row, whole numbers.

    Example:
        >>> one = np.ones(4, dtype=np.int32)
        >>> event_offsets((one, one, np.array([7, 7, 8, 7])))
        array([0, 2, 3, 4])
    """
    rows = len(identity[0])
    if rows == 0:
        return np.zeros(1, dtype=np.int64)
    begins = np.zeros(rows, dtype=np.bool_)
    begins[0] = True
    for column in identity:
        begins[1:] |= column[1:] != column[:-1]
    return np.append(np.flatnonzero(begins), rows)


def scattered_events(firsts: tuple[NDArray[Any], ...]) -> int:
    """Return how many events come again after another one: their rows are not next to each other.

    Args:
        firsts: identity of the first row of each event, as ``event_offsets`` finds them.

    Example:
        >>> scattered_events((np.array([1, 1, 1]), np.array([7, 8, 7])))
        1
    """
    if len(firsts[0]) < 2 or _all_rising(firsts):
        return 0
    runs = [column.astype(np.int64) for column in firsts]
    # equal identities have equal codes: only if two codes are equal, the identities themselves are sorted
    codes = np.zeros(len(runs[0]), dtype=np.uint64)
    for column in runs:
        codes = (codes ^ column.view(np.uint64)) * _MULTIPLIER
        codes ^= codes >> np.uint64(29)
    codes.sort()
    if not np.any(codes[1:] == codes[:-1]):
        return 0
    return split_events(np.stack(runs, axis=1))


def _all_rising(runs: tuple[NDArray[Any], ...]) -> bool:
    """Return whether identities rise from event to event, as basf2 writes them: then none can come again."""
    risen = np.zeros(len(runs[0]) - 1, dtype=np.bool_)
    for column in runs:
        if np.any(~risen & (column[1:] < column[:-1])):
            return False
        risen |= column[1:] > column[:-1]
    return bool(np.all(risen))


def first_of_each(values: NDArray[Any], offsets: Offsets) -> tuple[NDArray[Any], int]:
    """Return the value of the first row of each event (n,), and how many events have another value in a later row.

    NaN equals NaN here. Events must have rows.
    """
    constant = bool(np.all(values[1:] == values[:-1]))
    return values[offsets[:-1]], 0 if constant else int(_varying(values, offsets))


@njit(cache=True, nogil=True, error_model="numpy")
def _varying(values: NDArray[Any], offsets: Offsets) -> int:
    varying = 0
    for event in range(len(offsets) - 1):
        first = values[offsets[event]]
        for row in range(offsets[event] + 1, offsets[event + 1]):
            value = values[row]
            if value != first and (value == value or first == first):
                varying += 1
                break
    return varying
