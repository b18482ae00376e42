"""What may be run over: each file once, unchanged, with the number of events its manifest says."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from darkreach.configuration import AxionConfig, DetectorConfig
from darkreach.errors import InputFileError, MissingColumnError
from darkreach.events.manifest import MANIFEST_NAME
from darkreach.running import DataSample, open_samples, plan_run, process_samples


@pytest.fixture
def sample(tmp_path: Path, photon_columns: Callable[..., dict[str, Any]], write_sample: Callable[..., Path]) -> Path:
    return write_sample(tmp_path / "background", [photon_columns(900, 1)], "background")


def edited(folder: Path, **changes: Any) -> Path:
    path = folder / MANIFEST_NAME
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))
    return folder


def test_plan_covers_every_event_once(sample: Path) -> None:
    plan = plan_run(open_samples([sample]), lambda kind: ("E",), chunk_entries=500)
    assert [item.chunks for item in plan.items] == [[(0, 400), (400, 900)]]
    plan = plan_run(open_samples([sample]), lambda kind: ("E",), chunk_entries=300, item_entries=800)
    assert [item.edges for item in plan.items] == [(0, 400, 800), (800, 900)]
    assert plan.entries == 900
    assert {item.columns for item in plan.items} == {("E",)}
    assert dict(plan.items[0].metadata) == {"kind": "background"}


def test_a_sample_given_twice_is_refused(sample: Path) -> None:
    with pytest.raises(InputFileError, match="two samples are called 'background'"):
        open_samples([sample, sample])


def test_a_copied_file_is_refused(sample: Path, tmp_path: Path) -> None:
    shutil.copytree(sample, tmp_path / "other")
    with pytest.raises(InputFileError, match="same content"):
        open_samples([sample, edited(tmp_path / "other", sample="other")])
    shutil.copy(sample / "events_0000.parquet", sample / "copy.parquet")
    with pytest.raises(InputFileError, match=r"same content(.|\n)*copy.parquet and .*events_0000.parquet"):
        open_samples([DataSample("data", sample, 1.0)])


def test_a_changed_file_is_refused(
    sample: Path, photon_columns: Callable[..., dict[str, Any]], write_events: Callable[..., Path]
) -> None:
    write_events(sample / "events_0000.parquet", photon_columns(900, 2))
    with pytest.raises(InputFileError, match="changed since"):
        open_samples([sample])


def test_another_number_of_entries_is_refused(sample: Path) -> None:
    files = json.loads((sample / MANIFEST_NAME).read_text())["files"]
    files[0]["entries"] = 901
    opened = open_samples([edited(sample, files=files)])
    with pytest.raises(InputFileError, match=r"901(.|\n)*900"):
        plan_run(opened, lambda kind: ("E",), chunk_entries=500)


def test_a_missing_column_is_found_before_anything_runs(sample: Path) -> None:
    with pytest.raises(MissingColumnError, match="clusterE"):
        plan_run(open_samples([sample]), lambda kind: ("clusterE",), chunk_entries=500)


def test_data_samples_need_ntuples_and_a_luminosity(tmp_path: Path) -> None:
    with pytest.raises(InputFileError, match="no ntuples"):
        open_samples([DataSample("data", tmp_path, 1.0)])
    with pytest.raises(InputFileError, match="luminosity"):
        open_samples([DataSample("data", tmp_path, 0.0)])
    with pytest.raises(InputFileError, match="no such file"):
        open_samples([DataSample("data", tmp_path / "a.root", 1.0)])


def test_weights_in_another_column_are_refused(
    sample: Path, search_config: AxionConfig, detector_config: DetectorConfig
) -> None:
    with pytest.raises(InputFileError, match="eventWeight"):
        process_samples(
            search_config, detector_config, [edited(sample, weight_column="eventWeight")], config_digest="x"
        )
