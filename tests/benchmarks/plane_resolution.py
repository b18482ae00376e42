"""Resolutions of both observables of a plane search and their correlation, measured with its own signals and selection.

Prints the knots of ``plane.resolution``, ready for the configuration, with the efficiency and what is left outside:

    python tests/benchmarks/plane_resolution.py six_track_higgsstrahlung [events a point] [region ...] [--no-radiation]

The points are the knots that the configuration has, whose resolutions are also the units of the first of two passes.
Regions named are used alone, otherwise all of them by their weights.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import numpy as np
from hist import Hist
from numpy.typing import NDArray

from darkreach.configuration import DetectorConfig, config_path, read_config
from darkreach.configuration.plane_search import PlanePreset, PlaneSearchConfig
from darkreach.histograms.plane_grid import PlaneGrid
from darkreach.pipeline.simulate_processes import simulate_processes
from darkreach.response import measure_events
from darkreach.running.process import process_samples
from darkreach.searches.registry import read_search
from darkreach.simulation.plane_requests import plane_requests, plane_signal_name

Floats = NDArray[np.float64]

PASSES = 2
CORE = 4.0
"""Pulls beyond it, of either observable, do not count for the correlation."""


def with_knots(config: PlaneSearchConfig, knots: Floats) -> PlaneSearchConfig:
    resolution = config.plane.resolution.model_copy(update={"knots": tuple(map(tuple, knots.tolist()))})
    return config.model_copy(update={"plane": config.plane.model_copy(update={"resolution": resolution})})


def with_signals_only(
    config: PlaneSearchConfig, regions: list[str], events: int, *, radiation: bool = True
) -> PlaneSearchConfig:
    kept = tuple(region for region in config.regions if not regions or region.name in regions)
    wanted = {region.signal for region in kept}
    changed = {} if radiation else {"maximum_isr_fraction": 0.0}
    signals = tuple(one.model_copy(update=changed) for one in config.simulation.signals if one.label in wanted)
    points = tuple((knot[0], knot[1]) for knot in config.plane.resolution.knots)
    preset = PlanePreset(signal_events=events, background_factor=1.0, anchors=points, scan=1)
    simulation = config.simulation.model_copy(update={"signals": signals, "backgrounds": ()})
    return config.model_copy(update={"regions": kept, "simulation": simulation, "presets": {"demo": preset}})


def pulls_of(config: PlaneSearchConfig, histograms: dict[str, Hist], point: tuple[float, float]) -> Hist:
    """The sum over regions: axes pull_x, pull_across."""
    total = None
    for region in config.regions:
        sample = plane_signal_name(region.signal, point)
        found = histograms[f"signal_plane/{region.name}"]
        if sample in list(found.axes[0]):
            part = found[{"dataset": sample, "variation": "nominal"}]
            total = part if total is None else total + part
    assert total is not None, f"no region has signals at {point}"
    return total


def measured(pulls: Hist, correlation: float, random: np.random.Generator) -> tuple[float, float, float, float, float]:
    """Half widths of the central 68 % of both pulls, correlation, entries, share of the weight outside of the core."""
    weights = np.maximum(pulls.values(), 0.0)
    whole = float(np.maximum(pulls.values(flow=True), 0.0).sum())
    entries = whole**2 / float(pulls.variances(flow=True).sum())
    repeats = 20
    rows = np.repeat(np.arange(weights.size), repeats)
    places = np.stack(np.unravel_index(rows, weights.shape), axis=1)
    edges = pulls.axes[0].edges
    values = edges[0] + (edges[1] - edges[0]) * (places + random.random(places.shape))
    # the second axis is what is left of y once x is known
    values[:, 1] = correlation * values[:, 0] + np.sqrt(1.0 - correlation**2) * values[:, 1]
    weight = weights.ravel()[rows]
    width = np.array([half_width(values[:, axis], weight) for axis in (0, 1)])
    core = np.all(np.abs(values) < CORE * width, axis=1)
    scaled = values[core] / width
    along, across = (half_width(scaled @ [1.0, sign], weight[core]) for sign in (1.0, -1.0))
    found = (along**2 - across**2) / (along**2 + across**2)
    return float(width[0]), float(width[1]), found, entries, 1.0 - float(weight[core].sum()) / repeats / whole


def half_width(values: Floats, weight: Floats) -> float:
    order = np.argsort(values)
    reached = np.cumsum(weight[order])
    low, high = np.interp([0.1587, 0.8413], reached / reached[-1], values[order])
    return float(0.5 * (high - low))


def measure(config: PlaneSearchConfig, detector: DetectorConfig, folder: Path) -> tuple[Floats, Floats]:
    """Knots (k, 5), and (k, 2): events and share outside of the core, of a search with signals only."""
    random = np.random.default_rng(1)
    requests = plane_requests(config, config.presets["demo"], detector)
    manifests = simulate_processes(requests, folder, measure_events)
    folders = [folder / manifest.sample for manifest in manifests]
    knots = np.array(config.plane.resolution.knots)
    quality = np.zeros((len(knots), 2))
    for _ in range(PASSES):
        config = with_knots(config, knots)
        grid = PlaneGrid(config.plane, detector.beams.beams().sqrt_s)
        histograms = dict(process_samples(config, detector, folders, config_digest="").histograms)
        for row, found in zip(knots, quality, strict=True):
            point = (float(row[0]), float(row[1]))
            old = grid.resolution(point)
            pulls = pulls_of(config, histograms, point)
            # nothing of a signal at the end of the plane may pass: its knot stays
            if not pulls.sum(flow=True).value > 0.0:
                continue
            *width, correlation, entries, outside = measured(pulls, old[2], random)
            row[2:] = old[0] * width[0], old[1] * width[1], correlation
            found[:] = entries, outside
    return knots, quality


def main(search: str, events: int = 3000, *options: str) -> None:
    regions, radiation = [one for one in options if not one.startswith("--")], "--no-radiation" not in options
    config = read_search(config_path("searches", search))
    assert isinstance(config, PlaneSearchConfig), f"{search} is no plane search"
    detector = read_config(config_path("detectors", config.detector), DetectorConfig)
    config = with_signals_only(config, regions, events, radiation=radiation)
    with tempfile.TemporaryDirectory() as folder:
        knots, quality = measure(config, detector, Path(folder))
    for row, (entries, outside) in zip(knots, quality, strict=True):
        text = ", ".join([*(f"{value:.3g}" for value in row[:4]), f"{row[4]:.2f}"])
        print(f"      - [{text}]  # {entries:.0f} events, {100.0 * outside:.0f} % outside")


if __name__ == "__main__":
    main(sys.argv[1], *(int(argument) for argument in sys.argv[2:3]), *sys.argv[3:])
