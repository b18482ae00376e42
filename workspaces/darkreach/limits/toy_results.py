"""From toys to limits with their statistical errors and what a reader must know about them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from darkreach.likelihood.model_arrays import CompiledModel
from darkreach.limits.results import Limit, LimitQuality
from darkreach.limits.toy_limits import ToySettings, toy_limits
from darkreach.limits.toy_pool import ToyPool
from darkreach.limits.toy_roots import OBSERVED, ToyRoot

_LISTED_FAILURES = 100


def limits_by_toys(
    model: CompiledModel,
    asymptotic: Sequence[Limit],
    seed: Sequence[int],
    settings: ToySettings,
    *,
    use_numba: bool = True,
) -> list[Limit]:
    """Return the limits of one likelihood at the confidence levels of its asymptotic limits.

    Args:
        model: the likelihood.
        asymptotic: where the search begins; all of status ok.
        seed: root seed and number of the hypothesis.
        settings: what toys may cost.
        use_numba: False interprets the kernel.

    Raises:
        LimitError: a fit of the data has failed, or CLs does not fall to 1 - CL.
    """
    pool = ToyPool(model, seed, use_numba=use_numba)
    guesses = [(*limit.expected, float(limit.observed or 0.0)) for limit in asymptotic]
    rows = toy_limits(pool, [limit.cl for limit in asymptotic], guesses, settings)
    return [_limit(limit, row, model, pool, settings) for limit, row in zip(asymptotic, rows, strict=True)]


def _limit(
    asymptotic: Limit, roots: Sequence[ToyRoot], model: CompiledModel, pool: ToyPool, settings: ToySettings
) -> Limit:
    *expected, observed = roots
    failures = pool.failures()
    quality = LimitQuality(
        cls_at_observed=observed.cls,
        cls_at_expected=tuple(root.cls for root in expected),
        parameters_at_bound=_at_bound(model, pool),
        evaluations=pool.fits,
        note=_note(roots, settings),
        toys=sum(pool.thrown),
        failed_toys=len(failures),
        failed_toys_at=failures[:_LISTED_FAILURES],
        observed_error=observed.error,
        expected_errors=tuple(root.error for root in expected),
    )
    return Limit(
        name=asymptotic.name,
        values=asymptotic.values,
        cl=asymptotic.cl,
        method="toys",
        engine=asymptotic.engine,
        observed=observed.strength,
        expected=tuple(root.strength for root in expected),
        quality=quality,
    )


def _at_bound(model: CompiledModel, pool: ToyPool) -> tuple[str, ...]:
    arrays = model.arrays
    pressed = ((pool.best <= arrays.lower) | (pool.best >= arrays.upper)) & (arrays.held == 0)
    pressed[arrays.poi[0]] = False
    return tuple(model.parameter_names[index] for index in np.flatnonzero(pressed))


def _note(roots: Sequence[ToyRoot], settings: ToySettings) -> str:
    observed = roots[OBSERVED]
    relative = observed.error / observed.strength
    if relative <= settings.accuracy:
        return ""
    return f"statistical error {relative:.1%} of the observed limit: {settings.toys} toys per hypothesis are spent"
