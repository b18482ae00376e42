"""Values between lifetimes: straight lines or curves in the logarithm of the lifetime, never extrapolated by them."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.interpolate import PchipInterpolator

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
    return _with_ends(ctau, nodes_cm, values, inside, below, beyond_power)


def curve_between_lifetimes(
    ctau_cm: ArrayLike, nodes_cm: Array, values: Array, *, below: float, beyond_power: float
) -> Array:
    """Return values at any lifetime from those at some, where they span orders of magnitude.

    Like ``between_lifetimes``, but a monotonic cubic curve in both logarithms between neighbours that are above zero:
    powers and exponentials of the lifetime are met, where straight lines between lifetimes a factor of two apart would
    be above the exponential fall towards short lifetimes by up to the same factor.

    Example:
        >>> nodes = np.array([1.0, 4.0, 16.0])
        >>> curve_between_lifetimes([2.0, 8.0], nodes, 1.0 / nodes, below=0.0, beyond_power=-1.0).round(12).tolist()
        [0.5, 0.125]
    """
    ctau = np.asarray(ctau_cm, dtype=np.float64)
    logarithm, nodes = np.log(ctau), np.log(nodes_cm)
    inside = np.interp(logarithm, nodes, values)
    known = np.flatnonzero(values > 0.0)
    for run in np.split(known, np.flatnonzero(np.diff(known) > 1) + 1):
        if len(run) > 1:
            curve = PchipInterpolator(nodes[run], np.log(values[run]))
            here = (logarithm >= nodes[run[0]]) & (logarithm <= nodes[run[-1]])
            inside = np.where(here, np.exp(curve(np.clip(logarithm, nodes[run[0]], nodes[run[-1]]))), inside)
    return _with_ends(ctau, nodes_cm, values, inside, below, beyond_power)


def _with_ends(ctau: Array, nodes_cm: Array, values: Array, inside: Array, below: float, beyond_power: float) -> Array:
    beyond = values[-1] * (np.maximum(ctau, nodes_cm[-1]) / nodes_cm[-1]) ** beyond_power
    return np.where(ctau < nodes_cm[0], below, np.where(ctau > nodes_cm[-1], beyond, inside))
