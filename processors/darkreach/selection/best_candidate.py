"""The best candidate of every event by a ranking variable, with ties and missing values decided once and for all.

Two functions with the same arguments and results: ``best_candidates`` is compiled, ``plain_best_candidates`` is its
oracle in sorted arrays. Where ``rankByHighest`` and ``rankByLowest`` of basf2 (BestCandidateSelectionModule.cc,
ValueIndexPairSorting.h) do otherwise:

- Equal values: basf2 keeps the order of its particle list (a stable sort), which no ntuple stores; here the lowest
  ``__candidate__`` wins. Both are the same as long as the list was not sorted again before it was written.
- NaN: basf2 puts it behind all numbers and still selects it where an event has nothing else; here it never wins, and
  both the candidates and the events lost this way are counted.
- basf2 ranks all candidates of its list, the ntuple may hold fewer: a rank written by basf2 (``<variable>_rank``) and
  one found here agree only if nothing was cut in between.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numba import njit
from numpy.typing import NDArray

from darkreach.errors import EventContentError, unknown_name

Prefer = Literal["highest", "lowest"]
Numbers = NDArray[Any]
Indices = NDArray[np.int64]

NOT_RANKED = -1
"""Rank of a candidate whose value is NaN; basf2 gives it to candidates that fail the cut of the ranking."""


@dataclass(frozen=True)
class BestCandidates:
    """One candidate of every event that has one.

    Attributes:
        events: (k,) index of the event in the chunk, rising.
        rows: (k,) its best candidate, an index into the columns of candidates.
        not_ranked: candidates whose value is NaN.
        lost_events: events that have candidates, but none with a number.
    """

    events: Indices
    rows: Indices
    not_ranked: int
    lost_events: int

    def mask(self, candidates: int) -> NDArray[np.bool_]:
        """Return which of all candidates of the chunk are the best of their event."""
        chosen = np.zeros(candidates, dtype=np.bool_)
        chosen[self.rows] = True
        return chosen


def best_candidates(
    values: Numbers, offsets: Indices, candidate: Numbers, *, prefer: Prefer = "highest"
) -> BestCandidates:
    """Find the best candidate of every event.

    Args:
        values: (c,) ranking variable of all candidates, one event after the other.
        offsets: (n + 1,) first candidate of each event.
        candidate: (c,) ``__candidate__``: of equal values the lowest number wins, then the earlier row.
        prefer: ``highest`` or ``lowest`` value.

    Raises:
        EventContentError: lengths do not belong together.
        UnknownNameError: another preference.

    Example:
        >>> value = np.array([1.0, 3.0, 3.0, np.nan, 0.5])
        >>> best = best_candidates(value, np.array([0, 3, 3, 4, 5]), np.array([2, 1, 0, 0, 0]))
        >>> best.events.tolist(), best.rows.tolist(), best.not_ranked, best.lost_events
        ([0, 3], [2, 4], 1, 1)
    """
    _check(values, offsets, candidate, prefer)
    found = np.empty((2, len(offsets) - 1), dtype=np.int64)
    number, not_ranked, lost = _find_best(values, offsets, candidate, prefer == "highest", found)
    return BestCandidates(found[0, :number], found[1, :number], not_ranked, lost)


@njit(cache=True, nogil=True, error_model="numpy")
def _find_best(
    values: Numbers, offsets: Indices, candidate: Numbers, highest: bool, found: Indices
) -> tuple[int, int, int]:
    number = not_ranked = lost = 0
    for event in range(len(offsets) - 1):
        best = -1
        for row in range(offsets[event], offsets[event + 1]):
            value = values[row]
            if value != value:
                not_ranked += 1
            elif best < 0:
                best = row
            elif value == values[best]:
                if candidate[row] < candidate[best]:
                    best = row
            elif (value > values[best]) == highest:
                best = row
        if best >= 0:
            found[0, number], found[1, number] = event, best
            number += 1
        elif offsets[event + 1] > offsets[event]:
            lost += 1
    return number, not_ranked, lost


def plain_best_candidates(
    values: Numbers, offsets: Indices, candidate: Numbers, *, prefer: Prefer = "highest"
) -> BestCandidates:
    """Return what ``best_candidates`` returns, by sorting: slower, and short enough to be believed."""
    _check(values, offsets, candidate, prefer)
    ranks = candidate_ranks(values, offsets, candidate, prefer=prefer)
    event = _event_of_row(offsets)
    (first,) = np.nonzero(ranks == 1)
    rows = first + offsets[0]
    with_candidates = np.count_nonzero(np.diff(offsets))
    return BestCandidates(
        event[first], rows, int(np.count_nonzero(ranks == NOT_RANKED)), int(with_candidates - len(first))
    )


def candidate_ranks(
    values: Numbers,
    offsets: Indices,
    candidate: Numbers,
    *,
    prefer: Prefer = "highest",
    allow_multi_rank: bool = False,
) -> Indices:
    """Return the rank of every candidate in its event: 1 is the best, NaN has no rank (-1).

    Args:
        values: (c,) as in ``best_candidates``.
        offsets: (n + 1,).
        candidate: (c,).
        prefer: ``highest`` or ``lowest`` value.
        allow_multi_rank: equal values share a rank and the next value has the next rank (1, 1, 2), as in basf2; rank 1
            is then not unique. By default ties are broken (1, 2, 3).

    Returns:
        (offsets[-1] - offsets[0],) of the candidates in their order.

    Example:
        >>> value, number = np.array([1.0, 3.0, 3.0, np.nan]), np.arange(4)
        >>> candidate_ranks(value, np.array([0, 4]), number).tolist()
        [3, 1, 2, -1]
        >>> candidate_ranks(value, np.array([0, 4]), number, allow_multi_rank=True).tolist()
        [2, 1, 1, -1]
    """
    _check(values, offsets, candidate, prefer)
    part = slice(int(offsets[0]), int(offsets[-1]))
    event = _event_of_row(offsets)
    value = np.asarray(values[part], dtype=np.float64)
    # NaN sorts behind all numbers either way
    order = np.lexsort((candidate[part], -value if prefer == "highest" else value, event))
    ordered_event, ordered = event[order], value[order]
    begins = np.ones(len(order), dtype=np.bool_)
    begins[1:] = ordered_event[1:] != ordered_event[:-1]
    steps = np.ones(len(order), dtype=np.int64)
    if allow_multi_rank:
        steps[1:] = ordered[1:] != ordered[:-1]
    total = np.cumsum(steps)
    first = np.maximum.accumulate(np.where(begins, np.arange(len(order)), 0))
    ranks = np.empty(len(order), dtype=np.int64)
    ranks[order] = np.where(np.isnan(ordered), NOT_RANKED, total - total[first] + 1)
    return ranks


def _event_of_row(offsets: Indices) -> Indices:
    return np.repeat(np.arange(len(offsets) - 1, dtype=np.int64), np.diff(offsets))


def _check(values: Numbers, offsets: Indices, candidate: Numbers, prefer: str) -> None:
    if prefer not in ("highest", "lowest"):
        raise unknown_name("preference", prefer, ("highest", "lowest"))
    # compiled code would read beyond the end
    fits = len(offsets) > 0 and offsets[0] >= 0 and offsets[-1] <= len(values) and bool(np.all(np.diff(offsets) >= 0))
    if len(values) != len(candidate) or not fits:
        raise EventContentError(
            "candidates, their numbers and the offsets of events do not belong together",
            given=f"{len(values)} values, {len(candidate)} candidate numbers, "
            f"offsets up to {offsets[-1] if len(offsets) else 'none'}",
            next_step="take all three from the same chunk of the same list",
        )
