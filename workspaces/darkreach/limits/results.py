"""The result of a limit: numbers, how they were found, and whether they can be trusted."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Method = Literal["asymptotic", "toys", "exact", "auto"]
"""How a limit was found; ``auto`` only where it failed before a method was chosen."""
Status = Literal["ok", "no_sensitivity", "failed"]

TOY_FIELDS = ("toys", "failed_toys", "failed_toys_at", "observed_error", "expected_errors")
"""Fields of ``LimitQuality`` that only limits from toys have."""


@dataclass(frozen=True)
class LimitQuality:
    """Self-check of one limit.

    Attributes:
        cls_at_observed: CLs evaluated again at the observed limit; 1 - cl if all is well.
        cls_at_expected: the same for the five bands; NaN (null in JSON) for one that does not exist.
        parameters_at_bound: nuisance parameters at a bound in the best fit.
        evaluations: likelihood evaluations or fits spent.
        note: anything a reader must know, e.g. that the declared bound of the parameter of interest was widened.
        toys: toys thrown; the fields below belong to limits from toys and are left out of files where this is 0.
        failed_toys: toys with a failed fit. They count as more extreme than the data under signal plus background and
            as less extreme under background alone, which makes the limit weaker.
        failed_toys_at: seed, ensemble, batch and place of the first hundred of them.
        observed_error: statistical error of the observed limit.
        expected_errors: those of the five bands.
    """

    cls_at_observed: float | None = None
    cls_at_expected: tuple[float, ...] = ()
    parameters_at_bound: tuple[str, ...] = ()
    evaluations: int = 0
    note: str = ""
    toys: int = 0
    failed_toys: int = 0
    failed_toys_at: tuple[str, ...] = ()
    observed_error: float | None = None
    expected_errors: tuple[float, ...] = ()


@dataclass(frozen=True)
class Limit:
    """A CLs upper limit on the parameter of interest of one hypothesis at one confidence level.

    Attributes:
        name: hypothesis.
        values: its coordinates, e.g. {"mass_gev": 1.0, "ctau_cm": 0.0}.
        cl: confidence level, e.g. 0.95.
        method: asymptotic, toys or exact; auto if it failed before one was chosen.
        engine: pyhf or compiled.
        observed: limit on the signal strength, None unless status is ok.
        expected: limits for background-only data at -2, -1, 0, +1, +2 standard deviations, empty unless status is ok;
            infinite (null in JSON) where nuisance parameters absorb any signal.
        status: ok, no_sensitivity or failed.
        reason: why the status is not ok.
        quality: the self-check.
    """

    name: str
    values: Mapping[str, float | str]
    cl: float
    method: Method
    engine: str
    observed: float | None
    expected: tuple[float, ...]
    status: Status = "ok"
    reason: str = ""
    quality: LimitQuality = field(default_factory=LimitQuality)

    def as_dict(self) -> dict[str, Any]:
        """Return the limit as JSON-like data."""
        content = asdict(self)
        # JSON has neither infinity nor NaN
        content["expected"] = [value if math.isfinite(value) else None for value in self.expected] or [None] * 5
        content["quality"]["cls_at_expected"] = [
            value if math.isfinite(value) else None for value in self.quality.cls_at_expected
        ]
        if self.quality.toys == 0:
            for name in TOY_FIELDS:
                del content["quality"][name]
        return content
