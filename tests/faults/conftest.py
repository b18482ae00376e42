"""Faults of files, chunks, workers, drivers and disks, on processes of their own: the run ends, nothing is lost.

Every test asks the same: the run ends by itself; it completes, or exits with 1 and names the missing ranges with the
luminosity or the generated events they carry; finished work is kept; ``--resume`` gives the bytes of an unbroken run.

=====================================  ====================================================================
fault                                  test
=====================================  ====================================================================
half-written file                      test_faulty_files; Parquet with --bad-files: processors/running/test_bad_files
corrupt basket, corrupt page           test_faulty_files; page: processors/running/test_bad_files ("damaged inside")
not a ROOT file, empty, missing        test_faulty_files; end_to_end/test_bad_input
branch missing in one file             test_faulty_files
file listed twice, copied, shared      test_faulty_files; processors/running/{test_samples,test_shared_events}
chunk raises once, always              test_faulty_chunks; processors/running/test_resume (one process)
chunk kills its worker once, always    test_faulty_chunks; tasks alone: processors/running/test_tasks
worker killed from outside             test_faulty_chunks; tasks alone: processors/running/test_tasks
memory limit                           test_faulty_chunks (slow); tasks alone: processors/running/test_tasks
no worker, no scheduler                processors/running/test_tasks
driver killed in each stage            test_killed_drivers (slow but one); processors/running/test_resume (one process)
driver interrupted, terminated         processors/running/test_interrupts
disk full, read-only                   test_faulty_places; processors/running/{test_resume,test_result_store}
two runs on one folder                 test_faulty_places; end_to_end/test_bad_input
temporary file of a job cleaned away   test_faulty_places
changed processor, configuration       processors/running/test_resume
changed corrections                    test_changed_work
changed input file                     test_changed_work; processors/running/test_samples
truncated result of an item            processors/running/{test_resume,test_result_store}
truncated checkpoint of a limit        workspaces/limits/test_compute
source edited while a run goes on      test_changed_work
=====================================  ====================================================================
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from darkreach.command_line.main import run_command_line
from darkreach.configuration import config_path
from darkreach.running.cluster import OpenCluster, open_cluster

SEARCH = "axion_to_photons"


def _small_config(path: Path, suffix: str, file_entries: int) -> Path:
    text = config_path("searches", SEARCH).read_text()
    demo, full = text.split("  full:\n")
    demo = re.sub(r"    signal_events: \d+", "    signal_events: 2000", demo)
    demo = re.sub(r"    background_events: \d+", "    background_events: 40000", demo)
    demo = re.sub(r"    anchor_masses: .*", "    anchor_masses: [0.2, 0.5, 1.0, 4.0, 7.0, 9.7]", demo)
    demo = re.sub(r"    scan_masses: .*", "    scan_masses: [1.0, 3.0, 6.0]", demo)
    demo = re.sub(r"  file_entries: \d+", f"  file_entries: {file_entries}", demo)
    demo = demo.replace("formats: [parquet]", f"formats: [{suffix}]")
    path.write_text(demo + "  full:\n" + full)
    return path


@pytest.fixture(scope="session")
def small_config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A search of a few thousand events in files of 2500."""
    return _small_config(tmp_path_factory.mktemp("config") / "search.yaml", "parquet", 2500)


@pytest.fixture(scope="session")
def root_samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same events in ROOT files, simulated once; tests damage copies."""
    folder = tmp_path_factory.mktemp("root")
    config = _small_config(folder / "search.yaml", "root", 2500)
    assert run_command_line(["simulate", SEARCH, "--config", str(config), "--out", str(folder)]) == 0
    return folder / "samples" if (folder / "samples").is_dir() else folder


@pytest.fixture(scope="session")
def cluster() -> Iterator[OpenCluster]:
    """Two workers, each in a process of its own, shared by all tests that do not end them for good."""
    with open_cluster(workers=2) as opened:
        yield opened


@dataclass
class Processing:
    """Runs ``darkreach process`` and keeps what it said.

    Attributes:
        config: of the search.
        address: of the scheduler.
        capture: of pytest.
        said: standard error of the last run.
    """

    config: Path
    address: str
    capture: pytest.CaptureFixture[str]
    said: str = ""

    def __call__(self, out: Path, *words: str | Path, place: tuple[str, ...] | None = None) -> int:
        where = ("--scheduler", self.address) if place is None else place
        command = ["process", SEARCH, "--config", str(self.config), "--out", str(out), *map(str, words), *where]
        self.capture.readouterr()
        code = run_command_line(command)
        self.said = self.capture.readouterr().err
        return code


@pytest.fixture
def process(small_config: Path, cluster: OpenCluster, capsys: pytest.CaptureFixture[str]) -> Processing:
    """``darkreach process`` on the two workers: (histogram file, samples and options) -> exit code."""
    return Processing(small_config, str(cluster.client.scheduler.address), capsys)


def _results(out: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mtime_ns for path in out.with_suffix(".processing").glob("results/*.zip")}


@pytest.fixture
def results() -> Callable[[Path], dict[str, int]]:
    """Names and times of the results kept beside a histogram file."""
    return _results
