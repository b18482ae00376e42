"""A covariance matrix as independent variations: its eigenvectors, each with the size of one standard deviation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from darkreach.errors import InputFileError

Floats = NDArray[np.float64]
_ROUNDING: Final = 1.0e-9


@dataclass(frozen=True)
class EigenVariations:
    """Independent shifts of one standard deviation that together carry a covariance.

    Attributes:
        shifts: (kept, bins), in order of falling variance; the sum over ``kept`` of the squares is the diagonal of
            the covariance less ``dropped``.
        kept_fraction: part of the total variance (trace) that is kept.
        dropped: variance of each bin (bins,) that is not carried; zero where everything is kept.
    """

    shifts: Floats
    kept_fraction: float
    dropped: Floats


def eigen_variations(covariance: Floats, fraction: float = 1.0, where: str = "covariance") -> EigenVariations:
    """Return the fewest eigen-variations that carry a fraction of the total variance of a covariance (bins, bins).

    The sign is fixed: the largest component of each shift is positive, the first of them where several are equal.
    Eigenvectors of equal eigenvalues are any basis of their space; their sum of squares is the same in each.

    Raises:
        InputFileError: not a finite, symmetric, positive semi-definite square matrix, or a fraction outside (0, 1].

    Example:
        >>> found = eigen_variations(np.array([[4.0, 0.0], [0.0, 1.0]]), fraction=0.8)
        >>> found.shifts.tolist(), found.kept_fraction, found.dropped.tolist()
        ([[2.0, 0.0]], 0.8, [0.0, 1.0])
    """
    matrix = np.asarray(covariance, dtype=np.float64)
    _require_covariance(matrix, fraction, where)
    values, vectors = np.linalg.eigh(0.5 * (matrix + matrix.T))
    largest = max(float(values[-1]), 0.0)
    if values[0] < -_ROUNDING * max(largest, float(np.abs(matrix).max())):
        raise InputFileError(
            "the covariance has a negative variance along one direction",
            where=where,
            allowed="a positive semi-definite matrix",
            given=f"smallest eigenvalue {values[0]:.3g}, largest {largest:.3g}",
            next_step="covariances printed with few digits lose this: take more digits",
        )
    order = np.argsort(values, kind="stable")[::-1]
    values, vectors = np.clip(values[order], 0.0, None), vectors[:, order]
    total = float(values.sum())
    carried = int(np.count_nonzero(values > np.finfo(float).eps * len(values) * largest))
    share = np.cumsum(values) / total if total > 0.0 else np.ones(len(values))
    kept = min(int(np.searchsorted(share, fraction - _ROUNDING)) + 1, carried) if fraction < 1.0 else carried
    shifts = _fixed_signs((vectors[:, :kept] * np.sqrt(values[:kept])).T)
    dropped = (
        np.clip(np.diag(matrix) - np.sum(shifts**2, axis=0), 0.0, None) if kept < carried else np.zeros(len(matrix))
    )
    return EigenVariations(shifts, float(share[kept - 1]) if kept else 1.0, dropped)


def _fixed_signs(shifts: Floats) -> Floats:
    for shift in shifts:
        sizes = np.abs(shift)
        # equal components differ by rounding, which must not decide
        first = int(np.argmax(sizes >= sizes.max() * (1.0 - _ROUNDING)))
        shift *= np.sign(shift[first])
    return shifts + 0.0


def _require_covariance(matrix: Floats, fraction: float, where: str) -> None:
    if not 0.0 < fraction <= 1.0:
        raise InputFileError("the fraction of the variance to keep must be in (0, 1]", given=str(fraction))
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or not matrix.size:
        raise InputFileError("a covariance is a square matrix", where=where, given=f"shape {matrix.shape}")
    bad = int(np.count_nonzero(~np.isfinite(matrix)))
    if bad:
        raise InputFileError(
            "the covariance has entries that are not finite", where=where, given=f"{bad} of {matrix.size}"
        )
    asymmetry = float(np.abs(matrix - matrix.T).max())
    if asymmetry > 1.0e-6 * float(np.abs(matrix).max()):
        raise InputFileError(
            "the covariance is not symmetric", where=where, given=f"largest difference {asymmetry:.3g}"
        )
