"""Seconds of each stage for the limits of a plane of two masses, by the wall and of all processors.

    python tests/benchmarks/plane_limits.py [--hypotheses 9000] [--workers 2] [--kind six_tracks windows] [--peer]

Thousands of hypotheses of few events. ``six_tracks``: twelve regions, each one bin with a sideband of its own, eight
shared nuisance parameters; fewer regions at low masses, and a few hypotheses that lack one more. ``windows``: one bin
with a staterror and six nuisance parameters. Both as a background-only workspace and a patchset, in the form that plane
searches write. Peer: asymptotic limits of the same workspaces, which are wrong there, but the fastest there are.
"""

from __future__ import annotations

import argparse
import time
from typing import Any

import numpy as np

from darkreach.likelihood import compile_workspaces
from darkreach.limits import compute_limits, limit_engine
from darkreach.sharing import apply_patches
from darkreach.sharing.digests import workspace_digest

SHARED = ("luminosity", "signal_efficiency", "tracking", "electron", "muon", "pion", "radiation", "resolution")
KINDS = ("six_tracks", "windows")


def normsys(name: str, size: float) -> dict[str, Any]:
    return {"name": name, "type": "normsys", "data": {"hi": 1.0 + size, "lo": 1.0 - size}}


def free(name: str) -> dict[str, Any]:
    return {"name": name, "type": "normfactor", "data": None}


def region_content(
    kind: str, region: str, rate: float, tau: float, random: np.random.Generator | None
) -> dict[str, list[dict[str, Any]]]:
    """Return the samples of the channels of a region; with signal if there are random numbers."""
    if kind == "six_tracks":
        scale, ratio = free(f"background_{region}"), normsys(f"sideband_{region}", 0.2)
        off = {"name": "background", "data": [tau], "modifiers": [scale]}
        samples = [{"name": "background", "data": [1.0], "modifiers": [scale, ratio]}]
        content = {region: samples, f"{region}_sideband": [off]}
    else:
        rates = [normsys(f"rate_{group}", 0.1) for group in ("muons", "taus")]
        staterror = {"name": f"staterror_{region}", "type": "staterror", "data": [0.2 * rate]}
        samples = [{"name": "background", "data": [rate], "modifiers": [*rates, staterror]}]
        content = {region: samples}
    if random is not None:
        shared = SHARED if kind == "six_tracks" else SHARED[:4]
        modifiers = [free("mu"), *(normsys(name, random.uniform(0.005, 0.05)) for name in shared)]
        samples.append({"name": "signal", "data": [10.0 ** random.uniform(-2.0, 0.3)], "modifiers": modifiers})
    return content


def strength(largest: float) -> dict[str, Any]:
    return {"name": "mu", "inits": [1.0], "bounds": [[0.0, largest]]}


def background_only(kind: str) -> dict[str, Any]:
    """Return the workspace of the whole plane as one window."""
    regions = [f"region_{number}" for number in range(12 if kind == "six_tracks" else 1)]
    contents = [region_content(kind, region, 40.0, 30.0, None) for region in regions]
    channels = [{"name": name, "samples": samples} for content in contents for name, samples in content.items()]
    return {
        "channels": channels,
        "observations": [{"name": channel["name"], "data": [0.0]} for channel in channels],
        "measurements": [{"name": "plane", "config": {"poi": "mu", "parameters": [strength(1e5)]}}],
        "version": "1.0.0",
    }


