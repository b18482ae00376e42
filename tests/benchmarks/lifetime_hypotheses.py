"""Seconds of each stage from histograms to closed contours for hypotheses in mass and lifetime.

    python tests/benchmarks/lifetime_hypotheses.py [RUN_FOLDER] [--hypotheses 1000] [--workers 2] [--single-channels]

A hypothesis is a mass and a lifetime of all channels together: eight regions, two bins of radius, each with its
sidebands. With --single-channels each channel alone is tested too, some seven times as many. Without the folder of a
run, the histograms are made up: those of long_lived_scalar with three bins of radius, 25 simulated masses and 17
lifetimes, with backgrounds of 0.1 to 20 events a window. Fails above five times what is aimed at, two minutes for a
thousand hypotheses on two cores, because machines are shared.
"""

from __future__ import annotations

import argparse
import math
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from fabricated_displaced import fabricated_histograms

from darkreach.building import write_workspace
from darkreach.building.displaced_workspace import build_displaced_workspace
from darkreach.configuration import config_path
from darkreach.configuration.displaced_search import DisplacedSearchConfig
from darkreach.couplings import lifetime_limits_from, long_lived_couplings, long_lived_model, write_lifetime_limits
from darkreach.couplings.displaced_rates import displaced_rates
from darkreach.couplings.exclusion_strips import exclusion_strips
from darkreach.histograms import read_histograms, write_histograms
from darkreach.histograms.displaced_cells import hypothesis_masses
from darkreach.limits import LimitsDocument, compute_limits, limit_engine, write_limits
from darkreach.pipeline import RunFolder, read_settings
from darkreach.searches import read_search
from darkreach.sharing import apply_patches, read_patchset, read_workspace

SEARCH, SQRT_S = "long_lived_scalar", 10.58
ANCHORS = tuple(np.geomspace(0.215, 4.7, 25).round(4).tolist())
LIFETIMES = (0.01, 0.025, 0.05, 0.1, 0.175, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 25.0, 50.0, 100.0, 150.0, 200.0, 400.0)
RADIUS_EDGES = (0.05, 0.2, 4.0, 60.0)
GOAL_SECONDS, GATE = 120.0, 5.0
CEILING = 1.0


class Clock:
    """Seconds by the wall and of this process, stage by stage."""

    def __init__(self) -> None:
        self.stages: dict[str, tuple[float, float]] = {}
        self._last = time.perf_counter(), time.process_time()

    def stage(self, name: str) -> None:
        now = time.perf_counter(), time.process_time()
        self.stages[name] = now[0] - self._last[0], now[1] - self._last[1]
        self._last = now


def made_up(folder: Path) -> DisplacedSearchConfig:
    """Write histograms that nobody simulated, and return the configuration that they are of."""
    content = read_search(config_path("searches", SEARCH)).model_dump(mode="json")
    content |= {"lifetimes_cm": LIFETIMES, "radius_edges": RADIUS_EDGES}
    for preset in content["presets"].values():
        preset["lifetimes_cm"] = None
    config = DisplacedSearchConfig.model_validate(content)
    histograms = fabricated_histograms(config, ANCHORS, displaced_rates(config, SQRT_S))
    write_histograms(folder / "histograms.zip", histograms)
    return config


def spread_masses(config: DisplacedSearchConfig, number: int) -> list[float]:
    """Return masses evenly spread over those of the search, a little more than lifetimes make the number of.

    Heavy particles of short lifetimes have no signal, and no hypothesis.
    """
    masses = hypothesis_masses(config)
    wanted = math.ceil(1.03 * number / len(config.lifetimes_cm))
    return masses[np.unique(np.linspace(0, len(masses) - 1, wanted).round().astype(int))].tolist()


