#!/usr/bin/env bash
# Prints the numbers that take minutes: slow tests, scaling with luminosity, pseudo-experiments, speed of the simulation,
# exact limits of a plane, lifetimes.
#   ci/measure.sh [output folder of a finished run of axion_to_photons] [of six_track_higgsstrahlung] [of long_lived_scalar]
set -euo pipefail
cd "$(dirname "$0")/.."
run=.venv/bin
results=${1:-results/full}
plane=${2:-results/six_track_higgsstrahlung}
lifetimes=${3:-results/long_lived_scalar}
if [ ! -f "$results/limits.json" ]; then
    "$run/darkreach" run axion_to_photons --preset full --out "$results" --workers 2
fi
if [ ! -f "$plane/limits.json" ]; then
    "$run/darkreach" run six_track_higgsstrahlung --out "$plane" --workers 2
fi
if [ ! -f "$lifetimes/limits.json" ]; then
    "$run/darkreach" run long_lived_scalar --out "$lifetimes" --workers 2
fi
"$run/python" -m pytest -m slow
"$run/python" tests/benchmarks/generator_speed.py
"$run/python" tests/benchmarks/response_speed.py
"$run/python" tests/benchmarks/six_track_pairing.py
"$run/python" tests/benchmarks/plane_limits.py --peer
"$run/python" tests/benchmarks/plane_reach.py "$plane" --combined 20
"$run/python" tests/benchmarks/lifetime_hypotheses.py "$lifetimes"
"$run/python" tests/benchmarks/lifetime_comparison.py "$lifetimes"
"$run/python" tests/benchmarks/luminosity_scaling.py "$results"
"$run/darkreach" validate-limits "$results/workspace/BkgOnly.json" "$results/workspace/patchset.json" --toys 1000
