"""Limits and fits of one hypothesis checked by pseudo-experiments at several signal strengths."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from darkreach.errors import ConfigError
from darkreach.fits import FitModel
from darkreach.fits.postfit import PostFit
from darkreach.limits.compiled_engine import CompiledEngine
from darkreach.sharing import Hypothesis
from darkreach.validation.bias_check import Bias, bias_of
from darkreach.validation.coverage_check import Coverage, MedianExclusion, coverage_of, median_exclusion
from darkreach.validation.injected_signal import InjectedSignal
from darkreach.validation.pseudo_experiments import fitted_strengths, pseudo_experiments, upper_limits, with_signal

MULTIPLES: Final = (0.0, 0.5, 1.0, 2.0)
"""True strengths, in units of the median expected limit."""
COVERED: Final = (0.0, 0.5, 1.0)
UNBIASED: Final = (0.0, 1.0, 2.0)


@dataclass(frozen=True)
class HypothesisValidation:
    """Pseudo-experiments of one hypothesis.

    Attributes:
        hypothesis: its name.
        values: its coordinates.
        confidence_level: of the limits.
        median: how often background alone excludes the median expected limit.
        coverage: for each true strength.
        bias: for each true strength.
        injected: scans with its signal; None if none were asked for.
    """

    hypothesis: str
    values: Mapping[str, float | str]
    confidence_level: float
    median: MedianExclusion
    coverage: tuple[Coverage, ...]
    bias: tuple[Bias, ...]
    injected: InjectedSignal | None = None

    @property
    def failed(self) -> tuple[str, ...]:
        """Checks that have not passed."""
        found = [] if self.median.passed else ["median expected limit"]
        found += [f"coverage at strength {one.strength:.3g}" for one in self.coverage if not one.passed]
        found += [f"bias at strength {one.strength:.3g}" for one in self.bias if not one.passed]
        if self.injected is not None and not self.injected.passed:
            found.append("significance of the injected signal")
        return tuple(f"{self.hypothesis}: {what}" for what in found)

    def as_dict(self) -> dict[str, Any]:
        """Return plain content for JSON."""
        return {
            "hypothesis": self.hypothesis,
            "values": dict(self.values),
            "confidence_level": self.confidence_level,
            "median_exclusion": self.median.as_dict(),
            "coverage": [one.as_dict() for one in self.coverage],
            "bias": [one.as_dict() for one in self.bias],
            "injected": None if self.injected is None else self.injected.as_dict(),
        }


def check_hypothesis(
    hypothesis: Hypothesis,
    model: FitModel,
    point: PostFit,
    median: float,
    *,
    confidence_level: float,
    experiments: int,
    seed: int,
    truth: FitModel | None = None,
    threads: int = 1,
) -> HypothesisValidation:
    """Check limits and fits of one hypothesis.

    Args:
        hypothesis: its name and coordinates.
        model: the likelihood that is fitted.
        point: fit without signal that pseudo-data are thrown around.
        median: median expected limit.
        confidence_level: of the limits.
        experiments: of each strength.
        seed: of the pseudo-data.
        truth: likelihood that pseudo-data are thrown from, with the same bins and parameters, and ``point`` of its own;
            None if the fitted one is true.
        threads: fits at a time.
    """
    thrower = truth or model
    coverage, bias, exclusion = [], [], None
    for index, multiple in enumerate(MULTIPLES):
        strength = multiple * median
        datasets = pseudo_experiments(thrower, with_signal(thrower, point, strength), experiments, seed + index)
        if multiple in COVERED:
            limits = upper_limits(model, datasets, confidence_level, threads=threads)
            coverage.append(coverage_of(limits, strength, confidence_level, median))
            exclusion = exclusion or median_exclusion(limits, median)
        if multiple in UNBIASED:
            bias.append(bias_of(fitted_strengths(model, datasets, threads=threads), strength))
    assert exclusion is not None
    return HypothesisValidation(
        hypothesis.name, hypothesis.values, confidence_level, exclusion, tuple(coverage), tuple(bias)
    )


def median_limit(hypothesis: Hypothesis, confidence_level: float, measurement: str | None = None) -> float:
    """Return the median expected limit of the observed workspace.

    Raises:
        ConfigError: there is none.
    """
    limit = CompiledEngine(measurement=measurement).limits(hypothesis, [confidence_level])[0]
    if limit.status != "ok" or not math.isfinite(limit.expected[2]):
        raise ConfigError("no expected limit to check", where=hypothesis.name, given=limit.reason or "infinite")
    return float(limit.expected[2])
