"""The program itself killed with SIGKILL, in each stage, with two workers: no process stays, and nothing is lost."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from darkreach.command_line.main import run_command_line

SEARCH = "axion_to_photons"
STAGES = ("simulate", "process", "build", "limit", "couple", "report")

# notes its children and ends itself as "kill -9" would: in the stages that distribute when some work is done and more
# is on its way, in the others when their files are written but not yet recorded
DRIVER = """
import json, os, signal, sys
from contextlib import contextmanager
from pathlib import Path
import psutil
from darkreach.command_line import process, run
from darkreach.command_line.main import run_command_line
from darkreach.pipeline import run as pipeline_run

stage, note, *words = sys.argv[1:]

def die():
    children = psutil.Process().children(recursive=True)
    Path(note).write_text(json.dumps([[one.pid, one.create_time()] for one in children]))
    os.kill(os.getpid(), signal.SIGKILL)

class Dying:
    def __init__(self, shown):
        self.shown = shown

    def __getattr__(self, name):
        return getattr(self.shown, name)

    def __call__(self, name, done, planned):
        if name == stage and 0 < done < planned:
            die()
        self.shown(name, done, planned)

@contextmanager
def progress(show=run.stage_progress):
    with show() as shown:
        yield Dying(shown)

record = pipeline_run.record_stage

def recorded(folder, name, *rest):
    if name == stage:
        die()
    record(folder, name, *rest)

if __name__ == "__main__":
    pipeline_run.record_stage = recorded
    run.stage_progress = process.stage_progress = progress
    sys.exit(run_command_line(words))
"""


def kill_in(stage: str, folder: Path, words: list[str]) -> None:
    """Run a command that dies in a stage; check that it left no process behind."""
    program, note = folder / "driver.py", folder / "children.json"
    program.write_text(DRIVER)
    driver = subprocess.run(
        [sys.executable, str(program), stage, str(note), *words],
        capture_output=True,
        text=True,
        timeout=250,
        start_new_session=True,
    )
    assert driver.returncode == -signal.SIGKILL, driver.stderr
    children = json.loads(note.read_text())
    deadline = time.monotonic() + 60.0
    try:
        while still := [one for one in children if lives(*one)]:
            assert time.monotonic() < deadline, f"{len(still)} of {len(children)} processes stayed"
            time.sleep(0.1)
    finally:
        for pid, started in children:
            if lives(pid, started):
                os.kill(pid, signal.SIGKILL)


def lives(pid: int, started: float) -> bool:
    try:
        process = psutil.Process(pid)
        return process.create_time() == started and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_processing_is_killed_and_resumed(
    process: Any, results: Any, root_samples: Path, small_config: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out.zip"
    words = ["process", SEARCH, str(root_samples), "--config", str(small_config)]
    kill_in("process", tmp_path, [*words, "--out", str(out), "--workers", "2"])
    kept, items = results(out), len(list(root_samples.glob("*/*.root")))
    assert 0 < len(kept) < items and not out.exists()
    assert process(out, root_samples, "--resume", place=()) == 0
    assert kept.items() <= results(out).items() and len(results(out)) == items
    assert process(tmp_path / "unbroken.zip", root_samples, place=()) == 0
    assert out.read_bytes() == (tmp_path / "unbroken.zip").read_bytes()
    assert not [path for path in tmp_path.rglob("*") if "partial" in path.name or path.name == ".lock"]


@pytest.fixture(scope="module")
def unbroken(small_config: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of all stages in one process."""
    out = tmp_path_factory.mktemp("unbroken") / "out"
    assert run_command_line(["run", SEARCH, "--config", str(small_config), "--out", str(out)]) == 0
    return out


@pytest.mark.slow
@pytest.mark.parametrize("stage", STAGES)
def test_a_run_is_killed_and_resumed(
    stage: str, unbroken: Path, small_config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    words = ["run", SEARCH, "--config", str(small_config), "--out", str(out), "--workers", "2"]
    kill_in(stage, tmp_path, words)
    done = {path.stem for path in (out / ".stages").glob("*.json")}
    assert done == {name for name in STAGES[1:] if STAGES.index(name) < STAGES.index(stage)}
    before = {path: path.stat().st_mtime_ns for path in kept_files(out)}
    assert stage == "build" or before
    assert run_command_line([*words, "--resume"]) == 0
    # what was finished is taken as it is
    assert {path: path.stat().st_mtime_ns for path in before} == before
    for name in ("histograms.zip", "limits.json", "couplings.csv", "couplings_90.csv", "workspace/BkgOnly.json"):
        assert (out / name).read_bytes() == (unbroken / name).read_bytes(), name
    assert not [path for path in out.rglob("*") if "partial" in path.name or path.name == ".lock"]


def kept_files(out: Path) -> list[Path]:
    patterns = ("samples/*/manifest.json", "processing/results/*.zip", ".limit_checkpoints/*")
    return [path for pattern in patterns for path in out.glob(pattern)]
