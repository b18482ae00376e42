"""Plain ntuples of data: events that come twice are found before anything runs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from darkreach.errors import InputFileError
from darkreach.running import DataSample, open_samples, process_samples, read_plan, shared_events
from darkreach.running.shared_events import refuse_shared_events

Make = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path, photon_columns: Callable[..., dict[str, Any]], write_events: Make) -> Make:
    def make(name: str, first_event: int, **changes: Any) -> Path:
        columns = photon_columns(600, first_event + 1)
        columns["__event__"] = np.arange(first_event, first_event + 600, dtype=np.uint32)
        return write_events(tmp_path / name, {**columns, **changes})

    return make


def compared(*paths: Path) -> bool:
    return why_not(*paths) == ""


def why_not(*paths: Path) -> str:
    (sample,) = open_samples([DataSample("data", paths, 1.0)])
    return refuse_shared_events(sample).not_compared


@pytest.mark.parametrize("suffix", [".root", ".parquet"])
def test_different_events_pass(write: Make, suffix: str) -> None:
    assert compared(write(f"a{suffix}", 0), write(f"b{suffix}", 600), write(f"c{suffix}", 2**31))


def test_equal_event_numbers_of_another_run_or_production_pass(write: Make) -> None:
    other_run = {"__run__": np.full(600, 12, np.int32)}
    other_production = {"__production__": np.full(600, 2, np.int32)}
    assert compared(write("a.parquet", 0), write("b.parquet", 0, **other_run), write("c.root", 0, **other_production))


@pytest.mark.parametrize(("first", "shared"), [(599, 1), (400, 200), (0, 600)])
def test_events_in_two_files_are_refused(write: Make, first: int, shared: int) -> None:
    with pytest.raises(InputFileError, match=rf"a.parquet and .*c.root(.|\n)*{shared} events in both"):
        compared(write("a.parquet", 0), write("b.parquet", 5000), write("c.root", first))


def test_events_twice_in_one_file_are_refused(write: Make) -> None:
    events = np.arange(600, dtype=np.uint32)
    events[-1] = 17
    with pytest.raises(InputFileError, match=r"twice in one file(.|\n)*1 of 600"):
        compared(write("a.parquet", 0, __event__=events))


def test_candidates_of_one_event_are_no_repetition(write: Make) -> None:
    events = np.repeat(np.arange(300, dtype=np.uint32), 2)
    candidate = np.tile(np.array([0, 1], np.int32), 300)
    assert compared(write("a.parquet", 0, __event__=events, __candidate__=candidate))


def test_files_without_index_columns_are_not_compared(write: Make, write_events: Make, tmp_path: Path) -> None:
    plain = write_events(tmp_path / "plain.parquet", {"nTracks": np.zeros(10)})
    assert why_not(write("a.parquet", 0), plain) == "no columns __experiment__, __run__, __event__ in plain.parquet"


def test_what_is_not_compared_is_said_and_written_down(
    write: Make, monkeypatch: pytest.MonkeyPatch, search_config: Any, detector_config: Any, tmp_path: Path
) -> None:
    monkeypatch.setattr(shared_events, "MAXIMUM_EVENTS", 1000)
    paths = (write("a.parquet", 0), write("b.parquet", 600))
    for count, expected in ((1, None), (2, "1200 events, more than 1e+03")):
        notices: list[str] = []
        histograms = process_samples(
            search_config,
            detector_config,
            [DataSample("data", paths[:count], 1.0)],
            config_digest="x",
            folder=tmp_path / "processing",
            notice=notices.append,
        )
        assert histograms.record.get("events_not_compared", {}).get("data") == expected
        assert [f"would not be noticed: {expected}" in notice for notice in notices] == [True] * (expected is not None)
        assert read_plan(tmp_path / "processing").samples[0].not_compared == (expected or "")
