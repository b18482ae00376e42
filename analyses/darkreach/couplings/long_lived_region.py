"""What is excluded of a long-lived particle: intervals of the coupling, which are intervals of the lifetime."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from darkreach.couplings.couplings_file import ExcludedInterval
from darkreach.couplings.excluded_region import excluded_intervals
from darkreach.couplings.long_lived_signal import OfCoupling

Array = NDArray[np.float64]
OfLifetime = Callable[[Array], Array]

POINTS_PER_DECADE = 50


def coupling_scan(lowest: float, highest: float) -> Array:
    """Return couplings for `long_lived_intervals`, 50 a decade, ends included.

    Example:
        >>> len(coupling_scan(1e-7, 1.0))
        351
    """
    return np.geomspace(lowest, highest, math.ceil(POINTS_PER_DECADE * math.log10(highest / lowest)) + 1)


def long_lived_intervals(
    signal: OfCoupling, ctau_cm: OfCoupling, limit: OfLifetime, scan: Array
) -> list[tuple[float, float]]:
    """Return all intervals of the coupling in which the signal is larger than its limit at its own lifetime.

    Args:
        signal: predicted signal (n,) of couplings (n,), in the unit of the limit.
        ctau_cm: lifetime (n,) of couplings (n,), cm.
        limit: upper limit (n,) of lifetimes (n,); infinite where there is none.
        scan: couplings (n,), positive and rising, fine enough to show all maxima, see `coupling_scan`.

    Raises:
        LimitError: the scan does not rise, or the signal is not finite.

    Example:
        A maximum of 4 at a coupling of 1e-3, and a limit of 3 events:

        >>> signal = lambda g: 4.0 * np.exp(-np.log(g / 1e-3) ** 2)
        >>> limit = lambda ctau: np.full(ctau.shape, 3.0)
        >>> found = long_lived_intervals(signal, lambda g: 1e-6 / g**2, limit, coupling_scan(1e-6, 1))
        >>> [(round(lower, 7), round(upper, 7)) for lower, upper in found]
        [(0.0005849, 0.0017098)]
    """
    return excluded_intervals(lambda coupling: signal(coupling) / limit(ctau_cm(coupling)), scan)


def excluded_islands(
    mass_gev: float, signal: OfCoupling, ctau_cm: OfCoupling, limits: Mapping[str, OfLifetime], scan: Array
) -> list[ExcludedInterval]:
    """Return the excluded intervals at one mass for the observed limit and the expected ones.

    Args:
        mass_gev: GeV.
        signal: predicted signal (n,) of couplings (n,), in the unit of the limits.
        ctau_cm: lifetime (n,) of couplings (n,), cm.
        limits: by quantile (observed, -2, -1, 0, 1, 2), limits (n,) of lifetimes (n,).
        scan: couplings, see `long_lived_intervals`.

    Raises:
        LimitError: the scan does not rise, or the signal is not finite.
    """
    return [
        ExcludedInterval(mass_gev, float(ctau_cm(np.array([lower]))[0]), quantile, lower, upper)
        for quantile, limit in limits.items()
        for lower, upper in long_lived_intervals(signal, ctau_cm, limit, scan)
    ]


def lifetime_intervals(intervals: Sequence[tuple[float, float]], ctau_cm: OfCoupling) -> list[tuple[float, float]]:
    """Return intervals of the coupling as intervals of the lifetime, shortest first, cm.

    An interval without an upper end reaches down to zero.

    Args:
        intervals: of the coupling, rising.
        ctau_cm: lifetime of couplings, falling.

    Example:
        >>> lifetime_intervals([(0.1, 0.2), (0.5, math.inf)], lambda g: 1.0 / g**2)
        [(0.0, 4.0), (24.999999999999996, 99.99999999999999)]
    """
    ends = [(_lifetime(upper, ctau_cm), _lifetime(lower, ctau_cm)) for lower, upper in intervals]
    return ends[::-1]


def _lifetime(coupling: float, ctau_cm: OfCoupling) -> float:
    return 0.0 if math.isinf(coupling) else float(ctau_cm(np.array([coupling]))[0])
