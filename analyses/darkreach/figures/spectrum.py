"""The spectrum of one region in events: pseudo-data, background expectation, and a signal that can be seen."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from hist import Hist
from numpy.typing import NDArray

from darkreach.configuration import RegionSettings
from darkreach.events.manifest import SampleManifest
from darkreach.histograms.search_histograms import NOMINAL, SearchHistograms

Array = NDArray[np.float64]
_VISIBLE_FRACTION: Final = 0.3


@dataclass(frozen=True)
class ShownSignal:
    """A signal at a stated mass (GeV) and coupling; ``events`` (n,) are those expected at that coupling."""

    sample: str
    mass_gev: float
    coupling: float
    events: Array


@dataclass(frozen=True)
class Spectrum:
    """One region, in events per bin.

    Attributes:
        region: name.
        observable: ``pair_mass_squared`` or ``recoil_mass_squared``, GeV^2.
        edges: (n + 1,), GeV^2.
        observed: (n,) events.
        background: (n,) expected events before any fit.
        background_error: (n,) its statistical error from the size of the simulated sample, one standard deviation.
        signal: a signal, or None if the region has none.
        observed_outside: events below the first or above the last edge, which no bin shows.
    """

    region: str
    observable: str
    edges: Array
    observed: Array
    background: Array
    background_error: Array
    signal: ShownSignal | None
    observed_outside: float


def region_spectrum(histograms: SearchHistograms, region: RegionSettings, luminosity_inverse_fb: float) -> Spectrum:
    """Extract a region from the histograms and scale the simulation (fb) to the luminosity (fb^-1).

    The signal shown is the one nearest to the middle of the masses of the region; its coupling is the first of
    1, 2, 5, 10, ... that makes it at least 30 % of the background in one bin.
    """
    histogram = histograms.histograms[f"region/{region.name}"]
    kinds = {name: manifest.kind for name, manifest in histograms.samples.items()}
    data, _ = _total(histogram, [name for name, kind in kinds.items() if kind in ("pseudo_data", "data")])
    background, variance = _total(histogram, [name for name, kind in kinds.items() if kind == "background"])
    background, error = background * luminosity_inverse_fb, np.sqrt(variance) * luminosity_inverse_fb
    signals = [m for m in histograms.samples.values() if m.kind == "signal" and _mass_inside(m, region.mass_range)]
    return Spectrum(
        region=region.name,
        observable=region.observable,
        edges=np.asarray(histogram.axes[2].edges, dtype=np.float64),
        observed=data[1:-1],
        background=background[1:-1],
        background_error=error[1:-1],
        signal=_shown_signal(histogram, signals, region, background[1:-1], luminosity_inverse_fb),
        observed_outside=float(data[0] + data[-1]),
    )


def _total(histogram: Hist[Any], samples: Iterable[str]) -> tuple[Array, Array]:
    """Return the nominal content and its variance, (n + 2,) with flow, summed over the samples."""
    shape = (histogram.axes[2].extent,)
    content, variance = np.zeros(shape), np.zeros(shape)
    present = set(histogram.axes[0])
    for sample in samples:
        if sample in present:
            chosen: Any = histogram[{histogram.axes[0].name: sample, histogram.axes[1].name: NOMINAL}]
            view = chosen.view(flow=True)
            content += view["value"]
            variance += view["variance"]
    return content, variance


def _mass_inside(manifest: SampleManifest, mass_range: tuple[float, float]) -> bool:
    return mass_range[0] <= manifest.parameters["mass_gev"] <= mass_range[1]


def _shown_signal(
    histogram: Hist[Any], signals: list[SampleManifest], region: RegionSettings, background: Array, luminosity: float
) -> ShownSignal | None:
    if not signals:
        return None
    middle = 0.5 * sum(region.mass_range)
    manifest = min(signals, key=lambda signal: (abs(signal.parameters["mass_gev"] - middle), signal.sample))
    reference = manifest.parameters["coupling"]
    events = _total(histogram, [manifest.sample])[0][1:-1] * luminosity
    filled = (background > 0.0) & (events > 0.0)
    if not filled.any():
        return None
    # the rate goes with the square of the coupling
    needed = reference * math.sqrt(_VISIBLE_FRACTION / float(np.max(events[filled] / background[filled])))
    coupling = rounded_up(needed)
    return ShownSignal(manifest.sample, manifest.parameters["mass_gev"], coupling, events * (coupling / reference) ** 2)


def rounded_up(value: float) -> float:
    """Return the smallest of 1, 2, 5, 10, 20, ... times a power of ten that is not below the value.

    Example:
        >>> rounded_up(0.0031), rounded_up(0.2)
        (0.005, 0.2)
    """
    power = math.floor(math.log10(value))
    # written and read as text: 5 * 10**-3 is not the double nearest to 0.005
    steps = (float(f"{digit}e{power + shift}") for shift in (-1, 0, 1) for digit in (1, 2, 5))
    return next(step for step in steps if step >= value * (1.0 - 1e-12))
