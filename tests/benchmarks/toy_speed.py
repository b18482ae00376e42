"""Toys of the compiled engine against pyhf's ToyCalculator: CPU seconds per toy, and the same CLs within errors.

    python tests/benchmarks/toy_speed.py WORKSPACE.json... [--toys 200000] [--pyhf-toys 100] [--strength MU]

Each workspace is tested at one signal strength, by default its asymptotic observed 95 % limit. A toy of pyhf is one
free and one conditional fit, as here; toys of both hypotheses are counted.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from darkreach.likelihood.compile_workspace import compile_workspace
from darkreach.limits.compiled_engine import CompiledEngine
from darkreach.limits.toy_cls import TIE, observed_estimate
from darkreach.limits.toy_pool import ToyPool
from darkreach.sharing.hypothesis import Hypothesis


def own_toys(workspace: dict[str, Any], strength: float, toys: int) -> dict[str, float]:
    """Return time per toy, and CLs by plain counting and by weighted toys."""
    model = compile_workspace(workspace)
    warm = ToyPool(model, (0, 0))
    warm.throw(0, 1)
    warm.tested(strength)
    start = time.process_time()
    pool = ToyPool(model, (1, 0))
    pool.add_ensemble(strength)
    pool.throw(0, toys // 2)
    pool.throw(1, toys // 2)
    tested = pool.tested(strength)
    elapsed = time.process_time() - start
    beyond = tested.q >= tested.q_observed - TIE * (1.0 + tested.q_observed)
    background, signal = (beyond[pool.ensemble == ensemble] for ensemble in (0, 1))
    weighted = observed_estimate(tested)
    return {
        "seconds_per_toy": elapsed / sum(pool.thrown),
        "toys": sum(pool.thrown),
        "failed": len(pool.failed_toys),
        "clsb": float(signal.mean()),
        "clb": float(background.mean()),
        "cls": float(signal.mean() / background.mean()),
        "cls_error": ratio_error(float(signal.mean()), float(background.mean()), signal.size),
        "weighted_cls": math.exp(weighted.log_cls),
        "weighted_cls_error": weighted.error * math.exp(weighted.log_cls),
    }


def ratio_error(signal: float, background: float, toys: int) -> float:
    """Return the binomial error of CLs."""
    if signal == 0.0 or background == 0.0:
        return math.inf
    relative = (1.0 - signal) / (signal * toys) + (1.0 - background) / (background * toys)
    return signal / background * math.sqrt(relative)


def pyhf_toys(workspace: dict[str, Any], strength: float, toys: int) -> dict[str, float]:
    """Return the same from pyhf; its toys that do not fit end the run, which is reported as a failure."""
    import pyhf

    content = pyhf.Workspace(workspace)
    model = content.model()
    data = content.data(model)
    bounds = model.config.suggested_bounds()
    bounds[model.config.poi_index] = (0.0, max(20.0, 10.0 * strength))
    np.random.seed(1)  # noqa: NPY002  pyhf's toys know only this generator
    start = time.process_time()
    calculator = pyhf.infer.calculators.ToyCalculator(
        data, model, par_bounds=bounds, test_stat="qtilde", ntoys=toys // 2, track_progress=False
    )
    signal, background = calculator.distributions(strength)
    elapsed = time.process_time() - start
    observed = float(calculator.teststatistic(strength))
    clsb, clb = float(signal.pvalue(observed)), float(background.pvalue(observed))
    return {
        "seconds_per_toy": elapsed / (2 * (toys // 2)),
        "toys": 2 * (toys // 2),
        "clsb": clsb,
        "clb": clb,
        "cls": clsb / clb if clb else math.nan,
        "cls_error": ratio_error(clsb, clb, toys // 2),
    }


def main() -> None:
    """Measure the given workspaces and write one JSON object a line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("workspaces", nargs="+", type=Path)
    parser.add_argument("--toys", type=int, default=200_000)
    parser.add_argument("--pyhf-toys", type=int, default=100)
    parser.add_argument("--strength", type=float, default=None)
    arguments = parser.parse_args()
    warnings.filterwarnings("ignore")
    for path in arguments.workspaces:
        workspace = json.loads(path.read_text(encoding="utf-8"))
        strength = arguments.strength
        if strength is None:
            (limit,) = CompiledEngine().limits(Hypothesis(path.stem, {}, workspace), [0.95])
            strength = float(limit.observed or math.nan)
        result: dict[str, Any] = {"workspace": path.name, "strength": strength}
        result["own"] = own_toys(workspace, strength, arguments.toys)
        if arguments.pyhf_toys:
            try:
                result["pyhf"] = pyhf_toys(workspace, strength, arguments.pyhf_toys)
                result["ratio"] = result["pyhf"]["seconds_per_toy"] / result["own"]["seconds_per_toy"]
            except Exception as error:  # noqa: BLE001  a failure of the peer is a result
                result["pyhf"] = {"failure": f"{type(error).__name__}: {error}"}
        sys.stdout.write(json.dumps(result) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
