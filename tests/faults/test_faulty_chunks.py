"""Chunks that raise, kill their worker or fill its memory, and workers that are killed, in the middle of a search."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from threading import Thread
from typing import Any

import cloudpickle
import pytest

from darkreach.running import process as process_module
from darkreach.searches import AxionToPhotons

# the workers cannot import this file
cloudpickle.register_pickle_by_value(sys.modules[__name__])

BAD_FILE = "three_photons/events_0001.root"
Fault = Callable[[], None]


class FaultyProcessor(AxionToPhotons):
    """The search with a fault in the chunks of one file."""

    fault: Fault

    def process(self, events: Any) -> dict[str, Any]:
        if events.metadata["filename"].endswith(BAD_FILE):
            self.fault()
        return super().process(events)


class Always:
    """A fault of every attempt."""

    def __init__(self, what: Callable[..., None], *arguments: Any) -> None:
        self.what, self.arguments = what, arguments

    def __call__(self) -> None:
        self.what(*self.arguments)


class Once(Always):
    """A fault of the first attempt only, whichever worker it is on."""

    def __init__(self, flag: Path, what: Callable[..., None]) -> None:
        super().__init__(what)
        self.flag = flag

    def __call__(self) -> None:
        if not self.flag.exists():
            self.flag.touch()
            self.what()


def raise_it() -> None:
    raise ZeroDivisionError("three")


def kill_worker() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def wait_to_be_killed(note: Path) -> None:
    if not note.exists():
        note.with_suffix(".new").write_text(str(os.getpid()))
        note.with_suffix(".new").rename(note)
        time.sleep(60.0)


def fill_memory() -> None:
    held = bytearray(int(2.5e9))
    held[::4096] = b"1" * len(held[::4096])
    time.sleep(60.0)


@pytest.fixture(scope="module")
def unbroken(root_samples: Path, small_config: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The histograms of one process that meets no fault."""
    from darkreach.command_line.main import run_command_line

    out = tmp_path_factory.mktemp("unbroken") / "out.zip"
    words = ["process", "axion_to_photons", str(root_samples), "--config", str(small_config), "--out", str(out)]
    assert run_command_line(words) == 0
    return out


@pytest.fixture
def with_fault(monkeypatch: pytest.MonkeyPatch) -> Callable[[Fault | None], None]:
    def put(fault: Fault | None) -> None:
        def make(config: Any, detector: Any) -> AxionToPhotons:
            if fault is None:
                return AxionToPhotons(config, detector)
            processor = FaultyProcessor(config, detector)
            processor.fault = fault
            return processor

        monkeypatch.setattr(process_module, "search_processor", make)

    return put


def check_loss(process: Any, out: Path, root_samples: Path, kept: dict[str, int]) -> None:
    """One item is named with its range and what it carries; all others are there."""
    items = len(list(root_samples.glob("*/*.root")))
    assert f"1 of {items} work items have no result" in process.said
    assert f"where:   {root_samples / BAD_FILE} entries 0 to 2500\n" in process.said
    assert "missing: three_photons: 2500 of " in process.said and " generated events" in process.said
    assert len(kept) == items - 1 and not out.exists()


@pytest.mark.parametrize("how", ["raises once", "raises always", "kills its worker always"])
def test_a_chunk_that_fails_loses_only_itself(
    process: Any, with_fault: Any, results: Any, root_samples: Path, unbroken: Path, tmp_path: Path, how: str
) -> None:
    out = tmp_path / "out.zip"
    what = raise_it if "raises" in how else kill_worker
    with_fault(Once(tmp_path / "flag", what) if "once" in how else Always(what))
    assert process(out, root_samples) == 1
    kept = results(out)
    check_loss(process, out, root_samples, kept)
    assert ("ZeroDivisionError: three" if "raises" in how else "died 2 times") in process.said
    if how == "raises always":
        assert process(out, root_samples, "--resume") == 1
        check_loss(process, out, root_samples, kept)
    if "once" not in how:
        with_fault(None)
    assert process(out, root_samples, "--resume") == 0
    assert out.read_bytes() == unbroken.read_bytes()
    assert kept.items() <= results(out).items()
    assert not list(out.with_suffix(".processing").glob("failures/*"))


@pytest.mark.parametrize("how", ["kills its worker once", "is killed from outside"])
def test_a_worker_that_dies_once_costs_nothing(
    process: Any, with_fault: Any, root_samples: Path, unbroken: Path, tmp_path: Path, how: str
) -> None:
    note, killer = tmp_path / "pid", None
    if "outside" in how:
        with_fault(Always(wait_to_be_killed, note))
        killer = Thread(target=kill_when_noted, args=[note], daemon=True)
        killer.start()
    else:
        with_fault(Once(note, kill_worker))
    assert process(tmp_path / "out.zip", root_samples) == 0
    assert note.exists()
    assert (tmp_path / "out.zip").read_bytes() == unbroken.read_bytes()
    if killer is not None:
        killer.join()


def kill_when_noted(note: Path) -> None:
    while not note.exists():
        time.sleep(0.02)
    os.kill(int(note.read_text()), signal.SIGKILL)


@pytest.mark.slow
def test_a_chunk_beyond_the_memory_of_its_worker(
    process: Any, with_fault: Any, results: Any, root_samples: Path, unbroken: Path, tmp_path: Path
) -> None:
    site, out = tmp_path / "small.yaml", tmp_path / "out.zip"
    site.write_text("kind: local\ntitle: small\nworkers: 2\nmemory: 2.0\n")
    with_fault(Always(fill_memory))
    assert process(out, root_samples, place=("--site", str(site))) == 1
    kept = results(out)
    check_loss(process, out, root_samples, kept)
    assert "more memory" in process.said
    with_fault(None)
    assert process(out, root_samples, "--resume", place=("--site", str(site))) == 0
    assert out.read_bytes() == unbroken.read_bytes()
    assert kept.items() <= results(out).items()
