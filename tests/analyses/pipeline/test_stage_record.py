"""A stage counts as done only with the same settings, the same inputs and untouched outputs."""

from __future__ import annotations

from pathlib import Path

import pytest

from darkreach.pipeline import RunFolder
from darkreach.pipeline.stage_record import record_stage, stage_is_done, stage_key


@pytest.fixture
def finished(tmp_path: Path) -> tuple[RunFolder, Path, Path, str]:
    folder, source, result = RunFolder(tmp_path), tmp_path / "in.json", tmp_path / "out.json"
    source.write_text("1")
    result.write_text("2")
    key = stage_key({"level": 0.95}, [source])
    record_stage(folder, "limit", key, [result])
    return folder, source, result, key


def test_an_unchanged_stage_is_done(finished) -> None:
    folder, source, _, key = finished
    assert stage_key({"level": 0.95}, [source]) == key
    assert stage_is_done(folder, "limit", key)
    assert not stage_is_done(folder, "build", key)


def test_changed_settings_or_inputs_are_not_done(finished) -> None:
    folder, source, _, _ = finished
    assert not stage_is_done(folder, "limit", stage_key({"level": 0.90}, [source]))
    source.write_text("3")
    assert not stage_is_done(folder, "limit", stage_key({"level": 0.95}, [source]))


@pytest.mark.parametrize("damage", ["changed", "missing"])
def test_damaged_outputs_are_not_done(finished, damage: str) -> None:
    folder, _, result, key = finished
    result.write_text("other") if damage == "changed" else result.unlink()
    assert not stage_is_done(folder, "limit", key)


def test_a_damaged_record_is_not_done(finished) -> None:
    folder, _, _, key = finished
    folder.stage_record("limit").write_text("{")
    assert not stage_is_done(folder, "limit", key)
