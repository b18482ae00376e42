"""Which events a file holds: identities by (experiment, run, event, production), repeated and shared ones counted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import awkward as ak
import numpy as np
from numpy.typing import NDArray

from darkreach.errors import EventContentError

EVENT_KEY: Final = ("__experiment__", "__run__", "__event__")
"""An event number alone is not unique."""

PRODUCTION: Final = "__production__"

Keys = NDArray[np.int64]


def identity_keys(columns: Sequence[ak.Array | NDArray[Any]], *, where: str) -> Keys:
    """Return the columns side by side as whole numbers (n, k).

    Raises:
        EventContentError: a column holds something else than whole numbers that it can keep apart.
    """
    return np.stack([whole_numbers(np.asarray(column), where).astype(np.int64) for column in columns], axis=1)


def whole_numbers(values: NDArray[Any], where: str) -> NDArray[Any]:
    """Return an index column as whole numbers: integers as they are, floating-point numbers as int64.

    Raises:
        EventContentError: the column holds something else than whole numbers that it can keep apart.
    """
    if values.dtype.kind in "iub":
        return values
    exact = 2.0 ** (np.finfo(values.dtype).nmant + 1) if values.dtype.kind == "f" else 0.0
    # false for NaN as well
    bad = ~((np.abs(values) < exact) & (np.trunc(values) == values)) if exact else np.ones(len(values), dtype=bool)
    if bad.any():
        raise EventContentError(
            "an index column is stored as floating-point number and has lost the identity of events",
            where=where,
            allowed="whole numbers" + (f" below {exact:.0f}" if exact else ""),
            given=f"{int(bad.sum())} of {len(values)} values beyond, in {values.dtype.name}",
            next_step="write the ntuple again with a release that stores index columns as integers",
        )
    return values.astype(np.int64)


def repeated_events(keys: Keys) -> int:
    """Return how many rows carry a key that an earlier row has.

    Example:
        >>> repeated_events(np.array([[1, 1], [1, 2], [1, 1], [1, 1]]))
        2
    """
    return len(keys) - len(unique_keys(keys))


def split_events(keys: Keys) -> int:
    """Return how many keys come in more than one run of neighbouring rows.

    Example:
        >>> split_events(np.array([[1, 1], [1, 1], [1, 2], [1, 1]]))
        1
    """
    if len(keys) == 0:
        return 0
    begins = np.concatenate([[True], np.any(keys[1:] != keys[:-1], axis=1)])
    runs = keys[begins]
    ordered = runs[np.lexsort(runs.T[::-1])]
    same = np.all(ordered[1:] == ordered[:-1], axis=1)
    return len(unique_keys(ordered[1:][same]))


def unique_keys(keys: Keys) -> Keys:
    """Return every key once, in rising order."""
    ordered: Keys = keys[np.lexsort(keys.T[::-1])]
    if len(ordered) > 0:
        ordered = ordered[np.concatenate([[True], np.any(ordered[1:] != ordered[:-1], axis=1)])]
    return ordered


def shared_events(first: Keys, second: Keys) -> int:
    """Return how many events are in both.

    Example:
        >>> shared_events(np.array([[1, 1], [1, 2]]), np.array([[1, 2], [2, 2], [1, 2]]))
        1
    """
    return repeated_events(np.concatenate([unique_keys(first), unique_keys(second)]))
