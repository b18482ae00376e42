"""The schema under which stock coffea reads basf2 ntuples."""

from __future__ import annotations

from pathlib import Path

import awkward as ak
import numpy as np
import pytest
import uproot
from coffea.nanoevents import NanoEventsFactory

from darkreach.errors import InputFileError
from darkreach.events.schema import Basf2EventSchema


def events_of(path: Path, columns: dict[str, np.ndarray]) -> ak.Array:
    with uproot.recreate(path) as file:
        file.mktree("tree", {name: column.dtype for name, column in columns.items()}).extend(columns)
    return NanoEventsFactory.from_root({str(path): "tree"}, schemaclass=Basf2EventSchema, mode="virtual").events()


def test_names_are_basf2_names_and_index_columns_stay(tmp_path: Path) -> None:
    values = np.arange(4.0)
    events = events_of(
        tmp_path / "a.root",
        {"useCMSFrame__boE__bc": values, "__production__": np.arange(4, dtype=np.int32), "nTracks": -values},
    )
    assert set(events.fields) == {"useCMSFrame(E)", "__production__", "nTracks"}
    assert events["useCMSFrame(E)"].tolist() == values.tolist()
    assert events.nTracks.tolist() == (-values).tolist()
    assert events["__production__"].tolist() == [0, 1, 2, 3]


def test_two_columns_of_one_variable_are_refused() -> None:
    form = {"class": "RecordArray", "fields": ["f(x)", "f__box__bc"], "contents": [{}, {}], "parameters": {}}
    with pytest.raises(InputFileError, match="same variable"):
        Basf2EventSchema(form)
