"""CPU time of the compiled engine per hypothesis, cold and warm, and its ratio to pyhf on the same workspaces.

    python tests/benchmarks/limit_speed.py WORKLOADS_FOLDER [--workload small ...] [--points 20] [--seeds 10] [--peer]

WORKLOADS_FOLDER holds ``limit_workloads.py`` (``make_scan(name, points, seed)`` returns pyhf workspaces) and
``peer_pyhf.py`` (``limit(workspace, level)``). Both sides are timed as process CPU seconds of one run; observed plus
five bands. A pyhf failure counts as a failure, not as speed.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from darkreach.likelihood import PackedModels, pack_workspaces
from darkreach.limits import compute_limits
from darkreach.limits.compiled_engine import (
    CompiledEngine,
    asymptotic_function,
    empty_numbers,
    limit_targets,
    solve_limits,
)
from darkreach.sharing.hypothesis import Hypothesis

WORKLOADS = ("count1", "small", "lowcount", "lowshape", "highcount", "typical", "large")


def cpu_seconds(action: Callable[[], Any]) -> float:
    start = time.process_time()
    action()
    return time.process_time() - start


def measure(name: str, workspaces: list[dict[str, Any]]) -> float:
    hypotheses = [Hypothesis(f"{name}_{index}", {}, workspace) for index, workspace in enumerate(workspaces)]
    engine = CompiledEngine()
    packed, models = pack_workspaces(workspaces)
    sizes = [(model.arrays.initial.size, model.arrays.counts.size) for model in models]
    build = cpu_seconds(lambda: pack_workspaces(workspaces))
    one = cpu_seconds(lambda: solve_limits(packed, sizes, [0.95], use_numba=True))
    both = cpu_seconds(lambda: solve_limits(packed, sizes, [0.90, 0.95], use_numba=True))
    whole = cpu_seconds(lambda: compute_limits(hypotheses, [0.95], engine=engine))
    limits = compute_limits(hypotheses, [0.95], engine=engine)
    lost = [f"{limit.name}: {limit.status}, {limit.reason}" for limit in limits if limit.status != "ok"]
    worst = max(
        (abs(value - 0.05) for limit in limits if limit.status == "ok" for value in limit.quality.cls_at_expected),
        default=float("nan"),
    )
    scale = 1e3 / len(models)
    evaluations = sum(limit.quality.evaluations for limit in limits) / len(limits)
    print(
        f"{name:10s} {len(models):4d} hypotheses: kernel {one * scale:7.3f} ms, two levels {both / one:4.2f}x, arrays "
        f"{build * scale:6.3f} ms, dictionary to Limit {whole * scale:7.3f} ms, evaluations {evaluations:5.1f}, "
        f"not ok {len(lost)}, worst CLs {worst:.1e}, two threads {threads(packed, sizes):4.2f}x"
    )
    for line in lost[:5]:
        print("   ", line)
    return one / len(models)


def threads(packed: PackedModels, sizes: list[tuple[int, int]]) -> float:
    """Return how much faster two threads are than one on the kernel (wall time of the same work)."""
    targets, bands = limit_targets((0.95,))[:2]
    function, half = asymptotic_function(True), len(sizes) // 2

    def work(first: int, last: int) -> None:
        for _ in range(repeats):
            function(packed, first, last, targets, bands, numbers)

    numbers = empty_numbers(sizes, targets.size)
    repeats, start = 1, time.perf_counter()
    work(0, len(sizes))
    repeats = max(1, round(0.5 / (time.perf_counter() - start)))
    start = time.perf_counter()
    work(0, len(sizes))
    alone = time.perf_counter() - start
    start = time.perf_counter()
    with ThreadPoolExecutor(2) as executor:
        for future in [executor.submit(work, 0, half), executor.submit(work, half, len(sizes))]:
            future.result()
    return alone / (time.perf_counter() - start)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--workload", nargs="+", choices=WORKLOADS, default=list(WORKLOADS))
    parser.add_argument("--points", type=int, default=10)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--first-seed", type=int, default=500)
    parser.add_argument("--peer", action="store_true", help="also time pyhf on the first hypothesis of each workload")
    arguments = parser.parse_args()
    sys.path.insert(0, str(arguments.folder))
    from limit_workloads import make_scan

    first = Hypothesis("first", {}, make_scan("count1", 1)[0])
    print(f"first call of this process: {cpu_seconds(lambda: CompiledEngine().limits(first, [0.95])):.2f} s CPU")
    for name in arguments.workload:
        seeds = range(arguments.first_seed, arguments.first_seed + arguments.seeds)
        workspaces = [workspace for seed in seeds for workspace in make_scan(name, arguments.points, seed)]
        own = measure(name, workspaces)
        if arguments.peer:
            from peer_pyhf import limit as peer_limit

            try:
                peer = cpu_seconds(lambda chosen=workspaces[0]: peer_limit(chosen))
            except (ValueError, ArithmeticError, RuntimeError) as error:
                print(f"    pyhf failed: {type(error).__name__}: {error}")
            else:
                print(f"    pyhf {peer:.2f} s, ratio {peer / own:.0f}")


if __name__ == "__main__":
    main()
