"""Variables of the event in flat candidate ntuples and in what ``check-ntuple`` says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import uproot

from darkreach.events.event_variables import EVENT_VARIABLES, variable_of_event
from darkreach.events.names import escape_name, unescape_name
from darkreach.events.ntuple_check import check_ntuple
from darkreach.events.readers import open_events
from darkreach.events.variable_source import COLUMN_TABLE, how_to_add, is_of_event, known_column

OF_EVENTS = ("missingMass2OfEvent", "L1FTDLBit(12)", "L1PSNM(ffo)", "totalEnergyOfParticlesInList(gamma:good)")
OF_CANDIDATES = ("mRecoil", "L1FTDLBits", "daughter(0, nCleanedTracks(dr < 2))")


@pytest.mark.parametrize("kind", ["flat.root", "flat.parquet"])
def test_variables_of_the_event_are_numbers_in_flat_files(tmp_path: Path, kind: str) -> None:
    event = np.repeat(np.arange(40), 3)
    columns = {name: np.ones(120, np.int32) for name in ("__experiment__", "__run__", "__production__")}
    columns |= {"__event__": event.astype(np.uint32), "__candidate__": np.tile(np.arange(3), 40).astype(np.int32)}
    columns |= {name: event * 0.5 + number for number, name in enumerate(OF_EVENTS)}
    columns |= dict.fromkeys(OF_CANDIDATES, np.arange(120.0))
    path = tmp_path / kind
    if kind.endswith(".root"):
        with uproot.recreate(path) as file:
            stored = {escape_name(name): values for name, values in columns.items()}
            file.mktree("ntuple", {name: values.dtype for name, values in stored.items()}).extend(stored)
    else:
        pq.write_table(pa.table(columns), path)
    with open_events(path) as file:
        chunk = file.read((*OF_EVENTS, *OF_CANDIDATES), 0, 40)
        levels = {unescape_name(column.name): column.level for column in file.layout().columns}
    for number, name in enumerate(OF_EVENTS):
        assert chunk[name].tolist() == (np.arange(40) * 0.5 + number).tolist()
    for name in OF_CANDIDATES:
        assert chunk[name].tolist() == np.arange(120.0).reshape(40, 3).tolist()
    assert {levels[name] for name in OF_EVENTS} == {"event"} and {levels[n] for n in OF_CANDIDATES} == {"candidate"}


def test_a_list_of_a_variable_of_the_event_is_a_fault(tmp_path: Path) -> None:
    pq.write_table(pa.table({"L1FTDL(ffo)": [[1.0], [0.0]], "mRecoil": [[1.0], [2.0]]}), tmp_path / "a.parquet")
    check = check_ntuple(tmp_path / "a.parquet", ["L1FTDL(ffo)", "mRecoil", "missingMass2OfEvent"])
    faults = [finding.what for finding in check.findings if finding.severity == "fault"]
    assert [what for what in faults if "add it to event_variables" in what and "'L1FTDL(ffo)'" in what]
    assert not [what for what in faults if "mRecoil" in what]
    assert "event_variables" in check.missing["missingMass2OfEvent"] and "GeV^2" in check.missing["missingMass2OfEvent"]


def test_the_table_has_each_variable_once_with_a_known_unit() -> None:
    names = [column.name for column in EVENT_VARIABLES]
    assert len(set(names)) == len(names) and not set(names) & set(COLUMN_TABLE)
    assert {column.unit for column in EVENT_VARIABLES} <= {"", "GeV", "GeV^2", "rad", "cm", "ns"}
    for column in EVENT_VARIABLES:
        # momenta and energies have units, numbers and flags have none
        assert bool(column.unit) != column.name.startswith(("n", "exp", "run", "evt", "L1", "High"))


@pytest.mark.parametrize("name", OF_CANDIDATES)
def test_what_the_table_does_not_know_may_differ_between_candidates(name: str) -> None:
    assert variable_of_event(name) is None and known_column(name) is None and not is_of_event(name)
    assert "to the variables of the ntuple module" in how_to_add(name)
