"""A rare outcome that no object or exactly one of each event is forced to have, its probability becoming a weight."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def force_outcome(
    event: NDArray[np.int64], probability: Array, events: int, random: np.random.Generator, *, wanted: int
) -> tuple[NDArray[np.bool_], Array]:
    """Choose no or one object of each event for a rare outcome that all others do not have.

    The probability of exactly one is Q sum_i r_i with Q = prod (1 - p_i) and r_i = p_i/(1 - p_i); the i-th is chosen
    with r_i/sum r.

    Args:
        event: (m,) rows of the events of the objects, from 0.
        probability: (m,) of the outcome, independent of each other.
        events: number of events.
        random: source of random numbers.
        wanted: objects with the outcome, 0 or 1.

    Returns:
        Chosen objects (m,), and the probability (events,) of that number; 0 for one without objects.

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
    total = np.bincount(event, ratio, events)
    # the smallest of exponential variables with rates r_i belongs to the i-th with probability r_i/sum r
    with np.errstate(divide="ignore"):
        waiting = random.standard_exponential(len(event)) / ratio
    order = np.lexsort((waiting, event))
    first = order[np.diff(event[order], prepend=-1) != 0]
    chosen[first] = ratio[first] > 0.0
    return chosen, np.asarray(none * total)
