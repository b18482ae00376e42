"""Limits over a plane of two masses at one confidence level, ready to draw."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from darkreach.couplings import PLANE_MASSES, QUANTILES, PlaneInterval
from darkreach.errors import LimitError
from darkreach.figures.band import EXPECTED, LimitBand
from darkreach.limits.limits_file import LimitsDocument

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class PlaneLimits:
    """Upper limits over the plane; NaN where there is none.

    Attributes:
        confidence_level: e.g. 0.9.
        masses: (n, 2) of the dark photon and of the dark Higgs boson, GeV, by rising first, then second mass.
        observed: (n,).
        expected: (5, n), for -2, -1, 0, +1, +2 standard deviations.
    """

    confidence_level: float
    masses: Floats
    observed: Floats
    expected: Floats

    def slice(self, fixed: int, value: float) -> tuple[float, LimitBand]:
        """Return the limits along a line on which one mass is (nearly) fixed, with the value nearest to the one asked.

        Dark photon masses stand in rows: the nearest row is taken. Of a dark Higgs mass every row gives its nearest
        point, if that is no further away than the points of the row are from each other.

        Args:
            fixed: 0 for the mass of the dark photon, 1 for that of the dark Higgs boson.
            value: of it, GeV.

        Raises:
            LimitError: there is no hypothesis.
        """
        if not len(self.masses):
            raise LimitError("a slice of a plane needs hypotheses")
        rows = np.unique(self.masses[:, 0])
        if fixed == 0:
            found = float(rows[np.argmin(np.abs(rows - value))])
            chosen = np.flatnonzero(self.masses[:, 0] == found)
            return found, self._band(chosen, 1)
        chosen = np.array([index for row in rows for index in self._nearest_in_row(row, value)], dtype=np.int64)
        return value, self._band(chosen, 0)

    def _nearest_in_row(self, row: float, value: float) -> Sequence[int]:
        members = np.flatnonzero(self.masses[:, 0] == row)
        values = self.masses[members, 1]
        distances = np.abs(values - value)
        nearest = int(np.argmin(distances))
        near = np.diff(values)[max(nearest - 1, 0) : nearest + 1]
        return [int(members[nearest])] if distances[nearest] <= (0.5 * near.max() if near.size else 0.0) else []

    def _band(self, chosen: NDArray[np.int64], along: int) -> LimitBand:
        return LimitBand(
            self.confidence_level, self.masses[chosen, along], self.observed[chosen], self.expected[:, chosen]
        )


def plane_points(document: LimitsDocument) -> tuple[tuple[str, ...], Floats]:
    """Return names and masses (n, 2) in GeV of all hypotheses, by rising dark photon, then dark Higgs mass.

    Raises:
        LimitError: a hypothesis lacks one of the two masses.
    """
    found: dict[str, tuple[float, float]] = {}
    for limit in document.limits:
        if any(name not in limit.values for name in PLANE_MASSES):
            raise LimitError(
                "a hypothesis of a plane needs two masses", where=limit.name, allowed=", ".join(PLANE_MASSES),
                given=", ".join(limit.values),
            )  # fmt: skip
        found[limit.name] = (float(limit.values[PLANE_MASSES[0]]), float(limit.values[PLANE_MASSES[1]]))
    names = tuple(sorted(found, key=lambda name: found[name]))
    return names, np.array([found[name] for name in names]).reshape(-1, 2)


def plane_cross_sections(document: LimitsDocument, confidence_level: float) -> PlaneLimits:
    """Turn limits on the signal strength into limits on the cross-section of mu = 1, fb.

    Raises:
        LimitError: a hypothesis lacks one of the two masses.
    """
    names, masses = plane_points(document)
    place = {name: index for index, name in enumerate(names)}
    observed, expected = np.full(len(names), np.nan), np.full((len(EXPECTED), len(names)), np.nan)
    for limit in document.at(confidence_level):
        scale, index = float(document.meanings[limit.name]["cross_section_fb"]), place[limit.name]
        if limit.observed is not None:
            observed[index] = limit.observed * scale
        if limit.expected:
            strengths = np.asarray(limit.expected, dtype=np.float64)
            expected[:, index] = np.where(np.isfinite(strengths), strengths, np.nan) * scale
    return PlaneLimits(confidence_level, masses, observed, expected)


def plane_coupling_limits(intervals: Iterable[PlaneInterval], masses: Floats, confidence_level: float) -> PlaneLimits:
    """Arrange one-sided excluded intervals of a coupling by point of the plane.

    Args:
        intervals: of one confidence level.
        masses: (n, 2) of all points that were tested, GeV; one without an interval has NaN.
        confidence_level: of the intervals.

    Raises:
        LimitError: an interval is closed, belongs to no tested point, or is the second of its point and quantile.
    """
    place = {_key(first, second): index for index, (first, second) in enumerate(masses)}
    lines = {quantile: np.full(len(masses), np.nan) for quantile in QUANTILES}
    for one in intervals:
        index, quantile = place.get(_key(one.dark_photon_mass_gev, one.dark_higgs_mass_gev)), str(one.quantile)
        if index is None or quantile not in lines:
            raise _misplaced(one, "belongs to no tested point or to no known quantile")
        if math.isfinite(one.upper) or math.isfinite(lines[quantile][index]):
            raise _misplaced(one, "is closed, or not the only one of its point")
        lines[quantile][index] = one.lower
    return PlaneLimits(confidence_level, masses, lines["observed"], np.stack([lines[name] for name in EXPECTED]))


def _key(first: float, second: float) -> tuple[float, float]:
    # files hold masses with all their digits; sums of steps may differ in the last one
    return round(float(first), 6), round(float(second), 6)


def _misplaced(interval: PlaneInterval, problem: str) -> LimitError:
    return LimitError(
        f"an excluded interval {problem}",
        where=f"({interval.dark_photon_mass_gev}, {interval.dark_higgs_mass_gev}) GeV, quantile {interval.quantile}",
        given=f"[{interval.lower}, {interval.upper}]",
        next_step="write the couplings again with 'darkreach couple'",
    )
