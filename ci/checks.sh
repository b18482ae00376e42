#!/usr/bin/env bash
# The checks beside the tests: style, types, layering, doctests, stored limits reproduced, simulation validated.
set -euo pipefail
cd "$(dirname "$0")/.."
run=.venv/bin
"$run/ruff" check processors workspaces analyses tests ci
"$run/ruff" format --check processors workspaces analyses tests ci
"$run/mypy"
"$run/lint-imports"
"$run/darkreach" reproduce
"$run/darkreach" validate-simulation --out results/validation/simulation.html --workers 2
