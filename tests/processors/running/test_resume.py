"""Processing item by item: what is done is never done again, what changed always is, and failures lose nothing."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from darkreach.configuration import AxionConfig, DetectorConfig
from darkreach.errors import DarkreachError, EventContentError, OutputError
from darkreach.histograms import SearchHistograms, write_histograms
from darkreach.running import execute, identity, process_samples, read_plan
from darkreach.running.identity import identity_of
from darkreach.running.item_status import item_status, status_summary
from darkreach.running.process import plan_search
from darkreach.running.result_store import ResultStore
from darkreach.running.samples import open_samples
from darkreach.running.work import process_item
from darkreach.searches import AxionToPhotons

KILLED_AFTER = 2

# the driver dies while it writes its third result: the file is there, but not yet under its name
DRIVER = """
import os, signal, sys
from pathlib import Path
from darkreach.configuration import DetectorConfig, AxionConfig, config_path, read_config
from darkreach.running import process_samples, result_store

write, written = result_store.write_result, []

def dying(path, result, about):
    if len(written) == int(sys.argv[1]):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.with_name(".00000000.partial." + path.name).write_bytes(b"PK half a result")
        os.kill(os.getpid(), signal.SIGKILL)
    written.append(path)
    write(path, result, about)

result_store.write_result = dying
config = read_config(config_path("searches", "axion_to_photons"), AxionConfig)
detector = read_config(config_path("detectors", "belle2"), DetectorConfig)
folders = [Path(name) for name in sys.argv[3:]]
process_samples(config, detector, folders, config_digest="x", folder=Path(sys.argv[2]))
"""


class Counted:
    """Counts the items processed; may fail at some of them."""

    def __init__(self) -> None:
        self.items: list[str] = []
        self.broken: dict[str, Exception] = {}

    def __call__(self, processor: Any, item: Any) -> Any:
        self.items.append(item.file)
        if item.file in self.broken:
            raise self.broken[item.file]
        return process_item(processor, item)


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Counted:
    counter = Counted()
    monkeypatch.setattr(execute, "process_item", counter)
    return counter


@pytest.fixture(scope="module")
def samples(
    tmp_path_factory: pytest.TempPathFactory,
    photon_columns: Callable[..., dict[str, Any]],
    write_sample: Callable[..., Path],
) -> list[Path]:
    """Five files: a signal of two, a background of two, one of pseudo-data; 3000 events."""
    folder = tmp_path_factory.mktemp("samples")
    parts = [photon_columns(500 + 50 * seed, seed) for seed in range(5)]
    return [
        write_sample(folder / "signal", parts[:2], "signal", mass=5.0),
        write_sample(folder / "background", parts[2:4], "background"),
        write_sample(folder / "pseudo_data", parts[4:], "pseudo_data"),
    ]


@pytest.fixture
def run(
    search_config: AxionConfig, detector_config: DetectorConfig, samples: list[Path], tmp_path: Path
) -> Callable[..., SearchHistograms]:
    def process(config: AxionConfig = search_config, **options: Any) -> SearchHistograms:
        options = {"folder": tmp_path / "processing"} | options
        return process_samples(config, detector_config, samples, config_digest="x", **options)

    return process


@pytest.fixture
def reference(run: Callable[..., SearchHistograms]) -> SearchHistograms:
    return run(folder=None)


def results(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("results/*.zip") if not path.name.startswith("."))


def test_the_plan_is_there_before_events_are_read(run, counted: Counted, tmp_path: Path) -> None:
    counted.broken = {f"events_000{number}.parquet": KeyboardInterrupt() for number in range(2)}
    with pytest.raises(KeyboardInterrupt):
        run()
    plan = read_plan(tmp_path / "processing")
    assert (len(plan.items), plan.entries, len(counted.items)) == (5, 3000, 1)


def test_resume_reads_nothing_again(run, counted: Counted, reference: SearchHistograms, tmp_path: Path) -> None:
    counted.items.clear()
    assert run() == reference
    assert (len(counted.items), len(results(tmp_path / "processing"))) == (5, 5)
    assert run(resume=True) == reference
    assert len(counted.items) == 5
    assert run() == reference
    assert len(counted.items) == 10


def test_sigkill_of_the_driver_then_resume(
    run, counted: Counted, reference: SearchHistograms, samples: list[Path], tmp_path: Path
) -> None:
    counted.items.clear()
    words = [sys.executable, "-c", DRIVER, str(KILLED_AFTER), str(tmp_path / "processing"), *map(str, samples)]
    killed = subprocess.run(words, capture_output=True, text=True, timeout=200)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert len(results(tmp_path / "processing")) == KILLED_AFTER
    resumed = run(resume=True)
    assert len(counted.items) == 5 - KILLED_AFTER
    assert not list(tmp_path.rglob("*partial*"))
    assert resumed == reference
    written = [
        write_histograms(tmp_path / name, content).read_bytes()
        for name, content in (("resumed.zip", resumed), ("reference.zip", reference))
    ]
    assert written[0] == written[1]


def test_a_truncated_result_is_computed_again_and_said(
    run, counted: Counted, reference: SearchHistograms, tmp_path: Path
) -> None:
    run()
    counted.items.clear()
    path = results(tmp_path / "processing")[0]
    content = path.read_bytes()
    path.write_bytes(content[:-100])
    notices: list[str] = []
    assert run(resume=True, notice=notices.append) == reference
    assert len(counted.items) == 1
    assert len(notices) == 1 and path.name in notices[0]
    assert path.read_bytes() == content


def test_a_changed_configuration_makes_results_stale(
    run, counted: Counted, search_config: AxionConfig, detector_config: DetectorConfig, samples, tmp_path: Path
) -> None:
    run()
    counted.items.clear()
    binning = search_config.binning.model_copy(update={"bins_per_resolution": 1.37})
    assert binning != search_config.binning
    changed = search_config.model_copy(update={"binning": binning})
    processor = AxionToPhotons(changed, detector_config)
    plan = plan_search(processor, open_samples(samples))
    statuses = item_status(plan, ResultStore(tmp_path / "processing", identity_of(processor.identity())))
    assert {(one.state, one.why) for one in statuses} == {("stale", "configuration changed: binning")}
    again = run(changed, resume=True)
    assert len(counted.items) == 5
    assert again == run(changed, folder=None)
    # another part of the configuration, e.g. of the limits, changes nothing
    counted.items.clear()
    run(changed.model_copy(update={"confidence_levels": (0.9,)}), resume=True)
    assert counted.items == []


def test_changed_code_makes_results_stale(
    run, counted: Counted, reference: SearchHistograms, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    run()
    counted.items.clear()
    before = read_plan(tmp_path / "processing")
    monkeypatch.setattr(identity, "processing_source_digest", lambda: "0" * 64)
    now = replace(before.identity, source="0" * 64)
    statuses = item_status(before, ResultStore(tmp_path / "processing", now))
    assert {(one.state, one.why) for one in statuses} == {("stale", "source of the processor changed")}
    assert run(resume=True) == reference
    assert len(counted.items) == 5


def test_an_item_that_always_fails_loses_nothing(
    run, counted: Counted, reference: SearchHistograms, tmp_path: Path
) -> None:
    counted.items.clear()
    bad = "events_0001.parquet"
    counted.broken = {bad: EventContentError("bad weight", where="entry 7")}
    for attempts in ("once", "2 times"):
        with pytest.raises(EventContentError) as caught:
            run(resume=True)
        error = caught.value
        assert error.what == "2 of 5 work items have no result: bad weight"
        assert error.given is not None and error.where is not None
        assert error.where.count("events_0001.parquet entries 0 to") == 2
        assert "signal: 550 of 1050 events, about 550 generated events" in error.given
        plan = read_plan(tmp_path / "processing")
        store = ResultStore(tmp_path / "processing", plan.identity)
        statuses = item_status(plan, store)
        assert [one.state for one in statuses] == ["done", "failed", "done", "failed", "done"]
        assert statuses[1].why == f"failed {attempts}: bad weight (where: entry 7)"
        assert status_summary(plan, statuses)[0]["lacking"].startswith("signal: 550 of 1050 events")
    # three succeeded the first time and were left alone the second time
    assert len(counted.items) == 5 + 2
    counted.broken = {}
    assert run(resume=True) == reference
    assert len(counted.items) == 5 + 2 + 2
    assert not list(tmp_path.glob("processing/failures/*"))


def test_lost_events_are_a_failure_and_never_kept(
    run, counted: Counted, monkeypatch: pytest.MonkeyPatch, reference: SearchHistograms, tmp_path: Path
) -> None:
    def forgetful(processor: Any, item: Any) -> Any:
        result = process_item(processor, item)
        return replace(result, processed=(result.processed[0] - 1, *result.processed[1:]))

    with monkeypatch.context() as patch:
        patch.setattr(execute, "process_item", forgetful)
        with pytest.raises(DarkreachError, match=r"events processed differ(.|\n)*entries 0 to 500: 499 of 500"):
            run()
    assert results(tmp_path / "processing") == []
    assert run(resume=True) == reference


def test_a_full_disk_ends_the_run_at_once_and_keeps_what_is_done(
    run, counted: Counted, reference: SearchHistograms, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from darkreach.running import result_store

    counted.items.clear()
    write, written = result_store.write_result, []

    def full(path: Path, *rest: Any) -> None:
        if len(written) == 3:
            raise OSError(28, "No space left on device")
        written.append(path)
        write(path, *rest)

    with monkeypatch.context() as patch:
        patch.setattr(result_store, "write_result", full)
        with pytest.raises(OutputError, match="no space left on the disk"):
            run()
    assert len(counted.items) == 4
    assert run(resume=True) == reference
    assert len(counted.items) == 4 + 2


def test_another_file_is_added_without_touching_the_rest(
    run, counted: Counted, samples: list[Path], tmp_path: Path, search_config, detector_config
) -> None:
    run()
    counted.items.clear()
    fewer = process_samples(
        search_config, detector_config, samples[:2], config_digest="x", folder=tmp_path / "processing", resume=True
    )
    assert counted.items == [] and list(fewer.samples) == ["signal", "background"]
    run(resume=True)
    assert len(counted.items) == 1


def test_plan_names_what_it_was_made_of(run, tmp_path: Path) -> None:
    run()
    content = json.loads((tmp_path / "processing" / "plan.json").read_text())
    assert set(content["identity"]["configuration"]) >= {"selection", "regions", "binning", "variations", "beams"}
    assert content["identity"]["libraries"].keys() >= {"numpy", "awkward", "uproot"}
