"""A region or control as a stack of background groups, in events: (pseudo-)data, expectation and one hypothesis."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from darkreach.errors import ConfigError
from darkreach.figures.group_rates import FittedChannel
from darkreach.figures.spectrum import rounded_up
from darkreach.sharing import Hypothesis

Array = NDArray[np.float64]
VISIBLE_FRACTION: Final = 0.3
"""A hypothesis is drawn at a strength that makes it at least this share of the background in one bin."""


@dataclass(frozen=True, eq=False)
class OverlaidSignal:
    """One hypothesis.

    Attributes:
        mass_gev: of the particle.
        coupling: at which it is drawn; None where the search has none.
        cross_section_fb: at which it is drawn.
        events: (n,) expected.
    """

    mass_gev: float
    coupling: float | None
    cross_section_fb: float
    events: Array


@dataclass(frozen=True, eq=False)
class StackedSpectrum:
    """One region or control, in events per bin.

    Attributes:
        name: of the region or control.
        axis: title of the horizontal axis, with its unit.
        unit: of the horizontal axis, empty for pure numbers.
        edges: (n + 1,).
        observed: (n,).
        groups: (n,) expected events by background group, from the bottom of the stack.
        error: (n,) of their sum, one standard deviation.
        expectation: ``before the fit`` or ``after the fit``.
        before: (n,) sum of the groups before the fit, where the stack is that after it.
        signal: a hypothesis, or None.
        all_groups: names of the groups of all regions and controls.
    """

    name: str
    axis: str
    unit: str
    edges: Array
    observed: Array
    groups: Mapping[str, Array]
    error: Array
    expectation: Literal["before the fit", "after the fit"]
    before: Array | None = None
    signal: OverlaidSignal | None = None
    all_groups: tuple[str, ...] = ()

    @property
    def background(self) -> Array:
        """Sum of the groups, (n,)."""
        return np.asarray(sum(self.groups.values()), dtype=np.float64)


def stacked_spectrum(
    name: str,
    channels: Sequence[FittedChannel],
    edges: Array,
    axis: str,
    *,
    unit: str = "GeV^2",
    fitted: bool = True,
    hypothesis: Hypothesis | None = None,
    signal_sample: str = "signal",
) -> StackedSpectrum:
    """Put the channels of a region behind each other, largest group on top.

    Args:
        name: of the region or control.
        channels: its channels in order, from ``fitted_channels``.
        edges: (n + 1,) edges of all their bins.
        axis: title of the horizontal axis, with its unit.
        unit: of the horizontal axis.
        fitted: whether the expectation is that after the fit.
        hypothesis: to overlay, at a strength at which it can be seen.
        signal_sample: its sample.

    Raises:
        ConfigError: the edges do not fit the channels.
    """
    observed = np.concatenate([channel.observed for channel in channels])
    if len(edges) != observed.size + 1:
        raise ConfigError(
            "edges do not fit the channels", where=name, given=f"{len(edges)} edges", allowed=str(observed.size + 1)
        )
    chosen = [channel.after if fitted else channel.before for channel in channels]
    totals = {group: sum(float(rates[group].sum()) for rates in chosen if group in rates) for rates in chosen
              for group in rates}  # fmt: skip
    groups = {group: _joined(chosen, group, channels) for group in sorted(totals, key=lambda group: totals[group])}
    errors = [channel.after_error if fitted else channel.before_error for channel in channels]
    before = np.concatenate([np.asarray(sum(channel.before.values())) for channel in channels])
    background = np.asarray(sum(groups.values()), dtype=np.float64)
    return StackedSpectrum(
        name=name,
        axis=axis,
        unit=unit,
        edges=np.asarray(edges, dtype=np.float64),
        observed=observed,
        groups=groups,
        error=np.concatenate(errors),
        expectation="after the fit" if fitted else "before the fit",
        before=before if fitted else None,
        signal=None if hypothesis is None else overlaid_signal(hypothesis, signal_sample, channels, background),
        all_groups=channels[0].all_groups,
    )


def _joined(chosen: Sequence[Mapping[str, Array]], group: str, channels: Sequence[FittedChannel]) -> Array:
    parts = [rates.get(group, np.zeros(channel.observed.size)) for rates, channel in zip(chosen, channels, strict=True)]
    return np.concatenate(parts)


def overlaid_signal(
    hypothesis: Hypothesis, signal_sample: str, channels: Sequence[FittedChannel], background: Array
) -> OverlaidSignal | None:
    """Return the signal of a hypothesis at the first coupling (else cross-section) of 1, 2, 5, 10, ... that is visible.

    Its meaning says ``cross_section_fb`` and, if it has one, ``coupling`` of strength one. None where it has no events.
    """
    templates = {
        channel["name"]: np.array(sample["data"])
        for channel in hypothesis.workspace["channels"]
        for sample in channel["samples"]
        if sample["name"] == signal_sample
    }
    events = np.concatenate([templates.get(one.name, np.zeros(one.observed.size)) for one in channels])
    filled = (events > 0.0) & (background > 0.0)
    if not filled.any():
        return None
    needed = VISIBLE_FRACTION / float(np.max(events[filled] / background[filled]))
    cross_section = float(hypothesis.meaning["cross_section_fb"])
    reference = hypothesis.meaning.get("coupling")
    if reference is None:
        shown = rounded_up(needed * cross_section)
        factor, coupling = shown / cross_section, None
    else:
        # the rate goes with the square of the coupling
        coupling = rounded_up(float(reference) * math.sqrt(needed))
        factor = (coupling / float(reference)) ** 2
    return OverlaidSignal(float(hypothesis.values["mass_gev"]), coupling, factor * cross_section, factor * events)


def with_same_signal(spectra: Sequence[StackedSpectrum]) -> list[StackedSpectrum]:
    """Return spectra of regions that act together with their common signal at one strength.

    It is the smallest of them: that of the region where the signal stands out most.
    """
    signals = [one.signal for one in spectra if one.signal is not None]
    if not signals:
        return list(spectra)
    shown = min(signals, key=lambda signal: signal.cross_section_fb)
    return [
        one
        if one.signal is None
        else replace(
            one, signal=replace(shown, events=one.signal.events * shown.cross_section_fb / one.signal.cross_section_fb)
        )
        for one in spectra
    ]


def merged_for_display(spectrum: StackedSpectrum, minimum_background: float) -> StackedSpectrum:
    """Merge neighbouring bins until every one expects so many background events; totals are kept.

    The error of a merged bin is the sum of those of its bins, as if they were one source: never too small.
    """
    starts, collected = [0], 0.0
    for index, expected in enumerate(spectrum.background):
        if collected >= minimum_background:
            starts.append(index)
            collected = 0.0
        collected += float(expected)
    if collected < minimum_background and len(starts) > 1:
        starts.pop()

    def summed(values: Array) -> Array:
        return np.asarray(np.add.reduceat(values, starts))

    signal, before = spectrum.signal, spectrum.before
    return replace(
        spectrum,
        edges=np.append(spectrum.edges[starts], spectrum.edges[-1]),
        observed=summed(spectrum.observed),
        groups={group: summed(rates) for group, rates in spectrum.groups.items()},
        error=summed(spectrum.error),
        before=None if before is None else summed(before),
        signal=None if signal is None else replace(signal, events=summed(signal.events)),
    )
