"""pyhf's scipy optimizer with every parameter in units of its own uncertainty.

The minimizer starts from a unit Hessian; bin-by-bin gammas have one of 10^3 to 10^6, and pyhf then spends most of a fit
finding that out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyhf.optimize.opt_scipy import scipy_optimizer
from scipy.optimize import OptimizeResult, minimize

Objective = Callable[[NDArray[np.float64]], float]

# in parameter units: small against pre-fit uncertainties, large against the rounding of the likelihood
_CURVATURE_STEP = 1e-3
# in units of the uncertainty: shifts the minimum by half of it
_GRADIENT_STEP = 1e-5


class ScaledOptimizer(scipy_optimizer):  # type: ignore[misc]
    """``scipy.optimize.minimize`` as pyhf calls it, on rescaled parameters."""

    __slots__ = ()

    def _get_minimizer(self, *arguments: Any, **options: Any) -> Callable[..., OptimizeResult]:
        return minimize_scaled


def minimize_scaled(
    objective: Objective, start: Sequence[float], *, bounds: Sequence[tuple[float, float]], **options: Any
) -> OptimizeResult:
    """Minimize in units of the uncertainties estimated from the diagonal of the Hessian at the start.

    Args:
        objective: of the parameters (n,).
        start: (n,), inside the bounds.
        bounds: lower and upper, n pairs.
        options: passed on to ``scipy.optimize.minimize``.

    Example:
        >>> found = minimize_scaled(
        ...     lambda x: float((x[0] - 1.0) ** 2 + 1e6 * (x[1] - 2.0) ** 2), [0.0, 1.9], bounds=[(-5, 5), (0, 10)],
        ...     method="SLSQP", tol=1e-12, options={},
        ... )  # fmt: skip
        >>> np.round(found.x, 4).tolist()
        [1.0, 2.0]
    """
    origin = np.asarray(start, dtype=np.float64)
    limits = np.asarray(bounds, dtype=np.float64)
    scale = _uncertainties(objective, origin, limits)
    settings = dict(options.pop("options")) | {"eps": _GRADIENT_STEP}
    result = minimize(
        lambda shifted: objective(np.clip(origin + scale * shifted, limits[:, 0], limits[:, 1])),
        np.zeros_like(origin),
        bounds=[tuple(pair) for pair in (limits - origin[:, None]) / scale[:, None]],
        options=settings,
        **options,
    )
    result.x = np.clip(origin + scale * result.x, limits[:, 0], limits[:, 1])
    return result


def _uncertainties(
    objective: Objective, origin: NDArray[np.float64], limits: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return (n,) standard deviations with the other parameters held, at most a quarter of the allowed range."""
    width = limits[:, 1] - limits[:, 0]
    scale = 0.25 * width
    value = objective(origin)
    for index in range(len(origin)):
        step = min(_CURVATURE_STEP, 0.1 * width[index])
        # a parameter at a bound is looked at from inside
        centre = origin.copy()
        centre[index] = np.clip(origin[index], limits[index, 0] + step, limits[index, 1] - step)
        low, high = centre.copy(), centre.copy()
        low[index] -= step
        high[index] += step
        middle = value if centre[index] == origin[index] else objective(centre)
        curvature = (objective(low) + objective(high) - 2.0 * middle) / step**2
        if np.isfinite(curvature) and curvature > 0.0:
            # twice the negative log-likelihood rises by one within one standard deviation
            scale[index] = min(scale[index], np.sqrt(2.0 / curvature))
    return scale
