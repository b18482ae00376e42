"""Events a second and core of the detector response, for processes of the registry with their defaults.

    python tests/benchmarks/response_speed.py [--events 100000] [--repeats 5] [--process NAME ...]

The goal is 2e5 events a second for three particles; also printed are the particles an event (stable ones) and the
rate of particles. Generation is not counted.
"""

from __future__ import annotations

import argparse
from functools import partial

import numpy as np
from equal_starts import cpu_seconds, medians

from darkreach.configuration import DetectorConfig, config_path, read_config
from darkreach.generators.process_registry import find_process
from darkreach.response import measure_events

DEFAULT = ("muon_pair_photon", "three_photon", "muon_pair_z_prime", "tau_pair", "b_meson_pair")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--process", nargs="*", default=list(DEFAULT))
    options = parser.parse_args()
    detector = read_config(config_path("detectors", "belle2"), DetectorConfig)
    for name in options.process:
        process = find_process(name)
        # what must be given is a mass
        values = {one.name: 1.0 if one.default is None else one.default for one in process.parameters}
        source = process.open(detector.beams.beams(), values, 0.0).source
        particles = source(options.events, np.random.default_rng(1))
        measure = partial(measure_events, particles, detector, np.random.default_rng(2))
        seconds = medians(cpu_seconds({"measure": measure}, options.repeats))["measure"]
        each = particles.final.sum() / len(particles)
        rate = len(particles) / seconds
        print(f"{name:24s} {each:5.1f} particles {rate / 1e3:8.0f} k events/s {rate * each / 1e6:6.2f} M particles/s")


if __name__ == "__main__":
    main()
