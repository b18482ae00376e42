"""Pseudo-experiments with an injected signal: pulls of the signal strength and coverage of the 90 % CL limit.

    python ci/pseudo_experiments.py results/axion_to_photons --mass 1.0 --strength 2 --number 500 --workers 2

Data and auxiliary data are thrown from the model of one hypothesis. The pull is the signed root of the likelihood ratio
at the true strength, fitted with pyhf; the limit, from our engine, covers if it is not below the true strength.
"""

from __future__ import annotations

import argparse
import copy
import multiprocessing
import warnings
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from darkreach.limits import make_engine
from darkreach.pipeline import RunFolder
from darkreach.sharing import Hypothesis, apply_patches, read_patchset, read_workspace


def experiment(workspace: dict[str, Any], strength: float, seed: int) -> tuple[float, float, float]:
    """Return the pull, the fitted strength and the observed 90 % CL limit of one pseudo-experiment."""
    import pyhf

    warnings.simplefilter("ignore")
    toy = thrown(workspace, strength, np.random.default_rng([seed, 500]))
    model = pyhf.Workspace(toy).model()
    data = pyhf.Workspace(toy).data(model)
    poi, bounds = model.config.poi_index, model.config.suggested_bounds()
    truth = model.config.suggested_init()
    truth[poi] = strength
    # the strength may be negative here, but no bin's rate
    background = model.expected_actualdata([0.0 if index == poi else value for index, value in enumerate(truth)])
    signal = (model.expected_actualdata(truth) - background) / strength
    bounds[poi] = (-0.9 * float(np.min(background[signal > 0] / signal[signal > 0])), bounds[poi][1])
    options = {"init_pars": truth, "par_bounds": bounds, "return_fitted_val": True}
    free, value = pyhf.infer.mle.fit(data, model, **options)
    _, fixed = pyhf.infer.mle.fixed_poi_fit(strength, data, model, **options)
    pull = np.sign(free[poi] - strength) * np.sqrt(max(float(fixed - value), 0.0))
    (limit,) = make_engine("auto").limits(Hypothesis(f"toy_{seed}", {}, toy), (0.90,))
    return float(pull), float(free[poi]), float("nan") if limit.observed is None else limit.observed


def thrown(workspace: dict[str, Any], strength: float, random: np.random.Generator) -> dict[str, Any]:
    """Return the workspace with data and auxiliary data thrown at a signal strength and nominal nuisance parameters."""
    import pyhf

    result: dict[str, Any] = copy.deepcopy(workspace)
    model = pyhf.Workspace(workspace).model()
    truth = model.config.suggested_init()
    truth[model.config.poi_index] = strength
    counts = random.poisson(model.expected_actualdata(truth)).astype(float)
    for name, bins in model.config.channel_slices.items():
        next(item for item in result["observations"] if item["name"] == name)["data"] = counts[bins].tolist()
    parameters = result["measurements"][0]["config"]["parameters"]
    for name in model.config.auxdata_order:
        parameter = model.config.param_set(name)
        widths = getattr(parameter, "sigmas", None) or [1.0] * parameter.n_parameters
        thrown_values = random.normal(parameter.auxdata, widths)
        entry = next((item for item in parameters if item["name"] == name), None)
        if entry is None:
            entry = {"name": name}
            parameters.append(entry)
        entry["auxdata"] = thrown_values.tolist()
    return result


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
        pulls, strengths, limits = (np.array(values) for values in zip(*pool.map(experiment, *arguments), strict=True))
    error = pulls.std(ddof=1) / np.sqrt(count)
    covered = float(np.mean(limits >= options.strength))
    print(f"{hypothesis.name}, injected mu = {options.strength:g}, {count} pseudo-experiments")
    print(f"  fitted mu      mean {strengths.mean():.3f}, standard deviation {strengths.std(ddof=1):.3f}")
    print(
        f"  pull           mean {pulls.mean():+.3f} +- {error:.3f}, width {pulls.std(ddof=1):.3f} +- {0.71 * error:.3f}"
    )
    print(f"  90 % CL limit  covers in {covered:.1%} +- {np.sqrt(covered * (1 - covered) / count):.1%}")


if __name__ == "__main__":
    main()