def measure(config: DisplacedSearchConfig, histograms: Path, options: Any, scratch: Path) -> dict[str, float]:
    """Carry out all stages as the pipeline does, print what each took, and return hypotheses and seconds."""
    level = max(config.confidence_levels)
    masses = spread_masses(config, options.hypotheses)
    rates = displaced_rates(config, SQRT_S)
    clock = Clock()
    content = read_histograms(histograms)
    clock.stage("reading histograms")
    workspace = build_displaced_workspace(
        content, config, luminosity_inverse_fb=config.luminosity.value, rates=rates, masses=masses,
        single_channels=options.single_channels,
    )  # fmt: skip
    paths = write_workspace(scratch, workspace)
    clock.stage("workspace")
    hypotheses = apply_patches(read_workspace(paths[0]), read_patchset(paths[1]))
    clock.stage("reading patches")
    limits = compute_limits(hypotheses, [level], engine=limit_engine(method="auto"), workers=options.workers)
    clock.stage("limits")
    meanings = {one.name: dict(one.meaning) for one in hypotheses}
    labels = tuple(hypotheses[0].values)
    document = LimitsDocument(
        config.search, "mu", labels, config.luminosity.value, config.mu_one, {}, meanings, tuple(limits)
    )
    write_limits(scratch / "limits.json", document)
    rows = lifetime_limits_from(document, cl=level)
    header = {"quantity": config.quantity, "confidence_level": f"{level:g}", "luminosity": "", "data": "pseudo-data"}
    write_lifetime_limits(scratch / "limits.csv", rows, header)
    clock.stage("limits in mass and lifetime")
    intervals = long_lived_couplings(rows, long_lived_model(config.couplings[0]))
    clock.stage("couplings")
    contours = {quantile: closed_contours(intervals, masses, quantile) for quantile in ("observed", "0")}
    clock.stage("closed contours")
    describe(hypotheses, limits, intervals, contours)
    for stage, (wall, processor) in clock.stages.items():
        print(f"    {stage:28s} {wall:7.1f} s, of this process {processor:7.1f} s")
    return {"hypotheses": len(hypotheses), "seconds": sum(wall for wall, _ in clock.stages.values())}


def closed_contours(intervals: Any, masses: list[float], quantile: str) -> list[np.ndarray]:
    """Return the outlines (n, 2) of all excluded regions of mass and coupling."""
    found: dict[float, list[tuple[float, float]]] = {mass: [] for mass in masses}
    for interval in intervals:
        if interval.quantile == quantile:
            found[interval.mass_gev].append((interval.lower, interval.upper))
    return [strip.outline(CEILING) for strip in exclusion_strips(sorted(found.items()))]


def describe(hypotheses: Any, limits: Any, intervals: Any, contours: dict[str, list[np.ndarray]]) -> None:
    """Print how many hypotheses there are, how limits were found, and what they exclude."""
    methods, states = Counter(one.method for one in limits), Counter(one.status for one in limits)
    print(f"{len(hypotheses)} hypotheses: {dict(methods)}, {dict(states)}; {len(intervals)} intervals")
    for quantile, outlines in contours.items():
        points = sum(len(outline) for outline in outlines)
        closed = all(np.array_equal(outline[0], outline[-1]) for outline in outlines)
        print(f"{quantile}: {len(outlines)} contours of {points} points, closed: {closed}")


def main() -> None:
    """Print seconds by stage and the total against what is aimed at."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", help="of a run")
    parser.add_argument("--hypotheses", type=int, default=1000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--single-channels", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        if options.folder is None:
            config, histograms = made_up(scratch), scratch / "histograms.zip"
        else:
            run = RunFolder(options.folder)
            config, histograms = read_settings(run.settings).config, run.histograms
        found = measure(config, histograms, options, scratch)
    goal = GOAL_SECONDS * found["hypotheses"] / 1000.0
    print(f"total {found['seconds']:.1f} s, aimed at {goal:.0f} s, accepted {GATE * goal:.0f} s")
    if found["seconds"] > GATE * goal:
        raise SystemExit("too slow")


if __name__ == "__main__":
    main()
