"""Counting in windows against a two-dimensional template fit: median expected limits of the same histograms.

    python tests/benchmarks/plane_extraction.py results/invisible_dark_higgs --every 300

Takes the folder of a run. Below ten background events templates are limited by toys, which take seconds a hypothesis:
--asymptotic uses formulas for them, which are up to 40 % too strong there.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np

from darkreach.configuration.plane_search import PlaneSearchConfig
from darkreach.histograms import SearchHistograms, read_histograms
from darkreach.limits import Limit, compute_limits, limit_engine
from darkreach.pipeline import RunFolder, RunSettings
from darkreach.pipeline.search_workspace import build_search_workspace
from darkreach.pipeline.settings import read_settings
from darkreach.sharing import apply_patches


def main() -> None:
    """Print one row a hypothesis and the ratio of all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--every", type=int, default=300, help="hypothesis of the plane")
    parser.add_argument("--asymptotic", action="store_true")
    options = parser.parse_args()
    folder = RunFolder(options.folder)
    settings, histograms = read_settings(folder.settings), read_histograms(folder.histograms)
    found = {name: limits_by(settings, histograms, name, options) for name in ("window", "template")}
    ratios = []
    print(f"{'hypothesis':<26}{'window':>12}{'template':>12}{'ratio':>8}  methods")
    for name in sorted(found["window"].keys() & found["template"].keys()):
        window, template = found["window"][name], found["template"][name]
        if window.status == "ok" and template.status == "ok":
            ratios.append(template.expected[2] / window.expected[2])
            methods = f"{window.method}, {template.method}"
            print(f"{name:<26}{window.expected[2]:12.4g}{template.expected[2]:12.4g}{ratios[-1]:8.3f}  {methods}")
    print(f"template over window: median {np.median(ratios):.3f}, {min(ratios):.3f} to {max(ratios):.3f}")


def limits_by(
    settings: RunSettings, histograms: SearchHistograms, extraction: str, options: argparse.Namespace
) -> dict[str, Limit]:
    """Return the limits by name of the hypothesis."""
    config = settings.config
    assert isinstance(config, PlaneSearchConfig), f"{config.search} is no plane search"
    preset = config.presets[settings.preset_name].model_copy(update={"scan": options.every})
    workspace = config.workspace.model_copy(update={"extraction": extraction})
    changed = config.model_copy(update={"workspace": workspace, "presets": {settings.preset_name: preset}})
    built = build_search_workspace(replace(settings, config=changed), histograms)
    hypotheses = apply_patches(built.background_only, built.patchset)
    method = "asymptotic" if options.asymptotic and extraction == "template" else "auto"
    limits = compute_limits(hypotheses, settings.confidence_levels[:1], engine=limit_engine("compiled", method=method))
    return {limit.name: limit for limit in limits}


if __name__ == "__main__":
    main()
