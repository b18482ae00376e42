"""One correction, evaluated on flat rows: nominal value, variations, and how many rows it covered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from darkreach.corrections.bin_table import BinTable
from darkreach.corrections.candidate_rows import CandidateRows
from darkreach.corrections.contracts import CorrectionDescription
from darkreach.errors import EventContentError

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Coverage:
    """How far a correction covered the events.

    Attributes:
        correction: its name.
        rows: candidates seen (events where every row is an event).
        applied: candidates that meet ``applies_to``, those outside the table included.
        outside: of these, candidates outside the table.
        events_outside: events with at least one such candidate.
        treatment: what was done with them: ``neutral`` or ``payload`` (or ``error``).
    """

    correction: str
    rows: int
    applied: int
    outside: int
    events_outside: int
    treatment: str


@dataclass(frozen=True)
class CorrectionValues:
    """Values (rows,) of a correction: nominal, and (up, down) by nuisance parameter."""

    nominal: Floats
    variations: Mapping[str, tuple[Floats, Floats]]
    coverage: Coverage


@dataclass(frozen=True)
class Correction:
    """A correction ready to be evaluated.

    Attributes:
        description: the contract.
        inputs: the payload's inputs in order, without the variation: (name, ``real`` or ``int``).
        table: bins and values.
        flow: what the payload would do silently outside its range: ``clamp``, ``wrap``, ``default``.
        digest: SHA-256 of description and payload.
    """

    description: CorrectionDescription
    inputs: tuple[tuple[str, str], ...]
    table: BinTable
    flow: tuple[str, ...]
    digest: str

    @property
    def neutral(self) -> float:
        """The value that changes nothing: 1 for factors, 0 for an offset."""
        shifts = self.description.shifts
        return 0.0 if shifts is not None and shifts.operation == "offset" else 1.0

    def evaluate(self, rows: CandidateRows) -> CorrectionValues:
        """Return nominal and varied values for every row; rows the correction does not act on get the neutral value.

        Raises:
            EventContentError: NaN or infinite inputs, fractions where integers are wanted, or results that are not
                finite (or negative, for a weight), each with its count.
        """
        applies = self._applies(rows)
        columns = {name: rows.columns[self.description.inputs[name]] for name, _ in self.inputs}
        inputs = [self._input(columns[name], kind, name, applies) for name, kind in self.inputs]
        bins = self.table.bins(inputs)
        inside = np.logical_and.reduce([located >= 0 for located in bins])
        coverage = self._coverage(rows, applies, ~inside)
        kept = slice(None) if inside.all() else inside
        values = {key: self._values(key, inputs, bins, inside, kept) for key in self.description.variation_keys}
        spread = {key: self._spread(key, value, applies) for key, value in values.items()}
        pairs = {one.correlation: (spread[one.up], spread[one.down]) for one in self.description.nuisances}
        nominal = spread[None if self.description.variation_input is None else self.description.nominal]
        return CorrectionValues(nominal, pairs, coverage)

    def _applies(self, rows: CandidateRows) -> Flags | None:
        """Return which rows (rows,) the correction acts on, None for all; NaN (no truth match) is no listed value."""
        conditions = [np.isin(rows.columns[name], values) for name, values in self.description.applies_to.items()]
        return np.logical_and.reduce(conditions) if conditions else None

    def _input(self, column: NDArray[Any], kind: str, name: str, applies: Flags | None) -> NDArray[Any]:
        values = column if applies is None else column[applies]
        bad = ~np.isfinite(values)
        if bad.any():
            raise self._refused(name, f"{int(np.isnan(values).sum())} NaN, {int(np.isinf(values).sum())} infinite", bad)
        if kind == "real":
            return np.ascontiguousarray(values, dtype=np.float64)
        fractions = values != np.floor(values)
        if fractions.any():
            raise self._refused(name, f"{int(fractions.sum())} values that are no integers", fractions)
        return np.ascontiguousarray(values, dtype=np.int64)

    def _values(self, key: str | None, inputs: list[Any], bins: Any, inside: Flags, kept: Any) -> Floats:
        if self.description.outside == "payload" and not inside.all():
            try:
                return self.table.as_payload(key, inputs)
            except (RuntimeError, IndexError) as error:
                raise EventContentError(
                    f"'{self.description.name}': the payload itself refuses values outside its range",
                    given=str(error),
                    next_step="use `outside: neutral`, or cut these candidates",
                ) from error
        if inside.all():
            return self.table.look_up(key, inputs, bins)
        values = np.full(len(inside), self.neutral)
        values[kept] = self.table.look_up(key, [one[kept] for one in inputs], tuple(one[kept] for one in bins))
        return values

    def _spread(self, key: str | None, values: Floats, applies: Flags | None) -> Floats:
        # the values of a table were checked when it was read
        if self.table.values[key] is None or self.description.outside == "payload":
            bad = ~np.isfinite(values) | (values < 0.0 if self.description.kind == "weight" else False)
            if bad.any():
                given = f"{int(bad.sum())} values not finite or negative"
                raise self._refused(f"result '{key or 'nominal'}'", given, bad)
        if applies is None:
            return values
        everywhere = np.full(len(applies), self.neutral)
        everywhere[applies] = values
        return everywhere

    def _coverage(self, rows: CandidateRows, applies: Flags | None, outside: Flags) -> Coverage:
        flags = outside
        if applies is not None:
            flags = np.zeros(len(applies), dtype=np.bool_)
            flags[applies] = outside
        return Coverage(
            self.description.name,
            rows.rows,
            len(outside),
            int(outside.sum()),
            rows.events_with(flags),
            self.description.outside,
        )

    def _refused(self, name: str, given: str, bad: Flags) -> EventContentError:
        return EventContentError(
            f"'{self.description.name}' cannot be evaluated: {name}",
            where=f"column {self.description.inputs.get(name, name)}, first: candidate {int(np.argmax(bad))} acted on",
            given=f"{given}, of {len(bad)}",
            next_step="cut these candidates before the correction, or narrow `applies_to`",
        )