def operations(
    kind: str, workspace: dict[str, Any], place_in_scan: float, random: np.random.Generator
) -> list[dict[str, Any]]:
    """Return the patch of one hypothesis, in the form of plane searches: everything is replaced as a whole."""
    names = [channel["name"] for channel in workspace["channels"]]
    regions = [name for name in names if not name.endswith("sideband")]
    # a dark photon below the thresholds of muons and pions leaves few regions; now and then one more has no signal
    kept = regions[: 2 + round(40.0 * place_in_scan)] if random.random() < 0.95 else regions[1:]
    found: list[dict[str, Any]] = []
    observations, parameters = [], [strength(10.0 ** round(random.uniform(1.0, 4.0)))]
    for region in kept if kind == "six_tracks" else regions:
        tau = 10.0 ** random.uniform(0.3, 2.5)
        rate = 10.0 ** random.uniform(-2.0, 0.5) / tau if kind == "six_tracks" else 10.0 ** random.uniform(-2.0, 0.7)
        for channel, samples in region_content(kind, region, rate, tau, random).items():
            place = f"/channels/{names.index(channel)}/samples"
            found.append({"op": "replace", "path": place, "value": samples})
            events = random.poisson(tau * rate if channel.endswith("sideband") else rate)
            observations.append({"name": channel, "data": [float(events)]})
        if kind == "six_tracks":
            start = float(f"{random.uniform(1e-3, 1.0):.3g}")
            parameters.append({"name": f"background_{region}", "inits": [start], "bounds": [[0.0, 10.0]]})
    known = {entry["name"] for entry in observations}
    removed = [index for index, name in enumerate(names) if name not in known]
    found += [{"op": "remove", "path": f"/channels/{index}"} for index in reversed(removed)]
    found.append({"op": "replace", "path": "/observations", "value": observations})
    found.append({"op": "replace", "path": "/measurements/0/config/parameters", "value": parameters})
    return found


def plane(kind: str, hypotheses: int, seed: int = 1) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the background-only workspace and the patchset."""
    workspace, random = background_only(kind), np.random.default_rng(seed)
    patches = [
        {
            "metadata": {"name": f"mA_{number}_mh_1", "values": [float(number), 1.0]},
            "patch": operations(kind, workspace, number / hypotheses, random),
        }
        for number in range(hypotheses)
    ]
    metadata = {
        "name": kind,
        "description": "benchmark",
        "labels": ["dark_photon_mass_gev", "dark_higgs_mass_gev"],
        "references": {},
        "digests": {"sha256": workspace_digest(workspace)},
    }
    return workspace, {"metadata": metadata, "patches": patches, "version": "1.0.0"}


class Clock:
    """Seconds by the wall and of all processors since the last look."""

    def __init__(self) -> None:
        self.wall, self.processors = time.perf_counter(), time.process_time()

    def look(self) -> tuple[float, float]:
        before = self.wall, self.processors
        self.wall, self.processors = time.perf_counter(), time.process_time()
        return self.wall - before[0], self.processors - before[1]


def measure(kind: str, number: int, workers: int, peer: bool) -> None:
    """Print the seconds of each stage, and those from the patchset to the limits."""
    workspace, patchset = plane(kind, number)
    for method in ("auto", "asymptotic"):
        # what is compiled once and kept on disk is no work of a plane
        compute_limits(apply_patches(workspace, plane(kind, 20, 2)[1]), [0.90], engine=limit_engine(method=method))
    clock = Clock()
    hypotheses = apply_patches(workspace, patchset)
    stages = {"patches": clock.look()}
    for _ in compile_workspaces(hypothesis.workspace for hypothesis in hypotheses):
        pass
    stages["compiling alone"] = clock.look()
    limits = compute_limits(hypotheses, [0.90], engine=limit_engine(method="auto"), workers=workers)
    stages["limits with compiling"] = clock.look()
    if peer:
        compute_limits(hypotheses, [0.90], engine=limit_engine(method="asymptotic"), workers=workers)
        stages["asymptotic limits with compiling"] = clock.look()
    stages["patches and limits"] = tuple(
        first + second for first, second in zip(stages["patches"], stages["limits with compiling"], strict=True)
    )
    methods = {name: sum(limit.method == name for limit in limits) for name in ("exact", "toys", "asymptotic")}
    print(f"{kind}: {number} hypotheses, {methods}, not ok {sum(limit.status != 'ok' for limit in limits)}")
    for stage, (wall, processors) in stages.items():
        print(f"    {stage:34s} {wall:7.1f} s, processors {processors:7.1f} s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hypotheses", type=int, default=9000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--kind", nargs="+", choices=KINDS, default=list(KINDS))
    parser.add_argument("--peer", action="store_true")
    arguments = parser.parse_args()
    for kind in arguments.kind:
        measure(kind, arguments.hypotheses, arguments.workers, arguments.peer)


if __name__ == "__main__":
    main()
