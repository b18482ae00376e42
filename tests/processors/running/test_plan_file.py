"""The plan on disk: everything a job needs, nothing that runs."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from darkreach.errors import InputFileError
from darkreach.running import Plan, open_samples, plan_run, read_plan, write_plan
from darkreach.running.identity import Identity

IDENTITY = Identity("code", {"binning": "b"}, {"numpy": "2"})


@pytest.fixture
def plan(tmp_path: Path, photon_columns: Callable[..., dict[str, Any]], write_sample: Callable[..., Path]) -> Plan:
    samples = [
        write_sample(
            tmp_path / "samples" / "signal", [photon_columns(500, 1), photon_columns(900, 3)], "signal", mass=5.0
        ),
        write_sample(tmp_path / "samples" / "data", [photon_columns(300, 2)], "data", suffix=".root"),
    ]
    return plan_run(
        open_samples(samples), lambda kind: ("E", "nTracks"), chunk_entries=300, item_entries=600, identity=IDENTITY
    )


def test_a_plan_comes_back_whole(plan: Plan, tmp_path: Path) -> None:
    path = write_plan(tmp_path / "processing", plan)
    again = read_plan(tmp_path / "processing")
    assert again.items == plan.items
    assert [item.key for item in again.items] == [item.key for item in plan.items]
    assert again.identity == IDENTITY
    assert [sample.manifest for sample in again.samples] == [sample.manifest for sample in plan.samples]
    assert again.files == plan.files
    content = path.read_bytes()
    write_plan(tmp_path / "processing", again)
    assert path.read_bytes() == content


def test_a_person_finds_files_and_sizes_in_it(plan: Plan, tmp_path: Path) -> None:
    content = json.loads(write_plan(tmp_path / "processing", plan).read_text())
    assert (content["format"], content["events"]) == ("darkreach-plan-1", 1700)
    signal, data = content["samples"]
    assert (signal["kind"], signal["generated_events"], data["luminosity_inverse_fb"]) == ("signal", 1400, 0.445)
    (file,) = data["files"]
    path = tmp_path / "samples" / "data" / file["path"]
    assert (file["size"], file["entries"], file["tree"]) == (path.stat().st_size, 300, "tree")
    assert [one["edges"] for one in signal["files"][1]["items"]] == [[0, 400], [400, 800, 900]]


def test_a_run_may_be_moved(plan: Plan, tmp_path: Path) -> None:
    write_plan(tmp_path / "processing", plan)
    moved = tmp_path / "elsewhere"
    moved.mkdir()
    for name in ("samples", "processing"):
        shutil.move(tmp_path / name, moved / name)
    again = read_plan(moved / "processing")
    assert all(item.path.is_file() for item in again.items)
    assert [item.key for item in again.items] == [item.key for item in plan.items]


@pytest.mark.parametrize("damage", ["missing", "truncated", "format", "events", "not an object"])
def test_a_damaged_plan_is_one_error(plan: Plan, tmp_path: Path, damage: str) -> None:
    path = write_plan(tmp_path / "processing", plan)
    text = path.read_text()
    if damage == "missing":
        path.unlink()
    elif damage == "truncated":
        path.write_text(text[: len(text) // 2])
    elif damage == "format":
        path.write_text(text.replace("darkreach-plan-1", "darkreach-plan-9"))
    elif damage == "events":
        path.write_text(text.replace('"events": 1700', '"events": 1701'))
    else:
        path.write_text("[]")
    with pytest.raises(InputFileError, match="plan of the processing stage"):
        read_plan(tmp_path / "processing")
