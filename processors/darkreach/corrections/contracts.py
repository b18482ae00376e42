"""What a correction is: its name, source, version, the columns it reads and the nuisance parameters it feeds."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from darkreach.configuration.quantities import Section

Name = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]*$")]
Component = Literal["statistical", "systematic"]


class Nuisance(Section):
    """One nuisance parameter a correction feeds.

    Attributes:
        correlation: name of the nuisance parameter; corrections that give the same name vary together.
        up: value of the payload's variation input for +1 standard deviation.
        down: the same for -1 standard deviation.
        component: statistical or systematic part of the correction's uncertainty; never added together.
    """

    correlation: Name
    up: Annotated[str, Field(min_length=1)]
    down: Annotated[str, Field(min_length=1)]
    component: Component


class ShiftedQuantity(Section):
    """The column a shift acts on: multiplied by the correction (``scale``), or added to it (``offset``)."""

    column: Annotated[str, Field(min_length=1)]
    operation: Literal["scale", "offset"]


class CorrectionDescription(Section):
    """One correction: a table of a correctionlib payload and what it means for the events.

    Attributes:
        name: unique among the corrections of a search.
        kind: ``weight`` of an event (the product over the candidates of the event) or ``shift`` of a quantity.
        payload: file of the payload, in the folder of this description.
        correction: name of the correction inside the payload.
        source: paper, note or table it was taken from, or ``unverified``.
        version: version of the table, as its source counts.
        inputs: basf2 column for each input of the payload, apart from the variation input.
        variation_input: the payload's string input that chooses a variation; None for a payload without variations.
        nominal: value of the variation input for the nominal correction.
        nuisances: nuisance parameters it feeds.
        samples: it acts on ``simulation``, or on ``data`` (recorded events and pseudo-data), then without nuisances.
        applies_to: values a column must have for the correction to act on a candidate, e.g. ``mcPDG: [11, -11]``;
            candidates with other values are left as they are, and counted.
        outside: what happens to a candidate outside the table: ``error``; ``neutral`` (left as it is); ``payload``
            (what the payload itself says, e.g. clamp). The last two are only available with a count.
        shifts: the quantity a shift acts on.
        note: what it stands for.
    """

    name: Name
    kind: Literal["weight", "shift"]
    payload: Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.-]*\.json(\.gz)?$")]
    correction: str
    source: Annotated[str, Field(min_length=1)]
    version: Annotated[str, Field(min_length=1)]
    inputs: Annotated[dict[str, str], Field(min_length=1)]
    variation_input: str | None = None
    nominal: str = "nominal"
    nuisances: tuple[Nuisance, ...] = ()
    samples: Literal["simulation", "data"] = "simulation"
    applies_to: dict[str, tuple[int, ...]] = {}
    outside: Literal["error", "neutral", "payload"] = "error"
    shifts: ShiftedQuantity | None = None
    note: str = ""

    @model_validator(mode="after")
    def _consistent(self) -> CorrectionDescription:
        if (self.kind == "shift") != (self.shifts is not None):
            raise ValueError("kind 'shift' needs the section 'shifts', kind 'weight' must not have it")
        if self.nuisances and self.samples == "data":
            raise ValueError("data have no variations: give the uncertainty to a correction of the simulation")
        if self.nuisances and self.variation_input is None:
            raise ValueError("nuisances need variation_input, the input of the payload that chooses a variation")
        names = [nuisance.correlation for nuisance in self.nuisances]
        if len(set(names)) != len(names):
            raise ValueError(f"a correction feeds each nuisance parameter once, got {names}")
        if self.variation_input in self.inputs:
            raise ValueError(f"'{self.variation_input}' is the variation input, it takes no column")
        return self

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns read, each once: inputs, conditions, and the shifted quantity."""
        shifted = (self.shifts.column,) if self.shifts else ()
        return tuple(dict.fromkeys((*self.inputs.values(), *self.applies_to, *shifted)))

    @property
    def variation_keys(self) -> tuple[str | None, ...]:
        """Values of the variation input that are used, nominal first; (None,) for a payload without variations."""
        if self.variation_input is None:
            return (None,)
        keys = [key for nuisance in self.nuisances for key in (nuisance.up, nuisance.down)]
        return tuple(dict.fromkeys((self.nominal, *keys)))


class CorrectionFile(Section):
    """A file of descriptions, beside the payloads it names."""

    corrections: Annotated[tuple[CorrectionDescription, ...], Field(min_length=1)]
