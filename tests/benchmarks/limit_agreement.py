"""CLs of tight pyhf at the compiled engine's limits: max |CLs - alpha| of each workload, observed and bands apart.

    python tests/benchmarks/limit_agreement.py WORKLOADS_FOLDER [--workload small ...] [--seeds 9001 ...] [--slsqp]
    python tests/benchmarks/limit_agreement.py FOLDER --likelihoods [--every 10]     # BkgOnly.json and patch*.json
    python tests/benchmarks/limit_agreement.py WORKLOADS_FOLDER --hard 20            # hard_likelihoods.py

WORKLOADS_FOLDER holds ``limit_workloads.py``. pyhf evaluates CLs at our limits with its own hypothesis test on the jax
backend, minimised by the Newton steps of ``pyhf_judge.py``; ``--slsqp`` adds pyhf's own optimizer at tolerance 1e-12.
Needs pyhf 0.7.6 and jax (extra ``peers``). Exits with 1 if a difference is above 1e-6.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pyhf_judge import NewtonOptimizer, PyhfJudge, prepare_pyhf

from darkreach.limits import Limit, compute_limits, make_engine
from darkreach.sharing import Hypothesis

WORKLOADS = ("count1", "small", "lowcount", "lowshape", "highcount", "typical", "large")
LEVELS = (0.90, 0.95)
GOAL = 1e-6


@dataclass
class Differences:
    """What one judge found in one group of hypotheses."""

    observed: list[float] = field(default_factory=list)
    bands: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def add(self, name: str, limit: Limit, judge: PyhfJudge) -> None:
        start = time.process_time()
        try:
            observed, bands = judge.limits_residuals(limit.observed or 0.0, limit.expected, 1.0 - limit.cl)
        except Exception as error:  # noqa: BLE001  # whatever a peer raises is counted, and never ends the comparison
            self.failures.append(f"{name} {limit.cl}: {type(error).__name__}: {str(error)[:100]}")
            return
        finally:
            self.seconds += time.process_time() - start
        self.observed.append(abs(observed))
        self.bands += [abs(value) for value in bands]
        if not max(abs(observed), *map(abs, bands)) < GOAL:
            numbers = " ".join(f"{value:+.1e}" for value in (observed, *bands))
            print(f"    {name} {limit.cl} {judge.optimizer.name}: observed and bands {numbers}", flush=True)

    def summary(self) -> str:
        largest = [f"{max(values):.1e}" if values else "-" for values in (self.observed, self.bands)]
        return f"observed {largest[0]}  bands {largest[1]}  failures {len(self.failures)}  {self.seconds:.0f} s CPU"

    def worst(self) -> float:
        return max((*self.observed, *self.bands), default=float("inf"))


def workload_hypotheses(name: str, seeds: Iterable[int]) -> Iterator[Hypothesis]:
    """Yield one point of each seed, at a mass that differs from seed to seed."""
    from limit_workloads import make_scan

    for index, seed in enumerate(seeds):
        yield Hypothesis(f"{name}_{seed}", {}, make_scan(name, 7, seed)[(2 * index + 1) % 7])


def likelihood_hypotheses(folder: Path, every: int) -> Iterator[Hypothesis]:
    """Yield the hypotheses of BkgOnly.json and one JSON patch per file."""
    import jsonpatch

    background = json.loads((folder / "BkgOnly.json").read_text())
    for path in sorted(folder.glob("patch*.json"))[::every]:
        yield Hypothesis(path.stem, {}, jsonpatch.apply_patch(background, json.loads(path.read_text())))


def hard_hypotheses(number: int) -> Iterator[Hypothesis]:
    from hard_likelihoods import hard_workspace

    for seed in range(number):
        yield Hypothesis(f"hard_{seed}", {}, hard_workspace(seed))


def compare(group: str, hypotheses: Iterable[Hypothesis], slsqp: bool, random_starts: int) -> bool:
    """Print the largest differences of one group; return whether all limits are right."""
    engine = make_engine("compiled")
    optimizers: list[Any] = [NewtonOptimizer(random_starts)]
    if slsqp:
        optimizers.append(prepare_pyhf().optimize.scipy_optimizer(tolerance=1e-12))
    found = [Differences() for _ in optimizers]
    points, not_ok = 0, []
    for hypothesis in hypotheses:
        points += 1
        limits = compute_limits([hypothesis], LEVELS, engine=engine)
        not_ok += [f"{one.name} {one.cl}: {one.status}, {one.reason}" for one in limits if one.status != "ok"]
        for optimizer, differences in zip(optimizers, found, strict=True):
            solved = [limit for limit in limits if limit.status == "ok"]
            if solved:
                judge = PyhfJudge(hypothesis.workspace, optimizer)
                for limit in solved:
                    differences.add(hypothesis.name, limit, judge)
    for optimizer, differences in zip(optimizers, found, strict=True):
        print(f"{group:10s} {points} points, not ok {len(not_ok)}, {optimizer.name:6s}: {differences.summary()}")
        for line in differences.failures:
            print("    judge failed:", line)
    for line in not_ok:
        print("    not ok:", line)
    sys.stdout.flush()
    return found[0].worst() < GOAL and not found[0].failures


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--workload", nargs="+", choices=WORKLOADS, default=list(WORKLOADS))
    parser.add_argument("--seeds", nargs="+", type=int, default=[9001, 9002, 9003, 9004, 9005])
    parser.add_argument("--likelihoods", action="store_true", help="FOLDER is a published likelihood with its patches")
    parser.add_argument("--every", type=int, default=1, help="take every n-th patch")
    parser.add_argument("--hard", type=int, default=0, metavar="NUMBER", help="generated hard likelihoods")
    parser.add_argument("--slsqp", action="store_true", help="also judge with pyhf's own optimizer at tolerance 1e-12")
    parser.add_argument("--random-starts", type=int, default=0, help="random starts of each fit of the judge")
    arguments = parser.parse_args()
    sys.path.insert(0, str(arguments.folder))
    groups: dict[str, Iterable[Hypothesis]] = {}
    if arguments.likelihoods:
        groups[arguments.folder.name] = likelihood_hypotheses(arguments.folder, arguments.every)
    elif arguments.hard:
        groups["hard"] = hard_hypotheses(arguments.hard)
    else:
        groups = {name: workload_hypotheses(name, arguments.seeds) for name in arguments.workload}
    try:
        prepare_pyhf()
    except ImportError as error:
        print(f"skipped: {error}; install the extra `peers`")
        return 0
    right = [compare(name, hypotheses, arguments.slsqp, arguments.random_starts) for name, hypotheses in groups.items()]
    return 0 if all(right) else 1


if __name__ == "__main__":
    sys.exit(main())
