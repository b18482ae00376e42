"""What distributing costs: memory of the driver, processor time of the scheduler, and processor time beside the work.

Two measurements, each in one run of this program:

1. a plan of 10^9 events as 2000 tasks of a minute, replaced by sleeps of a thousandth of it that return 0.5 MB each,
   with scheduler and workers in processes of their own. What is not sleep happens a thousand times too often, so
   the load of the scheduler is an upper bound.
2. tasks that compute: in this process, on one worker and on two. Ratios mean something on an idle machine only.

Run it with ``python tests/benchmarks/cluster_overhead.py [--tasks 2000] [--threads 8] [--repeat 3]``.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import numpy as np
import psutil

from darkreach.configuration.site import LocalSite
from darkreach.running.tasks import TaskExecutor, open_executor
from darkreach.running.worker_environment import WORKER_ENVIRONMENT

EVENTS = 10**9
SECONDS_A_TASK = 60.0
RESULT_BYTES = 500_000
PASSES = 60


def sleep_and_answer(shared: float, task: int) -> np.ndarray:
    time.sleep(shared)
    return np.full(RESULT_BYTES // 8, float(task))


def compute(shared: int, task: int) -> float:
    """Work like that on a chunk of events: passes over arrays that do not fit into the caches."""
    values = np.random.default_rng(task).random(500_000)
    total = 0.0
    for number in range(shared):
        total += float(np.histogram(np.sqrt(values + number), bins=100)[0].max())
    return total


@contextmanager
def running(*words: str) -> Iterator[psutil.Process]:
    process = subprocess.Popen([sys.executable, "-m", *words], stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    try:
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait()


def cpu_seconds(processes: list[psutil.Process]) -> float:
    return sum(times.user + times.system for times in (process.cpu_times() for process in processes))


def simulated_plan(tasks: int, threads: int) -> None:
    sleep = SECONDS_A_TASK / 1000.0
    with ExitStack() as stack:
        file = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "scheduler.json"
        place = ("--scheduler-file", str(file))
        cli = "distributed.cli.dask_"
        scheduler = stack.enter_context(
            running(f"{cli}scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", *place)
        )
        stack.enter_context(running(f"{cli}worker", "--nthreads", str(threads), "--no-dashboard", *place))
        while not file.exists():
            time.sleep(0.1)
        address = json.loads(file.read_text())["address"]
        executor = stack.enter_context(open_executor(scheduler=address))
        list(executor.run(sleep_and_answer, sleep, range(threads)))
        driver = psutil.Process()
        before, started = (cpu_seconds([scheduler]), cpu_seconds([driver])), time.perf_counter()
        count = sum(outcome.error is None for outcome in executor.run(sleep_and_answer, sleep, range(tasks)))
        wall = time.perf_counter() - started
        used = [cpu_seconds([process]) - start for process, start in zip((scheduler, driver), before, strict=True)]
    ideal = tasks * sleep / threads
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"simulated plan: {count} of {tasks} tasks for {EVENTS:.0e} events, {threads} threads")
    print(f"  wall {wall:.1f} s, of which sleep {ideal:.1f} s")
    print(f"  scheduler {100 * used[0] / wall:.0f} % of a core, {1e3 * used[0] / tasks:.2f} ms a task")
    print(f"  driver    {100 * used[1] / wall:.0f} % of a core, {1e3 * used[1] / tasks:.2f} ms a task")
    print(f"  driver memory, peak {peak:.2f} GB")
    print(f"  at {SECONDS_A_TASK:g} s a task: {100 * sum(used) / tasks / SECONDS_A_TASK:.4f} % beside the work")


def measured(executor: TaskExecutor, tasks: int) -> tuple[float, float]:
    """Return (wall, processor) seconds of the tasks, in this process and its children."""
    processes = [psutil.Process(), *psutil.Process().children(recursive=True)]
    before, started = cpu_seconds(processes), time.perf_counter()
    failed = [outcome for outcome in executor.run(compute, PASSES, range(tasks)) if outcome.error is not None]
    assert not failed, failed[0].error
    return time.perf_counter() - started, cpu_seconds(processes) - before


def work(tasks: int, repeat: int) -> None:
    ways: dict[str, Callable[[], tuple[float, float]]] = {}
    with ExitStack() as stack:
        here = stack.enter_context(open_executor())
        # a site starts a process for one worker too
        one = stack.enter_context(open_executor(site=LocalSite(kind="local", title="one", workers=1)))
        two = stack.enter_context(open_executor(workers=2))
        for name, executor in (("in process", here), ("one worker", one), ("two workers", two)):
            ways[name] = lambda executor=executor: measured(executor, tasks)  # type: ignore[misc]
            list(executor.run(compute, 1, range(4)))
        rounds = [{name: way() for name, way in ways.items()} for _ in range(repeat)]
    print(f"work: {tasks} tasks, median of {repeat} interleaved rounds, load {psutil.getloadavg()[0]:.1f}")
    for name in ways:
        wall, cpu = (statistics.median(found[name][column] for found in rounds) for column in (0, 1))
        print(f"  {name:<12} wall {wall:6.2f} s, processor {cpu:6.2f} s")
    ratio = statistics.median(found["one worker"][1] / found["in process"][1] for found in rounds)
    gain = statistics.median(found["one worker"][0] / found["two workers"][0] for found in rounds)
    print(f"  processor time, one worker over in process: {ratio:.3f}")
    print(f"  two workers are {gain:.2f} times as fast as one")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tasks", type=int, default=2000)
    parser.add_argument("--threads", type=int, default=8)
    parser.add_argument("--work-tasks", type=int, default=16)
    parser.add_argument("--repeat", type=int, default=3)
    arguments = parser.parse_args()
    # this process with the same memory settings as the workers, or it would compare allocators
    wanted = {name: str(value) for name, value in WORKER_ENVIRONMENT.items()}
    if not wanted.items() <= os.environ.items():
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, **wanted})
    simulated_plan(arguments.tasks, arguments.threads)
    work(arguments.work_tasks, arguments.repeat)
