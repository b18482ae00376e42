"""All corrections of a search: two lines in a processor give nominal weights and every varied weight."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from darkreach.corrections.candidate_rows import CandidateRows, Columns, candidate_rows
from darkreach.corrections.correction import Correction, CorrectionValues, Coverage
from darkreach.errors import EventContentError
from darkreach.provenance import digest_json

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Corrections:
    """Corrections in order; picklable, and the same whatever the chunk.

    Example:
        In a processor, with columns by basf2 name::

            corrections = read_corrections([Path("configs/corrections/example_photon_corrections.yaml")])
            weights, variations = corrections.evaluate(columns)
            weights * generator_weight                           # nominal
            variations["photon_efficiency_up"] * generator_weight
    """

    corrections: tuple[Correction, ...]

    def chosen(self, kind: Literal["weight", "shift"], samples: Literal["simulation", "data"]) -> Corrections:
        """Return those of one kind that act on simulated or on recorded events."""
        descriptions = [(one, one.description) for one in self.corrections]
        return Corrections(tuple(one for one, d in descriptions if d.kind == kind and d.samples == samples))

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns read by any of the corrections, to be declared by the search."""
        names = [name for correction in self.corrections for name in correction.description.columns]
        return tuple(dict.fromkeys(names))

    @property
    def nuisances(self) -> Mapping[str, tuple[str, ...]]:
        """Names of the corrections that feed each nuisance parameter."""
        feeders: dict[str, list[str]] = {}
        for correction in self.corrections:
            for nuisance in correction.description.nuisances:
                feeders.setdefault(nuisance.correlation, []).append(correction.description.name)
        return {name: tuple(names) for name, names in feeders.items()}

    @property
    def digest(self) -> str:
        """SHA-256 of all descriptions and payloads, in order: results made with other corrections have another."""
        return digest_json([correction.digest for correction in self.corrections])

    @property
    def silent_flows(self) -> Mapping[str, tuple[str, ...]]:
        """Corrections whose payload would clamp, wrap or fall back outside its range, were it evaluated by itself."""
        return {one.description.name: one.flow for one in self.corrections if one.flow}

    def evaluate(self, columns: Columns) -> tuple[Floats, dict[str, Floats]]:
        """Return weights (events,) and varied weights ``<nuisance>_up``, ``<nuisance>_down``, each (events,).

        Weights multiply over corrections and over the candidates of an event. A nuisance parameter fed by several
        corrections moves all of them together. Shifts take no part.

        Raises:
            MissingColumnError: a column is missing.
            EventContentError: values outside a table (with counts), NaN inputs, results that are no weights.
        """
        weights, variations, coverage = self.evaluate_counted(columns)
        require_inside(coverage)
        return weights, variations

    def evaluate_counted(self, columns: Columns) -> tuple[Floats, dict[str, Floats], tuple[Coverage, ...]]:
        """Return weights and variations as ``evaluate`` does, and what lay outside the tables instead of an error.

        Raises:
            EventContentError: as ``evaluate``; values outside a table only where its ``outside`` is ``error``.
        """
        products = []
        for correction in self._of_kind("weight"):
            rows = candidate_rows(columns, correction.description.columns)
            values = correction.evaluate(rows)
            _refuse_outside(values.coverage)
            pairs = {name: _event_products(rows, pair) for name, pair in values.variations.items()}
            products.append(CorrectionValues(rows.event_product(values.nominal), pairs, values.coverage))
        coverage = tuple(product.coverage for product in products)
        return (*_combined(products, columns), coverage)

    def shift(self, columns: Columns) -> tuple[dict[str, Any], dict[str, dict[str, Any]], tuple[Coverage, ...]]:
        """Return the shifted columns by name, the same for each ``<nuisance>_up`` and ``_down``, and the coverage.

        Every correction reads the columns as they were given; factors on a column multiply, then offsets add. Columns
        come back in the form they had. A variation holds only the columns it changes beyond the nominal shift.

        Raises:
            EventContentError: as ``evaluate_counted``.
        """
        evaluated = []
        for correction in self._of_kind("shift"):
            rows = candidate_rows(columns, correction.description.columns)
            _require_same_form(rows, candidate_rows(columns, [_target(correction)]), correction)
            values = correction.evaluate(rows)
            _refuse_outside(values.coverage)
            evaluated.append((correction, rows, values))
        shifted = {_target(correction): _shifted(evaluated, _target(correction)) for correction, _, _ in evaluated}
        varied: dict[str, dict[str, Any]] = {}
        for correction, _, values in evaluated:
            for name in values.variations:
                for side, suffix in enumerate(("up", "down")):
                    column = _target(correction)
                    varied.setdefault(f"{name}_{suffix}", {})[column] = _shifted(evaluated, column, name, side)
        return shifted, varied, tuple(values.coverage for _, _, values in evaluated)

    def _of_kind(self, kind: str) -> Iterable[Correction]:
        return (correction for correction in self.corrections if correction.description.kind == kind)


