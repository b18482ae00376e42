"""Look-elsewhere effect over a plane of overlapping windows, by background-only toys of its cells.

A toy draws the events of each cell once, for all windows at once; its result is the smallest local p-value of any
window. The fraction of toys whose result is at most that of the data is the global p-value of the largest excess.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array

from darkreach.errors import ConfigError
from darkreach.fits.plane_windows import Floats, PlaneCounting, counting_p_values
from darkreach.fits.upcrossings import as_json, significance_of

_TOYS_AT_A_TIME: Final = 20
_FULL: Final = 0.2
"""Events a cell, from which on cells are drawn one by one."""

_ROUNDING: Final = 1e-9
"""Equal counts in equal windows give equal p-values up to this, relative."""


@dataclass(frozen=True)
class PlaneSignificance:
    """The largest excess of a plane, and how probable one as large is anywhere in it without signal.

    Attributes:
        names: hypotheses, one a window.
        local_p_values: of each; 1 where nothing was counted.
        best: name of the hypothesis with the smallest.
        observed: events in that window.
        background: expected there.
        local_p_value: the smallest.
        toys: background-only planes that were drawn.
        toys_as_extreme: those with a p-value at least as small anywhere.
        p_value: global: their fraction; 0 if there is none.
        p_value_error: binomial, at least that of one toy.
        toy_p_values: smallest local p-value of each toy, rising.
    """

    names: tuple[str, ...]
    local_p_values: tuple[float, ...]
    best: str
    observed: float
    background: float
    local_p_value: float
    toys: int
    toys_as_extreme: int
    p_value: float
    p_value_error: float
    toy_p_values: tuple[float, ...]

    @property
    def local_significance(self) -> float:
        """Of the largest excess, standard deviations (one-sided)."""
        return significance_of(self.local_p_value)

    @property
    def significance(self) -> float | None:
        """Global, standard deviations (one-sided); None if no toy was as extreme."""
        return significance_of(self.p_value) if self.toys_as_extreme else None

    @property
    def trials_factor(self) -> float | None:
        """Global over local p-value; None if no toy was as extreme."""
        return self.p_value / self.local_p_value if self.toys_as_extreme else None

    @property
    def independent_windows(self) -> float | None:
        """How many windows without overlap would have the same global p-value; None if the toys cannot tell."""
        if not 0 < self.toys_as_extreme < self.toys or self.local_p_value >= 1.0:
            return None
        return math.log1p(-self.p_value) / math.log1p(-self.local_p_value)

    def as_dict(self) -> dict[str, Any]:
        """Return the result as JSON-like data, with what follows from it; null for infinities."""
        derived = ("local_significance", "significance", "trials_factor", "independent_windows")
        return asdict(self) | {name: as_json(getattr(self, name)) for name in derived}


def plane_significance(plane: PlaneCounting, *, toys: int, seed: int) -> PlaneSignificance:
    """Return the largest excess of a plane and its global p-value.

    Args:
        plane: windows, expectation and counts.
        toys: number of background-only planes.
        seed: of the toys.

    Raises:
        ConfigError: no toys.
    """
    local = plane.local_p_values
    best = int(np.argmin(local))
    smallest = smallest_p_values(plane, toys=toys, seed=seed)
    extreme = int(np.sum(smallest <= local[best] * (1.0 + _ROUNDING)))
    p_value = extreme / toys
    return PlaneSignificance(
        names=plane.names,
        local_p_values=tuple(local.tolist()),
        best=plane.names[best],
        observed=float(plane.observed[best]),
        background=float(plane.background[best]),
        local_p_value=float(local[best]),
        toys=toys,
        toys_as_extreme=extreme,
        p_value=p_value,
        p_value_error=math.sqrt(max(p_value * (1.0 - p_value), 1.0 / toys) / toys),
        toy_p_values=tuple(np.sort(smallest).tolist()),
    )


def smallest_p_values(plane: PlaneCounting, *, toys: int, seed: int, first: int = 0) -> Floats:
    """Return the smallest local p-value (toys,) of each background-only toy; a toy depends on seed and number only.

    Entries of different cells are drawn independently, also where an event of the search enters several cells: such
    events make windows alike, so that true trials are fewer and the global p-value of the toys is on the safe side.

    Where the background of windows is estimated in another way than by the cells, toys have the events of the cells:
    a part of the plane without expectation stays empty in them.

    Args:
        plane: windows and expectation; its counts are not used.
        toys: how many.
        seed: of all.
        first: number of the first, to go on where others ended.

    Raises:
        ConfigError: no toys.
    """
    if toys < 1:
        raise ConfigError("a global p-value needs toys", given=str(toys), allowed="1 or more")
    windows = csc_array(plane.windows)
    used = np.flatnonzero((np.diff(windows.indptr) > 0) & (plane.expectation > 0.0))
    windows, expectation, background = windows[:, used].tocsr(), plane.expectation[used], plane.background
    found = np.ones(toys)
    for start in range(0, toys, _TOYS_AT_A_TIME):
        numbers = range(start, min(start + _TOYS_AT_A_TIME, toys))
        thrown = [_thrown(expectation, plane.background_uncertainty, seed, first + number) for number in numbers]
        found[numbers.start : numbers.stop] = _smallest(windows, thrown, background, plane.background_uncertainty)
    return found


def _thrown(expectation: Floats, uncertainty: float, seed: int, toy: int) -> tuple[NDArray[np.int64], Floats]:
    """Return cells of one toy, and the events in them."""
    random = np.random.default_rng([seed, toy])
    rates = expectation * (random.gamma(uncertainty**-2, uncertainty**2) if uncertainty > 0.0 else 1.0)
    total = float(rates.sum())
    if total > _FULL * rates.size:
        events = random.poisson(rates)
        filled = np.flatnonzero(events)
        return filled, events[filled].astype(np.float64)
    # few events in many cells: their number, then where each of them is
    edges = np.cumsum(rates)
    places = random.uniform(0.0, edges[-1] if edges.size else 0.0, size=random.poisson(total))
    cells = np.minimum(np.searchsorted(edges, places, side="right"), max(edges.size - 1, 0))
    return cells, np.ones(cells.size)


def _smallest(
    windows: Any, thrown: list[tuple[NDArray[np.int64], Floats]], background: Floats, uncertainty: float
) -> Floats:
    """Return the smallest p-value (toys,) of some toys; windows without an event have one of 1."""
    toy = np.repeat(np.arange(len(thrown)), [cells.size for cells, _ in thrown])
    cells, events = (np.concatenate([one[column] for one in thrown]) for column in (0, 1))
    # a cell that stands there twice has the sum
    counts = (windows @ csc_array((events, (cells, toy)), shape=(windows.shape[1], len(thrown)))).tocoo()
    p_values = counting_p_values(counts.data, background[counts.row], uncertainty)
    smallest = np.ones(len(thrown))
    np.minimum.at(smallest, counts.col, p_values)
    return smallest
