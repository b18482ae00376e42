"""Pseudo-data: unweighted background events, as many as a luminosity would give, with an optional injected signal.

For trials with weights f_i (fb) whose mean is the cross-section times the event efficiency, Poisson(L f_max) trials
are made and each is kept with probability f_i/f_max: the events kept are an exact Poisson sample of L dsigma.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from darkreach.errors import ConfigError, EventContentError
from darkreach.generators.generated_events import GeneratedEvents, concatenate_events
from darkreach.generators.random_streams import random_stream
from darkreach.simulation.event_sources import EventSource

_PILOT_TRIALS: Final = 200_000
_BATCH_TRIALS: Final = 100_000
_SLICE_TRIALS: Final = 500_000
_SAFETY: Final = 1.25
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Component:
    """One process of the pseudo-data.

    Attributes:
        name: names its random numbers.
        source: draws weighted trials.
        scale: factor of the weights: event efficiency times signal strength.
    """

    name: str
    source: EventSource
    scale: float


@dataclass(frozen=True)
class Envelope:
    """A component with the bound of its weights.

    Attributes:
        component: the process.
        mean_fb: mean weight of the pilot trials times scale: the visible cross-section.
        bounds_fb: rising bounds of the weights; the last one is used, the others were found to be too low.
    """

    component: Component
    mean_fb: float
    bounds_fb: tuple[float, ...]

    @property
    def maximum_fb(self) -> float:
        """Bound of the weights, fb."""
        return self.bounds_fb[-1]


class WeightAboveMaximumError(EventContentError):
    """A trial exceeds the bound of its component; the pseudo-data must be drawn again with a larger one."""

    def __init__(self, component: str, weight_fb: float, maximum_fb: float) -> None:
        super().__init__(
            f"a weight of '{component}' exceeds the bound used for unweighting",
            allowed=f"at most {maximum_fb:.6g} fb",
            given=f"{weight_fb:.6g} fb",
            next_step="draw the pseudo-data again with a larger bound",
        )
        self.component = component
        self.weight_fb = weight_fb
        self.maximum_fb = maximum_fb

    def __reduce__(self) -> tuple[object, ...]:
        return (WeightAboveMaximumError, (self.component, self.weight_fb, self.maximum_fb))


def find_envelope(component: Component, seed: int, *, trials: int = _PILOT_TRIALS) -> Envelope:
    """Estimate mean and maximum of the weights from pilot trials that are used for nothing else."""
    random = random_stream(seed, f"{component.name}/pilot", 0)
    weights = component.source(trials, random).weight_fb * component.scale
    return Envelope(component, float(weights.mean()), (_SAFETY * float(weights.max()),))


def check_expected_events(envelopes: Sequence[Envelope], luminosity: float, maximum: int) -> float:
    """Return the number of events expected at a luminosity in fb^-1.

    Raises:
        ConfigError: more than ``maximum``.
    """
    expected = luminosity * math.fsum(envelope.mean_fb for envelope in envelopes)
    if expected > maximum:
        raise ConfigError(
            "this luminosity would need too many pseudo-data events",
            where="simulation.maximum_pseudo_data_events",
            allowed=f"{maximum} events, {luminosity * maximum / expected:.4g} fb^-1",
            given=f"about {expected:.3g} events at {luminosity:g} fb^-1",
            next_step="lower the luminosity, raise maximum_pseudo_data_events, or use expected limits only",
        )
    return expected


def pseudo_data_slices(envelopes: Sequence[Envelope], luminosity: float, seed: int) -> Iterator[GeneratedEvents]:
    """Yield the true events of equal slices of the luminosity, components mixed in random order.

    Raises:
        WeightAboveMaximumError: a weight exceeds its bound; nothing yielded so far may be used.
    """
    # from the first bounds, so that a raised bound does not move trials to another slice
    trials = luminosity * sum(envelope.bounds_fb[0] for envelope in envelopes)
    slices = max(1, math.ceil(trials / _SLICE_TRIALS))
    for number in range(slices):
        kept = [_unweighted(envelope, luminosity / slices, seed, number) for envelope in envelopes]
        events = concatenate_events(kept)
        yield events.select(random_stream(seed, "order of pseudo-data", number).permutation(len(events)))


def raised(envelopes: Sequence[Envelope], error: WeightAboveMaximumError) -> list[Envelope]:
    """Return the envelopes with one more bound for one component, above the weight found.

    The trials stay the same and more are added, so that the trial found is met again and kept with its probability; a
    fresh seed would favour samples without such trials. What remains is a deficit of less than a tenth of an event
    among those above the first bound, whatever the luminosity.
    """
    bound = _SAFETY * error.weight_fb
    _LOG.warning("pseudo-data drawn again: a weight of '%s' needs a bound of %g fb", error.component, bound)
    return [
        replace(envelope, bounds_fb=(*envelope.bounds_fb, bound))
        if envelope.component.name == error.component
        else envelope
        for envelope in envelopes
    ]


def _unweighted(envelope: Envelope, luminosity: float, seed: int, number: int) -> GeneratedEvents:
    component = envelope.component
    name = f"{component.name}/{number}"
    counts = random_stream(seed, f"{name}/trials", 0)
    # a raised bound adds a Poisson number of trials to the ones before
    steps = np.diff((0.0, *envelope.bounds_fb))
    trials = sum(int(counts.poisson(luminosity * step)) for step in steps)
    kept = []
    for batch in range(max(1, math.ceil(trials / _BATCH_TRIALS))):
        # always a full batch: its random numbers must not depend on how many of its trials are used
        random = random_stream(seed, name, batch)
        events = component.source(_BATCH_TRIALS, random)
        uniform = random.random(_BATCH_TRIALS)
        used = slice(0, min(_BATCH_TRIALS, trials - batch * _BATCH_TRIALS))
        weights = events.weight_fb[used] * component.scale
        largest = float(weights.max(initial=0.0))
        if largest > envelope.maximum_fb:
            raise WeightAboveMaximumError(component.name, largest, envelope.maximum_fb)
        kept.append(events.select(np.flatnonzero(uniform[used] * envelope.maximum_fb < weights)))
    return concatenate_events(kept)
