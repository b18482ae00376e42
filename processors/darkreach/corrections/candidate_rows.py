"""Columns of events and of their candidates, brought to one row a candidate and back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import awkward as ak
import numpy as np
from numpy.typing import NDArray

from darkreach.errors import EventContentError, MissingColumnError, closest_name

Floats = NDArray[np.float64]
Columns = Mapping[str, Any]


@dataclass(frozen=True)
class CandidateRows:
    """Flat columns, one row a candidate.

    Attributes:
        columns: values (rows,) by column name; columns of the event are repeated for each of its candidates.
        counts: candidates of each event (events,); None where every row is an event.
        width: number of candidates an event where that was an array dimension.
    """

    columns: Mapping[str, NDArray[Any]]
    counts: NDArray[np.int64] | None
    width: int | None

    @property
    def rows(self) -> int:
        """Number of candidates."""
        return len(next(iter(self.columns.values())))

    def event_product(self, factors: Floats) -> Floats:
        """Return the product (events,) of factors (rows,) over the candidates of each event, 1 where there are none.

        Example:
            >>> candidate_rows({"E": ak.Array([[1.0, 2.0], [], [3.0]])}, ["E"]).event_product(np.array([2.0, 3.0, 5.0]))
            array([6., 1., 5.])
        """
        if self.counts is None:
            return factors
        product = np.ones(len(self.counts))
        filled = self.counts > 0
        starts = np.cumsum(self.counts) - self.counts
        if filled.any():
            # events without candidates add no rows, so the next start of a filled event is the end of this one
            product[filled] = np.multiply.reduceat(factors, starts[filled])
        return product

    def events_with(self, chosen: NDArray[np.bool_]) -> int:
        """Return the number of events with at least one chosen row (rows,)."""
        if self.counts is None:
            return int(np.count_nonzero(chosen))
        return len(np.unique(np.repeat(np.arange(len(self.counts)), self.counts)[chosen]))

    def restored(self, values: Floats) -> Any:
        """Return values (rows,) in the form of the columns they came from: (events,), (events, width) or jagged."""
        if self.counts is None:
            return values
        if self.width is not None:
            return values.reshape(len(self.counts), self.width)
        return ak.unflatten(values, self.counts)


def candidate_rows(columns: Columns, names: Iterable[str]) -> CandidateRows:
    """Return the named columns as flat rows.

    Columns are (events,), (events, candidates) or jagged awkward arrays; lists must agree in their lengths.

    Raises:
        MissingColumnError: a name is not among the columns.
        EventContentError: lists of different lengths, missing values, or values that are no numbers.
    """
    names = list(names)
    for name in names:
        if name not in columns:
            match = closest_name(name, columns)
            raise MissingColumnError(
                f"a correction needs the column '{name}'",
                where=", ".join(sorted(columns)),
                given=f"no such column{f'; the closest is {match!r}' if match else ''}",
                next_step=f"add the basf2 variable {name} to the ntuple, or name another column in `inputs`",
            )
    split = {name: _split(name, columns[name]) for name in names}
    counts, width = _common_counts(split)
    flat = {}
    for name, (values, own_counts, _) in split.items():
        expected = None if counts is None else (len(counts) if own_counts is None else int(counts.sum()))
        if expected is not None and len(values) != expected:
            raise _disagreement(name, f"{len(values)} values", f"{expected}")
        flat[name] = np.repeat(values, counts) if counts is not None and own_counts is None else values
    lengths = {name: len(values) for name, values in flat.items()}
    if len(set(lengths.values())) > 1:
        raise _disagreement("one of the columns", str(lengths), "one length")
    return CandidateRows(flat, counts, width)


def _split(name: str, column: Any) -> tuple[NDArray[Any], NDArray[np.int64] | None, int | None]:
    """Return flat values, candidates an event (None for a column of the event) and the array width."""
    if isinstance(column, ak.Array) and column.ndim == 2:
        counts = np.asarray(ak.to_numpy(ak.num(column, axis=1)), dtype=np.int64)
        return _plain(name, ak.flatten(column, axis=1)), counts, None
    values = _plain(name, column)
    if values.ndim == 1:
        return values, None, None
    if values.ndim == 2:
        return values.reshape(-1), np.full(values.shape[0], values.shape[1], np.int64), values.shape[1]
    raise _disagreement(name, f"{values.ndim} dimensions", "one value an event, or a list an event")


def _plain(name: str, column: Any) -> NDArray[Any]:
    try:
        values = ak.to_numpy(column, allow_missing=False) if isinstance(column, ak.Array) else np.asarray(column)
    except ValueError as error:
        raise EventContentError(
            f"the column '{name}' has missing values or is no array", given=str(error).splitlines()[0]
        ) from error
    if values.dtype.kind not in "iufb":
        raise EventContentError(f"the column '{name}' holds no numbers", given=str(values.dtype))
    return np.asarray(values)


def _common_counts(split: Mapping[str, Any]) -> tuple[NDArray[np.int64] | None, int | None]:
    counts, width, first = None, None, ""
    for name, (_, own_counts, own_width) in split.items():
        if own_counts is None:
            continue
        if counts is None:
            counts, width, first = own_counts, own_width, name
        elif not np.array_equal(counts, own_counts):
            raise _disagreement(name, "lists of other lengths", f"the lengths of '{first}'")
    return counts, width


def _disagreement(name: str, given: str, allowed: str) -> EventContentError:
    return EventContentError(
        f"the columns of a correction do not belong together: '{name}'",
        allowed=allowed,
        given=given,
        next_step="give columns of the same events and the same particle list",
    )
