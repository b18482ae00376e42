"""CPU time of processors against the pure read of the same columns, medians of interleaved repetitions in one process.

    python tests/benchmarks/event_speed.py [--events 500000] [--repeats 5] [--demo RESULTS_FOLDER]

Two muons with 21 variations: random 12-column files (ROOT and Parquet) are made in a temporary folder and processed as
a search would: columns read by ``open_events``, named cuts, compiled pairs, one fill. The floor is uproot reading the
same columns of the ROOT file into arrays. With ``--demo``, the axion processor (7 variations, 5 of them kinematic) on
a sample folder of a finished run is compared with its own read.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import awkward as ak
import hist
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import uproot

from darkreach.configuration import DetectorConfig, SearchConfig, config_path, read_config
from darkreach.events.manifest import SampleFile, SampleManifest, read_manifest
from darkreach.events.readers import open_events
from darkreach.histograms.bin_finder import bin_finder
from darkreach.histograms.variation_fill import fill_table_variations
from darkreach.running.plan import WorkItem
from darkreach.running.work import process_item
from darkreach.searches import AxionToPhotons
from darkreach.searches.track_pairs import TrackLists, plain_track_pairs, track_pairs
from darkreach.selection import Cut, NamedCuts

EVENT_COLUMNS = ("__weight__", "nTracks", "L1FTDL", "missingMass2OfEvent")
TRACK_COLUMNS = ("charge", "muonID", "E", "px", "py", "pz", "theta", "p")
VARIATIONS, P_EDGES, THETA_EDGES = 21, np.linspace(0.5, 5.0, 9), np.linspace(0.4, 2.4, 7)
CUTS = NamedCuts(
    [
        Cut("trigger", lambda rows: rows["L1FTDL"] > 0.5),
        Cut("tracks", lambda rows: (rows["nTracks"] >= 2) & (rows["nTracks"] <= 4)),
        Cut("missing_mass", lambda rows: rows["missingMass2OfEvent"] > 0.0),
    ]
)
AXIS = hist.axis.Regular(200, -20.0, 120.0)


def make_columns(events: int) -> dict[str, Any]:
    random = np.random.default_rng(1)
    counts = random.poisson(2.5, events)
    tracks = int(counts.sum())
    momentum, theta = random.gamma(3.0, 0.8, tracks), np.arccos(random.uniform(-0.9, 0.95, tracks))
    phi = random.uniform(-np.pi, np.pi, tracks)
    lists = {"charge": random.choice([-1.0, 1.0], tracks), "muonID": random.beta(0.5, 0.5, tracks)}
    lists |= {"E": np.sqrt(momentum**2 + 0.10566**2), "px": momentum * np.sin(theta) * np.cos(phi)}
    lists |= {"py": momentum * np.sin(theta) * np.sin(phi), "pz": momentum * np.cos(theta)}
    lists |= {"theta": theta, "p": momentum}
    numbers = {"__weight__": np.ones(events), "nTracks": counts, "L1FTDL": random.uniform(size=events) > 0.05}
    numbers["missingMass2OfEvent"] = random.normal(20.0, 10.0, events)
    return {name: np.asarray(column, np.float32) for name, column in numbers.items()} | {
        name: ak.unflatten(column.astype(np.float32), counts) for name, column in lists.items()
    }


def write_files(folder: Path, columns: dict[str, Any], row_group: int = 100_000) -> dict[str, Path]:
    lists = ak.zip({name: columns[name] for name in TRACK_COLUMNS})
    types = {name: columns[name].dtype for name in EVENT_COLUMNS} | {"track": lists.type.content}
    with uproot.recreate(folder / "two.root", compression=uproot.ZSTD(5)) as file:
        tree = file.mktree(
            "tree", types, counter_name=lambda _: "__ncandidates__",
            field_name=lambda outer, inner: inner if outer == "track" else outer + inner,
        )  # fmt: skip
        for start in range(0, len(lists), row_group):
            part = slice(start, start + row_group)
            tree.extend({name: columns[name][part] for name in EVENT_COLUMNS} | {"track": lists[part]})
    arrays = {
        name: ak.to_arrow(value, extensionarray=False) if isinstance(value, ak.Array) else pa.array(value)
        for name, value in columns.items()
    }
    pq.write_table(pa.table(arrays), folder / "two.parquet", compression="zstd", row_group_size=row_group)
    return {"ROOT": folder / "two.root", "Parquet": folder / "two.parquet"}


def read_events(path: Path) -> ak.Array:
    with open_events(path) as file:
        return file.read((*EVENT_COLUMNS, *TRACK_COLUMNS), 0, file.entries)


def pure_read(path: Path) -> None:
    if path.suffix == ".root":
        with uproot.open(path) as file:
            file["tree"].arrays([*EVENT_COLUMNS, *TRACK_COLUMNS])
    else:
        pq.read_table(path, columns=[*EVENT_COLUMNS, *TRACK_COLUMNS], use_threads=False)


def track_lists(events: ak.Array) -> tuple[TrackLists, dict[str, np.ndarray]]:
    # one counter for all lists, so one list of offsets
    offsets = np.asarray(ak.to_layout(events["charge"]).offsets.data, dtype=np.int64)
    values = {name: np.asarray(ak.to_layout(events[name]).content.data) for name in TRACK_COLUMNS}
    return TrackLists(offsets, *(values[name] for name in TRACK_COLUMNS[:6])), values


def selected(events: ak.Array, factors: np.ndarray, find: Callable[..., Any], total: np.ndarray) -> tuple[Any, ...]:
    """Return recoil masses, weights and cells of the correction table of the selected events."""
    numbers = {name: ak.to_numpy(events[name]) for name in EVENT_COLUMNS}
    rows = CUTS.apply(numbers, numbers["__weight__"]).rows
    tracks, values = track_lists(events)
    pairs = find(tracks, rows, minimum_identification=0.5, total=total)
    cells = np.searchsorted(P_EDGES, values["p"][pairs.first]) * (len(THETA_EDGES) + 1)
    cells += np.searchsorted(THETA_EDGES, values["theta"][pairs.first])
    assert factors.shape == ((len(P_EDGES) + 1) * (len(THETA_EDGES) + 1), VARIATIONS)
    return pairs.recoil_mass_squared, numbers["__weight__"][pairs.event].astype(np.float64), cells


def fast_sums(events: ak.Array, factors: np.ndarray, total: np.ndarray) -> np.ndarray:
    finder = bin_finder(AXIS)
    sums = np.zeros((finder.size, VARIATIONS, 2))
    values, weight, cells = selected(events, factors, track_pairs, total)
    fill_table_variations(sums, finder, values, weight, cells, factors)
    return sums


def slow_sums(events: ak.Array, factors: np.ndarray, total: np.ndarray) -> np.ndarray:
    """The same with awkward pairs and one hist fill a variation: judges the numbers, and shows what it would cost."""
    values, weight, cells = selected(events, factors, plain_track_pairs, total)
    sums = np.zeros((AXIS.extent, VARIATIONS, 2))
    for variation in range(VARIATIONS):
        histogram = hist.Hist(AXIS, storage=hist.storage.Weight())
        histogram.fill(values, weight=weight * factors[cells, variation])
        view: Any = histogram.view(flow=True)
        sums[:, variation, 0], sums[:, variation, 1] = view.value, view.variance
    return sums


def median_seconds(actions: dict[str, Callable[[], Any]], repeats: int) -> dict[str, float]:
    """Return medians of CPU seconds; the actions take turns, so that a busy moment of the machine hits all."""
    times: dict[str, list[float]] = {name: [] for name in actions}
    for _ in range(repeats + 1):
        for name, action in actions.items():
            start = time.process_time()
            action()
            times[name].append(time.process_time() - start)
    return {name: statistics.median(values[1:]) for name, values in times.items()}


def two_muons(events: int, repeats: int) -> None:
    detector = read_config(config_path("detectors", "belle2"), DetectorConfig)
    total = detector.beams.beams().four_momentum
    factors = np.random.default_rng(2).normal(1.0, 0.03, ((len(P_EDGES) + 1) * (len(THETA_EDGES) + 1), VARIATIONS))
    with tempfile.TemporaryDirectory() as folder:
        paths = write_files(Path(folder), make_columns(events))
        for kind, path in paths.items():
            arrays = read_events(path)
            fast, slow = fast_sums(arrays, factors, total), slow_sums(arrays, factors, total)
            np.testing.assert_allclose(fast, slow, rtol=1e-12, atol=1e-12)
            actions = {"floor": lambda path=path: pure_read(path), "read": lambda path=path: read_events(path)}
            actions["compiled"] = lambda path=path: fast_sums(read_events(path), factors, total)
            actions["plain"] = lambda path=path: slow_sums(read_events(path), factors, total)
            report(f"two muons, {VARIATIONS} variations, {kind}", events, median_seconds(actions, repeats))


def axion(folder: Path, repeats: int) -> None:
    manifest: SampleManifest = read_manifest(folder)
    file: SampleFile = manifest.files[0]
    config = read_config(config_path("searches", "axion_to_photons"), SearchConfig)
    processor = AxionToPhotons(config, read_config(config_path("detectors", "belle2"), DetectorConfig))
    columns, path = processor.required_columns(manifest.kind), folder / file.path
    mass = manifest.parameters.get("mass_gev")
    metadata = (("kind", manifest.kind),) + (() if mass is None else (("mass_gev", float(mass)),))
    item = WorkItem(manifest.sample, path, file.path, 0, file.entries, tuple(columns), metadata)

    def read() -> None:
        with open_events(path) as opened:
            opened.read(columns, 0, file.entries)

    floor = lambda: pq.read_table(path, columns=list(columns), use_threads=False)  # noqa: E731
    actions = {"floor": floor, "read": read, "compiled": lambda: process_item(processor, item)}
    report(f"axion_to_photons, 7 variations, {folder.name}", file.entries, median_seconds(actions, repeats))


def report(title: str, events: int, seconds: dict[str, float]) -> None:
    print(title)
    for name, value in seconds.items():
        rate, factor = events / value / 1e6, value / seconds["floor"]
        print(f"  {name:9s} {value * 1e3:8.1f} ms, {rate:6.2f} Mev/s, {factor:5.2f} x floor")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=500_000)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--demo", type=Path, help="sample folder of a finished run, Parquet")
    arguments = parser.parse_args()
    two_muons(arguments.events, arguments.repeats)
    if arguments.demo is not None:
        axion(arguments.demo, arguments.repeats)


if __name__ == "__main__":
    main()
