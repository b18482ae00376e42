"""Expected limit on the coupling against luminosity, and which uncertainty stops it.

    python tests/benchmarks/luminosity_scaling.py results/single_photon --masses 0.1 3 7 --cl 0.9

Takes the folder of a run, or one with BkgOnly.json and patchset.json. The background expectation stands for the data;
the coupling is reference x sqrt(mu), which holds for all prompt or invisible signals. Relative uncertainties stay as
they are (kept), or fall with the root of the luminosity (scaled); the simulation grows with the luminosity in both
unless --same-simulation keeps it. The slope is d ln g/d ln L: -1/4 while the statistics of the background rule, -1/2
without background, 0 at the end. Below, each parameter is left out in turn: how much smaller g is without it, at the
luminosity of the run and at the last one, with uncertainties as they are.
"""

from __future__ import annotations

import argparse
import copy
import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from darkreach.limits import compute_limits, make_engine
from darkreach.pipeline import format_luminosity
from darkreach.sharing import Hypothesis, apply_patches, projected, read_patchset, read_workspace

TARGET = 50_000.0
SHOWN = 5


def main() -> None:
    """Print tables of the coupling, of slopes, and of what each parameter costs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--masses", type=float, nargs="*", help="GeV; the nearest tested ones; by default five of them")
    parser.add_argument("--cl", type=float, default=0.9)
    parser.add_argument("--target", type=float, default=TARGET, help="last luminosity, fb^-1")
    parser.add_argument("--same-simulation", action="store_true")
    options = parser.parse_args()
    for hypothesis in chosen(read_hypotheses(options.folder), options.masses):
        start = float(hypothesis.meaning["luminosity_inverse_fb"])
        luminosities = steps(start, options.target)
        print(f"\n{float(hypothesis.values['mass_gev']):g} GeV, median at {options.cl:.0%} CL, g = reference sqrt(mu)")
        print(f"{'luminosity':>12}" + "".join(f"{name:>24}" for name in ("systematics kept", "systematics scaled")))
        columns = {
            "kept": couplings(hypothesis, luminosities, options.cl, "kept", not options.same_simulation),
            "scaled": couplings(hypothesis, luminosities, options.cl, "scaled", True),
        }
        for index, luminosity in enumerate(luminosities):
            cells = [f"{column[index]:12.3e}{slope(luminosities, column, index):>12}" for column in columns.values()]
            print(f"{format_luminosity(luminosity):>12}" + "".join(cells))
        for luminosity in (start, luminosities[-1]):
            point = projected(hypothesis, luminosity / start, more_simulation=not options.same_simulation)
            costs = left_out(point, options.cl)
            text = ", ".join(f"{name} {cost:.3f}" for name, cost in costs[:SHOWN])
            print(f"  at {format_luminosity(luminosity)} g falls without: {text or 'nothing'}")


def read_hypotheses(folder: Path) -> list[Hypothesis]:
    """Return the hypotheses of a run, or of a folder that holds a workspace and its patchset."""
    inside = folder / "workspace" if (folder / "workspace").is_dir() else folder
    return apply_patches(read_workspace(inside / "BkgOnly.json"), read_patchset(inside / "patchset.json"))


def chosen(hypotheses: Sequence[Hypothesis], masses: Iterable[float] | None) -> list[Hypothesis]:
    """Return the hypotheses nearest to masses, or five spread over all."""
    ordered = sorted(hypotheses, key=lambda one: float(one.values["mass_gev"]))
    if not masses:
        return [ordered[round(index * (len(ordered) - 1) / 4)] for index in range(5)]
    return [min(ordered, key=lambda one: abs(float(one.values["mass_gev"]) - mass)) for mass in masses]


def steps(start: float, target: float) -> list[float]:
    """Return luminosities in factors of ten from the first to below the last, and the last."""
    number = max(0, math.ceil(math.log10(target / start) - 0.2))
    return [*(start * 10.0**power for power in range(number)), max(target, start)]


def couplings(
    hypothesis: Hypothesis, luminosities: Sequence[float], level: float, systematics: Any, more_simulation: bool
) -> list[float]:
    """Return the median expected coupling at each luminosity, fb^-1; NaN where there is no limit."""
    start = float(hypothesis.meaning["luminosity_inverse_fb"])
    points = [
        projected(hypothesis, new / start, systematics=systematics, more_simulation=more_simulation)
        for new in luminosities
    ]
    return [float(hypothesis.meaning["coupling"]) * math.sqrt(strength) for strength in medians(points, level)]


def medians(points: Sequence[Hypothesis], level: float) -> list[float]:
    """Return the median expected signal strengths; NaN where there is no limit."""
    limits = compute_limits(list(points), (level,), engine=make_engine("auto"))
    return [limit.expected[2] if limit.status == "ok" else math.nan for limit in limits]


def slope(luminosities: Sequence[float], column: Sequence[float], index: int) -> str:
    """Return d ln g/d ln L from the luminosity before to this one."""
    if index == 0:
        return ""
    return (
        f"{math.log(column[index] / column[index - 1]) / math.log(luminosities[index] / luminosities[index - 1]):+.3f}"
    )


def left_out(hypothesis: Hypothesis, level: float) -> list[tuple[str, float]]:
    """Return, largest first, g with everything over g without one parameter, by its name."""
    names = parameters(hypothesis)
    everything, *without = medians([hypothesis, *(without_parameter(hypothesis, name) for name in names)], level)
    costs = [(name, math.sqrt(everything / one)) for name, one in zip(names, without, strict=True)]
    return sorted((cost for cost in costs if cost[1] > 1.0005), key=lambda cost: -cost[1])


def parameters(hypothesis: Hypothesis) -> list[str]:
    """Return the names of all parameters but the one of interest; those of one bin count as one type."""
    poi = hypothesis.workspace["measurements"][0]["config"]["poi"]
    names = {
        modifier["type"] if modifier["type"] in ("staterror", "shapesys", "shapefactor") else modifier["name"]
        for channel in hypothesis.workspace["channels"]
        for sample in channel["samples"]
        for modifier in sample["modifiers"]
    }
    return sorted(names - {poi})


def without_parameter(hypothesis: Hypothesis, name: str) -> Hypothesis:
    """Return the hypothesis with a parameter, or all of a type, fixed at its nominal value."""
    workspace = copy.deepcopy(dict(hypothesis.workspace))
    kept = set()
    for channel in workspace["channels"]:
        for sample in channel["samples"]:
            sample["modifiers"] = [m for m in sample["modifiers"] if name not in (m["name"], m["type"])]
            kept |= {modifier["name"] for modifier in sample["modifiers"]}
    config = workspace["measurements"][0]["config"]
    config["parameters"] = [settings for settings in config["parameters"] if settings["name"] in kept]
    return replace(hypothesis, workspace=workspace)


if __name__ == "__main__":
    main()
