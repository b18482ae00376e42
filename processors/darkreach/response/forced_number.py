"""A rare outcome that a number of objects of each event is forced to have, its probability becoming a weight."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def force_outcome(
    event: NDArray[np.int64], probability: Array, events: int, random: np.random.Generator, *, wanted: int
) -> tuple[NDArray[np.bool_], Array]:
    """Choose so many objects of each event for a rare outcome that all others do not have.

    With Q = prod (1 - p_i) and r_i = p_i/(1 - p_i) the probability of exactly one is Q sum_i r_i, and the i-th is
    chosen with r_i/sum r; that of exactly k is Q e_k(r), the sum of all products of k of them, and a set is chosen with
    its share in this sum.

    Args:
        event: (m,) rows of the events of the objects, from 0; those of one event stand together if wanted is above 1.
        probability: (m,) of the outcome, independent of each other.
        events: number of events.
        random: source of random numbers.
        wanted: objects with the outcome.

    Returns:
        Chosen objects (m,), and the probability (events,) of that number; 0, and nothing chosen, with fewer objects.

    Example:
        >>> random = np.random.default_rng(1)
        >>> chosen, weight = force_outcome(np.array([0, 0]), np.array([0.1, 0.2]), 1, random, wanted=1)
        >>> int(chosen.sum()), weight.round(6).tolist()
        (1, [0.26])
    """
    bounded = np.clip(probability, 0.0, 1.0 - 1e-12)
    ratio = bounded / (1.0 - bounded)
    none = np.exp(np.bincount(event, np.log1p(-bounded), events))
    chosen = np.zeros(len(event), dtype=np.bool_)
    if wanted == 0:
        return chosen, np.asarray(none)
    if wanted > 1:
        chosen, several = _choose_several(event, ratio, events, random, wanted)
        return chosen, np.asarray(none * several)
    total = np.bincount(event, ratio, events)
    # the smallest of exponential variables with rates r_i belongs to the i-th with probability r_i/sum r
    with np.errstate(divide="ignore"):
        waiting = random.standard_exponential(len(event)) / ratio
    order = np.lexsort((waiting, event))
    first = order[np.diff(event[order], prepend=-1) != 0]
    chosen[first] = ratio[first] > 0.0
    return chosen, np.asarray(none * total)


def _choose_several(
    event: NDArray[np.int64], ratio: Array, events: int, random: np.random.Generator, wanted: int
) -> tuple[NDArray[np.bool_], Array]:
    """Return a set (m,) of so many objects of each event, drawn by its product of ratios, and their sum (events,)."""
    counts = np.bincount(event, minlength=events)
    place = np.arange(len(event)) - np.repeat(np.cumsum(counts) - counts, counts)
    size = int(counts.max(initial=0))
    table = np.zeros((size, events))
    table[place, event] = ratio
    # sums[j][k]: over the first j objects, of all products of k of them
    sums = np.zeros((size + 1, wanted + 1, events))
    sums[:, 0] = 1.0
    for row in range(size):
        sums[row + 1, 1:] = sums[row, 1:] + table[row] * sums[row, :-1]
    uniform = random.random(len(event))
    draws = np.zeros((size, events))
    draws[place, event] = uniform
    taken = np.zeros((size, events), dtype=np.bool_)
    left, every = np.full(events, wanted), np.arange(events)
    # from the last object on: it is in a set of k with r_j e_(k-1)/e_k, of the objects up to it
    for row in reversed(range(size)):
        with_it = table[row] * sums[row, np.maximum(left - 1, 0), every]
        taken[row] = (left > 0) & (draws[row] * sums[row + 1, left, every] < with_it)
        left -= taken[row]
    # rounding, or too few objects
    return taken[place, event] & (left == 0)[event], np.where(left == 0, sums[size, wanted], 0.0)
