"""The patches of one channel of displaced vertices at one mass, one a lifetime."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from darkreach.building.displaced_inputs import DisplacedInputs, produced_events
from darkreach.building.displaced_part import (
    RegionCounts,
    background_start,
    on_off_channels,
    radius_channel,
    signal_modifiers,
)
from darkreach.building.displaced_points import DisplacedPoint, displaced_name
from darkreach.building.informative_channels import informative_channels
from darkreach.building.plane_sideband import sideband_channel
from darkreach.building.rounding import FloatArray, significant
from darkreach.building.signal_strength import signal_strength
from darkreach.configuration.displaced_search import COMBINED, DisplacedSearchConfig

SMALLEST_EFFICIENCY: Final = 1.0e-9
"""Signals of which less is selected have no limit: no data hold so many decays."""


@dataclass(frozen=True, eq=False)
class ChannelEvents:
    """Bins of the radius of all regions of a hypothesis, side by side; C of them.

    Attributes:
        counts: of the regions that take part.
        produced: decays of each at mu = 1.
        places: region (its number in ``counts``) and bin of the radius of each channel, shape (C, 2).
        signal: events at mu = 1 in the windows, shape (lifetimes, C).
        leaking: the same in the sidebands.
        background, variance, observed: of the windows, shape (C,).
    """

    counts: Sequence[RegionCounts]
    produced: FloatArray
    places: NDArray[np.int64]
    signal: FloatArray
    leaking: FloatArray
    background: FloatArray
    variance: FloatArray
    observed: FloatArray

    @property
    def efficient(self) -> NDArray[np.bool_]:
        """Whether anything of the signal is selected, shape (lifetimes,)."""
        return np.asarray(self.signal.sum(axis=1) > SMALLEST_EFFICIENCY * self.produced.sum())


def displaced_patches(
    inputs: DisplacedInputs,
    point: DisplacedPoint,
    lifetimes: Sequence[int],
    counted: Mapping[str, RegionCounts | None],
) -> tuple[list[dict[str, Any]], list[str]]:
    """Return the patches of a channel at a mass, and the names of hypotheses without signal.

    A patch replaces channels, observations and parameters as a whole: a hypothesis shares no bin with another.

    Args:
        inputs: of the search.
        point: channel and mass.
        lifetimes: their numbers.
        counted: what regions count at this mass.
    """
    events = _channel_events(inputs, point, counted)
    patches, without = [], []
    for lifetime in lifetimes:
        ctau = inputs.config.lifetimes_cm[lifetime]
        name = displaced_name(point.channel, point.mass_gev, ctau)
        if events is None or not events.efficient[lifetime]:
            without.append(name)
            continue
        values = [point.channel, point.mass_gev, ctau]
        patches.append(_patch(inputs, {"name": name, "values": values}, events, lifetime))
    return patches, without


def meaning(config: DisplacedSearchConfig, channel: str) -> dict[str, Any]:
    """Return what mu is: the quantity that limits are on, and its value at mu = 1."""
    simulation = config.simulation
    if channel == COMBINED:
        squared = float(f"{simulation.combined_coupling.value**2:.12g}")
        return {"quantity": f"{simulation.coupling_parameter} squared", "per_unit_strength": squared}
    return {"quantity": config.quantity, "per_unit_strength": simulation.reference_coupling.value}


def _channel_events(
    inputs: DisplacedInputs, point: DisplacedPoint, counted: Mapping[str, RegionCounts | None]
) -> ChannelEvents | None:
    counts, produced, known = [], [], []
    smallest = inputs.config.workspace.smallest_effective_events
    for name in point.regions:
        one = counted[name]
        if one is not None:
            region = inputs.regions[name].region
            rate = produced_events(inputs.rates, inputs.luminosity_inverse_fb, point.channel, region, point.mass_gev)
            if rate > 0.0:
                counts.append(one)
                produced.append(rate)
                known.append(rate * (one.window.total_effective_events >= smallest)[:, np.newaxis])
    if not counts:
        return None
    bins = len(counts[0].off)
    return ChannelEvents(
        counts,
        np.array(produced),
        np.array([(number, radius) for number in range(len(counts)) for radius in range(bins)]),
        np.concatenate([rate * one.window.efficiency for rate, one in zip(known, counts, strict=True)], axis=1),
        np.concatenate([rate * one.leaking for rate, one in zip(known, counts, strict=True)], axis=1),
        np.concatenate([one.background for one in counts]),
        np.concatenate([one.variance for one in counts]),
        np.concatenate([one.observed for one in counts]),
    )


def _patch(inputs: DisplacedInputs, identity: dict[str, Any], events: ChannelEvents, lifetime: int) -> dict[str, Any]:
    settings = inputs.config.workspace
    signal = events.signal[lifetime]
    kept = informative_channels(signal, events.background, events.variance)
    channels, observations, parameters = [], [], []
    regions = {}
    for number, counts in enumerate(events.counts):
        used = [int(place) for place in np.flatnonzero(kept & (events.places[:, 0] == number))]
        if not used:
            continue
        bins = events.places[used, 1]
        efficiency = float(counts.window.efficiency[lifetime, bins].sum())
        error = float(np.sqrt(np.sum(counts.window.error[lifetime, bins] ** 2)))
        factors = signal_modifiers(settings, counts.region, error / efficiency)
        for place, radius in zip(used, bins.tolist(), strict=True):
            pair = float(signal[place]), float(events.leaking[lifetime, place])
            channels += on_off_channels(counts, radius, pair, factors, settings)
            name, observed, off = radius_channel(counts.region, radius), float(events.observed[place]), counts.off
            observations.append({"name": name, "data": [observed]})
            observations.append({"name": sideband_channel(name), "data": [float(off[radius])]})
            largest = float((off[radius] + 1.0) / counts.tau)
            parameters.append(background_start(name, observed, float(events.background[place]), largest))
        regions[counts.region] = _numbers(counts, bins, efficiency, error)
    strength = _strength(inputs, events, signal, kept)
    return {
        "metadata": identity | _metadata(inputs, identity["values"][0], float(signal[kept].sum()), regions),
        "patch": [
            {"op": "replace", "path": "/channels", "value": channels},
            {"op": "replace", "path": "/observations", "value": observations},
            {"op": "replace", "path": "/measurements/0/config/parameters", "value": [strength, *parameters]},
        ],
    }


def _strength(
    inputs: DisplacedInputs, events: ChannelEvents, signal: FloatArray, kept: NDArray[np.bool_]
) -> dict[str, Any]:
    smallest = 0.0 if inputs.injected is None else 4.0 * inputs.injected[3]
    information = float(np.sum(signal[kept] ** 2 / (events.background + events.variance)[kept]))
    return signal_strength(information, float(signal[kept].sum()), smallest)


def _numbers(counts: RegionCounts, bins: NDArray[np.int64], efficiency: float, error: float) -> dict[str, float]:
    """Return what the metadata say of a region, all bins of the radius that take part together."""
    numbers = {
        "efficiency": efficiency,
        "effective_events": (efficiency / error) ** 2 if error > 0.0 else 0.0,
        "background_events": float(counts.background[bins].sum()),
        "observed": float(counts.observed[bins].sum()),
    }
    if counts.simulated is not None:
        numbers["simulated_background"] = float(counts.simulated[bins].sum())
    return numbers


def _metadata(
    inputs: DisplacedInputs, channel: str, events: float, regions: Mapping[str, Mapping[str, float]]
) -> dict[str, Any]:
    digits = inputs.config.workspace.patch_digits
    content = meaning(inputs.config, channel) | {
        "luminosity_inverse_fb": inputs.luminosity_inverse_fb,
        "data_kind": inputs.data_kind,
        "expected_signal_events": significant([events], digits)[0],
        "regions": list(regions),
    }
    for name in next(iter(regions.values())):
        content[name] = dict(zip(regions, significant([one[name] for one in regions.values()], digits), strict=True))
    return content
