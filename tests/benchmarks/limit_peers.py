"""CPU time per hypothesis of the compiled engine and of its peers: observed and five expected limits at 95 %.

    python tests/benchmarks/limit_peers.py WORKLOADS_FOLDER [--workload small ...] [--points 20] [--peers pyhf roostats]

WORKLOADS_FOLDER holds ``limit_workloads.py`` and ``peer_pyhf.py`` (pyhf 0.7.6 with the fixes it needs, numpy backend).
Peers, each skipped with a message if it is not installed (extra ``peers``): pyhf; RooStats (HypoTestInverter with 55
points, without the building of the model); NextStat. Ours: everything from workspaces in memory, and the kernel alone.
A failure of a peer counts as a failure, never as speed. Single-threaded: set OMP_NUM_THREADS=1.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from darkreach.limits import Limit, compute_limits, make_engine
from darkreach.limits.compiled_engine import CompiledEngine
from darkreach.sharing import Hypothesis

WORKLOADS = ("count1", "small", "lowcount", "lowshape", "highcount", "typical", "large")
PEERS = ("pyhf", "roostats", "nextstat")
ALPHA = 0.05
REPEATS = 3
Peer = Callable[[dict[str, Any], Limit], tuple[list[float], float]]


def pyhf_peer() -> Peer:
    from peer_pyhf import limit

    def run(workspace: dict[str, Any], ours: Limit) -> tuple[list[float], float]:
        bounds = (1e-4, 3.0 * max(ours.observed or 0.0, *ours.expected))
        start = time.process_time()
        found = limit(workspace, ALPHA, bounds=bounds)
        return [float(value) for value in found], time.process_time() - start

    return run


def roostats_peer() -> Peer:
    from roostats_peer import limit, prepare_root

    prepare_root()

    def run(workspace: dict[str, Any], ours: Limit) -> tuple[list[float], float]:
        found, _, seconds = limit(
            workspace, ALPHA, ours.observed or 0.0, 1.2 * max(ours.observed or 0.0, *ours.expected)
        )
        return found, seconds

    return run


def nextstat_peer() -> Peer:
    import nextstat

    nextstat.set_threads(1)

    def run(workspace: dict[str, Any], ours: Limit) -> tuple[list[float], float]:
        model = nextstat.from_pyhf(json.dumps(workspace))
        highest = 3.0 * max(ours.observed or 0.0, *ours.expected)
        start = time.process_time()
        observed, expected = nextstat.upper_limit(model, method="root", alpha=ALPHA, lo=0.0, hi=highest, rtol=1e-6)
        return [observed, *expected], time.process_time() - start

    return run


def available(wanted: list[str]) -> dict[str, Peer]:
    """Return the peers that can be imported; say which cannot."""
    makers = {"pyhf": pyhf_peer, "roostats": roostats_peer, "nextstat": nextstat_peer}
    peers: dict[str, Peer] = {}
    for name in wanted:
        try:
            peers[name] = makers[name]()
        except ImportError as error:
            print(f"{name}: skipped, {error}; install the extra `peers`")
    return peers


def cpu_seconds(action: Callable[[], Any]) -> float:
    """Return the smallest of a few CPU times; the machine may be shared."""
    times = []
    for _ in range(REPEATS):
        start = time.process_time()
        action()
        times.append(time.process_time() - start)
    return min(times)


def kernel_seconds(hypotheses: list[Hypothesis]) -> float:
    """Return the CPU seconds of the kernel alone, arrays built and packed before."""
    from darkreach.likelihood import compile_workspace
    from darkreach.limits.compiled_engine import solve_limits

    models = [compile_workspace(hypothesis.workspace) for hypothesis in hypotheses]
    try:
        from darkreach.likelihood.packed_models import pack_models
    except ImportError:
        return cpu_seconds(lambda: [solve_limits(model, [1.0 - ALPHA], use_numba=True) for model in models])
    sizes = [(model.arrays.initial.size, model.arrays.counts.size) for model in models]
    packed = pack_models([model.arrays for model in models])
    return cpu_seconds(lambda: solve_limits(packed, sizes, [1.0 - ALPHA], use_numba=True))


def measure(name: str, peers: dict[str, Peer], points: int, peer_points: int, seed: int) -> None:
    from limit_workloads import make_scan

    hypotheses = [Hypothesis(f"{name}_{i}", {}, workspace) for i, workspace in enumerate(make_scan(name, points, seed))]
    engine = make_engine("compiled")
    levels = [1.0 - ALPHA]
    limits = compute_limits(hypotheses, levels, engine=engine)
    whole = cpu_seconds(lambda: compute_limits(hypotheses, levels, engine=engine)) / points
    kernel = kernel_seconds(hypotheses) / points
    failed = [limit for limit in limits if limit.status != "ok"]
    print(f"{name:10s} ours {whole * 1e3:8.3f} ms, kernel {kernel * 1e3:8.3f} ms, not ok {len(failed)}/{points}")
    chosen = range(0, points, max(points // peer_points, 1))[:peer_points]
    for peer, run in peers.items():
        seconds, observed, bands, lost = [], [], [], []
        for index in chosen:
            if limits[index].status != "ok":
                continue
            ours = (limits[index].observed or 0.0, *limits[index].expected)
            try:
                found, spent = run(dict(hypotheses[index].workspace), limits[index])
            except Exception as error:  # noqa: BLE001  # whatever a peer raises is counted, and never ends the run
                lost.append(f"{type(error).__name__}: {str(error)[:60]}")
                continue
            relative = [abs(theirs / own - 1.0) for theirs, own in zip(found, ours, strict=True)]
            seconds.append(spent)
            observed.append(relative[0])
            bands.append(max(relative[1:]))
        if seconds:
            spent = statistics.median(seconds)
            ratios = f"{spent / kernel:9.0f}x kernel  {spent / whole:9.0f}x ours"
            differences = f"largest relative difference observed {max(observed):.1e} bands {max(bands):.1e}"
            print(f"    {peer:9s} {spent:9.4f} s  {ratios}  {differences}  failures {len(lost)}/{len(chosen)}")
        for line in lost[:2]:
            print(f"    {peer:9s} failed: {line}")
        sys.stdout.flush()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--workload", nargs="+", choices=WORKLOADS, default=list(WORKLOADS))
    parser.add_argument("--peers", nargs="*", choices=PEERS, default=list(PEERS))
    parser.add_argument("--points", type=int, default=20, help="hypotheses of ours")
    parser.add_argument("--peer-points", type=int, default=3, help="of which the peers compute so many")
    parser.add_argument("--seed", type=int, default=9101)
    arguments = parser.parse_args()
    sys.path.insert(0, str(arguments.folder))
    peers = available(arguments.peers)
    warm = Hypothesis("warm", {}, _first_workspace())
    start = time.process_time()
    CompiledEngine().limits(warm, [1.0 - ALPHA])
    print(f"first call of this process: {time.process_time() - start:.2f} s CPU")
    for name in arguments.workload:
        measure(name, peers, arguments.points, arguments.peer_points, arguments.seed)
    sys.stdout.flush()
    # ROOT 6.40 crashes while the interpreter shuts down
    os._exit(0)


def _first_workspace() -> dict[str, Any]:
    from limit_workloads import make_scan

    workspace: dict[str, Any] = make_scan("count1", 1)[0]
    return workspace


if __name__ == "__main__":
    main()
