"""Cuts with names and an order; each sees only the rows that those before it left over."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from darkreach.errors import DarkreachError, EventContentError, unknown_name
from darkreach.selection.cutflow import Cutflow

Indices = NDArray[np.int64]
ALL = "all"


class Rows(Mapping[str, Any]):
    """Columns of some rows; a column is reduced to them when a cut asks for it, once, and not before."""

    def __init__(self, columns: Mapping[str, Any], rows: Indices | None = None) -> None:
        """Take columns of equal length (NumPy or awkward) and the rows (n,) wanted, all if None."""
        self._columns, self._rows = columns, rows
        self._reduced: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        """Return a column of these rows; raises UnknownNameError if there is none."""
        if name not in self._columns:
            raise unknown_name("column", name, self._columns)
        if self._rows is None:
            return self._columns[name]
        if name not in self._reduced:
            self._reduced[name] = self._columns[name][self._rows]
        return self._reduced[name]

    def __iter__(self) -> Any:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)


@dataclass(frozen=True)
class Cut:
    """A requirement with a name.

    Attributes:
        name: in the cutflow.
        passes: rows -> (n,) booleans; a function of each row alone.
        level: ``event`` for one number an event, ``candidate`` if lists are read; cheap cuts must come first.
    """

    name: str
    passes: Callable[[Rows], Any]
    level: Literal["event", "candidate"] = "event"


@dataclass(frozen=True)
class Selected:
    """What a selection left over.

    Attributes:
        rows: (k,) that pass all cuts, rising.
        cutflow: ``all`` and every cut, each after those before it.
        all_but: cut -> rows (m,) that pass all others: the N-1 selection; empty mapping unless asked for.
    """

    rows: Indices
    cutflow: Cutflow
    all_but: Mapping[str, Indices]


class NamedCuts:
    """Cuts in their order.

    Example:
        >>> cuts = NamedCuts([Cut("no_tracks", lambda e: e["nTracks"] == 0), Cut("hard", lambda e: e["E"] > 1.0)])
        >>> events = {"nTracks": np.array([0, 0, 1, 1]), "E": np.array([2.0, 0.5, 3.0, 0.1])}
        >>> selected = cuts.apply(events, np.ones(4), n_minus_one=True)
        >>> selected.rows.tolist(), selected.cutflow.entries.tolist(), selected.all_but["no_tracks"].tolist()
        ([0], [4, 2, 1], [0, 2])
    """

    def __init__(self, cuts: Sequence[Cut]) -> None:
        """Check names and order.

        Raises:
            DarkreachError: a name twice, ``all`` as a name, or an event cut behind a candidate cut.
        """
        self.cuts = tuple(cuts)
        self.names = (ALL, *(cut.name for cut in self.cuts))
        Cutflow(self.names)
        levels = [cut.level for cut in self.cuts]
        if levels != sorted(levels, key=("event", "candidate").index):
            late = self.cuts[len(levels) - 1 - levels[::-1].index("event")].name
            raise DarkreachError(
                "cuts on numbers an event must come before cuts on lists",
                given=f"'{late}' behind a candidate cut",
                next_step="move it forward: fewer events then need their lists",
            )

    def apply(self, columns: Mapping[str, Any], weight: ArrayLike, *, n_minus_one: bool = False) -> Selected:
        """Apply the cuts one after the other.

        Args:
            columns: by name, of equal length n.
            weight: (n,) of the rows, for the cutflow.
            n_minus_one: also find the rows that only one cut removes; rows that two cuts removed are never looked at.

        Raises:
            EventContentError: a cut does not return one boolean a row, or a weight is not finite.
        """
        weights = np.asarray(weight, dtype=np.float64)
        # a sum is finite only if all terms are (or overflows, which the second look sorts out)
        if not np.isfinite(weights.sum()) and not np.all(np.isfinite(weights)):
            raise EventContentError(
                "weights must be finite numbers",
                given=f"{np.count_nonzero(~np.isfinite(weights))} of {len(weights)} are not",
                next_step="find out why these events were written so",
            )
        cutflow = Cutflow(self.names)
        cutflow.count(ALL, weights)
        return (
            self._n_minus_one(columns, weights, cutflow) if n_minus_one else self._one_by_one(columns, weights, cutflow)
        )

    def _one_by_one(self, columns: Mapping[str, Any], weights: NDArray[np.float64], cutflow: Cutflow) -> Selected:
        rows: Indices | None = None
        for cut in self.cuts:
            # positions instead of masks: faster to take rows by, column after column
            passing = np.flatnonzero(_checked(cut, Rows(columns, rows), len(weights) if rows is None else len(rows)))
            rows = passing if rows is None else rows[passing]
            cutflow.count(cut.name, weights[rows])
        return Selected(np.arange(len(weights)) if rows is None else rows, cutflow, {})

    def _n_minus_one(self, columns: Mapping[str, Any], weights: NDArray[np.float64], cutflow: Cutflow) -> Selected:
        rows: Indices = np.arange(len(weights), dtype=np.int64)
        # position of the only cut a row failed so far; -1 if it passed all
        failed = np.full(len(weights), -1, dtype=np.int64)
        for position, cut in enumerate(self.cuts):
            passing = _checked(cut, Rows(columns, rows if len(rows) < len(weights) else None), len(rows))
            kept = passing | (failed == -1)
            failed = np.where(passing, failed, position)[kept]
            rows = rows[kept]
            cutflow.count(cut.name, weights[rows[failed == -1]])
        selected = failed == -1
        all_but = {cut.name: rows[selected | (failed == position)] for position, cut in enumerate(self.cuts)}
        return Selected(rows[selected], cutflow, all_but)


def _checked(cut: Cut, rows: Rows, length: int) -> NDArray[np.bool_]:
    passing = np.asarray(cut.passes(rows))
    if passing.dtype != np.bool_ or passing.shape != (length,):
        raise EventContentError(
            f"cut '{cut.name}' must return one boolean a row",
            allowed=f"({length},) of bool",
            given=f"{passing.shape} of {passing.dtype}",
            next_step="reduce lists with ak.any, ak.all or ak.num",
        )
    return passing
