"""Ten thousand difficult hypotheses through the compiled engine: what fails, and whether all failures are flagged.

    python tests/benchmarks/limit_stress.py WORKLOADS_FOLDER [--points 10000] [--checks 300] [--workload small ...]

WORKLOADS_FOLDER holds ``limit_workloads.py``. All workloads as they are, with zero bins, without any event, with ten
times the background, with signals of 1e-3 and 1e-6 of the size; and ``hard_likelihoods.py``. Every limit is checked for
order and for its own CLs; a random part is evaluated again with the NumPy reference likelihood and fits from several
starts, computed with the strength in other units (x 1000), and with channels and samples in another order.
Exits with 1 if a limit is wrong without being flagged, or more than one in 10 000 hypotheses failed.
"""

from __future__ import annotations

import argparse
import copy
import sys
import time
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from hard_likelihoods import hard_workspace
from reference_judge import FAR, ReferenceJudge

from darkreach.limits import Limit, compute_limits, make_engine
from darkreach.sharing import Hypothesis

WORKLOADS = ("count1", "small", "lowcount", "lowshape", "highcount", "typical", "large")
VARIANTS = ("plain", "zero_bins", "no_events", "ten_times", "tiny_1e-3", "tiny_1e-6")
MASSES = 5
UNFLAGGED = 1e-5
"""Largest accepted |CLs - alpha| and relative difference of limits; the goal of the engine itself is 1e-6."""
FLOOR_NOTE = "kept from becoming negative"
FLOOR_STIFFNESS = 1e8
WARNINGS = ("does not describe the data", "may have several minima")
"""Notes with which a limit says that its likelihood has several minima, of which the lowest found is used."""


def stress_hypotheses(workload: str, variant: str, number: int, first_seed: int) -> Iterator[Hypothesis]:
    """Yield reproducible hypotheses; the name is workload, variant, seed and index of the mass."""
    from limit_workloads import CONFIGS, make_scan

    total = {"tiny_1e-3": 1e-3, "tiny_1e-6": 1e-6}.get(variant)
    if total is not None:
        total *= 3.0 * np.sqrt(CONFIGS[workload]["level"] + 1.0)
    for index in range(number):
        seed, mass = first_seed + index // MASSES, index % MASSES
        if mass == 0:
            scan = make_scan(workload, MASSES, seed, zero_bins=variant == "zero_bins", sig_total=total)
        workspace = scan[mass]
        for channel, observation in zip(workspace["channels"], workspace["observations"], strict=True):
            background = sum(np.array(s["data"]) for s in channel["samples"] if s["name"] != "signal")
            if variant == "no_events":
                observation["data"] = [0.0] * len(observation["data"])
            elif variant == "ten_times":
                observation["data"] = np.round(10.0 * background).tolist()
        yield Hypothesis(f"{workload}/{variant}/{seed}/{mass}", {}, workspace)


def hard_hypotheses(number: int, first_seed: int) -> Iterator[Hypothesis]:
    for seed in range(first_seed, first_seed + number):
        yield Hypothesis(f"hard/hard/{seed}/0", {}, hard_workspace(seed))


def in_other_units(workspace: dict[str, Any], scale: float) -> dict[str, Any]:
    """Return the workspace with a constant factor on the signal, which divides all limits."""
    changed = copy.deepcopy(workspace)
    for channel in changed["channels"]:
        for sample in channel["samples"]:
            if any(modifier["name"] == "mu" for modifier in sample["modifiers"]):
                sample["modifiers"].append({"name": "units", "type": "normfactor", "data": None})
    parameter = {"name": "units", "inits": [scale], "fixed": True, "bounds": [[0.0, 2.0 * scale]]}
    changed["measurements"][0]["config"]["parameters"].append(parameter)
    return changed


def reordered(workspace: dict[str, Any], seed: int) -> dict[str, Any]:
    """Return the workspace with channels, samples and modifiers in another order."""
    generator = np.random.default_rng(seed)
    changed = copy.deepcopy(workspace)
    generator.shuffle(changed["channels"])
    for channel in changed["channels"]:
        generator.shuffle(channel["samples"])
        for sample in channel["samples"]:
            generator.shuffle(sample["modifiers"])
    return changed


