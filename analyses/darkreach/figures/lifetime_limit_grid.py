"""Limits of one channel over mass and lifetime at one confidence level, ready to draw."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from darkreach.couplings.couplings_file import QUANTILES
from darkreach.couplings.lifetime_limits import LifetimeLimit
from darkreach.errors import LimitError
from darkreach.figures.band import EXPECTED

Floats = NDArray[np.float64]
Gap = tuple[float, float]

_DECADES: Final = 4.0


@dataclass(frozen=True, eq=False)
class LifetimeLimitGrid:
    """Upper limits over a grid; NaN where there is none.

    Attributes:
        channel: of the limits.
        confidence_level: e.g. 0.95.
        masses_gev: (m,) rising, GeV.
        ctaus_cm: (c,) rising, mean proper decay lengths, cm.
        observed: (m, c).
        expected: (5, m, c), for -2, -1, 0, +1, +2 standard deviations.
        gaps_gev: ranges of mass that the channel leaves out: no line leads across them.
    """

    channel: str
    confidence_level: float
    masses_gev: Floats
    ctaus_cm: Floats
    observed: Floats
    expected: Floats
    gaps_gev: tuple[Gap, ...] = ()

    def at_lifetime(self, ctau_cm: float) -> tuple[Floats, Floats, Floats]:
        """Return masses (n,), observed (n,) and expected (5, n) limits at the nearest lifetime.

        In every gap stands one mass more, with NaN for its limits, so that lines break there.
        """
        column = int(np.argmin(np.abs(np.log(self.ctaus_cm / ctau_cm))))
        places = broken_places(self.masses_gev, self.gaps_gev)
        middles = 0.5 * (self.masses_gev[places] + self.masses_gev[places - 1])
        return (
            np.insert(self.masses_gev, places, middles),
            np.insert(self.observed[:, column], places, np.nan),
            np.insert(self.expected[:, :, column], places, np.nan, axis=1),
        )

    def at_mass(self, mass_gev: float) -> tuple[float, Floats, Floats]:
        """Return the nearest mass, and observed (c,) and expected (5, c) limits there."""
        row = int(np.argmin(np.abs(np.log(self.masses_gev / mass_gev))))
        return float(self.masses_gev[row]), self.observed[row], self.expected[:, row]

    def finite(self) -> Floats:
        """Return all observed limits and medians that are numbers (k,)."""
        both = np.concatenate([self.observed.ravel(), self.expected[2].ravel()])
        return np.asarray(both[np.isfinite(both) & (both > 0.0)])

    def shown_range(self) -> tuple[float, float]:
        """Return a range of limits that holds all but those more than four decades above the best ones."""
        values = self.finite()
        if not values.size:
            return 1.0, 10.0
        lowest = float(values.min())
        return 0.4 * lowest, min(2.5 * float(values.max()), lowest * 10.0**_DECADES)


def lifetime_limit_grid(
    limits: Iterable[LifetimeLimit],
    channel: str,
    confidence_level: float,
    gaps_gev: Sequence[Gap] = (),
    further_masses_gev: Sequence[float] = (),
) -> LifetimeLimitGrid:
    """Arrange the limits of a channel by mass and lifetime; those that are infinite become NaN.

    Args:
        limits: of one confidence level, of any channels.
        channel: whose limits to take.
        confidence_level: of the limits.
        gaps_gev: ranges of mass that the channel leaves out.
        further_masses_gev: that were tried; NaN where there is no limit.

    Raises:
        LimitError: the channel has no limit, or two of one mass, lifetime and quantile.

    Example:
        >>> rows = [LifetimeLimit("mumu", mass, 1.0, "observed", 2e-8) for mass in (1.0, 2.0)]
        >>> masses, observed, _ = lifetime_limit_grid(rows, "mumu", 0.95, [(1.4, 1.6)]).at_lifetime(1.0)
        >>> masses.tolist(), observed.tolist()
        ([1.0, 1.5, 2.0], [2e-08, nan, 2e-08])
    """
    rows = [limit for limit in limits if limit.channel == channel]
    if not rows:
        raise LimitError("no limits of this channel", given=channel)
    masses = np.unique([*(row.mass_gev for row in rows), *further_masses_gev])
    ctaus = np.unique([row.ctau_cm for row in rows])
    values = {quantile: np.full((masses.size, ctaus.size), np.nan) for quantile in QUANTILES}
    seen = set()
    for row in rows:
        key = (row.mass_gev, row.ctau_cm, row.quantile)
        if key in seen:
            raise LimitError("two limits at one mass and lifetime", where=channel, given=str(key))
        seen.add(key)
        if math.isfinite(row.upper):
            place = np.searchsorted(masses, row.mass_gev), np.searchsorted(ctaus, row.ctau_cm)
            values[row.quantile][place] = row.upper
    expected = np.stack([values[quantile] for quantile in EXPECTED])
    return LifetimeLimitGrid(channel, confidence_level, masses, ctaus, values["observed"], expected, tuple(gaps_gev))


def broken_places(masses_gev: Floats, gaps_gev: Sequence[Gap]) -> NDArray[np.intp]:
    """Return the numbers of the masses (n,) that have a gap between themselves and the mass before.

    Example:
        >>> broken_places(np.array([0.4, 0.45, 0.6]), [(0.46, 0.54)]).tolist()
        [2]
    """
    between = [
        any(low < after and high > before for low, high in gaps_gev)
        for before, after in zip(masses_gev[:-1], masses_gev[1:], strict=True)
    ]
    return np.flatnonzero(np.array(between, dtype=bool)) + 1


def spread_values(values: Floats, most: int) -> list[float]:
    """Return at most so many of rising positive values, spread evenly in the logarithm, ends included.

    Example:
        >>> spread_values(np.array([0.01, 0.1, 1.0, 10.0, 100.0]), 3)
        [0.01, 1.0, 100.0]
    """
    wanted = np.geomspace(values[0], values[-1], most)
    return sorted({float(values[np.argmin(np.abs(np.log(values / one)))]) for one in wanted})
