"""Two muons of opposite charge and missing energy with 21 variations, as a search of this project does it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import awkward as ak
import hist
import numpy as np
from event_files import COLUMNS, EVENT_COLUMNS, TRACK_COLUMNS
from hist import Hist

from darkreach.configuration import DetectorConfig, config_path, read_config
from darkreach.events.readers import open_events
from darkreach.histograms.bin_finder import bin_finder
from darkreach.histograms.table_cells import plain_table_cells, table_cells
from darkreach.histograms.variation_fill import fill_table_variations
from darkreach.searches.track_pairs import TrackLists, plain_track_pairs, track_pairs
from darkreach.selection import Cut, NamedCuts

MINIMUM_IDENTIFICATION = 0.5
NUISANCES = tuple(f"cells{number}" for number in range(10))
VARIATIONS = ("nominal", *(f"identification_{name}{sign}" for name in NUISANCES for sign in ("Up", "Down")))
P_EDGES = np.array([0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 50.0])
THETA_EDGES = np.array([0.0, 0.6, 0.9, 1.2, 1.6, 2.0, 3.2])
CELLS = (len(P_EDGES) - 1) * (len(THETA_EDGES) - 1)
FACTORS = np.random.default_rng(2).normal(1.0, 0.03, (CELLS, len(VARIATIONS)))
TOTAL = read_config(config_path("detectors", "belle2"), DetectorConfig).beams.beams().four_momentum
AXIS = hist.axis.Regular(200, -20.0, 120.0, name="recoil_mass_squared")
CUTS = NamedCuts(
    [
        Cut("trigger", lambda rows: rows["L1FTDL"] > 0.5),
        Cut("tracks", lambda rows: (rows["nTracks"] >= 2) & (rows["nTracks"] <= 4)),
        Cut("missing_mass", lambda rows: rows["missingMass2OfEvent"] > 0.0),
    ]
)


@dataclass(frozen=True)
class Selected:
    """Of the selected events: recoil mass squared (GeV^2), weight, cell of the correction table of the first muon."""

    values: np.ndarray
    weight: np.ndarray
    cells: np.ndarray


class Sums(Protocol):
    def fill(self, values: Any, weight: Any, cells: Any = None, factors: Any = None) -> None: ...


def chunks(path: Path, entries: int) -> Iterator[ak.Array]:
    with open_events(path) as file:
        for start, stop in file.ranges(COLUMNS, entries):
            yield file.read(COLUMNS, start, stop)


def select(events: ak.Array, *, plain: bool = False) -> Selected:
    numbers = {name: ak.to_numpy(events[name]) for name in EVENT_COLUMNS}
    rows = CUTS.apply(numbers, numbers["__weight__"]).rows
    # one counter for all lists, so one list of offsets
    offsets = np.asarray(ak.to_layout(events["charge"]).offsets.data, dtype=np.int64)
    values = {name: np.asarray(ak.to_layout(events[name]).content.data) for name in TRACK_COLUMNS}
    tracks = TrackLists(offsets, *(values[name] for name in TRACK_COLUMNS[:6]))
    find, locate = (plain_track_pairs, plain_table_cells) if plain else (track_pairs, table_cells)
    pairs = find(tracks, rows, minimum_identification=MINIMUM_IDENTIFICATION, total=TOTAL)
    cells = locate(P_EDGES, THETA_EDGES, values["p"][pairs.first], values["theta"][pairs.first])
    return Selected(pairs.recoil_mass_squared, numbers["__weight__"][pairs.event].astype(np.float64), cells)


def as_histogram(sums: np.ndarray) -> Hist:
    histogram = Hist(
        hist.axis.StrCategory(VARIATIONS, name="variation", overflow=False), AXIS, storage=hist.storage.Weight()
    )
    view: Any = histogram.view(flow=True)
    view.value, view.variance = sums[..., 0].T, sums[..., 1].T
    return histogram


def compiled(path: Path, entries: int, windows: Sums | None = None) -> Hist:
    """Read, select, fill all variations; all windows in the same pass if asked for."""
    finder = bin_finder(AXIS)
    sums = np.zeros((finder.size, len(VARIATIONS), 2))
    for events in chunks(path, entries):
        chosen = select(events)
        fill_table_variations(sums, finder, chosen.values, chosen.weight, chosen.cells, FACTORS)
        if windows is not None:
            windows.fill(chosen.values, chosen.weight, chosen.cells, FACTORS)
    return as_histogram(sums)


def plain(path: Path, entries: int) -> Hist:
    """The same with the plain twins and one hist fill a variation: judges the numbers."""
    histogram = as_histogram(np.zeros((AXIS.extent, len(VARIATIONS), 2)))
    for events in chunks(path, entries):
        chosen = select(events, plain=True)
        for number, variation in enumerate(VARIATIONS):
            weight = chosen.weight * FACTORS[chosen.cells, number]
            histogram.fill(variation, chosen.values, weight=weight)
    return histogram
