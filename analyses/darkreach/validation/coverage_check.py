"""Coverage of CLs limits: how often the limit of pseudo-experiments lies above the strength that is in them."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
from scipy.optimize import brentq
from scipy.special import log_ndtr, ndtr

from darkreach.likelihood.model_arrays import FloatArray
from darkreach.limits.asymptotic_cls import band_target

ERRORS_ALLOWED: Final = 3.0
"""Statistical errors by which a fraction may miss what it should be."""
MEDIAN_TOLERANCE: Final = 0.03
"""The median expected limit is that of Asimov data: the share that it divides may differ from one half by this."""


@dataclass(frozen=True)
class Coverage:
    """Fraction of pseudo-experiments whose upper limit is not below the true strength.

    Attributes:
        strength: signal strength in the pseudo-data.
        confidence_level: of the limits.
        experiments: with a limit.
        failed: without.
        fraction: that covers; 1 by construction without signal, because limits are not negative.
        gaussian: fraction of CLs limits of a Gaussian measurement, above the confidence level by construction.
    """

    strength: float
    confidence_level: float
    experiments: int
    failed: int
    fraction: float
    gaussian: float

    @property
    def error(self) -> float:
        """Binomial error of the fraction, if it were the confidence level."""
        level = self.confidence_level
        return math.sqrt(level * (1.0 - level) / self.experiments) if self.experiments else math.inf

    @property
    def passed(self) -> bool:
        """Whether the fraction reaches the confidence level within three errors, and no limit has failed."""
        return self.failed == 0 and self.fraction >= self.confidence_level - ERRORS_ALLOWED * self.error

    def as_dict(self) -> dict[str, Any]:
        """Return plain content for JSON."""
        return asdict(self) | {"error": self.error, "passed": self.passed}


@dataclass(frozen=True)
class MedianExclusion:
    """Fraction of background-only pseudo-experiments that exclude the median expected limit: one half.

    Attributes:
        median_limit: expected limit of the Asimov data.
        experiments: with a limit.
        fraction: that excludes it.
        toy_median: median of the limits.
    """

    median_limit: float
    experiments: int
    fraction: float
    toy_median: float

    @property
    def error(self) -> float:
        """Binomial error of one half."""
        return 0.5 / math.sqrt(self.experiments) if self.experiments else math.inf

    @property
    def passed(self) -> bool:
        """Whether the fraction is one half within tolerance and three errors."""
        return abs(self.fraction - 0.5) <= MEDIAN_TOLERANCE + ERRORS_ALLOWED * self.error

    def as_dict(self) -> dict[str, Any]:
        """Return plain content for JSON."""
        return asdict(self) | {"error": self.error, "passed": self.passed}


def coverage_of(limits: FloatArray, strength: float, confidence_level: float, median_limit: float) -> Coverage:
    """Return the coverage of limits.

    Args:
        limits: shape (N,), of pseudo-experiments; NaN where one failed.
        strength: that is in them.
        confidence_level: of the limits.
        median_limit: expected without signal; sets the scale of the Gaussian comparison.
    """
    known = limits[~np.isnan(limits)]
    return Coverage(
        strength=strength,
        confidence_level=confidence_level,
        experiments=int(known.size),
        failed=int(limits.size - known.size),
        fraction=float(np.mean(known >= strength)) if known.size else math.nan,
        gaussian=gaussian_coverage(strength / median_limit, confidence_level),
    )


def median_exclusion(limits: FloatArray, median_limit: float) -> MedianExclusion:
    """Return how often background-only limits (N,) are below the median expected one; a tie counts half."""
    known = limits[~np.isnan(limits)]
    if not known.size:
        return MedianExclusion(median_limit, 0, math.nan, math.nan)
    tied = np.abs(known - median_limit) <= 1e-6 * median_limit
    fraction = float(np.mean(np.where(tied, 0.5, known < median_limit)))
    return MedianExclusion(median_limit, int(known.size), fraction, float(np.median(known)))


def gaussian_coverage(multiple: float, confidence_level: float) -> float:
    """Return the coverage of CLs limits of a Gaussian measurement of known width.

    A measurement t (in standard deviations) excludes a strength z if Phi(t - z) < (1 - CL) Phi(t).

    Args:
        multiple: true strength over the median expected limit.
        confidence_level: of the limits.

    Example:
        >>> round(gaussian_coverage(1.0, 0.9), 6), gaussian_coverage(0.0, 0.9)
        (0.95, 1.0)
    """
    if multiple <= 0.0:
        return 1.0
    z = multiple * band_target(confidence_level, 0)
    target = math.log(1.0 - confidence_level)
    edge = brentq(lambda t: log_ndtr(t - z) - log_ndtr(t) - target, -200.0 / z - 10.0, z + 10.0)
    return 1.0 - float(ndtr(edge - z))
