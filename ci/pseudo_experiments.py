"""Pseudo-experiments with an injected signal: pulls of the signal strength and coverage of the 90 % CL limit.

    python ci/pseudo_experiments.py results/axion_to_photons --mass 1.0 --strength 2 --number 500 --workers 2

Data and auxiliary data are thrown from the model of one hypothesis and fitted with pyhf, independently of our engine.
The pull is the signed root of the likelihood ratio at the true strength; a limit covers if CLs there is above 0.10.
"""

from __future__ import annotations

import argparse
import multiprocessing
import warnings
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from darkreach.pipeline import RunFolder
from darkreach.sharing import apply_patches, read_patchset, read_workspace


def experiment(workspace: dict[str, Any], strength: float, seed: int) -> tuple[float, float, float]:
    """Return the pull, the fitted strength and CLs at the true strength of one pseudo-experiment."""
    import pyhf

    warnings.simplefilter("ignore")
    model = pyhf.Workspace(workspace).model()
    random = np.random.default_rng([seed, 500])
    truth = np.array(model.config.suggested_init())
    poi = model.config.poi_index
    truth[poi] = strength
    expected = model.expected_actualdata(truth)
    widths = np.concatenate([_widths(model, name) for name in model.config.auxdata_order])
    data = [*random.poisson(expected).astype(float), *random.normal(model.config.auxdata, widths)]
    bounds = model.config.suggested_bounds()
    wide = [(-(bounds[poi][1]), bounds[poi][1]) if index == poi else bound for index, bound in enumerate(bounds)]
    # a negative strength must not make a rate negative: stop where the first bin would reach a tenth of its background
    background = model.expected_actualdata([0.0 if index == poi else value for index, value in enumerate(truth)])
    signal = (expected - background) / strength
    lowest = -0.9 * float(np.min(background[signal > 0] / signal[signal > 0]))
    wide[poi] = (max(wide[poi][0], lowest), wide[poi][1])
    free, value = pyhf.infer.mle.fit(data, model, init_pars=list(truth), par_bounds=wide, return_fitted_val=True)
    _, fixed = pyhf.infer.mle.fixed_poi_fit(strength, data, model, par_bounds=wide, return_fitted_val=True)
    pull = np.sign(free[poi] - strength) * np.sqrt(max(float(fixed - value), 0.0))
    cls = pyhf.infer.hypotest(strength, data, model, test_stat="qtilde")
    return float(pull), float(free[poi]), float(cls)


def _widths(model: Any, name: str) -> np.ndarray[Any, np.dtype[np.float64]]:
    parameter = model.config.param_set(name)
    sigmas = getattr(parameter, "sigmas", None)
    return np.ones(parameter.n_parameters) if sigmas is None else np.asarray(sigmas, dtype=float)


def main() -> None:
    """Run the pseudo-experiments and print mean, width and coverage."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path)
    parser.add_argument("--mass", type=float, default=1.0)
    parser.add_argument("--strength", type=float, default=2.0)
    parser.add_argument("--number", type=int, default=500)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    run = RunFolder(options.run)
    workspace = read_workspace(run.workspace / "BkgOnly.json")
    hypotheses = apply_patches(workspace, read_patchset(run.workspace / "patchset.json"))
    hypothesis = min(hypotheses, key=lambda h: abs(float(h.values["mass_gev"]) - options.mass))
    with ProcessPoolExecutor(options.workers, mp_context=multiprocessing.get_context("spawn")) as pool:
        count = options.number
        arguments = ([dict(hypothesis.workspace)] * count, [options.strength] * count, range(count))
        pulls, strengths, cls = (np.array(values) for values in zip(*pool.map(experiment, *arguments), strict=True))
    error = pulls.std(ddof=1) / np.sqrt(count)
    covered = float(np.mean(cls >= 0.10))
    print(f"{hypothesis.name}, injected mu = {options.strength:g}, {count} pseudo-experiments")
    print(f"  fitted mu      mean {strengths.mean():.3f}, standard deviation {strengths.std(ddof=1):.3f}")
    print(
        f"  pull           mean {pulls.mean():+.3f} +- {error:.3f}, width {pulls.std(ddof=1):.3f} +- {0.71 * error:.3f}"
    )
    print(f"  90 % CL limit  covers in {covered:.1%} +- {np.sqrt(covered * (1 - covered) / count):.1%}")


if __name__ == "__main__":
    main()
