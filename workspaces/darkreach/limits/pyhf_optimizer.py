"""pyhf's scipy optimizer in coordinates in which the likelihood is round.

The minimizer starts from a unit Hessian. The likelihood of a HistFactory model is far from that: bin-by-bin gammas have
curvatures of 10^3 to 10^6, and a normalisation moves along with all of them. pyhf spends most of a fit finding that
out, or stops before it has.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyhf.optimize.opt_scipy import scipy_optimizer
from scipy.optimize import OptimizeResult, minimize

from darkreach.limits.curvature import Objective, uncertainties

# uncertainties between a start and a bound that no fit will meet
_FAR = 30.0
_MAXIMUM_RESTARTS = 5


class RoundOptimizer(scipy_optimizer):  # type: ignore[misc]
    """``scipy.optimize.minimize`` as pyhf calls it, on transformed parameters.

    The solver option ``transform`` is the matrix of ``minimize_round``.
    """

    __slots__ = ()

    def _get_minimizer(self, *arguments: Any, **options: Any) -> Callable[..., OptimizeResult]:
        return minimize_round


def minimize_round(
    objective: Objective,
    start: Sequence[float],
    *,
    bounds: Sequence[tuple[float, float]],
    tol: float,
    options: dict[str, Any],
    **others: Any,
) -> OptimizeResult:
    """Minimize over z, with x = start + transform z.

    Args:
        objective: of the parameters x (n,).
        start: (n,), inside the bounds.
        bounds: lower and upper, n pairs.
        tol: accuracy of the minimum; not below the rounding of the objective.
        options: of the minimizer; ``transform`` (n, n) is taken out, and is estimated from the diagonal of the Hessian
            at the start if it is missing.
        others: passed on to ``scipy.optimize.minimize``, except constraints.

    Example:
        >>> found = minimize_round(
        ...     lambda x: float((x[0] - 1.0) ** 2 + 1e6 * (x[1] - 2.0) ** 2), [0.0, 1.9], bounds=[(-5, 5), (0, 10)],
        ...     tol=1e-12, options={}, method="SLSQP",
        ... )  # fmt: skip
        >>> np.round(found.x, 4).tolist()
        [1.0, 2.0]
    """
    origin = np.asarray(start, dtype=np.float64)
    low, high = np.asarray(bounds, dtype=np.float64).T
    settings = dict(options)
    transform = settings.pop("transform", None)
    if transform is None:
        transform = np.diag(uncertainties(objective, origin, low, high))

    def inside(shift: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(np.clip(origin + transform @ shift, low, high))

    def rounded(shift: NDArray[np.float64]) -> float:
        return objective(inside(shift))

    # in units of an uncertainty: rounding of size tol moves the slope, and the step the minimum, by about sqrt(tol)
    others |= {"options": settings | {"eps": math.sqrt(tol)}, "tol": tol}
    others["constraints"] = _near_bounds(transform, low - origin, high - origin)
    shift, lowest = np.zeros_like(origin), rounded(np.zeros_like(origin))
    for _ in range(_MAXIMUM_RESTARTS):
        result = minimize(rounded, shift, **others)
        gain = lowest - result.fun
        if not (result.success and gain > -tol):
            break
        # a minimizer that is restarted where it stopped finds nothing more, if that was the minimum
        shift, lowest = result.x, result.fun
        if gain < 10.0 * tol:
            result.x = inside(shift)
            return result
    result.success = False
    result.message = f"no minimum found ({result.message})"
    return result


def _near_bounds(
    transform: NDArray[np.float64], low: NDArray[np.float64], high: NDArray[np.float64]
) -> list[dict[str, Any]]:
    """Return low <= transform z <= high for the bounds that a fit may meet; the others only slow the minimizer."""
    reach = _FAR * np.linalg.norm(transform, axis=1)
    below, above = -low <= reach, high <= reach
    rows = np.concatenate([transform[below], -transform[above]])
    offsets = np.concatenate([-low[below], high[above]])
    if len(offsets) == 0:
        return []
    return [{"type": "ineq", "fun": lambda z: rows @ z + offsets, "jac": lambda z: rows}]