class Findings:
    """Counts by group, reasons, and failures that were not flagged."""

    def __init__(self) -> None:
        self.status: dict[str, Counter[str]] = {}
        self.reasons: Counter[str] = Counter()
        self.examples: dict[str, list[str]] = {}
        self.unflagged: list[str] = []
        self.noted: list[str] = []
        self.largest: Counter[str] = Counter()
        self.checked: Counter[str] = Counter()

    def record(self, limit: Limit) -> None:
        group, variant, *_ = limit.name.split("/")
        self.status.setdefault(f"{group} {variant}", Counter())[limit.status] += 1
        if limit.status != "ok":
            reason = f"{limit.status}: {limit.reason}"
            self.reasons[reason] += 1
            self.examples.setdefault(reason, []).append(limit.name)
            return
        alpha = 1.0 - limit.cl
        numbers = (limit.quality.cls_at_observed or 0.0, *limit.quality.cls_at_expected)
        pairs = zip((limit.observed or 0.0, *limit.expected), numbers, strict=True)
        own = [abs(value - alpha) for strength, value in pairs if np.isfinite(strength)]
        self.compare(limit, "own CLs", max(own))
        # bands beyond which no limit exists are infinite
        ordered = all(low < high or low == high == np.inf for low, high in pairwise(limit.expected))
        self.compare(limit, "order", 0.0 if ordered and (limit.observed or 0.0) > 0.0 else 1.0)

    def compare(self, limit: Limit, what: str, difference: float) -> None:
        self.checked[what] += 1
        self.largest[what] = max(self.largest[what], difference)
        if difference < UNFLAGGED:
            return
        found = f"{limit.name} {limit.cl}: {what} {difference:.2e}"
        noted = any(warning in limit.quality.note for warning in WARNINGS)
        (self.noted if noted else self.unflagged).append(found)
        print("  noted" if noted else "  UNFLAGGED", found, flush=True)

    def report(self) -> bool:
        hypotheses = sum(sum(counts.values()) for counts in self.status.values())
        print(f"\n{'group':24s} {'ok':>6s} {'no_sens':>8s} {'failed':>7s}")
        for group, counts in self.status.items():
            print(f"{group:24s} {counts['ok']:6d} {counts['no_sensitivity']:8d} {counts['failed']:7d}")
        for reason, number in self.reasons.most_common():
            print(f"{number:6d} {reason[:110]}  e.g. {', '.join(self.examples[reason][:4])}")
        for what, number in self.checked.items():
            print(f"check {what:16s} {number:6d} limits, largest difference {self.largest[what]:.1e}")
        failed = sum(counts["failed"] for counts in self.status.values())
        share = failed / max(hypotheses, 1)
        print(
            f"{hypotheses} limits, failed {failed} ({share:.1e}), differ with a note {len(self.noted)}, "
            f"without {len(self.unflagged)}"
        )
        return not self.unflagged and share < 1e-4


def relative(one: float, other: float) -> float:
    return 0.0 if one == other else abs(one / other - 1.0)


def check_again(hypothesis: Hypothesis, limit: Limit, findings: Findings, engine: Any) -> None:
    """Compare one limit with the reference likelihood, with other units and with another order."""
    observed, expected, alpha = limit.observed or 0.0, limit.expected, 1.0 - limit.cl
    finite = [value for value in (observed, *expected) if np.isfinite(value)]
    stiffness = FLOOR_STIFFNESS if FLOOR_NOTE in limit.quality.note else 0.0
    judge = ReferenceJudge(hypothesis.workspace, 2.0 * FAR * max(finite), stiffness=stiffness)
    differences = judge.residuals(observed, expected, alpha)
    findings.compare(limit, "reference fits", max(abs(value) for value in differences))
    workspace = dict(hypothesis.workspace)
    others = {"other units": (in_other_units(workspace, 1e3), 1e3), "other order": (reordered(workspace, 1), 1.0)}
    for what, (changed, scale) in others.items():
        (again,) = compute_limits([Hypothesis(hypothesis.name, {}, changed)], [limit.cl], engine=engine)
        if again.status == "ok":
            pairs = zip((again.observed or 0.0, *again.expected), (observed, *expected), strict=True)
            findings.compare(limit, what, max(relative(scale * one, other) for one, other in pairs))
        else:
            findings.compare(limit, f"{what} {again.status}", 1.0)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--points", type=int, default=10_000)
    parser.add_argument("--checks", type=int, default=300, help="limits computed again in other ways")
    parser.add_argument("--workload", nargs="+", choices=(*WORKLOADS, "hard"), default=[*WORKLOADS, "hard"])
    parser.add_argument("--variant", nargs="+", choices=VARIANTS, default=list(VARIANTS))
    parser.add_argument("--first-seed", type=int, default=20_000)
    parser.add_argument("--cl", type=float, default=0.95)
    arguments = parser.parse_args()
    sys.path.insert(0, str(arguments.folder))
    cells = [(name, variant) for name in arguments.workload if name != "hard" for variant in arguments.variant]
    cells += [("hard", "hard")] * ("hard" in arguments.workload)
    number = -(-arguments.points // len(cells))
    share = arguments.checks / arguments.points
    findings, engine, generator = Findings(), make_engine("compiled"), np.random.default_rng(arguments.first_seed)
    for name, variant in cells:
        start, cell = time.process_time(), []
        source = (
            hard_hypotheses(number, arguments.first_seed)
            if name == "hard"
            else stress_hypotheses(name, variant, number, arguments.first_seed)
        )
        for hypothesis in source:
            (limit,) = compute_limits([hypothesis], [arguments.cl], engine=engine)
            findings.record(limit)
            if limit.status == "ok" and generator.random() < share:
                check_again(hypothesis, limit, findings, engine)
            cell.append(limit.status)
        seconds = time.process_time() - start
        print(f"{name:10s} {variant:10s} {dict(Counter(cell))}  {seconds:.1f} s CPU", flush=True)
    return 0 if findings.report() else 1


if __name__ == "__main__":
    sys.exit(main())
