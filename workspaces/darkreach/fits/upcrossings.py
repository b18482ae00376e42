"""The look-elsewhere effect in closed form: upcrossings of the local test statistic (E. Gross, O. Vitells,
EPJ C 70 (2010) 525, arXiv:1005.1891)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from darkreach.errors import ConfigError
from darkreach.likelihood.model_arrays import FloatArray

_NONE_SEEN = 1.0


def count_upcrossings(q0: FloatArray, level: float) -> NDArray[np.int64]:
    """Return how often each scan rises through a level.

    Args:
        q0: shape (..., hypotheses), local test statistics in the order of the scan.
        level: of the test statistic.

    Example:
        >>> count_upcrossings(np.array([0.0, 2.0, 0.5, 0.2, 3.0, 4.0]), 1.0).item()
        2
    """
    rises = (q0[..., :-1] < level) & (q0[..., 1:] >= level)
    counts: NDArray[np.int64] = np.asarray(np.sum(rises, axis=-1), dtype=np.int64)
    return counts


@dataclass(frozen=True)
class ExpectedUpcrossings:
    """Expected number of upcrossings of one background-only scan, extrapolated to level zero.

    Attributes:
        at_zero: N(0); that of another level c of q0 is N(0) exp(-c / 2).
        error: its statistical error.
        counted: upcrossings that were counted, at ``level``, in ``scans`` scans.
        level: reference level of q0.
        scans: number of scans; 1 for the observed one.
    """

    at_zero: float
    error: float
    counted: int
    level: float
    scans: int

    @property
    def relative_error(self) -> float:
        """Error over value; infinite if nothing was counted."""
        return self.error / self.at_zero if self.at_zero > 0.0 else math.inf


def expected_upcrossings(q0: FloatArray, level: float) -> ExpectedUpcrossings:
    """Count upcrossings at a reference level and extrapolate to zero.

    The error is that of the mean over scans; of a single scan, the square root of its count, at least one.

    Args:
        q0: shape (hypotheses,) or (scans, hypotheses).
        level: reference level of q0, above zero and low, so that there are many.

    Raises:
        ConfigError: the level is not above zero, or there are fewer than two hypotheses.
    """
    scans = np.atleast_2d(q0)
    if not level > 0.0:
        raise ConfigError("a reference level is not above zero", given=f"{level:g}", allowed="e.g. 0.5 or 1")
    if scans.shape[1] < 2:
        raise ConfigError("upcrossings need a scan", given=f"{scans.shape[1]} hypotheses", allowed="2 or more")
    counts, factor = count_upcrossings(scans, level), math.exp(0.5 * level)
    number = counts.size
    if number > 1:
        error = max(float(np.std(counts, ddof=1)), _NONE_SEEN / math.sqrt(number)) / math.sqrt(number)
    else:
        error = max(math.sqrt(float(counts[0])), _NONE_SEEN)
    return ExpectedUpcrossings(float(counts.mean()) * factor, error * factor, int(counts.sum()), level, number)


@dataclass(frozen=True)
class GlobalPValue:
    """A p-value after the look-elsewhere effect, with the error from the number of upcrossings.

    Attributes:
        p_value: probability that background alone reaches the local significance anywhere in the scan.
        error: from that of the number of upcrossings.
        significance: the same in standard deviations; negative above 1/2.
    """

    p_value: float
    error: float
    significance: float


def global_p_value(significance: float, upcrossings: ExpectedUpcrossings) -> GlobalPValue:
    """Return 1 - (1 - p_local) exp(-N(0) exp(-Z^2 / 2)), with upcrossings as a Poisson process.

    Args:
        significance: largest local significance Z.
        upcrossings: expected number of them.

    Example:
        >>> field = ExpectedUpcrossings(at_zero=56.27, error=0.0, counted=0, level=1.0, scans=0)
        >>> round(global_p_value(3.0, field).p_value, 3), round(global_p_value(4.0, field).p_value, 4)
        (0.466, 0.0187)
    """
    local = float(ndtr(-significance))
    weight = math.exp(-0.5 * significance * significance)
    # log of the probability to stay below; exact for tiny p-values
    log_below = math.log1p(-local) - upcrossings.at_zero * weight
    p_value = -math.expm1(log_below)
    error = math.exp(log_below) * weight * upcrossings.error
    return GlobalPValue(p_value, error, significance_of(p_value))


def significance_of(p_value: float) -> float:
    """Return the one-sided significance of a p-value.

    Example:
        >>> round(significance_of(2.866515719e-07), 6)
        5.0
    """
    return -float(ndtri(p_value))


def as_json(result: Any) -> Any:
    """Return a number as JSON has it: None for infinities."""
    return result if not isinstance(result, float) or math.isfinite(result) else None
