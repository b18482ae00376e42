"""Where a predicted signal exceeds its limit: all intervals of a coupling, islands included."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq, minimize_scalar

from darkreach.errors import LimitError

Prediction = Callable[[NDArray[np.float64]], NDArray[np.float64]]


def excluded_intervals(signal_over_limit: Prediction, grid: NDArray[np.float64]) -> list[tuple[float, float]]:
    """Return the intervals of the coupling in which the signal is larger than its limit.

    All crossings of one are found, also two between neighbouring points: where the grid has a maximum below one, or a
    minimum above, the true one is looked for. The grid must be fine enough to show all maxima and minima. An
    interval that begins before the grid starts at its first point; one that is still excluded at the last point is
    taken to go on for ever (upper = inf), so the grid must reach into the region where the signal only rises.

    Args:
        signal_over_limit: predicted signal divided by its upper limit, of couplings (n,).
        grid: couplings (n,), positive and rising.

    Raises:
        LimitError: the grid is not positive and rising, or the prediction is not finite on it.

    Example:
        An island between 1 and 2:

        >>> grid = np.geomspace(0.1, 10.0, 50)
        >>> [(lower, upper)] = excluded_intervals(lambda g: np.exp(-((np.log(g**2 / 2) / np.log(2)) ** 2) + 1), grid)
        >>> round(lower, 9), round(upper, 9)
        (1.0, 2.0)
    """
    if grid.ndim != 1 or len(grid) < 2 or not grid[0] > 0.0 or np.any(np.diff(grid) <= 0.0):
        raise LimitError("the grid of couplings must be positive and rising")
    excess = np.asarray(signal_over_limit(grid), dtype=np.float64) - 1.0
    if not np.all(np.isfinite(excess)):
        raise LimitError("the predicted signal is not finite", given=f"at coupling {grid[~np.isfinite(excess)][0]:g}")
    grid, excess = _with_hidden_extrema(signal_over_limit, grid, excess)
    inside = excess > 0.0
    edges = [
        _crossing(signal_over_limit, float(grid[index]), float(grid[index + 1]))
        for index in np.flatnonzero(inside[1:] != inside[:-1])
    ]
    if inside[0]:
        edges.insert(0, float(grid[0]))
    if inside[-1]:
        edges.append(math.inf)
    return list(zip(edges[0::2], edges[1::2], strict=True))


def _with_hidden_extrema(
    signal_over_limit: Prediction, grid: NDArray[np.float64], excess: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the grid with the extrema at which the signal, on one side of its limit at all points, is on the other."""
    middle, before, after = excess[1:-1], excess[:-2], excess[2:]
    peaks = (middle >= before) & (middle > after) & (middle <= 0.0)
    dips = (middle <= before) & (middle < after) & (middle > 0.0)
    for index in np.flatnonzero(peaks | dips) + 1:
        sign = 1.0 if excess[index] > 0.0 else -1.0

        def height(logarithm: float, sign: float = sign) -> float:
            return sign * (float(signal_over_limit(np.array([math.exp(logarithm)]))[0]) - 1.0)

        ends = math.log(grid[index - 1]), math.log(grid[index + 1])
        best = minimize_scalar(height, bounds=ends, method="bounded", options={"xatol": 1e-9})
        if best.fun < 0.0:
            grid, excess = np.append(grid, math.exp(best.x)), np.append(excess, sign * best.fun)
    order = np.argsort(grid, kind="stable")
    return grid[order], excess[order]


def _crossing(signal_over_limit: Prediction, low: float, high: float) -> float:
    def excess(logarithm: float) -> float:
        return float(signal_over_limit(np.array([math.exp(logarithm)]))[0]) - 1.0

    ends = math.log(low), math.log(high)
    heights = excess(ends[0]), excess(ends[1])
    if heights[0] * heights[1] > 0.0:
        # a grid point is a root: the logarithm and back has moved it across by rounding
        return low if abs(heights[0]) < abs(heights[1]) else high
    return math.exp(brentq(excess, *ends, xtol=1e-13, rtol=1e-13))
