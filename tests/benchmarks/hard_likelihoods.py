"""Seeded pyhf workspaces in the manner of published LHC likelihoods, made to break limit engines.

A signal region of few events and two control regions, dozens of histosys of 10 to 60 % shared by all samples (many with
a normsys of the same name, many one-sided), templates that extrapolate below zero at two to three standard deviations,
staterror, lumi, free normalisations, and a signal so small that limits lie far beyond the declared bound 10.

    python tests/benchmarks/hard_likelihoods.py OUTPUT_FOLDER [--points 10] [--first-seed 0]
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

SYSTEMATICS = 60
LIMIT_RANGE = (20.0, 1000.0)
"""Roughly where the limits lie; the declared upper bound is 10."""


def hard_workspace(seed: int, systematics: int = SYSTEMATICS) -> dict[str, Any]:
    """Return the workspace of a seed."""
    generator = np.random.default_rng([seed, 20261122])
    bins = {"SR": int(generator.integers(2, 7)), "CR_top": 1, "CR_z": int(generator.integers(1, 3))}
    levels = {"SR": generator.uniform(0.3, 2.5), "CR_top": 40.0, "CR_z": 25.0}
    backgrounds = ("top", "z", "other")
    signal_events = 3.0 / np.exp(generator.uniform(*np.log(LIMIT_RANGE)))
    channels, observations = [], []
    for channel, number in bins.items():
        share = generator.dirichlet(np.ones(len(backgrounds)))
        samples, total = [], np.zeros(number)
        for name, fraction in zip(backgrounds, share, strict=True):
            rates = np.maximum(levels[channel] * fraction * generator.uniform(0.3, 1.7, number), 1e-3)
            total += rates
            modifiers = _systematics(generator, rates, systematics)
            if name == "other":
                modifiers.append({"name": "lumi", "type": "lumi", "data": None})
            else:
                modifiers.append({"name": f"mu_{name}", "type": "normfactor", "data": None})
            samples.append(_sample(name, channel, rates, modifiers, generator.uniform(0.05, 0.5, number)))
        signal = signal_events * generator.dirichlet(np.ones(number)) * (1.0 if channel == "SR" else 1e-3)
        modifiers = _systematics(generator, signal, systematics // 3)
        modifiers += [
            {"name": "lumi", "type": "lumi", "data": None},
            {"name": "mu", "type": "normfactor", "data": None},
        ]
        samples.append(_sample("signal", channel, signal, modifiers, generator.uniform(0.05, 0.6, number)))
        channels.append({"name": channel, "samples": samples})
        counts = generator.integers(0, 4, number) if channel == "SR" else generator.poisson(total)
        observations.append({"name": channel, "data": counts.astype(float).tolist()})
    return {
        "channels": channels,
        "observations": observations,
        "measurements": [{"name": "m", "config": {"poi": "mu", "parameters": _parameters()}}],
        "version": "1.0.0",
    }


def _parameters() -> list[dict[str, Any]]:
    return [
        {"name": "mu", "bounds": [[0.0, 10.0]], "inits": [1.0]},
        {"name": "lumi", "auxdata": [1.0], "sigmas": [0.02], "bounds": [[0.9, 1.1]], "inits": [1.0]},
        {"name": "mu_top", "bounds": [[0.0, 10.0]], "inits": [1.0]},
        {"name": "mu_z", "bounds": [[0.0, 10.0]], "inits": [1.0]},
    ]


def _sample(
    name: str, channel: str, rates: NDArray[Any], modifiers: list[dict[str, Any]], relative: NDArray[Any]
) -> dict[str, Any]:
    error = {"name": f"staterror_{channel}", "type": "staterror", "data": (rates * relative).tolist()}
    return {"name": name, "data": rates.tolist(), "modifiers": [*modifiers, error]}


def _systematics(generator: np.random.Generator, rates: NDArray[Any], number: int) -> list[dict[str, Any]]:
    """Return histosys, and for every third a normsys of the same name, acting on one sample in one channel."""
    modifiers: list[dict[str, Any]] = []
    for index in range(number):
        if generator.random() < 0.35:
            continue
        # most are small; a few of 35 to 60 % reach zero at two to three standard deviations
        size = generator.uniform(0.35, 0.6) if generator.random() < 0.05 else generator.exponential(0.06)
        shape = size * generator.uniform(-1.0, 1.0, rates.size)
        down = shape if generator.random() < 0.2 else -shape * generator.uniform(0.2, 1.2)
        if generator.random() < 0.15:
            down = np.zeros(rates.size)
        data = {"hi_data": (rates * (1.0 + shape)).tolist(), "lo_data": (rates * (1.0 + down)).tolist()}
        modifiers.append({"name": f"alpha_{index}", "type": "histosys", "data": data})
        if index % 3 == 0:
            high, low = 1.0 + generator.normal(0.0, 0.08), 1.0 + generator.normal(0.0, 0.08)
            factors = {"hi": float(np.clip(high, 0.5, 1.6)), "lo": float(np.clip(low, 0.5, 1.6))}
            modifiers.append({"name": f"alpha_{index}", "type": "normsys", "data": factors})
    return modifiers


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--points", type=int, default=10)
    parser.add_argument("--first-seed", type=int, default=0)
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    for seed in range(arguments.first_seed, arguments.first_seed + arguments.points):
        (arguments.folder / f"hard_{seed:05d}.json").write_text(json.dumps(hard_workspace(seed)))


if __name__ == "__main__":
    main()
