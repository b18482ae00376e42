"""Median expected limits at any mass and lifetime, from those at the hypotheses of a search."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from darkreach.couplings import LifetimeLimit, limits_by_lifetime
from darkreach.couplings.long_lived_region import OfLifetime

Array = NDArray[np.float64]

SAME_MASS: Final = 0.005
"""Relative distance up to which the limit at a mass of ours is taken as it is."""

LARGEST_STEP: Final = 1.35
"""Ratio of neighbouring masses of ours beyond which nothing is said of the masses between them."""


class MedianLimits:
    """Median expected limits at any mass and lifetime, from those at the masses of a search."""

    def __init__(self, limits: Iterable[LifetimeLimit]) -> None:
        """Sort limits by channel and mass; those of other quantiles are left out."""
        rows: dict[tuple[str, float], list[LifetimeLimit]] = {}
        for limit in limits:
            if limit.quantile == "0":
                rows.setdefault((limit.channel, limit.mass_gev), []).append(limit)
        self._found: dict[str, dict[float, OfLifetime]] = {}
        for (channel, mass), group in sorted(rows.items()):
            self._found.setdefault(channel, {})[mass] = limits_by_lifetime(group, channel, mass)["0"]

    @property
    def channels(self) -> tuple[str, ...]:
        """Names of the channels."""
        return tuple(self._found)

    def at(self, channel: str, mass_gev: float, ctau_cm: ArrayLike) -> Array:
        """Return limits (...) at a mass and lifetimes (...), NaN where we say nothing.

        That of the nearest mass if it is the same within ``SAME_MASS``, else straight between the logarithms of the
        limits at the masses below and above.

        Args:
            channel: name.
            mass_gev: GeV.
            ctau_cm: any shape, cm.

        Example:
            >>> rows = [LifetimeLimit("mumu", mass, ctau, "0", mass) for mass in (1.0, 1.2) for ctau in (1.0, 9.0)]
            >>> MedianLimits(rows).at("mumu", 1.1, [0.5, 3.0]).round(4).tolist()
            [nan, 1.1]
        """
        ctau = np.asarray(ctau_cm, dtype=np.float64)
        masses = self._found.get(channel, {})
        nothing = np.full(ctau.shape, np.nan)
        if not masses:
            return nothing
        nearest = min(masses, key=lambda mass: abs(mass - mass_gev))
        if abs(nearest / mass_gev - 1.0) <= SAME_MASS:
            return _finite(masses[nearest](ctau))
        below = max((mass for mass in masses if mass < mass_gev), default=None)
        above = min((mass for mass in masses if mass > mass_gev), default=None)
        if below is None or above is None or above > LARGEST_STEP * below:
            return nothing
        share = math.log(mass_gev / below) / math.log(above / below)
        first, second = _finite(masses[below](ctau)), _finite(masses[above](ctau))
        return np.asarray(first ** (1.0 - share) * second**share)


def _finite(limits: Array) -> Array:
    return np.where(np.isfinite(limits), limits, np.nan)
