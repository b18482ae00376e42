"""A program with workers that is interrupted or killed: it ends, and no process of it stays."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

PROGRAM = """
import sys, time
from pathlib import Path
from darkreach.running.tasks import open_executor

folder = Path(sys.argv[1])

def wait(shared, task):
    if sys.argv[2] == "computing":
        (shared / "begun").touch()
    time.sleep(0.2)
    return task

if __name__ == "__main__":
    if sys.argv[2] == "starting":
        (folder / "begun").touch()
    try:
        with open_executor(workers=2) as executor:
            for outcome in executor.run(wait, folder, range(10_000)):
                pass
    except KeyboardInterrupt:
        print("interrupted")
        sys.exit(130)
"""


@pytest.mark.parametrize(
    ("stage", "number"),
    [
        ("computing", signal.SIGINT),
        pytest.param("starting", signal.SIGINT, marks=pytest.mark.slow),
        pytest.param("computing", signal.SIGKILL, marks=pytest.mark.slow),
        pytest.param("computing", signal.SIGTERM, marks=pytest.mark.slow),
    ],
)
def test_no_process_stays(tmp_path: Path, stage: str, number: signal.Signals) -> None:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    words = [sys.executable, str(program), str(tmp_path), stage]
    driver = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)
    try:
        until(lambda: (tmp_path / "begun").exists(), "the program to begin")
        processes = psutil.Process(driver.pid).children(recursive=True)
        assert stage == "starting" or len(processes) >= 2
        if number == signal.SIGINT:
            # as the terminal does: to every process of the group
            os.killpg(driver.pid, number)
        else:
            driver.send_signal(number)
        output, fault = driver.communicate(timeout=60)
        assert driver.returncode == (130 if number == signal.SIGINT else -number)
        if number == signal.SIGINT:
            assert (output, fault) == (b"interrupted\n", b"")
        group = driver.pid
        until(lambda: not alive(group), "the workers to end")
        assert not [process for process in processes if process.is_running() and not zombie(process)]
    finally:
        if driver.poll() is None:
            os.killpg(driver.pid, signal.SIGKILL)


def alive(group: int) -> list[int]:
    return [process.pid for process in psutil.process_iter() if in_group(process, group) and not zombie(process)]


def in_group(process: psutil.Process, group: int) -> bool:
    try:
        return os.getpgid(process.pid) == group
    except ProcessLookupError:
        return False


def zombie(process: psutil.Process) -> bool:
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def until(done, what: str) -> None:  # type: ignore[no-untyped-def]
    deadline = time.monotonic() + 60.0
    while not done():
        assert time.monotonic() < deadline, f"waited for {what}"
        time.sleep(0.05)
