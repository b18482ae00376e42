"""A campaign: many samples of processes that are simulated together."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from darkreach.configuration.quantities import Section

Numbers = float | tuple[float, ...]


class CampaignSample(Section):
    """Samples of one process.

    Attributes:
        process: by name.
        events: to generate, for each sample.
        parameters: of the process; several values of one make a sample each.
        maximum_isr_fraction: largest energy fraction radiated; what is usual for the process if left out.
    """

    process: str
    events: Annotated[int, Field(gt=0)]
    parameters: dict[str, Numbers] = Field(default_factory=dict)
    maximum_isr_fraction: Annotated[float, Field(ge=0.0, lt=1.0)] | None = None


class CampaignConfig(Section):
    """Samples with one detector and one root seed."""

    title: str
    detector: str
    seed: Annotated[int, Field(ge=0)]
    formats: tuple[Literal["parquet", "root"], ...] = ("parquet",)
    samples: Annotated[tuple[CampaignSample, ...], Field(min_length=1)]
