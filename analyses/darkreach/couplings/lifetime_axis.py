"""Values between lifetimes: linear in the logarithm of the lifetime, never extrapolated by the same line."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


def between_lifetimes(
    ctau_cm: ArrayLike, nodes_cm: Array, values: Array, *, below: float, beyond_power: float
) -> Array:
    """Return values at any lifetime from those at some.

    Between the nodes linear in log(c tau). Shorter lifetimes than the first node get ``below``, longer ones than the
    last node its value times (c tau/last)^``beyond_power``: where most particles escape, the decays in a detector fall
    as 1/(c tau).

    Args:
        ctau_cm: any shape, cm.
        nodes_cm: (c,) rising and positive, cm.
        values: (c,) at the nodes.
        below: value of lifetimes shorter than all nodes.
        beyond_power: power of c tau beyond the last node.

    Example:
        >>> nodes, values = np.array([1.0, 100.0]), np.array([0.2, 0.4])
        >>> between_lifetimes([0.5, 10.0, 200.0], nodes, values, below=0.0, beyond_power=-1.0).round(12).tolist()
        [0.0, 0.3, 0.2]
    """
    ctau = np.asarray(ctau_cm, dtype=np.float64)
    inside = np.interp(np.log(ctau), np.log(nodes_cm), values)
    beyond = values[-1] * (np.maximum(ctau, nodes_cm[-1]) / nodes_cm[-1]) ** beyond_power
    return np.where(ctau < nodes_cm[0], below, np.where(ctau > nodes_cm[-1], beyond, inside))
