"""What writing the events of a sample tells its manifest."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

Progress: TypeAlias = Callable[[int, int], None]
"""Called with the generated events done and their (expected) total."""


@dataclass(frozen=True)
class WrittenSample:
    """The outcome of one sample.

    Attributes:
        generated_events: events generated, including those not written.
        cross_section_fb: of the generated volume; None for pseudo-data.
        parameters: plain numbers for the manifest.
    """

    generated_events: int
    cross_section_fb: float | None
    parameters: Mapping[str, float]
