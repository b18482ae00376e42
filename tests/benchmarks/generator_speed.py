"""Events a second and core of all generators, and Pythia samples against Pythia alone, in turns in one process.

    python tests/benchmarks/generator_speed.py [--events 20000] [--repeats 5] [--process NAME ...]

Pythia alone draws the same events with the same settings and keeps nothing (``nextBatch``; for B mesons one pair at a
time, as its manual shows); the goal is 0.8 of its rate. Initialisation is not counted on either side. Other processes
are opened with their defaults; the goal is 2e5 weighted events a second, but for those that take one of several trials
and so trade speed for even weights. Also printed: effective fraction (sum w)^2/(n sum w^2), largest weight over mean
weight, and effective events a second.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
from equal_starts import cpu_seconds, medians, ratio

from darkreach.errors import DarkreachError
from darkreach.generators.process import Process
from darkreach.generators.process_registry import known_processes
from darkreach.generators.pythia import PYTHIA_PROCESSES
from darkreach.generators.pythia.b_meson_process import BMesonPairs
from darkreach.generators.pythia.pythia_decays import decay_settings
from darkreach.generators.pythia.pythia_library import start_pythia
from darkreach.generators.pythia.pythia_source import PythiaSource
from darkreach.kinematics import Beams

BEAMS = Beams(7.004, 4.002, 0.083, 0.0051, 0.0024)
MAXIMUM_ISR_FRACTION = 0.9
BATCH = 10_000

POINT = {"dark_higgs_mass_gev": 4.0, "dark_photon_mass_gev": 3.0, "mass_splitting_gev": 0.4}
"""Values of parameters without default for which 1 is no choice; all others are 1."""


def alone(source: PythiaSource, events: int) -> Callable[[], None]:
    pythia = start_pythia(source.settings)

    def draw() -> None:
        for low in range(0, events, BATCH):
            pythia.nextBatch(min(BATCH, events - low), "skip")

    return draw


def pairs_alone(source: BMesonPairs, events: int) -> Callable[[], None]:
    """Undecayed pairs, each decayed by a call of ``next``."""
    undecayed = replace(source, decays=lambda particles, random: particles)  # type: ignore[arg-type]
    particles = undecayed(events, np.random.default_rng(1))
    mass = np.sqrt(particles.momentum[:, 0] ** 2 - (particles.momentum[:, 1:] ** 2).sum(axis=1))
    rows = list(zip(particles.pdg.tolist(), particles.momentum.tolist(), mass.tolist(), strict=True))
    pythia = start_pythia(decay_settings())

    def draw() -> None:
        for low in range(0, len(rows), 2):
            pythia.event.reset()
            for code, (energy, px, py, pz), m in rows[low : low + 2]:
                pythia.event.append(code, 1, 0, 0, 0, 0, 0, 0, px, py, pz, energy, m)
            pythia.next()

    return draw


def against_pythia(process: Process, events: int, repeats: int) -> tuple[float, float]:
    """Return events a second and the rate over that of Pythia alone."""
    source = process.open(BEAMS, defaults(process), MAXIMUM_ISR_FRACTION).source
    other = alone(source, events) if isinstance(source, PythiaSource) else pairs_alone(source, events)  # type: ignore[arg-type]
    times = cpu_seconds({"ours": partial(source, events, np.random.default_rng(1)), "pythia": other}, repeats)
    return events / medians(times)["ours"], ratio(times, "pythia", "ours")


def defaults(process: Process) -> dict[str, float]:
    point = POINT if process.name == "inelastic_dark_matter" else {**POINT, "dark_photon_mass_gev": 1.0}
    return process.values({one.name: point.get(one.name, 1.0) for one in process.parameters if one.default is None})


def evenness(weights: np.ndarray) -> tuple[float, float]:
    """Effective fraction, and the largest weight over the mean one."""
    return float(weights.sum() ** 2 / (len(weights) * (weights**2).sum())), float(weights.max() / weights.mean())


def print_own(process: Process, events: int, repeats: int) -> None:
    try:
        source = process.open(BEAMS, defaults(process), 0.35).source
        times = cpu_seconds({"ours": partial(source, events, np.random.default_rng(1))}, repeats)
        even, largest = evenness(source(events, np.random.default_rng(1)).weight_fb)
    except DarkreachError as error:
        print(f"  {process.name:36s} {error.one_line()}")
        return
    rate = events / medians(times)["ours"]
    print(f"  {process.name:36s} {rate:12.0f} /s {even:10.3f} {largest:10.2f} {even * rate:12.0f} /s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=20_000)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--process", nargs="*", help="names; all if left out")
    options = parser.parse_args()
    chosen = [p for p in known_processes().values() if not options.process or p.name in options.process]
    # a stratum is an inclusive sample with some weights set to zero
    of_pythia = {process.name for process in PYTHIA_PROCESSES} - {"muon_pair_soft_photons"}
    print("Pythia: events a second, rate over that of Pythia alone (goal: 0.8)")
    for process in (p for p in chosen if p.name in of_pythia):
        rate, relative = against_pythia(process, options.events, options.repeats)
        print(f"  {process.name:36s} {rate:12.0f} /s {relative:10.2f}")
    print("own: events a second (goal: 2e5), effective fraction, largest weight, effective events a second")
    for process in (p for p in chosen if p.name not in of_pythia):
        print_own(process, options.events, options.repeats)


if __name__ == "__main__":
    main()
