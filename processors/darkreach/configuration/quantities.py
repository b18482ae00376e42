"""Numbers with their unit and source, as they stand in configuration files."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator


class Section(BaseModel):
    """A section of a configuration: frozen, unknown keys refused, infinities and NaN refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Quantity(Section):
    """A number with its source; ``source: unverified`` numbers are listed in every report.

    Attributes:
        value: in the unit given.
        source: paper and place, ``computed``, ``convention`` or ``unverified``.
        unit: empty for pure numbers.
        note: what it stands for.
    """

    value: float
    source: str
    unit: str = ""
    note: str = ""


class Range(Section):
    """A closed interval with its source."""

    low: float
    high: float
    source: str = "convention"
    unit: str = ""
    note: str = ""

    @model_validator(mode="after")
    def _ordered(self) -> Range:
        if not self.low < self.high:
            raise ValueError(f"low must be below high, got {self.low} and {self.high}")
        return self


class UnverifiedNumber(Section):
    """One number without a verified source, as listed in reports."""

    key: str
    value: str
    note: str = ""


def unverified_numbers(section: Any, prefix: str = "") -> Iterator[UnverifiedNumber]:
    """Yield every number in a configuration whose source is ``unverified``, in file order."""
    if isinstance(section, BaseModel):
        if getattr(section, "source", None) == "unverified":
            shown = section.model_dump(exclude={"source", "note", "unit"})
            unit = getattr(section, "unit", "")
            text = str(shown["value"]) if set(shown) == {"value"} else ", ".join(f"{k} {v}" for k, v in shown.items())
            yield UnverifiedNumber(key=prefix, value=f"{text} {unit}".strip(), note=getattr(section, "note", ""))
            return
        for name in type(section).model_fields:
            yield from unverified_numbers(getattr(section, name), f"{prefix}.{name}".lstrip("."))
    elif isinstance(section, dict):
        for name, item in section.items():
            yield from unverified_numbers(item, f"{prefix}.{name}".lstrip("."))
    elif isinstance(section, list | tuple):
        for index, item in enumerate(section):
            yield from unverified_numbers(item, f"{prefix}[{index}]")


def units(section: Any, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Yield place and unit of every number of a configuration that may have one, in file order."""
    if isinstance(section, Quantity | Range):
        yield prefix, section.unit
    elif isinstance(section, BaseModel):
        for name in type(section).model_fields:
            yield from units(getattr(section, name), f"{prefix}.{name}".lstrip("."))
    elif isinstance(section, dict):
        for name, item in section.items():
            yield from units(item, f"{prefix}.{name}".lstrip("."))
    elif isinstance(section, list | tuple):
        for index, item in enumerate(section):
            yield from units(item, f"{prefix}[{index}]")
