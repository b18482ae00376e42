"""Which bins of a histogram the likelihood uses: ends without simulation are cut off, scarce bins are merged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from darkreach.building.rounding import FloatArray
from darkreach.errors import WorkspaceError

MINIMUM_EFFECTIVE_EVENTS: Final = 10.0
"""Simulated background events, (sum w)^2 / sum w^2, that every bin of the likelihood must hold."""

_ENOUGH: Final = MINIMUM_EFFECTIVE_EVENTS * (1.0 - 1.0e-9)


@dataclass(frozen=True)
class UsedBins:
    """Bins of the likelihood, each made of neighbouring bins of a histogram.

    Attributes:
        starts: first bin of the histogram of each bin, rising.
        stop: one more than the last bin of the histogram that is used.
    """

    starts: tuple[int, ...]
    stop: int

    def edges(self, edges: FloatArray) -> FloatArray:
        """Return the edges that are left, shape (bins + 1,)."""
        return edges[[*self.starts, self.stop]]

    def sums(self, values: FloatArray) -> FloatArray:
        """Return the contents, shape (bins,), from those of the histogram."""
        return np.add.reduceat(values[: self.stop], self.starts)

    @property
    def merged(self) -> int:
        """How many bins of the histogram share their bin with one before it."""
        return self.stop - self.starts[0] - len(self.starts)


def choose_bins(
    values: FloatArray,
    variances: FloatArray,
    edges: FloatArray,
    where: str,
    kept: tuple[float, float] | None = None,
    flat: FloatArray | None = None,
) -> UsedBins:
    """Choose bins that each hold at least ``MINIMUM_EFFECTIVE_EVENTS`` of simulated background.

    Bins with fewer at either end are cut off as long as they lie beyond ``kept``: kinematics forbids the background
    there, and a template is no prediction. Elsewhere a bin takes in its upper neighbours until it holds enough, and the
    last ones join the bin before them: a hypothesis could be there, an empty bin would exclude every background if one
    event of data or signal were in it, and a wide bin is a correct description, if a less sensitive one. The data play
    no part in this.

    Args:
        values: sums of weights of the simulated background, shape (bins,).
        variances: sums of squared weights.
        edges: shape (bins + 1,).
        where: for messages.
        kept: range of the observable that is never cut off; None for all of it.
        flat: a background that is not simulated, in the unit of ``values``; a bin that it fills needs no simulation,
            as far as a simulated event of average weight would be small beside it.

    Raises:
        WorkspaceError: all bins together hold too little.

    Example:
        >>> counts, edges = np.array([1.0, 30.0, 4.0, 7.0, 30.0, 2.0]), np.arange(7.0)
        >>> choose_bins(counts, counts, edges, "example", kept=(1.0, 6.0))
        UsedBins(starts=(1, 2, 4), stop=6)
    """
    total = values if flat is None else values + flat
    if variances.sum() > 0.0:
        average = variances.sum() / values.sum()
        variances = np.where((variances == 0.0) & (total > 0.0), average**2, variances)
    used = range(len(values)) if kept is None else _without_ends(_effective(total, variances), edges, kept)
    starts = _starts(total, variances, used)
    if not starts:
        raise WorkspaceError(
            "no bin holds enough simulated background",
            where=where,
            allowed=f"{MINIMUM_EFFECTIVE_EVENTS:g} effective events or more",
            given=f"{_effective(np.array([total.sum()]), np.array([variances.sum()]))[0]:.3g} in all bins together",
            next_step="simulate more background, or use wider bins",
        )
    return UsedBins(tuple(starts), used.stop)


def _effective(values: FloatArray, variances: FloatArray) -> FloatArray:
    return np.divide(values**2, variances, out=np.zeros_like(values), where=variances > 0.0)


def _without_ends(effective: FloatArray, edges: FloatArray, kept: tuple[float, float]) -> range:
    filled = np.flatnonzero(effective >= _ENOUGH)
    first, last = (filled[0], filled[-1]) if len(filled) else (len(effective), -1)
    low = np.searchsorted(edges, kept[0], side="right") - 1
    high = np.searchsorted(edges, kept[1], side="left") - 1
    start, end = max(0, min(first, low)), min(len(effective) - 1, max(last, high))
    return range(int(start), int(end) + 1)


def _starts(values: FloatArray, variances: FloatArray, used: range) -> list[int]:
    """Return the first bin of each merged bin; none if all together hold too little."""
    starts, value, variance, start = [], 0.0, 0.0, used.start
    for index in used:
        value, variance = value + values[index], variance + variances[index]
        if value > 0.0 and value**2 >= _ENOUGH * variance:
            starts.append(start)
            value, variance, start = 0.0, 0.0, index + 1
    return starts
