"""Minimisation within bounds by Newton steps with reversed negative curvatures: slow, plain, independent of the engine.

Used by the judges (``pyhf_judge.py``, ``reference_judge.py``); not a program.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

STEPS = 400
FLAT = 1e-13
"""Decrease promised by the slope at which a minimum counts as reached."""

Value = Callable[[Any], float]
Derivatives = Callable[[Any], tuple[Any, Any]]


def minimise(value: Value, derivatives: Derivatives, start: Any, bounds: Any, free: Any) -> tuple[float, Any]:
    """Return the minimum and where it is.

    Args:
        value: the function; not finite where it is not defined.
        derivatives: its gradient and its full Hessian.
        start: shape (P,); parameters that are not free may lie outside their bounds.
        bounds: shape (P, 2).
        free: shape (P,), True for parameters that move.
    """
    low, high = np.asarray(bounds, dtype=float).T
    point = np.where(free, np.clip(start, low, high), start)
    height = value(point)
    if not np.isfinite(height):
        return height, point
    for _ in range(STEPS):
        gradient, hessian = derivatives(point)
        newton = _newton_step(gradient, hessian, point, low, high, free)
        diagonal = _size(hessian)
        steepest = np.where(free, np.clip(point - gradient / diagonal, low, high) - point, 0.0)
        if -gradient @ steepest < FLAT and abs(gradient @ newton) < FLAT:
            break
        # with walls and negative curvatures a Newton step need not go down; the steepest one does
        before = height
        for step in (newton, steepest):
            point, height = _search(value, point, height, step, low, high)
            if height < before:
                break
        else:
            break
    return height, point


def _size(hessian: Any) -> Any:
    diagonal = np.abs(np.diag(hessian))
    return np.where(diagonal > 0.0, diagonal, 1.0)


def _search(value: Value, point: Any, height: float, step: Any, low: Any, high: Any) -> tuple[Any, float]:
    length = 1.0
    while length > 1e-9:
        trial = np.where(step == 0.0, point, np.clip(point + length * step, low, high))
        lower = value(trial)
        if lower < height:
            return trial, lower
        length *= 0.4
    return point, height


def _newton_step(gradient: Any, hessian: Any, point: Any, low: Any, high: Any, free: Any) -> Any:
    """Return the step to the minimum of the quadratic model; parameters that leave the box end at its wall."""
    step = np.zeros(point.size)
    moving = free & ~((point <= low) & (gradient > 0.0)) & ~((point >= high) & (gradient < 0.0))
    while np.any(moving):
        index = np.flatnonzero(moving)
        rest = gradient[index] + hessian[np.ix_(index, np.flatnonzero(~moving))] @ step[~moving]
        # units in which every curvature is about one: a strength can be a million times less curved than the others
        scale = 1.0 / np.sqrt(_size(hessian)[index])
        eigenvalues, vectors = np.linalg.eigh(hessian[np.ix_(index, index)] * np.outer(scale, scale))
        trial = -scale * (vectors @ ((vectors.T @ (scale * rest)) / np.maximum(np.abs(eigenvalues), 1e-10)))
        outside = (point[index] + trial < low[index]) | (point[index] + trial > high[index])
        if not np.any(outside):
            step[index] = trial
            break
        walls = np.clip(point[index] + trial, low[index], high[index]) - point[index]
        step[index[outside]] = walls[outside]
        moving[index[outside]] = False
    return step
