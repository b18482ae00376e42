"""Best candidates against a loop that nobody can misread, with many ties and missing values."""

from __future__ import annotations

import math

import numpy as np
import pytest

from darkreach.errors import EventContentError, UnknownNameError
from darkreach.selection.best_candidate import best_candidates, candidate_ranks, plain_best_candidates


def random_events(events: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Events of 0 to 7 candidates with four different values, every fifth of them NaN, some infinite or -0."""
    random = np.random.default_rng(seed)
    counts = random.integers(0, 8, events)
    offsets = np.concatenate([[0], np.cumsum(counts)])
    choice = np.array([0.5, -0.0, 0.0, 2.0, np.inf, -np.inf, np.nan, np.nan])
    values = random.choice(choice, offsets[-1])
    # candidate numbers in any order inside the event, with gaps as after a cut
    order = np.lexsort((random.uniform(size=len(values)), np.repeat(np.arange(events), counts)))
    candidate = (order - np.repeat(offsets[:-1], counts)) * 2
    return values, offsets, candidate.astype(np.int32)


def slow_reference(
    values: np.ndarray, offsets: np.ndarray, candidate: np.ndarray, prefer: str
) -> tuple[list[int], list[int], int, int]:
    events, rows, missing, lost = [], [], 0, 0
    for event in range(len(offsets) - 1):
        own = list(range(offsets[event], offsets[event + 1]))
        ranked = [row for row in own if not math.isnan(values[row])]
        missing += len(own) - len(ranked)
        if ranked:
            sign = -1.0 if prefer == "highest" else 1.0
            events.append(event)
            rows.append(min(ranked, key=lambda row: (sign * values[row], candidate[row], row)))
        elif own:
            lost += 1
    return events, rows, missing, lost


@pytest.mark.parametrize("prefer", ["highest", "lowest"])
def test_identical_to_a_slow_reference_on_1e5_events(prefer: str) -> None:
    values, offsets, candidate = random_events(100_000, 1)
    reference = slow_reference(values, offsets, candidate, prefer)
    assert reference[2] > 50_000 and reference[3] > 1000
    for function in (best_candidates, plain_best_candidates):
        best = function(values, offsets, candidate, prefer=prefer)
        assert (best.events.tolist(), best.rows.tolist(), best.not_ranked, best.lost_events) == reference
        assert np.flatnonzero(best.mask(len(values))).tolist() == reference[1]


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int32, np.int64])
def test_types_and_a_slice_of_a_longer_list(dtype: type) -> None:
    random = np.random.default_rng(2)
    offsets = np.concatenate([[3], 3 + np.cumsum(random.integers(0, 5, 500))])
    values = random.integers(-3, 3, offsets[-1] + 4).astype(dtype)
    candidate = random.permutation(len(values))
    for prefer in ("highest", "lowest"):
        reference = slow_reference(values, offsets, candidate, prefer)
        for function in (best_candidates, plain_best_candidates):
            best = function(values, offsets, candidate, prefer=prefer)
            assert (best.events.tolist(), best.rows.tolist(), best.not_ranked, best.lost_events) == reference


def test_ranks_count_up_from_the_best() -> None:
    values, offsets, candidate = random_events(2000, 3)
    for prefer, sign in (("highest", -1.0), ("lowest", 1.0)):
        ranks = candidate_ranks(values, offsets, candidate, prefer=prefer)
        shared = candidate_ranks(values, offsets, candidate, prefer=prefer, allow_multi_rank=True)
        for start, stop in zip(offsets[:-1], offsets[1:], strict=True):
            rows = [row for row in range(start, stop) if not math.isnan(values[row])]
            ordered = sorted(rows, key=lambda row: (sign * values[row], candidate[row]))
            assert [int(ranks[row]) for row in ordered] == list(range(1, len(rows) + 1))
            distinct = sorted({sign * values[row] for row in rows})
            assert [int(shared[row]) for row in rows] == [distinct.index(sign * values[row]) + 1 for row in rows]
            assert all(ranks[row] == shared[row] == -1 for row in range(start, stop) if row not in rows)


def test_no_candidates_at_all() -> None:
    best = best_candidates(np.zeros(0), np.zeros(4, dtype=np.int64), np.zeros(0, dtype=np.int32))
    assert (len(best.rows), best.not_ranked, best.lost_events) == (0, 0, 0)
    assert candidate_ranks(np.zeros(0), np.zeros(1, dtype=np.int64), np.zeros(0)).tolist() == []


@pytest.mark.parametrize(
    ("values", "candidates", "offsets"),
    [(3, 2, [0, 3]), (3, 3, [0, 4]), (3, 3, [-1, 3]), (3, 3, [0, 3, 2]), (3, 3, [])],
)
def test_lengths_that_do_not_belong_together(values: int, candidates: int, offsets: list[int]) -> None:
    for function in (best_candidates, plain_best_candidates, candidate_ranks):
        with pytest.raises(EventContentError, match="do not belong together"):
            function(np.zeros(values), np.array(offsets, dtype=np.int64), np.zeros(candidates))


def test_unknown_preference() -> None:
    with pytest.raises(UnknownNameError, match="preference"):
        best_candidates(np.zeros(1), np.array([0, 1]), np.zeros(1), prefer="best")  # type: ignore[arg-type]
