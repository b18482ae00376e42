#!/usr/bin/env bash
# Prints the numbers that take minutes: slow tests, scaling with luminosity, pseudo-experiments, speed of the simulation.
#   ci/measure.sh [output folder of a finished run]
set -euo pipefail
cd "$(dirname "$0")/.."
run=.venv/bin
results=${1:-results/full}
if [ ! -f "$results/limits.json" ]; then
    "$run/darkreach" run axion_to_photons --preset full --out "$results" --workers 2
fi
"$run/python" -m pytest -m slow
"$run/python" tests/benchmarks/generator_speed.py
"$run/python" tests/benchmarks/response_speed.py
"$run/python" tests/benchmarks/luminosity_scaling.py "$results"
"$run/darkreach" validate-limits "$results/workspace/BkgOnly.json" "$results/workspace/patchset.json" --toys 1000
