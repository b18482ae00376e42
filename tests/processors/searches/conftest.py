"""Events with three dark photons as the ntuples have them, and the search with six tracks that reads them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import awkward as ak
import numpy as np
import pytest
from coffea.nanoevents.methods import base

from darkreach.configuration import DetectorConfig, config_path, read_config
from darkreach.configuration.six_tracks import SixTracksConfig
from darkreach.generators.process_registry import find_process
from darkreach.response import measure_events
from darkreach.searches.plane_histograms import PlaneSums
from darkreach.searches.six_tracks import SixTracks
from darkreach.simulation.event_lists import measured_lists, stored_values

Columns = dict[str, Any]
DARK_PHOTON, DARK_HIGGS = 1.5, 5.0
"""Masses of the events, GeV."""


@pytest.fixture(scope="session")
def as_events() -> Callable[..., ak.Array]:
    """Return a maker of events with metadata: (columns, metadata by name)."""

    def make(columns: Columns, **metadata: Any) -> ak.Array:
        parameters = {"__record__": "NanoEvents", "metadata": {"dataset": "one", "filename": "a.parquet"} | metadata}
        record = ak.contents.RecordArray([ak.to_layout(value) for value in columns.values()], list(columns))
        return ak.Array(record.copy(parameters=parameters), behavior=base.behavior)

    return make


@pytest.fixture(scope="session")
def as_signal(as_events: Callable[..., ak.Array]) -> Callable[[Columns, str], ak.Array]:
    """Return a maker of signal events of three dark photons: (columns, label)."""

    def make(columns: Columns, label: str) -> ak.Array:
        masses = {"dark_photon_mass_gev": DARK_PHOTON, "dark_higgs_mass_gev": DARK_HIGGS}
        return as_events(columns, kind="signal", dataset=f"signal_{label}_1500_5000MeV", **masses)

    return make


@pytest.fixture(scope="session")
def six_track_detector() -> DetectorConfig:
    return read_config(config_path("detectors", "babar_upsilon4s"), DetectorConfig)


@pytest.fixture(scope="session")
def six_track_config() -> SixTracksConfig:
    """The shipped one with few cells, for speed."""
    content = read_config(config_path("searches", "six_track_higgsstrahlung"), SixTracksConfig).model_dump(mode="json")
    for axis in ("x", "y"):
        content["plane"][axis]["cell_widths"] = [(0.2, 0.1), (10.5, 0.1)]
    return SixTracksConfig.model_validate(content)


@pytest.fixture(scope="session")
def six_track_processor(six_track_config: SixTracksConfig, six_track_detector: DetectorConfig) -> SixTracks:
    return SixTracks(six_track_config, six_track_detector)


@pytest.fixture(scope="session")
def visible(six_track_detector: DetectorConfig) -> Columns:
    """Events whose dark photons all decay to pairs."""
    return _simulated(six_track_detector, 2_500, (0.35, 0.35, 0.3), 1)


@pytest.fixture(scope="session")
def unseen(six_track_detector: DetectorConfig) -> Columns:
    """Events of which some dark photons do not decay."""
    return _simulated(six_track_detector, 2_500, (0.3, 0.3, 0.0), 3)


def _simulated(detector: DetectorConfig, number: int, fractions: tuple[float, float, float], seed: int) -> Columns:
    process = find_process("dark_higgsstrahlung")
    names = ("branching_electrons", "branching_muons", "branching_pions")
    values = dict(zip(names, fractions, strict=True))
    values |= {"dark_photon_mass_gev": DARK_PHOTON, "dark_higgs_mass_gev": DARK_HIGGS}
    source = process.open(detector.beams.beams(), process.values(values), 0.1).source
    measured = measure_events(source(number, np.random.default_rng(seed)), detector, np.random.default_rng(seed + 1))
    rows = measured_lists(measured, np.arange(len(measured)))
    flat = stored_values(rows, rows.columns())
    return {
        column.name: flat[column.name]
        if column.level == "event"
        else ak.unflatten(flat[column.name], np.diff(rows.lists[column.collection].offsets))
        for column in rows.columns()
    }


@pytest.fixture
def filled(monkeypatch: pytest.MonkeyPatch) -> Callable[[SixTracks, ak.Array], list[tuple[Any, ...]]]:
    """Return what tells, of a processor and events, all that is filled.

    Region, whether its sideband, variation, event, and the x and y of its three entries.
    """

    def fill(processor: SixTracks, events: ak.Array) -> list[tuple[Any, ...]]:
        found: list[tuple[Any, ...]] = []

        def record(_: PlaneSums, region: str, values: Any, event: Any, weights: Any, *, sideband: bool = False) -> None:
            for name, weight in weights.items():
                assert len(weight) == len(values) == len(event)
                for start in range(0, len(event), 3):
                    assert len(set(event[start : start + 3])) == 1
                    x, y = values[start : start + 3].T
                    found.append((region, sideband, name, int(event[start]), tuple(x), tuple(y)))

        monkeypatch.setattr(PlaneSums, "fill", record)
        processor.process(events)
        return found

    return fill
