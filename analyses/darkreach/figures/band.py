"""Limits against mass at one confidence level, ready to draw: an observed line, five expected ones, and islands."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from darkreach.couplings.couplings_file import QUANTILES, ExcludedInterval
from darkreach.errors import LimitError
from darkreach.limits.results import Limit

EXPECTED: Final = tuple(quantile for quantile in QUANTILES if quantile != "observed")
"""Quantiles of the expected limits, in standard deviations, in the order of ``LimitBand.expected``."""


@dataclass(frozen=True)
class Island:
    """A closed excluded interval at one mass (GeV); ``quantile`` is ``observed`` or one of ``EXPECTED``."""

    mass_gev: float
    quantile: str
    lower: float
    upper: float


@dataclass(frozen=True)
class LimitBand:
    """Upper limits against mass; NaN where nothing is excluded, so that lines break instead of bridging a gap.

    Attributes:
        confidence_level: e.g. 0.95.
        mass_gev: (n,), rising.
        observed: (n,).
        expected: (5, n), for -2, -1, 0, +1, +2 standard deviations.
        islands: excluded intervals that are closed above; they belong to no line.
    """

    confidence_level: float
    mass_gev: NDArray[np.float64]
    observed: NDArray[np.float64]
    expected: NDArray[np.float64]
    islands: tuple[Island, ...] = ()


def coupling_limits(
    intervals: Iterable[ExcludedInterval], masses_gev: Sequence[float], confidence_level: float
) -> LimitBand:
    """Arrange excluded intervals of a coupling by mass.

    Args:
        intervals: of one confidence level; one-sided ones (upper = inf) become lines through their lower edges, closed
            ones become islands.
        masses_gev: all masses that were tested; one without an interval leaves a gap.
        confidence_level: of the intervals.

    Raises:
        LimitError: an interval belongs to no tested mass, or a mass has two one-sided intervals of one quantile.
    """
    masses = np.array(sorted(set(masses_gev)), dtype=np.float64)
    position = {float(mass): index for index, mass in enumerate(masses)}
    lines = {quantile: np.full(masses.shape, np.nan) for quantile in QUANTILES}
    islands = []
    for interval in intervals:
        quantile = str(interval.quantile)
        index = position.get(float(interval.mass_gev))
        if index is None or quantile not in lines:
            raise _misplaced(interval, "belongs to no tested mass or to no known quantile")
        if math.isfinite(interval.upper):
            islands.append(Island(float(interval.mass_gev), quantile, interval.lower, interval.upper))
        elif math.isnan(lines[quantile][index]):
            lines[quantile][index] = interval.lower
        else:
            raise _misplaced(interval, "is the second one-sided interval at its mass")
    expected = np.stack([lines[quantile] for quantile in EXPECTED])
    return LimitBand(confidence_level, masses, lines["observed"], expected, tuple(islands))


def cross_section_limits(
    limits: Iterable[Limit], meanings: Mapping[str, Mapping[str, Any]], confidence_level: float
) -> LimitBand:
    """Turn limits on the signal strength into limits on the cross-section, in fb.

    Args:
        limits: of any confidence levels; those of another one are left to their own figure.
        meanings: by name of the hypothesis; ``cross_section_fb`` is the cross-section of mu = 1.
        confidence_level: which limits to take.
    """
    chosen = sorted(
        (limit for limit in limits if limit.cl == confidence_level), key=lambda limit: float(limit.values["mass_gev"])
    )
    masses = np.array([float(limit.values["mass_gev"]) for limit in chosen])
    observed = np.full(masses.shape, np.nan)
    expected = np.full((len(EXPECTED), masses.size), np.nan)
    for index, limit in enumerate(chosen):
        cross_section = float(meanings[limit.name]["cross_section_fb"])
        if limit.observed is not None:
            observed[index] = limit.observed * cross_section
        if limit.expected:
            strengths = np.asarray(limit.expected)
            expected[:, index] = np.where(np.isfinite(strengths), strengths, np.nan) * cross_section
    return LimitBand(confidence_level, masses, observed, expected)


def _misplaced(interval: ExcludedInterval, problem: str) -> LimitError:
    return LimitError(
        f"an excluded interval {problem}",
        where=f"mass {interval.mass_gev} GeV, quantile {interval.quantile}",
        given=f"[{interval.lower}, {interval.upper}]",
        next_step="write the couplings again with 'darkreach couple'",
    )
