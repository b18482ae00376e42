"""The limits of one hypothesis or of a batch; whatever goes wrong with one becomes the reason of its failed limits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, get_args

from darkreach.errors import DarkreachError
from darkreach.limits.engine import BatchLimitEngine
from darkreach.limits.results import Limit, Method

if TYPE_CHECKING:
    from darkreach.limits.engine import LimitEngine, QuickLimitEngine
    from darkreach.sharing.hypothesis import Hypothesis

_CALCULATION_ERRORS = (ArithmeticError, LookupError, TypeError, ValueError, RuntimeError, MemoryError, AssertionError)


def limits_of(hypothesis: Hypothesis, confidence_levels: Sequence[float], engine: LimitEngine) -> list[Limit]:
    """Return the limits of one hypothesis; whatever goes wrong with it becomes the reason of failed limits."""
    try:
        return engine.limits(hypothesis, confidence_levels)
    except DarkreachError as error:
        return failed_limits(hypothesis, confidence_levels, engine, error.one_line())
    except _CALCULATION_ERRORS as error:
        return failed_limits(hypothesis, confidence_levels, engine, f"{type(error).__name__}: {error}")


def limits_of_batch(
    hypotheses: Sequence[Hypothesis], confidence_levels: Sequence[float], engine: LimitEngine
) -> list[list[Limit]]:
    """Return the limits of each hypothesis, in one call where the engine takes batches."""
    if not isinstance(engine, BatchLimitEngine):
        return [limits_of(hypothesis, confidence_levels, engine) for hypothesis in hypotheses]
    results = engine.batch_limits(hypotheses, confidence_levels)
    return [
        failed_limits(hypothesis, confidence_levels, engine, found.one_line())
        if isinstance(found, DarkreachError)
        else found
        for hypothesis, found in zip(hypotheses, results, strict=True)
    ]


def quick_limits_of_batch(
    hypotheses: Sequence[Hypothesis], confidence_levels: Sequence[float], engine: QuickLimitEngine
) -> list[list[Limit] | None]:
    """Return the limits that an engine finds quickly; what goes wrong is left to ``limits_of``."""
    try:
        return engine.quick_limits(hypotheses, confidence_levels)
    except (DarkreachError, *_CALCULATION_ERRORS):
        return [None] * len(hypotheses)


def failed_limits(
    hypothesis: Hypothesis, confidence_levels: Sequence[float], engine: LimitEngine, reason: str
) -> list[Limit]:
    """Return one failed limit a confidence level, of the method that was asked for."""
    values, method = dict(hypothesis.values), method_of(engine)
    return [
        Limit(hypothesis.name, values, cl, method, engine.name, None, (), status="failed", reason=reason)
        for cl in confidence_levels
    ]


def method_of(engine: LimitEngine) -> Method:
    """Return the method an engine was told to use, ``auto`` if it was to choose; others know asymptotic formulas only.

    Example:
        >>> from darkreach.limits.engines import limit_engine, make_engine
        >>> method_of(make_engine("pyhf")), method_of(limit_engine("compiled", method="auto"))
        ('asymptotic', 'auto')
    """
    method = getattr(engine, "method", None)
    return next((known for known in get_args(Method) if known == method), "asymptotic")
