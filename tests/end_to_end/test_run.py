"""The main job, small: what it leaves behind, and that it does not depend on how it was carried out."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from darkreach.command_line.main import run_command_line
from darkreach.pipeline import RunFolder

RESULTS = ("limits.json", "couplings_90.csv", "couplings.csv", "workspace/BkgOnly.json", "workspace/patchset.json")


def test_every_result_is_there(finished_run: Path) -> None:
    for name in (*RESULTS, "report.html", "histograms.zip", "run.json"):
        assert (finished_run / name).stat().st_size > 0, name
    assert not list(finished_run.rglob("*.partial*"))
    assert not (finished_run / ".lock").exists()


def test_two_workers_give_the_same_bytes(finished_run: Path, run_small, tmp_path: Path) -> None:
    assert run_small(tmp_path / "two", "--workers", "2") == 0
    for name in RESULTS:
        assert (tmp_path / "two" / name).read_bytes() == (finished_run / name).read_bytes(), name


def test_another_seed_gives_other_limits(finished_run: Path, run_small, tmp_path: Path) -> None:
    assert run_small(tmp_path / "other", "--seed", "7") == 0
    stored, other = (json.loads((folder / "limits.json").read_text()) for folder in (finished_run, tmp_path / "other"))
    assert [limit["observed"] for limit in stored["limits"]] != [limit["observed"] for limit in other["limits"]]


def test_resume_does_no_work_twice(finished_run: Path, run_small) -> None:
    before = {
        path: path.stat().st_mtime_ns for path in finished_run.rglob("*") if path.is_file() and path.name != "run.json"
    }
    assert run_small(finished_run, "--resume") == 0
    after = {
        path: path.stat().st_mtime_ns for path in finished_run.rglob("*") if path.is_file() and path.name != "run.json"
    }
    assert before == after


def test_resume_with_another_level_recomputes_the_limits(finished_run: Path, run_small, tmp_path: Path) -> None:
    shutil.copytree(finished_run, tmp_path / "copy")
    assert run_small(tmp_path / "copy", "--resume", "--cl", "0.90") == 0
    limits = json.loads((tmp_path / "copy" / "limits.json").read_text())["limits"]
    assert {limit["cl"] for limit in limits} == {0.90}


def test_resume_recomputes_what_was_changed(finished_run: Path, run_small) -> None:
    limits = RunFolder(finished_run).limits
    content = limits.read_bytes()
    limits.write_bytes(content.replace(b"ok", b"no", 1))
    assert run_small(finished_run, "--resume") == 0
    assert limits.read_bytes() == content


_SLOW_STAGES = [pytest.param(stage, marks=pytest.mark.slow) for stage in ("simulate", "build", "couple", "report")]


@pytest.mark.parametrize("stage", ["process", "limit", *_SLOW_STAGES])
def test_interrupted_in_any_stage_then_resumed(stage, finished_run, run_small, tmp_path, monkeypatch, capsys) -> None:
    from darkreach.pipeline import stages

    target = {
        "simulate": "simulate_samples",
        "process": "process_samples",
        "build": "write_workspace",
        "limit": "compute_limits",
        "couple": "write_couplings",
        "report": "write_report",
    }[stage]
    with monkeypatch.context() as patch:

        def interrupt(*_arguments: object, **_options: object) -> None:
            raise KeyboardInterrupt

        patch.setattr(stages, target, interrupt)
        assert run_small(tmp_path / "out") == 130
    assert f"interrupted in the {stage} stage" in capsys.readouterr().err
    assert not (tmp_path / "out" / "report.html").exists()
    assert run_small(tmp_path / "out", "--resume") == 0
    for name in RESULTS:
        assert (tmp_path / "out" / name).read_bytes() == (finished_run / name).read_bytes(), name


def test_single_steps_on_files_equal_the_run(finished_run: Path, small_config: Path, tmp_path: Path) -> None:
    search, config = "axion_to_photons", ["--config", str(small_config)]
    samples, histograms, workspace = tmp_path / "samples", tmp_path / "histograms.zip", tmp_path / "workspace"
    assert run_command_line(["simulate", search, "--out", str(samples), *config]) == 0
    assert run_command_line(["process", search, str(samples), "--out", str(histograms), *config]) == 0
    assert (
        run_command_line(["build", search, str(histograms), "--out", str(workspace), "--preset", "demo", *config]) == 0
    )
    for name in ("BkgOnly.json", "patchset.json"):
        assert (workspace / name).read_bytes() == (finished_run / "workspace" / name).read_bytes()
    words = ["limit", str(workspace / "BkgOnly.json"), "--patchset", str(workspace / "patchset.json"), "--cl", "0.95"]
    assert run_command_line([*words, "--json", str(tmp_path / "limits.json")]) == 0
    found = json.loads((tmp_path / "limits.json").read_text())
    stored = [
        limit for limit in json.loads((finished_run / "limits.json").read_text())["limits"] if limit["cl"] == 0.95
    ]
    # one confidence level instead of two takes other steps to the same roots
    assert [limit["observed"] for limit in found] == pytest.approx([limit["observed"] for limit in stored], rel=1e-7)
    words = ["couple", str(finished_run / "limits.json"), "--out", str(tmp_path / "couplings.csv"), *config]
    assert run_command_line(words) == 0
    assert (tmp_path / "couplings.csv").read_bytes() == (finished_run / "couplings.csv").read_bytes()
    assert run_command_line(["report", str(finished_run)]) == 0
