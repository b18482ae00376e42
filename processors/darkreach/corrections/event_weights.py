"""Weights of events: the inverse sampling rate of data, and the cross-section of simulation, applied once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from darkreach.errors import EventContentError

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class EventWeights:
    """Weights (events,) with their unit, which says what has been applied.

    Attributes:
        values: one weight an event.
        unit: ``events`` (a count), or ``fb`` (a cross-section: the luminosity is still to be applied).
        normalisation: what made it a cross-section; empty for counts.
    """

    values: Floats
    unit: Literal["events", "fb"]
    normalisation: str = ""

    @property
    def total(self) -> float:
        """Sum of weights."""
        return float(np.sum(self.values))

    @property
    def variance(self) -> float:
        """Sum of squared weights, the variance of the total."""
        return float(np.sum(self.values**2))


def sampled_counts(inverse_sampling_rate: ArrayLike) -> EventWeights:
    """Return the counts that events of an ntuple stand for, from its column ``__weight__``.

    basf2 keeps one of n events where sampling is on and writes n; without sampling it writes 1. It is no weight of a
    generator, and events with weight 0 are not written.

    Raises:
        EventContentError: NaN, infinite, negative or zero values, or values below 1 (a rate above one), with counts.

    Example:
        >>> counts = sampled_counts([1.0, 1.0, 10.0])
        >>> counts.total, counts.variance
        (12.0, 102.0)
    """
    values = np.asarray(inverse_sampling_rate, dtype=np.float64)
    faults = {
        "NaN": np.isnan(values),
        "infinite": np.isinf(values),
        "negative": np.isfinite(values) & (values < 0.0),
        "zero": values == 0.0,
        "between 0 and 1": (values > 0.0) & (values < 1.0),
    }
    found = {name: int(np.count_nonzero(flags)) for name, flags in faults.items() if flags.any()}
    if found:
        raise EventContentError(
            "'__weight__' is no inverse sampling rate",
            where=f"column __weight__, first at event {int(np.argmax(np.logical_or.reduce(list(faults.values()))))}",
            allowed="finite numbers of at least 1",
            given=", ".join(f"{count} {name}" for name, count in found.items()) + f", of {values.size}",
            next_step="find out which step of the production wrote it; a generator weight belongs in another column",
        )
    return EventWeights(values, "events")


def cross_section_weights(counts: EventWeights, cross_section_fb: float, generated_events: int) -> EventWeights:
    """Return simulated events as weights in fb: w = counts * cross-section / generated events.

    ``generated_events`` are all that were generated, including those that left nothing in the ntuple. The luminosity is
    applied later, once, where the workspace is built. Weights that are a cross-section already are refused.

    Raises:
        EventContentError: the weights are normalised already, or a number is not positive and finite.

    Example:
        >>> cross_section_weights(sampled_counts([1.0, 2.0]), cross_section_fb=50.0, generated_events=100).values
        array([0.5, 1. ])
    """
    if counts.unit != "events":
        raise EventContentError(
            "the events are normalised already", given=counts.normalisation, next_step="normalise once, from the counts"
        )
    _require_positive("the cross-section (fb)", cross_section_fb)
    _require_positive("the number of generated events", generated_events)
    normalisation = f"{cross_section_fb:g} fb / {generated_events} generated events"
    return EventWeights(counts.values * (cross_section_fb / generated_events), "fb", normalisation)


def simulated_luminosity(cross_section_fb: float, generated_events: int) -> float:
    """Return the luminosity (fb^-1) a simulated sample stands for, L = N / sigma.

    Raises:
        EventContentError: a number is not positive and finite.
    """
    _require_positive("the cross-section (fb)", cross_section_fb)
    _require_positive("the number of generated events", generated_events)
    return generated_events / cross_section_fb


def _require_positive(name: str, value: float) -> None:
    if not (np.isfinite(value) and value > 0.0):
        raise EventContentError(f"{name} must be positive and finite", given=str(value))
