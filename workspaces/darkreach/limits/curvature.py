"""The curvature of a likelihood by finite differences, and the coordinates in which it is one everywhere."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Objective = Callable[[NDArray[np.float64]], float]

# in parameter units: small against pre-fit uncertainties, large against the rounding of the likelihood
_STEP = 1e-3
# of an uncertainty
_CROSS_STEP = 0.5
_SMALLEST_EIGENVALUE = 1e-8


def uncertainties(
    objective: Objective, origin: NDArray[np.float64], low: NDArray[np.float64], high: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return for each parameter sqrt(1/second derivative), the others held, at most a quarter of the allowed range.

    Args:
        objective: of the parameters (n,).
        origin: where, (n,).
        low: bounds, (n,).
        high: bounds, (n,).
    """
    scale = 0.25 * (high - low)
    value = objective(origin)
    for index in range(len(origin)):
        step = min(_STEP, 0.1 * (high[index] - low[index]))
        # a parameter at a bound is looked at from inside
        centre = origin.copy()
        centre[index] = np.clip(origin[index], low[index] + step, high[index] - step)
        middle = value if centre[index] == origin[index] else objective(centre)
        steps = np.zeros_like(origin)
        steps[index] = step
        second = (objective(centre + steps) + objective(centre - steps) - 2.0 * middle) / step**2
        if np.isfinite(second) and second > 0.0:
            scale[index] = min(scale[index], 1.0 / np.sqrt(second))
    return scale


def rounding_transform(
    objective: Objective, origin: NDArray[np.float64], low: NDArray[np.float64], high: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the matrix T (n, n) that makes the Hessian of z -> objective(origin + T z) the unit matrix.

    Costs n^2/2 evaluations. Directions without curvature are limited to the allowed range.

    Args:
        objective: of the parameters (n,).
        origin: near the minimum, (n,).
        low: bounds, (n,).
        high: bounds, (n,).

    Example:
        >>> tilted = np.array([[2.0, 0.9], [0.9, 0.5]])
        >>> wide = np.full(2, 100.0)
        >>> transform = rounding_transform(lambda x: float(x @ tilted @ x) / 2.0, np.zeros(2), -wide, wide)
        >>> np.allclose(transform.T @ tilted @ transform, np.eye(2), atol=1e-3)
        True
    """
    scale = uncertainties(objective, origin, low, high)
    steps = _CROSS_STEP * np.diag(np.where(origin + _CROSS_STEP * scale <= high, scale, -scale))
    value = objective(origin)
    single = [objective(origin + step) for step in steps]
    unit = np.eye(len(origin))
    for i in range(len(origin)):
        for j in range(i):
            mixed = objective(origin + steps[i] + steps[j]) - single[i] - single[j] + value
            sign = np.sign(steps[i, i] * steps[j, j])
            unit[i, j] = unit[j, i] = sign * mixed / _CROSS_STEP**2
    if not np.all(np.isfinite(unit)):
        return np.diag(scale)
    eigenvalues, directions = np.linalg.eigh(unit)
    return np.asarray(scale[:, None] * directions / np.sqrt(np.maximum(eigenvalues, _SMALLEST_EIGENVALUE)))
