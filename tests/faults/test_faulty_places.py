"""Disks without room, and folders that two programs want at the same time."""

from __future__ import annotations

import json
import resource
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Barrier, BrokenBarrierError
from typing import Any

import pytest

from darkreach.errors import OutputError
from darkreach.pipeline import locked, run_folder
from darkreach.running import read_plan, result_file, result_store
from darkreach.running.result_store import ResultStore

HOLDER = """
import sys
from pathlib import Path
from darkreach.pipeline import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """Let the system refuse to write files beyond a size, as a full disk does."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_disk_without_room(process: Any, results: Any, root_samples: Path, tmp_path: Path) -> None:
    unbroken, out = tmp_path / "unbroken.zip", tmp_path / "out.zip"
    assert process(unbroken, root_samples) == 0
    sizes = sorted(path.stat().st_size for path in unbroken.with_suffix(".processing").glob("results/*.zip"))
    assert sizes[0] < sizes[-1]
    with largest_file(sizes[-1] - 1):
        assert process(out, root_samples) == 1
    assert "file larger than this disk allows" in process.said
    assert "finished work is kept" in process.said
    kept = results(out)
    assert not out.exists() and not list(out.parent.rglob("*partial*"))
    # the results are there, the histograms are larger than any of them
    with largest_file(unbroken.stat().st_size - 1):
        assert process(out, root_samples, "--resume") == 1
    assert "file larger than this disk allows" in process.said
    assert not out.exists() and not list(out.parent.rglob("*partial*"))
    assert process(out, root_samples, "--resume") == 0
    assert out.read_bytes() == unbroken.read_bytes()
    assert kept.items() <= results(out).items()


def test_the_second_of_two_runs_is_refused(process: Any, root_samples: Path, tmp_path: Path) -> None:
    sample, out = root_samples / "pseudo_data", tmp_path / "out.zip"
    words = [sys.executable, "-c", HOLDER, str(out.with_suffix(".processing"))]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        assert process(out, sample) == 1
        assert "another run holds this output folder" in process.said and f'"pid": {holder.pid}' in process.said
        assert not out.exists()
        holder.send_signal(signal.SIGKILL)
    # what a killed run leaves behind keeps nobody out
    assert process(out, sample) == 0


def test_one_of_many_takes_over_what_a_killed_run_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with subprocess.Popen([sys.executable, "-c", "pass"]) as dead:
        dead.wait()
    (tmp_path / ".lock").write_text(json.dumps({"pid": dead.pid, "host": socket.gethostname()}))
    both, look = Barrier(2), run_folder._abandoned

    def at_once(path: Path) -> bool:
        # both have seen the lock of the dead before one of them takes it, unless only one may look
        found = look(path)
        try:
            both.wait(timeout=0.5)
        except BrokenBarrierError:
            both.reset()
        return found

    def hold(_: int) -> bool:
        try:
            with locked(tmp_path):
                ended.wait(timeout=20)
                return True
        except OutputError:
            ended.wait(timeout=20)
            return False

    ended = Barrier(2)
    monkeypatch.setattr(run_folder, "_abandoned", at_once)
    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(hold, range(2))) == [False, True]


def test_a_job_whose_temporary_file_was_cleaned_away_writes_it_again(
    process: Any, results: Any, root_samples: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out.zip"
    assert process(out, root_samples / "pseudo_data") == 0
    folder = out.with_suffix(".processing")
    plan = read_plan(folder)
    assert plan.identity is not None
    store, item = ResultStore(folder, plan.identity), plan.items[0]
    result = store.read(item)
    assert result is not None
    content = store.path(item).read_bytes()
    write, cleaned = result_file.write_result, []

    def cleaned_away(path: Path, *rest: Any) -> None:
        if not cleaned:
            # a whole run ends between the writing and the renaming of this file
            cleaned.append(path)
            store.forget_all_but(())
            raise FileNotFoundError(2, "No such file or directory", str(path))
        write(path, *rest)

    monkeypatch.setattr(result_store, "write_result", cleaned_away)
    store.write(item, result)
    assert store.path(item).read_bytes() == content
