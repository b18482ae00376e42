"""Everything that the patches of all hypotheses on displaced vertices share, read out of the histograms once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from darkreach.building.background_groups import grouped_samples
from darkreach.building.displaced_axes import check_mass_axes
from darkreach.building.displaced_data import smoothed
from darkreach.building.displaced_efficiencies import DisplacedEfficiencies, read_displaced_efficiencies
from darkreach.building.displaced_points import displaced_points, lifetime_numbers
from darkreach.building.displaced_rates import DisplacedRates
from darkreach.building.displaced_windows import RegionWindows
from darkreach.building.drawn_data import DATA_KIND, poisson_counts
from darkreach.building.plane_contents import observed_counts, summed_contents
from darkreach.building.rounding import FloatArray
from darkreach.building.templates import require_held
from darkreach.configuration.displaced_search import COMBINED, DisplacedRegion, DisplacedSearchConfig
from darkreach.errors import WorkspaceError
from darkreach.histograms.displaced_cells import region_cells
from darkreach.histograms.search_histograms import SearchHistograms

InjectedDecays = tuple[str, float, float, float]
"""Channel, mass in GeV, lifetime in cm and strength of a signal put into pseudo-data."""


@dataclass(frozen=True, eq=False)
class DisplacedRegionInputs:
    """What is known of one region; arrays have shape (cells, radius bins), in events.

    Attributes:
        region: its settings.
        windows: its cells.
        efficiencies: of its signal.
        observed: data.
        simulated: background, smoothed; None if the data are no drawn pseudo-data.
    """

    region: DisplacedRegion
    windows: RegionWindows
    efficiencies: DisplacedEfficiencies
    observed: FloatArray
    simulated: FloatArray | None


@dataclass(frozen=True, eq=False)
class DisplacedInputs:
    """What all hypotheses share.

    Attributes:
        config: of the search.
        rates: of the signals.
        luminosity_inverse_fb: of the data.
        regions: by name, in the order of the configuration.
        data_kind: of the data, in words.
        seed: of drawn pseudo-data; None for others.
        injected: signal in pseudo-data.
    """

    config: DisplacedSearchConfig
    rates: DisplacedRates
    luminosity_inverse_fb: float
    regions: Mapping[str, DisplacedRegionInputs]
    data_kind: str
    seed: int | None
    injected: InjectedDecays | None


def produced_events(
    rates: DisplacedRates, luminosity_inverse_fb: float, channel: str, region: DisplacedRegion, mass_gev: float
) -> float:
    """Return the decays into the final state of a region at mu = 1 of a channel, or of all of them together.

    Raises:
        WorkspaceError: the rate is negative or no number.
    """
    rate = rates.combined_fb if channel == COMBINED else rates.channel_fb
    value = float(rate(region, mass_gev))
    if not 0.0 <= value < np.inf:
        raise WorkspaceError(
            "the rate of a signal is no number",
            where=f"{channel}, region {region.name}, {mass_gev:g} GeV",
            allowed="0 fb or above",
            given=f"{value} fb",
        )
    return value * luminosity_inverse_fb


def read_displaced_inputs(
    histograms: SearchHistograms,
    config: DisplacedSearchConfig,
    rates: DisplacedRates,
    luminosity_inverse_fb: float,
    data_sample: str | None,
    pseudo_data: tuple[int, InjectedDecays | None],
) -> DisplacedInputs:
    """Read what all hypotheses need; the data are a sample of the histograms, or drawn with a seed and a signal.

    Raises:
        WorkspaceError: see ``build_displaced_workspace``.
    """
    seed, injected = pseudo_data
    regions = {}
    for name, cells in region_cells(config).items():
        windows = RegionWindows(cells, config.workspace)
        histogram = f"mass_radius/{name}"
        require_held("histogram", histogram, list(histograms.histograms), "histograms of the search")
        check_mass_axes(histograms.histograms[histogram], config, cells, histogram)
        efficiencies = read_displaced_efficiencies(histograms, config, cells.region, rates)
        if data_sample is not None:
            observed, simulated = observed_counts(histograms, histogram, data_sample), None
        else:
            simulated = _simulated(histograms, config, windows, histogram, luminosity_inverse_fb)
            observed = simulated
        regions[name] = DisplacedRegionInputs(cells.region, windows, efficiencies, observed, simulated)
    if data_sample is not None:
        kinds = {manifest.sample: manifest.kind for manifest in histograms.samples.values()}
        kind = kinds[data_sample].replace("_", "-")
        return DisplacedInputs(config, rates, luminosity_inverse_fb, regions, kind, None, None)
    expected = DisplacedInputs(config, rates, luminosity_inverse_fb, regions, DATA_KIND, seed, injected)
    return _with_drawn_data(expected, seed)


def _simulated(
    histograms: SearchHistograms,
    config: DisplacedSearchConfig,
    windows: RegionWindows,
    histogram: str,
    luminosity_inverse_fb: float,
) -> FloatArray:
    samples = tuple(name for (name,) in grouped_samples(histograms.samples.values(), ()).values())
    values = luminosity_inverse_fb * summed_contents(histograms, histogram, samples)[0]
    reach = round(0.5 * config.workspace.smoothing_resolutions * config.mass.cells_per_resolution)
    return smoothed(values, windows.stretches, reach)


def _with_drawn_data(inputs: DisplacedInputs, seed: int) -> DisplacedInputs:
    """Return the same with pseudo-data: one draw a cell for all hypotheses, whose windows overlap."""
    signals = {} if inputs.injected is None else _injected(inputs, inputs.injected)
    regions = {}
    for name, one in inputs.regions.items():
        observed = poisson_counts(f"mass_radius/{name}", one.observed + signals.get(name, 0.0), seed)
        regions[name] = DisplacedRegionInputs(one.region, one.windows, one.efficiencies, observed, one.simulated)
    return DisplacedInputs(
        inputs.config, inputs.rates, inputs.luminosity_inverse_fb, regions, inputs.data_kind, seed, inputs.injected
    )


def _injected(inputs: DisplacedInputs, injected: InjectedDecays) -> dict[str, FloatArray]:
    """Return the events of an injected signal by region, shape (cells, radius bins)."""
    channel, mass, ctau, strength = injected
    (lifetime,) = lifetime_numbers(inputs.config, [ctau])
    points = {one.channel: one for one in displaced_points(inputs.config, [mass], single_channels=True)}
    if channel not in points:
        raise WorkspaceError(
            "no such channel at the mass of the injected signal",
            where="injected",
            allowed=", ".join(points),
            given=channel,
            next_step="choose one of these, or a mass that it serves",
        )
    events = {}
    for name in points[channel].regions:
        one = inputs.regions[name]
        produced = produced_events(inputs.rates, inputs.luminosity_inverse_fb, channel, one.region, mass)
        if produced > 0.0:
            shares = one.windows.pull_shares(mass, one.windows.usable)
            events[name] = np.zeros_like(one.observed)
            spectrum = one.efficiencies.spectrum(mass, shares)[lifetime]
            events[name][one.windows.usable] = strength * produced * spectrum.T
    return events
