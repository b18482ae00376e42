"""Background-only scans: local and global p-values must be flat."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
from scipy.special import ndtr
from scipy.stats import ks_2samp, kstest

from darkreach.errors import ConfigError
from darkreach.fits import ExpectedUpcrossings, expected_upcrossings, global_p_value
from darkreach.fits.global_significance import REFERENCE_LEVEL
from darkreach.likelihood.model_arrays import FloatArray

SMALLEST_PROBABILITY: Final = 0.01
"""A Kolmogorov-Smirnov test with a smaller probability says that p-values are not flat."""
ERRORS_ALLOWED: Final = 3.0
"""Statistical errors by which a fraction may miss what it should be."""
LOCAL_TOLERANCE: Final = 0.1
"""By which the fraction of local excesses may differ from that of a Gaussian, relative."""
_TAIL: Final = 0.2


@dataclass(frozen=True)
class ScanFlatness:
    """Global p-values of N background-only scans, calibrated on independent ones.

    Attributes:
        scans: that were tested.
        calibration_scans: independent ones.
        hypotheses: of each scan.
        failed: scans with a failed fit, left out.
        toy_probability: Kolmogorov-Smirnov probability that the p-values by toys are flat.
        tail_probability: the same for those by upcrossings below 0.2, where the closed form is meant to hold.
        tail_fraction: scans with a p-value by upcrossings below 0.2; about 0.2, and less where hypotheses are as far
            apart as the resolution: upcrossings counted low then fall faster than the closed form, which is too large.
        tail_error: its statistical error, with that of the calibration.
        local_fraction: fraction of hypotheses with a local significance above 1; that of a Gaussian is 0.159.
        local_error: its statistical error.
        upcrossings: of the calibration.
        p_values: by toys, rising; for figures.
    """

    scans: int
    calibration_scans: int
    hypotheses: int
    failed: int
    toy_probability: float
    tail_probability: float
    tail_fraction: float
    tail_error: float
    local_fraction: float
    local_error: float
    upcrossings: ExpectedUpcrossings
    p_values: tuple[float, ...]

    @property
    def passed(self) -> bool:
        """Whether global p-values by toys are flat, and local excesses as frequent as they should be."""
        local = float(ndtr(-1.0))
        allowed = LOCAL_TOLERANCE * local + ERRORS_ALLOWED * self.local_error
        return self.toy_probability >= SMALLEST_PROBABILITY and abs(self.local_fraction - local) <= allowed

    def as_dict(self) -> dict[str, Any]:
        """Return plain content for JSON."""
        return asdict(self) | {"passed": self.passed, "p_values": list(self.p_values)}


def scan_flatness(tested: FloatArray, calibration: FloatArray, level: float = REFERENCE_LEVEL) -> ScanFlatness:
    """Test the global p-values of background-only scans.

    Args:
        tested: shape (N, hypotheses), q0; rows with NaN are left out.
        calibration: shape (M, hypotheses), q0 of independent scans that p-values are taken from.
        level: of q0, where upcrossings are counted.

    Raises:
        ConfigError: too few scans.
    """
    used, reference = complete(tested), complete(calibration)
    if min(len(used), len(reference)) < 10:
        raise ConfigError(
            "too few background-only scans",
            given=f"{len(used)} and {len(reference)} for calibration",
            allowed="10 or more of each",
        )
    largest, known = used.max(axis=1), reference.max(axis=1)
    upcrossings = expected_upcrossings(reference, level)
    closed = np.array([global_p_value(math.sqrt(value), upcrossings).p_value for value in largest])
    slopes = np.array([global_p_value(math.sqrt(value), upcrossings).error for value in largest])
    tail = closed[closed < _TAIL]
    fraction = tail.size / closed.size
    # an error of the calibration moves the p-values near the edge of the tail
    nearest = slopes[np.argsort(np.abs(closed - _TAIL))[: max(closed.size // 20, 1)]]
    local = np.mean(used > 1.0, axis=1)
    return ScanFlatness(
        scans=len(used),
        calibration_scans=len(reference),
        hypotheses=tested.shape[1],
        failed=len(tested) - len(used),
        toy_probability=float(ks_2samp(largest, known).pvalue),
        tail_probability=float(kstest(tail / _TAIL, "uniform").pvalue) if tail.size else math.nan,
        tail_fraction=fraction,
        tail_error=math.hypot(math.sqrt(_TAIL * (1.0 - _TAIL) / closed.size), float(nearest.mean())),
        local_fraction=float(local.mean()),
        local_error=float(local.std(ddof=1)) / math.sqrt(local.size),
        upcrossings=upcrossings,
        p_values=tuple(np.sort(p_values_by_toys(largest, known)).tolist()),
    )


def p_values_by_toys(largest: FloatArray, reference: FloatArray) -> FloatArray:
    """Return for each largest q0 (N,) the fraction of reference ones (M,) that are not smaller.

    Example:
        >>> p_values_by_toys(np.array([4.0, 0.5]), np.array([1.0, 2.0, 4.0, 8.0])).tolist()
        [0.5, 1.0]
    """
    ranked = np.sort(reference)
    # equal data give equal statistics up to the tolerance of the fits
    below = np.searchsorted(ranked, largest - 1e-7, side="left")
    fractions: FloatArray = 1.0 - below / ranked.size
    return fractions


def complete(scans: FloatArray) -> FloatArray:
    """Return the scans without a failed fit."""
    kept: FloatArray = scans[~np.isnan(scans).any(axis=1)]
    return kept
