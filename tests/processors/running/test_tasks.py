"""Tasks on workers of their own process: what happens when tasks, workers and schedulers fail."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import cloudpickle
import pytest
from distributed import Client, LocalCluster

from darkreach.configuration.site import LocalSite, SchedulerSite
from darkreach.errors import ConfigError, DarkreachError
from darkreach.running import cluster as cluster_module
from darkreach.running import dask_executor
from darkreach.running.cluster import OpenCluster, open_cluster
from darkreach.running.cluster_watch import ClusterLostError
from darkreach.running.dask_executor import DaskExecutor
from darkreach.running.dask_run import WorkerLossError
from darkreach.running.task_progress import TaskProgress
from darkreach.running.tasks import InProcessExecutor, TaskExecutor, open_executor
from darkreach.running.worker_versions import WorkerSoftwareError, check_workers, software

# the workers cannot import this file
cloudpickle.register_pickle_by_value(sys.modules[__name__])


def double_or_fail(shared: int, task: int) -> int:
    if task == 3:
        raise ZeroDivisionError("three")
    if task == 4:
        raise DarkreachError("four is odd", where="the task itself")
    return shared * task


def unpicklable(shared: object, task: int) -> object:
    return (number for number in [task])


def die_once(flag: Path, task: int) -> int:
    if task == 2 and not flag.exists():
        flag.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return task * task


def die_always(shared: object, task: int) -> int:
    if task == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return task * task


def write_and_wait(folder: Path, task: int) -> int:
    (folder / f"{task}_{os.getpid()}").touch()
    time.sleep(0.3)
    return os.getpid()


def touch(folder: Path, task: int) -> int:
    (folder / str(task)).touch()
    return task


def fill_memory(gigabytes: float, task: int) -> int:
    if task == 1:
        held = bytearray(int(gigabytes * 1e9))
        held[::4096] = b"1" * len(held[::4096])
        time.sleep(30.0)
    return task


def empty_cluster() -> LocalCluster:
    return LocalCluster(n_workers=0, threads_per_worker=1, host="127.0.0.1", dashboard_address="127.0.0.1:0")


@pytest.fixture(scope="module")
def two_workers() -> Iterator[OpenCluster]:
    with open_cluster(workers=2) as opened:
        yield opened


@pytest.fixture
def executor(two_workers: OpenCluster) -> DaskExecutor:
    return DaskExecutor(two_workers.client, revive=two_workers.revive, no_workers_timeout=60.0, check_software=False)


@pytest.fixture(params=["in this process", "on two workers"])
def either(request: pytest.FixtureRequest, two_workers: OpenCluster) -> TaskExecutor:
    return InProcessExecutor() if "this" in request.param else DaskExecutor(two_workers.client, check_software=False)


def test_failures_stay_apart(either: TaskExecutor) -> None:
    outcomes = {outcome.index: outcome for outcome in either.run(double_or_fail, 10, range(12))}
    assert {index: outcome.value for index, outcome in outcomes.items() if outcome.error is None} == {
        index: 10 * index for index in range(12) if index not in (3, 4)
    }
    three, four = outcomes[3].error, outcomes[4].error
    assert three is not None
    assert three.where == "3"
    assert three.given == "ZeroDivisionError: three"
    assert four is not None
    assert (four.what, four.where) == ("four is odd", "the task itself")


def test_no_tasks(either: TaskExecutor) -> None:
    assert list(either.run(double_or_fail, 10, [])) == []


def test_a_result_that_cannot_be_sent_back_is_an_error_of_its_task(executor: DaskExecutor) -> None:
    (outcome,) = executor.run(unpicklable, None, [1])
    assert outcome.error is not None
    assert "could not be sent back" in outcome.error.what


def test_a_worker_that_dies_once_costs_nothing(executor: DaskExecutor, tmp_path: Path) -> None:
    outcomes = list(executor.run(die_once, tmp_path / "died", range(12)))
    assert (tmp_path / "died").exists()
    assert Counter(outcome.index for outcome in outcomes) == Counter(range(12))
    assert all(outcome.value == outcome.index**2 for outcome in outcomes)


@pytest.mark.slow
def test_only_the_task_that_kills_its_workers_fails(executor: DaskExecutor) -> None:
    outcomes = {outcome.index: outcome for outcome in executor.run(die_always, None, range(12))}
    assert sorted(outcomes) == list(range(12))
    assert [index for index, outcome in outcomes.items() if outcome.error is not None] == [2]
    assert all(outcome.value == index**2 for index, outcome in outcomes.items() if index != 2)
    error = outcomes[2].error
    assert isinstance(error, WorkerLossError)
    assert error.where == "2"
    assert "died 2 times" in error.what
    assert "out of memory" in str(error)


def test_a_worker_killed_from_outside_costs_nothing(executor: DaskExecutor, tmp_path: Path) -> None:
    outcomes = []
    for outcome in executor.run(write_and_wait, tmp_path, range(14)):
        if not outcomes:
            assert outcome.value is not None
            os.kill(outcome.value, signal.SIGKILL)
        outcomes.append(outcome)
    assert Counter(outcome.index for outcome in outcomes) == Counter(range(14))
    assert all(outcome.error is None for outcome in outcomes)
    # another process did the rest
    assert len({outcome.value for outcome in outcomes}) >= 2


def test_few_results_wait_for_their_consumer(executor: DaskExecutor, tmp_path: Path) -> None:
    outcomes = executor.run(touch, tmp_path, range(60))
    next(outcomes)
    time.sleep(0.8)
    started = len(list(tmp_path.iterdir()))
    assert 1 <= started <= 9
    assert len(list(outcomes)) == 59


def test_closing_cancels(executor: DaskExecutor, tmp_path: Path) -> None:
    with closing(executor.run(write_and_wait, tmp_path, range(60))) as outcomes:
        next(outcomes)
    time.sleep(0.5)
    begun = len(list(tmp_path.iterdir()))
    time.sleep(0.7)
    assert len(list(tmp_path.iterdir())) == begun < 20


def test_progress_is_told(two_workers: OpenCluster) -> None:
    told: list[TaskProgress] = []
    executor = DaskExecutor(two_workers.client, watch=told.append, check_software=False)
    assert len(list(executor.run(double_or_fail, 1, range(12)))) == 12
    last = told[-1]
    assert (last.done, last.planned, last.failed, last.workers) == (12, 12, 2, 2)
    assert last.remaining_seconds == 0.0
    assert "12/12 tasks" in str(last)
    assert "2 workers, 2 failed" in str(last)


def test_other_software_on_a_worker_is_refused(two_workers: OpenCluster, monkeypatch: pytest.MonkeyPatch) -> None:
    found = check_workers(two_workers.client)
    assert len(found) == 2
    assert all(versions == dict(software()) for versions in found.values())
    other = tuple((name, "0.1" if name == "numpy" else version) for name, version in software())
    monkeypatch.setattr(dask_executor, "software", lambda: other)
    with pytest.raises(WorkerSoftwareError, match=r"allowed: numpy 0.1\n +given: +numpy 2"):
        list(DaskExecutor(two_workers.client).run(double_or_fail, 1, range(4)))


def test_a_run_without_any_worker_ends() -> None:
    with empty_cluster() as cluster, Client(cluster) as client:
        executor = DaskExecutor(client, no_workers_timeout=1.5)
        with pytest.raises(ClusterLostError, match="no worker for"):
            list(executor.run(double_or_fail, 1, range(4)))


@pytest.mark.slow
def test_a_scheduler_that_goes_away_ends_the_run(tmp_path: Path) -> None:
    with empty_cluster() as cluster, Client(cluster.scheduler_address, timeout=2) as client:
        cluster.scale(1)
        executor = DaskExecutor(client, no_workers_timeout=60.0, check_software=False)
        outcomes = executor.run(write_and_wait, tmp_path, range(40))
        assert next(outcomes).error is None
        cluster.close()
        with pytest.raises(ClusterLostError):
            list(outcomes)


def test_a_scheduler_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster_module, "_CONNECT_SECONDS", 1)
    site = SchedulerSite(kind="scheduler", title="nobody", address="tcp://127.0.0.1:1")
    with pytest.raises(DarkreachError, match="no dask scheduler"), open_executor(site=site):
        pass


@pytest.mark.slow
def test_a_worker_over_its_memory_is_replaced_and_named() -> None:
    site = LocalSite(kind="local", title="small", memory=0.9)
    with open_executor(site=site) as executor:
        outcomes = {outcome.index: outcome for outcome in executor.run(fill_memory, 1.2, range(3))}
    assert [outcomes[index].value for index in (0, 2)] == [0, 2]
    error = outcomes[1].error
    assert isinstance(error, WorkerLossError)
    assert error.where == "1"
    assert error.next_step is not None
    assert "more memory" in error.next_step


def test_scheduler_and_site_exclude_each_other() -> None:
    site = LocalSite(kind="local", title="here")
    with pytest.raises(ConfigError, match="exclude"), open_executor(scheduler="tcp://127.0.0.1:1", site=site):
        pass
    with pytest.raises(ConfigError, match="positive"), open_executor(workers=0):
        pass
