"""Which row of one tree belongs to which row of another: the same event, found exactly once in both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from darkreach.errors import EventContentError
from darkreach.events.event_identity import Keys, repeated_events

Missing = Literal["refuse", "leave_out"]
_SHOWN: Final = 3


@dataclass(frozen=True)
class EventMatch:
    """Rows of the same events.

    Attributes:
        first: (n,) rows of the first tree, rising.
        second: (n,) rows of the second tree.
        only_first: events that the second tree lacks.
        only_second: events that the first tree lacks.
    """

    first: NDArray[np.int64]
    second: NDArray[np.int64]
    only_first: int
    only_second: int


def match_events(first: Keys, second: Keys, *, where: tuple[str, str], missing: Missing = "refuse") -> EventMatch:
    """Find the events that two trees have in common.

    Args:
        first: identities (n, k) of the rows of the first tree, the same columns as of the second.
        second: identities (m, k).
        where: names of both trees for errors.
        missing: what happens to events that one tree lacks: an error, or only counted.

    Raises:
        EventContentError: an event comes twice in one tree, or (``refuse``) is missing in the other.

    Example:
        >>> found = match_events(np.array([[1], [2]]), np.array([[2], [1]]), where=("photons", "tracks"))
        >>> found.first.tolist(), found.second.tolist()
        ([0, 1], [1, 0])
    """
    for keys, name in ((first, where[0]), (second, where[1])):
        if repeated := repeated_events(keys):
            raise EventContentError(
                f"{repeated} rows repeat an event: trees cannot be joined",
                where=name,
                allowed="every event once",
                given=f"{len(keys)} rows, {len(keys) - repeated} events",
                next_step="leave out the files that come twice; flat candidate ntuples cannot be joined",
            )
    rows, partners = _common_rows(first, second)
    match = EventMatch(rows, partners, len(first) - len(rows), len(second) - len(rows))
    if missing == "refuse" and (match.only_first or match.only_second):
        raise EventContentError(
            "two trees do not hold the same events",
            where=f"{where[0]} and {where[1]}",
            given=f"{len(rows)} in both, {match.only_first} only in the first{_examples(first, rows)}, "
            f"{match.only_second} only in the second{_examples(second, partners)}",
            next_step="write both trees in one job from the same events, or ask to leave out what one of them lacks",
        )
    return match


def _common_rows(first: Keys, second: Keys) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    if np.array_equal(first, second):
        rows = np.arange(len(first), dtype=np.int64)
        return rows, rows
    both = np.concatenate([first, second])
    # stable, so that of two equal keys the one of the first tree comes first
    order = np.lexsort(both.T[::-1]).astype(np.int64)
    equal = np.flatnonzero(np.all(both[order[1:]] == both[order[:-1]], axis=1))
    rows, partners = order[equal], order[equal + 1] - len(first)
    rising = np.argsort(rows)
    return rows[rising], partners[rising]


def _examples(keys: Keys, found: NDArray[Any]) -> str:
    lacking = np.setdiff1d(np.arange(len(keys)), found)[:_SHOWN]
    shown = ", ".join("/".join(map(str, keys[row])) for row in lacking)
    return f" (such as {shown})" if shown else ""
