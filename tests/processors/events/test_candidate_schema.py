"""Candidates of an event as one list of records under stock coffea."""

from __future__ import annotations

from pathlib import Path

import awkward as ak
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import uproot
from coffea.nanoevents import NanoEventsFactory

from darkreach.errors import InputFileError
from darkreach.events.candidate_schema import Basf2CandidateListSchema

E = ak.Array([[3.0, 1.0], [], [2.0]])
THETA = E / 10.0
TRACKS = ak.Array([[1.0], [2.0, 3.0, 4.0], []])


def events_of(path: Path, **numbers: np.ndarray) -> ak.Array:
    lists = {"useCMSFrame__boE__bc": E, "theta": THETA, "px": TRACKS}
    types = dict.fromkeys(lists, "var * float64") | {name: values.dtype for name, values in numbers.items()}
    with uproot.recreate(path) as file:
        file.mktree("tree", types, counter_name=lambda name: "ntrack" if name == "px" else "__ncandidates__").extend(
            lists | numbers
        )
    schema = Basf2CandidateListSchema
    return NanoEventsFactory.from_root({str(path): "tree"}, schemaclass=schema, mode="virtual").events()


def test_lists_of_one_counter_are_one_list_of_records(tmp_path: Path) -> None:
    events = events_of(tmp_path / "a.root", nTracks=np.arange(3.0), __production__=np.arange(3, dtype=np.int32))
    assert set(events.fields) == {"nTracks", "__production__", "__ncandidates__", "ntrack", "candidates", "track"}
    assert events.candidates.fields == ["useCMSFrame(E)", "theta"]
    assert events.candidates["useCMSFrame(E)"].tolist() == E.tolist()
    assert events.candidates.theta.tolist() == THETA.tolist()
    assert events.track.px.tolist() == TRACKS.tolist()
    assert ak.num(events.candidates).tolist() == events["__ncandidates__"].tolist() == [2, 0, 1]
    hard = events.candidates[events.candidates.theta > 0.15]
    assert hard["useCMSFrame(E)"].tolist() == [[3.0], [], [2.0]]


def test_a_variable_called_like_a_collection_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputFileError, match="name of a list of candidates"):
        events_of(tmp_path / "a.root", candidates=np.arange(3.0))


def test_lists_without_a_counter_stay_apart(tmp_path: Path) -> None:
    pq.write_table(pa.table({"E": E.tolist(), "px": TRACKS.tolist()}), tmp_path / "a.parquet")
    events = NanoEventsFactory.from_parquet(
        str(tmp_path / "a.parquet"), schemaclass=Basf2CandidateListSchema, mode="virtual"
    ).events()
    assert events.E.tolist() == E.tolist() and events.px.tolist() == TRACKS.tolist()
