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
from pathlib import Path
from typing import Any

from darkreach.likelihood import compile_workspace
from darkreach.limits.compiled_engine import CompiledEngine, solve_limits
from darkreach.sharing.hypothesis import Hypothesis

WORKLOADS = ("count1", "small", "lowcount", "lowshape", "highcount", "typical", "large")


def cpu_seconds(action: Callable[[], Any]) -> float:
    start = time.process_time()
    action()
    return time.process_time() - start


def measure(name: str, workspaces: list[dict[str, Any]]) -> float:
    models = [compile_workspace(workspace) for workspace in workspaces]
    build = cpu_seconds(lambda: [compile_workspace(workspace) for workspace in workspaces])
    one = cpu_seconds(lambda: [solve_limits(model, [0.95], use_numba=True) for model in models])
    both = cpu_seconds(lambda: [solve_limits(model, [0.90, 0.95], use_numba=True) for model in models])
    limits = [
        limit
        for index, workspace in enumerate(workspaces)
        for limit in CompiledEngine().limits(Hypothesis(f"{name}_{index}", {}, workspace), [0.95])
    ]
    lost = [f"{limit.name}: {limit.status}, {limit.reason}" for limit in limits if limit.status != "ok"]
    worst = max(
        (abs(value - 0.05) for limit in limits if limit.status == "ok" for value in limit.quality.cls_at_expected),
        default=float("nan"),
    )
    scale = 1e3 / len(models)
    evaluations = sum(limit.quality.evaluations for limit in limits) / len(limits)
    print(
        f"{name:10s} {len(models):5d} hypotheses  arrays {build * scale:7.3f} ms  limits {one * scale:7.3f} ms  "
        f"two levels {both / one:4.2f}x  evaluations {evaluations:5.1f}  not ok {len(lost)}  worst CLs {worst:.1e}"
    )
    for line in lost[:5]:
        print("   ", line)
    return one / len(models)


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
