"""Photons too close to be told apart: any number of them in an event becomes one cluster."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from darkreach.response.cluster_merging import merging_probability

Array = NDArray[np.float64]
Rows = NDArray[np.intp]


def pairs_of_each_event(event: NDArray[np.int64]) -> tuple[Rows, Rows]:
    """Return first and second rows of all pairs of rows of the same event; ``event`` (n,) must not fall.

    Example:
        >>> first, second = pairs_of_each_event(np.array([0, 0, 0, 4]))
        >>> list(zip(first.tolist(), second.tolist()))
        [(0, 1), (1, 2), (0, 2)]
    """
    firsts, seconds = [], []
    rows = np.arange(len(event))
    for step in range(1, len(event)):
        first = rows[:-step][event[:-step] == event[step:]]
        if not len(first):
            break
        firsts.append(first)
        seconds.append(first + step)
    if not firsts:
        return np.zeros(0, np.intp), np.zeros(0, np.intp)
    return np.concatenate(firsts), np.concatenate(seconds)


def cluster_labels(
    event: NDArray[np.int64],
    direction: Array,
    random: np.random.Generator,
    *,
    none_above: float,
    all_below: float,
) -> tuple[int, NDArray[np.int64]]:
    """Return the number of clusters and the cluster (n,) that each photon belongs to.

    Each close pair merges with the probability of its opening angle; chains of merged pairs are one cluster.

    Args:
        event: (n,) rows of events, not falling.
        direction: (n, 3) unit vectors.
        random: source of random numbers.
        none_above: rad, two clusters above.
        all_below: rad, one cluster below.
    """
    n = len(event)
    first, second = pairs_of_each_event(event)
    # 4 sin^2(angle/2): exact for small angles
    chord = np.sum((direction[first] - direction[second]) ** 2, axis=1)
    close = np.flatnonzero(chord < 4.0 * np.sin(0.5 * none_above) ** 2)
    angle = 2.0 * np.arcsin(0.5 * np.sqrt(chord[close]))
    merged = close[random.random(len(close)) < merging_probability(angle, none_above, all_below)]
    if not len(merged):
        return n, np.arange(n)
    graph = coo_array((np.ones(len(merged), np.int8), (first[merged], second[merged])), shape=(n, n))
    number, labels = connected_components(graph, directed=False)
    return int(number), np.asarray(labels, dtype=np.int64)
