"""``darkreach simulate PROCESS`` killed, interrupted, without room, with damaged files: the same command mends it."""

from __future__ import annotations

import json
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from darkreach.command_line.main import run_command_line
from darkreach.configuration import config_path
from darkreach.simulation.sample_pieces import CHUNK_TRIALS

EVENTS = 4 * CHUNK_TRIALS + 100
WORDS = ["simulate", "two_photon", "-n", str(EVENTS)]

# what befalls the program when some of its files are written and others are not
DRIVER = """
import os, signal, sys, time
from contextlib import contextmanager
import psutil
from darkreach.command_line import simulate
from darkreach.command_line.main import run_command_line

fault, *words = sys.argv[1:]

class Progress:
    def __init__(self, shown):
        self.shown, self.struck = shown, False

    def __getattr__(self, name):
        return getattr(self.shown, name)

    def __call__(self, stage, done, planned):
        if 0 < done < planned and not self.struck:
            self.struck = True
            strike()
        self.shown(stage, done, planned)

def strike():
    if fault == "worker":
        workers = [one for one in psutil.Process().children() if "spawn_main" in " ".join(one.cmdline())]
        assert workers
        workers[-1].kill()
    else:
        os.kill(os.getpid(), getattr(signal, fault))
        time.sleep(1.0)

@contextmanager
def progress(show=simulate.stage_progress):
    with show() as shown:
        yield Progress(shown)

if __name__ == "__main__":
    simulate.stage_progress = progress
    sys.exit(run_command_line(words))
"""

HOLDER = """
import sys
from pathlib import Path
from darkreach.pipeline import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def run(out: Path, *words: object) -> int:
    return run_command_line([*WORDS, "--out", str(out), *map(str, words)])


def struck(fault: str, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    program = folder / "driver.py"
    program.write_text(DRIVER)
    command = [sys.executable, str(program), fault, *WORDS, "--out", str(folder / "out"), *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=250, start_new_session=True)


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def times(folder: Path, pattern: str) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in folder.rglob(pattern)}


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """Let the system refuse to write files beyond a size, as a full disk does."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample made in one process without a fault."""
    out = tmp_path_factory.mktemp("unbroken") / "out"
    assert run(out) == 0
    return out


@pytest.mark.slow
@pytest.mark.parametrize(("fault", "code"), [("SIGKILL", -signal.SIGKILL), ("SIGINT", 130)])
@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_driver_that_ends_early(fault: str, code: int, workers: str, unbroken: Path, tmp_path: Path) -> None:
    ended = struck(fault, tmp_path, "--workers", workers)
    out = tmp_path / "out"
    assert ended.returncode == code, ended.stderr
    assert "Traceback" not in ended.stderr
    assert not list(out.rglob("manifest.json"))
    made = times(out, "generated/particles_*.parquet")
    assert made
    assert run(out, "--workers", "1") == 0
    assert made.items() <= times(out, "generated/particles_*.parquet").items()
    assert contents(out) == contents(unbroken)


@pytest.mark.slow
def test_a_worker_that_is_killed(unbroken: Path, tmp_path: Path) -> None:
    ended = struck("worker", tmp_path, "--workers", "2")
    assert ended.returncode == 0, ended.stderr
    assert contents(tmp_path / "out") == contents(unbroken)


def test_a_disk_without_room(unbroken: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    largest = max(path.stat().st_size for path in unbroken.rglob("*.parquet"))
    for size in (largest // 2, largest - 1000):
        capsys.readouterr()
        with largest_file(size):
            assert run(out) == 1
        told = capsys.readouterr().err
        assert "no room" in told or "larger than this disk allows" in told, told
        assert "Traceback" not in told
        assert not list(out.rglob("manifest.json")) and not list(out.rglob("*partial*"))
    assert run(out) == 0
    assert contents(out) == contents(unbroken)


def test_the_second_of_two_runs_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    words = [sys.executable, "-c", HOLDER, str(out)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        assert run(out) == 1
        assert "another run holds this output folder" in capsys.readouterr().err
        assert [path.name for path in out.iterdir()] == [".lock"]
        holder.send_signal(signal.SIGKILL)


@pytest.mark.parametrize("where", ["two_photon", "two_photon/generated"])
def test_a_file_in_the_place_of_a_folder(where: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "out" / where
    path.parent.mkdir(parents=True)
    path.write_text("mine")
    assert run(tmp_path / "out") == 1
    assert "cannot write to the folder of the sample" in capsys.readouterr().err
    assert path.read_text() == "mine"


@pytest.mark.parametrize("where", ["generated/particles_0001.parquet", "events_0001.parquet"])
@pytest.mark.parametrize("damage", ["truncated", "changed", "removed"])
def test_damaged_files_are_made_anew(where: str, damage: str, unbroken: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    shutil.copytree(unbroken, out)
    path = out / "two_photon" / where
    content = bytearray(path.read_bytes())
    if damage == "truncated":
        path.write_bytes(content[: len(content) // 2])
    elif damage == "changed":
        content[len(content) // 2] ^= 1
        path.write_bytes(content)
    else:
        path.unlink()
    assert run(out, "--generator-only") == 0
    assert run(out) == 0
    assert contents(out) == contents(unbroken)


def test_generated_events_serve_every_detector(
    unbroken: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, other = tmp_path / "out", tmp_path / "coarse.yaml"
    assert run(out, "--generator-only") == 0
    generated = times(out, "generated/*.parquet")
    assert run(out) == 0
    assert contents(out) == contents(unbroken)
    text = config_path("detectors", "belle2").read_text()
    coarse = text.replace("energy_constant_term: {value: 0.0134", "energy_constant_term: {value: 0.0434")
    assert coarse != text
    other.write_text(coarse)
    assert run(out, "--detector", other) == 1
    told = capsys.readouterr().err
    assert "detector.photon_response" in told and "--force" in told
    assert contents(out) == contents(unbroken)
    assert run(out, "--detector", other, "--force") == 0
    assert times(out, "generated/*.parquet") == generated
    manifest = json.loads((out / "two_photon" / "manifest.json").read_text())
    value = manifest["record"]["settings"]["detector.photon_response"]["energy_constant_term"]["value"]
    assert value == 0.0434
    assert contents(out) != contents(unbroken)