def _event_products(rows: CandidateRows, pair: tuple[Floats, Floats]) -> tuple[Floats, Floats]:
    return rows.event_product(pair[0]), rows.event_product(pair[1])


def require_inside(coverage: Iterable[Coverage]) -> None:
    """Refuse candidates outside a table.

    Raises:
        EventContentError: with the count of each correction.
    """
    outside = [one for one in coverage if one.outside]
    if outside:
        raise EventContentError(
            "correction tables do not cover the events",
            where=", ".join(one.correction for one in outside),
            given="; ".join(_counted(one) for one in outside),
            next_step="cut these candidates, or choose `outside` in the description and use evaluate_counted",
        )


def _refuse_outside(coverage: Coverage) -> None:
    if coverage.treatment == "error":
        require_inside([coverage])


def _counted(one: Coverage) -> str:
    return f"{one.correction}: {one.outside} of {one.applied} candidates outside, in {one.events_outside} events"


def _combined(products: list[CorrectionValues], columns: Columns) -> tuple[Floats, dict[str, Floats]]:
    if not products:
        events = len(next(iter(columns.values()))) if columns else 0
        return np.ones(events), {}
    lengths = {len(product.nominal) for product in products}
    if len(lengths) > 1:
        raise EventContentError("the corrections were given different numbers of events", given=str(sorted(lengths)))
    nominal = reduce(np.multiply, [product.nominal for product in products])
    feeders: dict[str, tuple[int, ...]] = {}
    for index, product in enumerate(products):
        for name in product.variations:
            feeders[name] = (*feeders.get(name, ()), index)
    # most nuisances have the same feeders: the product of all the others is made once, never by a division
    others = {
        fed: [product.nominal for index, product in enumerate(products) if index not in fed]
        for fed in set(feeders.values())
    }
    rest = {fed: [reduce(np.multiply, factors)] if factors else [] for fed, factors in others.items()}
    variations = {}
    for name, fed in feeders.items():
        for side, suffix in enumerate(("up", "down")):
            factors = [products[index].variations[name][side] for index in fed]
            variations[f"{name}_{suffix}"] = reduce(np.multiply, [*rest[fed], *factors])
    return nominal, variations


def _require_same_form(rows: CandidateRows, target: CandidateRows, correction: Correction) -> None:
    if (rows.counts is None) != (target.counts is None):
        raise EventContentError(
            f"'{correction.description.name}' depends on the candidates, the quantity it shifts belongs to the event",
            where=f"column {_target(correction)}",
            next_step="shift a column of the same particle list",
        )


def _target(correction: Correction) -> str:
    return correction.description.shifts.column if correction.description.shifts else ""


def _shifted(evaluated: list[Any], column: str, name: str | None = None, side: int = 0) -> Any:
    factor: Any = 1.0
    offset: Any = 0.0
    own = None
    for correction, rows, values in evaluated:
        if _target(correction) != column:
            continue
        own = rows if own is None else own
        value = values.variations[name][side] if name in values.variations else values.nominal
        if correction.description.shifts.operation == "scale":
            factor = factor * value
        else:
            offset = offset + value
    assert own is not None
    return own.restored(own.columns[column] * factor + offset)
