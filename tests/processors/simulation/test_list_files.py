"""Files of events with several lists, one of them the unnamed one of basf2."""

from __future__ import annotations

from pathlib import Path

import awkward as ak
import numpy as np
import pytest
import uproot

from darkreach.configuration import DetectorConfig
from darkreach.errors import ConfigError
from darkreach.events.readers import iterate_chunks, open_events
from darkreach.generators.process_registry import find_process
from darkreach.response import measure_events
from darkreach.response.measured_events import MeasuredObjects
from darkreach.simulation.event_lists import EventLists, index_columns, measured_lists
from darkreach.simulation.list_files import LIST_FORMATS, open_list_file


def rows(first: int, photons: list[list[float]], tracks: list[list[float]]) -> EventLists:
    def objects(name: str, values: list[list[float]]) -> MeasuredObjects:
        offsets = np.concatenate([[0], np.cumsum([len(one) for one in values])]).astype(np.int64)
        return MeasuredObjects(offsets, {name: np.array([x for one in values for x in one], dtype=float)})

    event = {**index_columns(np.arange(first, first + len(photons))), "own(x)": np.full(len(photons), 0.5)}
    return EventLists(event, {"": objects("E", photons), "track": objects("p", tracks)})


@pytest.mark.parametrize("kind", LIST_FORMATS)
def test_blocks_come_back(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"a.{kind}"
    photons, tracks = [[1.5], [], [2.0, 0.5]], [[0.25, 4.0], [8.0], []]
    with open_list_file(path, kind) as file:
        file.append(rows(0, photons[:2], tracks[:2]))
        file.append(rows(2, [], []))
        file.append(rows(2, photons[2:], tracks[2:]))
    columns = ["__event__", "E", "track_p", "__ncandidates__", "ntrack", "own(x)"]
    read = ak.concatenate([chunk for _, chunk in iterate_chunks(path, columns)])
    assert read["E"].tolist() == photons
    assert read["track_p"].tolist() == tracks
    assert read["__event__"].tolist() == [0, 1, 2]
    assert read["__ncandidates__"].tolist() == [1, 0, 2]
    assert read["ntrack"].tolist() == [2, 1, 0]
    assert read["own(x)"].tolist() == [0.5] * 3
    with open_events(path) as opened:
        levels = {column.name: (column.dtype, column.level) for column in opened.layout().columns}
    assert levels["E"] == ("float64", "candidate")
    assert levels["track_p"] == ("float32", "candidate")
    assert levels["__event__"] == ("uint32", "event")
    if kind == "root":
        # as basf2 names what its own names do not allow
        assert "own__box__bc" in uproot.open(path)["tree"]


def test_unknown_formats_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such format"):
        open_list_file(tmp_path / "a.csv", "csv")


def test_the_column_table_describes_whatever_the_detector_measures(detector_config: DetectorConfig) -> None:
    process = find_process("dark_photon_photon")
    values = process.values({"mass_gev": 2.0, "branching_muons": 1.0})
    source = process.open(detector_config.beams.beams(), values, 0.35).source
    measured = measure_events(source(2000, np.random.default_rng(1)), detector_config, np.random.default_rng(2))
    columns = measured_lists(measured, measured.trial).columns()
    assert [column.name for column in columns if not column.meaning] == []
    assert {"ntrack", "nphoton", "nvertex"} <= {column.name for column in columns}
