"""Histograms of a search for displaced vertices of realistic size and shape, without simulating an event."""

from __future__ import annotations

from typing import Any

import hist
import numpy as np
from hist import Hist
from scipy.stats import norm

from darkreach.building.displaced_rates import DisplacedRates
from darkreach.configuration.displaced_search import DisplacedRegion, DisplacedSearchConfig, DisplacedSignal
from darkreach.events.manifest import SampleManifest
from darkreach.generators.process_registry import find_process
from darkreach.histograms import SearchHistograms
from darkreach.histograms.displaced_cells import PULL_BINS, PULL_RANGE, DisplacedCells, region_cells
from darkreach.searches.chunk_source import ChunkSource
from darkreach.searches.displaced_histograms import TRUE_MOMENTA, TRUE_RADII, empty_displaced_histograms
from darkreach.simulation.displaced_requests import LOGARITHMIC, displaced_signal_name

BACKGROUND = "background_1"
EFFICIENCY, MOMENTUM_GEV, EFFECTIVE_EVENTS = 0.25, 2.0, 2000.0
EVENTS_IN_WINDOW = {"ee": 0.3, "mumu": 0.15, "pipi": 20.0, "kk": 2.0}
"""In the innermost bin of radius, for a window of two resolutions at 1 GeV; it falls with mass and radius."""


def fabricated_histograms(config: DisplacedSearchConfig, anchors: tuple[float, ...], rates: DisplacedRates) -> Any:
    """Return signals of all regions at their anchors, re-weighted to all lifetimes, and one background."""
    cells, samples = region_cells(config), dict[str, SampleManifest]()
    for signal in config.simulation.signals:
        for mass in anchors:
            if signal.mass.low <= mass <= signal.mass.high:
                parameters = signal_parameters(config, signal, mass)
                name = displaced_signal_name(signal.label, mass)
                samples[name] = manifest(name, "signal", parameters)
    samples[BACKGROUND] = manifest(BACKGROUND, "background", {})
    # the names and axes of histograms are those of the search, with all samples on them
    source = ChunkSource(BACKGROUND, "", "background", None, 0)
    histograms = empty_displaced_histograms(config, cells, source, [])
    for name in ("cutflow", "cutflow_entries"):
        old = histograms[name]
        histograms[name] = Hist(growing(list(samples)), old.axes["cut"], storage=old.storage_type())
    for region in config.regions:
        own = cells[region.name]
        fill_background(histograms[f"mass_radius/{region.name}"], config, own)
        names = [name for name in samples if name.startswith(f"signal_{region.signal}_")]
        for name in ("signal_lifetime", "decays", "selected_decays"):
            old = histograms[f"{name}/{region.name}"]
            axes = [axis for axis in old.axes if axis.name != "dataset"]
            histograms[f"{name}/{region.name}"] = Hist(growing(names), *axes, storage="weight")
        for number, name in enumerate(names):
            fill_signal(histograms, config, region, samples[name], number, rates)
    return SearchHistograms(config.search, histograms, samples, (), {})


def signal_parameters(config: DisplacedSearchConfig, signal: DisplacedSignal, mass: float) -> dict[str, float]:
    simulation = config.simulation
    given = {
        **signal.parameters,
        "mass_gev": mass,
        simulation.coupling_parameter: simulation.generated_coupling.value,
        "lifetime_ctau_cm": simulation.generated_ctau_cm.value,
        "decay_radius_from_cm": simulation.decay_radius.low,
        "decay_radius_to_cm": simulation.decay_radius.high,
        "decay_spread": LOGARITHMIC,
    }
    return dict(find_process(signal.process).values(given))


def manifest(name: str, kind: Any, parameters: dict[str, float]) -> SampleManifest:
    return SampleManifest(
        sample=name, process=name, kind=kind, parameters=parameters, cross_section_fb=1.0, cross_section_source="",
        generated_events=12000, weight_column="generatorWeight", luminosity_inverse_fb=None, seed=1, generator="none",
        files=(),
    )  # fmt: skip


def growing(names: list[str]) -> Any:
    return hist.axis.StrCategory(names, growth=True, name="dataset", label="sample")


def fill_background(histogram: Any, config: DisplacedSearchConfig, cells: DisplacedCells) -> None:
    """Fill fb in proportion to the width of the cells in resolutions, falling with mass and radius."""
    centres = 0.5 * (cells.edges[1:] + cells.edges[:-1])
    resolutions = np.diff(cells.edges) / cells.resolution(cells.mass_of(centres))
    rate = EVENTS_IN_WINDOW[cells.region.pair] / 4.0 / config.luminosity.value
    falling = np.exp(1.0 - centres)[:, np.newaxis] / 3.0 ** np.arange(len(config.radius_edges) - 1)
    histogram.view()["value"] = rate * resolutions[:, np.newaxis] * falling
    histogram.view()["variance"] = histogram.view()["value"] * rate


def fill_signal(
    histograms: dict[str, Any],
    config: DisplacedSearchConfig,
    region: DisplacedRegion,
    sample: SampleManifest,
    number: int,
    rates: DisplacedRates,
) -> None:
    """Fill selected decays of an exponential law at one momentum, and those that there were."""
    mass, produced = sample.parameters["mass_gev"], rates.simulated_fb(region, sample.parameters)
    pulls = np.diff(norm.cdf(np.linspace(-PULL_RANGE, PULL_RANGE, PULL_BINS + 1)))
    flight = np.array(config.lifetimes_cm)[:, np.newaxis] * MOMENTUM_GEV / mass
    bins = inside(np.array(config.radius_edges), flight)
    view = histograms[f"signal_lifetime/{region.name}"].view()[number]
    view["value"] = EFFICIENCY * produced * bins[:, :, np.newaxis] * pulls
    view["variance"] = view["value"] * EFFICIENCY * produced / EFFECTIVE_EVENTS
    truth = inside(np.array(TRUE_RADII), np.array([[config.simulation.generated_ctau_cm.value * MOMENTUM_GEV / mass]]))
    momentum = np.histogram([MOMENTUM_GEV], TRUE_MOMENTA)[0]
    for name, factor in (("decays", 1.0), ("selected_decays", EFFICIENCY)):
        # flow bins are there, and empty
        content = histograms[f"{name}/{region.name}"].view()[number]
        content["value"] = factor * produced * truth[0][:, np.newaxis] * momentum
        content["variance"] = content["value"] * produced / EFFECTIVE_EVENTS


def inside(edges: np.ndarray, flight: np.ndarray) -> np.ndarray:
    """Return the probabilities (n, bins) to decay between edges (bins + 1,) for mean distances (n, 1)."""
    return -np.diff(np.exp(-edges / flight), axis=1)
