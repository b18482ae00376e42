"""Ntuples read under other names, with several collections of lists."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import awkward as ak
import numpy as np
import pytest

from darkreach.configuration import known_configs
from darkreach.errors import ConfigError, MissingColumnError, UnknownNameError
from darkreach.events.column_map import read_column_map, variables_by_column
from darkreach.events.columns import Column
from darkreach.events.ntuple_check import check_ntuple
from darkreach.events.readers import open_events
from darkreach.events.variable_source import COLUMN_TABLE, how_to_add, is_of_event

SUFFIXES = (".root", ".parquet")


def lists(events: int, seed: int) -> dict[str, Any]:
    """Tracks and photons, of different number in the same event."""
    random = np.random.default_rng(seed)
    tracks, photons = random.integers(0, 5, events), random.integers(0, 4, events)
    return {
        "track_p": ak.unflatten(random.random(tracks.sum()), tracks),
        "track_charge": ak.unflatten(random.choice([-1.0, 1.0], tracks.sum()), tracks),
        "photon_E": ak.unflatten(random.random(photons.sum()), photons),
    }


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_variables_are_read_under_the_names_of_the_map(
    tmp_path: Path, photon_columns: Callable[..., dict[str, Any]], write_events: Callable[..., Path], suffix: str
) -> None:
    columns = photon_columns(1000, 3) | {"useCMSFrame(E)": photon_columns(1000, 4)["nTracks"]}
    stored = {
        name.replace("(", "__bo").replace(")", "__bc") if suffix == ".root" else name: columns[name] for name in columns
    }
    path = write_events(tmp_path / f"a{suffix}", stored)
    names = {
        "photon_E": "E",
        "again": "E",
        "energy": "useCMSFrame(E)",
        "E": "theta",
        "not_there": "nothing",
        "mcE": "nothing",
    }
    with open_events(path) as plain, open_events(path, columns=names) as renamed:
        assert renamed.entries == plain.entries
        available = renamed.column_names()
        assert {"photon_E", "energy", "E", "phi", "nTracks"} <= set(available)
        # 'theta' is read as 'E' only, and what is not in the file is not offered
        assert not {"theta", "not_there", "mcE"} & set(available)
        levels = {column.name: column.level for column in renamed.layout().columns}
        assert (levels["photon_E"], levels["energy"]) == ("candidate", "event")
        wanted = ["photon_E", "again", "energy", "E", "phi"]
        ranges = renamed.ranges(wanted, 400)
        assert ranges == plain.ranges(["E", "useCMSFrame(E)", "theta", "phi"], 400)
        for start, stop in ranges:
            new = renamed.read(wanted, start, stop)
            old = plain.read(["E", "useCMSFrame(E)", "theta", "phi"], start, stop)
            assert new.fields == wanted
            for name, variable in (("photon_E", "E"), ("again", "E"), ("energy", "useCMSFrame(E)"), ("E", "theta")):
                assert ak.array_equal(new[name], old[variable]), name
        with pytest.raises(MissingColumnError, match="which the column map gives for 'not_there'"):
            renamed.read(["not_there"], *ranges[0])
        with pytest.raises(MissingColumnError, match="column 'nTrack' is missing"):
            renamed.read(["nTrack"], *ranges[0])


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_lists_of_one_collection_have_one_length(
    tmp_path: Path, write_events: Callable[..., Path], suffix: str
) -> None:
    columns = lists(300, 1)
    if suffix == ".root":
        # the writer of the test knows one collection
        columns.pop("photon_E")
    path = write_events(tmp_path / f"a{suffix}", columns)
    assert not [f.what for f in check_ntuple(path, list(columns)).findings if "length" in f.what]
    columns["track_charge"] = lists(300, 2)["track_charge"]
    if suffix == ".parquet":
        path = write_events(tmp_path / "b.parquet", columns)
        (found,) = [f for f in check_ntuple(path, list(columns)).findings if "length" in f.what]
        assert found.severity == "fault"
        assert "'track_charge'" in found.what


def test_the_column_table_knows_the_lists() -> None:
    charge = COLUMN_TABLE["track_charge"]
    assert charge == Column("track_charge", "candidate", "int8", "", charge.meaning, collection="track")
    assert COLUMN_TABLE["track_mcP"].truth and not COLUMN_TABLE["track_p"].truth
    assert (COLUMN_TABLE["E"].collection, COLUMN_TABLE["nTracks"].collection) == ("", "")
    assert is_of_event("ntrack") and is_of_event("l1_ffo") and not is_of_event("track_p")
    assert "column map" in how_to_add("photon_E")
    assert "variablesToEventBasedTree" in how_to_add("E")
    # a float of single precision would lose the end of long codes
    assert {
        column.dtype for name, column in COLUMN_TABLE.items() if name.endswith(("_mcPDG", "_genMotherPDG", "_pdg"))
    } == {"int32"}


@pytest.mark.parametrize("name", known_configs("columns"))
def test_shipped_maps_name_known_columns(name: str) -> None:
    columns = variables_by_column(read_column_map(name))
    assert len(columns) > 5
    assert all(column in COLUMN_TABLE for column in columns)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("columns: {photon_e: E}", "did you mean 'photon_E'"),
        ("columns: {photon_E: E}\nother_columns: {photon_E: E}", "stands twice"),
        ("columns: {photon_E: E}\nother_column: {a: b}", "other_columns"),
        ("columns: [photon_E]", "columns"),
    ],
)
def test_wrong_maps_are_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "map.yaml"
    path.write_text(f"title: test\n{text}\n")
    with pytest.raises(ConfigError) as caught:
        read_column_map(str(path))
    assert message in str(caught.value)
    assert "map.yaml" in str(caught.value.where)


def test_unknown_maps_are_refused() -> None:
    with pytest.raises(UnknownNameError, match="basf2_photon"):
        read_column_map("basf2_photon")
