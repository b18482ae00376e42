"""Intervals at many masses joined to closed regions: of the coupling, or of the lifetime."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Interval = tuple[float, float]
_Rows = list[tuple[float, Interval]]


@dataclass(frozen=True, eq=False)
class ExclusionStrip:
    """A closed region: at each of neighbouring masses one interval.

    Attributes:
        masses_gev: (m,) rising, GeV.
        lower: (m,) lower edges.
        upper: (m,) upper edges, infinite where there is none.
    """

    masses_gev: Array
    lower: Array
    upper: Array

    def outline(self, ceiling: float) -> Array:
        """Return the closed outline (2 m + 1, 2) of mass and edge, upper edges cut at a ceiling.

        Example:
            >>> strip = ExclusionStrip(np.array([1.0, 2.0]), np.array([0.1, 0.2]), np.array([0.3, np.inf]))
            >>> strip.outline(1.0).tolist()
            [[1.0, 0.1], [2.0, 0.2], [2.0, 1.0], [1.0, 0.3], [1.0, 0.1]]
        """
        masses = np.concatenate([self.masses_gev, self.masses_gev[::-1], self.masses_gev[:1]])
        edges = np.concatenate([self.lower, np.minimum(self.upper, ceiling)[::-1], self.lower[:1]])
        return np.column_stack([masses, edges])

    def of_lifetime(self, ctau_cm: Callable[[float, float], float]) -> ExclusionStrip:
        """Return the same region in the lifetime, cm, which the coupling of the lower edge makes longest.

        Args:
            ctau_cm: of mass and coupling.

        Example:
            >>> strip = ExclusionStrip(np.array([1.0]), np.array([0.1]), np.array([np.inf]))
            >>> strip.of_lifetime(lambda mass, coupling: mass / coupling**2).upper.round(9).tolist()
            [100.0]
        """

        def lifetimes(couplings: Array) -> Array:
            pairs = zip(self.masses_gev, couplings, strict=True)
            return np.array([0.0 if np.isinf(g) else ctau_cm(float(mass), float(g)) for mass, g in pairs])

        return ExclusionStrip(self.masses_gev, lifetimes(self.upper), lifetimes(self.lower))


def exclusion_strips(scan: Sequence[tuple[float, Sequence[Interval]]]) -> list[ExclusionStrip]:
    """Return the regions that intervals at all searched masses form.

    Intervals of neighbouring masses belong together if they overlap. A mass without an interval ends a region, so
    gaps in mass stay visible; where one interval meets two, both new regions begin at the mass of the meeting.

    Args:
        scan: all masses in rising order, those where nothing is excluded too, with their intervals.

    Example:
        >>> scan = [(1.0, [(0.1, 0.4)]), (2.0, [(0.1, 0.2), (0.3, 0.4)]), (3.0, []), (4.0, [(0.2, 0.3)])]
        >>> [strip.masses_gev.tolist() for strip in exclusion_strips(scan)]
        [[1.0], [2.0], [2.0], [4.0]]
    """
    done: list[_Rows] = []
    growing: list[_Rows] = []
    for mass, intervals in scan:
        links = [
            (before, after)
            for before, strip in enumerate(growing)
            for after, interval in enumerate(intervals)
            if _overlap(strip[-1][1], interval)
        ]
        befores, afters = (Counter(ends) for ends in (tuple(zip(*links, strict=True)) or ((), ())))
        joined = {after: before for before, after in links if befores[before] == afters[after] == 1}
        done += [strip for place, strip in enumerate(growing) if place not in joined.values()]
        growing = [
            [*(growing[joined[place]] if place in joined else []), (mass, interval)]
            for place, interval in enumerate(intervals)
        ]
    return [_strip(rows) for rows in sorted([*done, *growing], key=lambda rows: (rows[0][0], rows[0][1][0]))]


def _overlap(one: Interval, other: Interval) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _strip(rows: _Rows) -> ExclusionStrip:
    masses, lower, upper = (np.array(values) for values in zip(*((m, *ends) for m, ends in rows), strict=True))
    return ExclusionStrip(masses, lower, upper)
