"""What a run of a plane search reaches: limits, points without background, and what combining regions is worth.

    python tests/benchmarks/plane_reach.py results/six_track_higgsstrahlung --combined 40

Takes the folder of a run. Points without background are compared with ln(1/(1 - CL)) events in all regions together,
which is the limit of a counting experiment that sees none. With --combined every so many of the hypotheses are
computed again with each of their regions alone.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from darkreach.limits import Limit, LimitsDocument, compute_limits, limit_engine, read_limits
from darkreach.sharing import Hypothesis, apply_patches, read_patchset, read_workspace

LITTLE_BACKGROUND = 0.01
"""Events in all windows of a hypothesis together."""


def main() -> None:
    """Print one table after the other."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--combined", type=int, metavar="N", help="compute every N-th hypothesis region by region")
    options = parser.parse_args()
    document = read_limits(options.folder / "limits.json")
    for level in sorted({limit.cl for limit in document.limits}):
        limits = [limit for limit in document.at(level) if limit.status == "ok"]
        print_ranges(document, limits, level)
        print_without_background(document, limits, level)
    if options.combined:
        workspace = read_workspace(options.folder / "workspace" / "BkgOnly.json")
        patchset = read_patchset(options.folder / "workspace" / "patchset.json")
        chosen = [patch["metadata"]["name"] for patch in patchset["patches"][:: options.combined]]
        print_combined(apply_patches(workspace, patchset, chosen), level)


def print_ranges(document: LimitsDocument, limits: Sequence[Limit], level: float) -> None:
    """Print by which methods, and the range of limits on the cross-section and on epsilon squared alpha_D."""
    methods = {method: sum(limit.method == method for limit in limits) for method in {one.method for one in limits}}
    print(f"{document.search}, {document.luminosity_inverse_fb:g} fb^-1, {100 * level:g} % CL")
    print(f"{len(limits)} limits of {len(document.at(level))} hypotheses: {methods}")
    for name, values in (("observed", observed(limits)), ("median", medians(limits))):
        sigma = values * np.array([document.meanings[limit.name]["cross_section_fb"] for limit in limits])
        strength = values * np.array([document.meanings[limit.name]["coupling"] for limit in limits])
        for what, numbers, unit in (
            ("cross-section", 1e3 * sigma, "ab"),
            ("eps^2 alpha_D", strength, ""),
            ("eps at alpha_D = 1/137", np.sqrt(137.036 * strength), ""),
        ):
            low, middle, high = np.quantile(numbers, [0.05, 0.5, 0.95])
            ends = f"{numbers.min():.3g} to {numbers.max():.3g}"
            inner = f"5 %, half, 95 % of the points: {low:.3g} {middle:.3g} {high:.3g}"
            print(f"  {name:<9} {what:<23} {ends} {unit}; {inner}")


def print_without_background(document: LimitsDocument, limits: Sequence[Limit], level: float) -> None:
    """Print the median limit over ln(1/(1 - CL)) events where next to no background is expected."""
    ratios = []
    for limit in limits:
        meaning = document.meanings[limit.name]
        if sum(meaning["background_events"].values()) < LITTLE_BACKGROUND:
            ratios.append(limit.expected[2] * meaning["expected_signal_events"] / -math.log(1.0 - level))
    if not ratios:
        print(f"  no point has less than {LITTLE_BACKGROUND} background events")
        return
    worst = max(ratios, key=lambda ratio: abs(math.log(ratio)))
    print(
        f"  {len(ratios)} points with less than {LITTLE_BACKGROUND} background events: median limit over"
        f" {-math.log(1.0 - level):.4f}/(L eff BR) is {np.median(ratios):.4f}, worst {worst:.4f}"
    )


def print_combined(hypotheses: Sequence[Hypothesis], level: float) -> None:
    """Print how much weaker than the combined median limit that of the best single region is."""
    gains, engine = [], limit_engine("compiled", method="auto")
    for hypothesis in hypotheses:
        regions = list(hypothesis.meaning["regions"])
        if len(regions) < 2:
            continue
        alone = [with_region(hypothesis, region) for region in regions]
        whole, *parts = compute_limits([hypothesis, *alone], (level,), engine=engine)
        best = min(part.expected[2] for part in parts if part.status == "ok")
        gains.append(best / whole.expected[2])
    if gains:
        low, middle, high = np.min(gains), np.median(gains), np.max(gains)
        print(f"  best region alone over all combined, median limits of {len(gains)} points: {low:.3f} to {high:.3f}")
        print(f"  (half of them above {middle:.3f}); combining is better everywhere: {bool(low > 1.0)}")


def with_region(hypothesis: Hypothesis, region: str) -> Hypothesis:
    """Return a hypothesis with the channels of one region only."""
    names = (region, f"{region}_sideband")
    content = dict(hypothesis.workspace)
    dropped = {channel["name"] for channel in content["channels"]} - set(names)
    for section in ("channels", "observations"):
        content[section] = [one for one in content[section] if one["name"] not in dropped]
    measurement = dict(content["measurements"][0])
    unused = {f"background_{name}" for name in dropped}
    parameters = [one for one in measurement["config"]["parameters"] if one["name"] not in unused]
    measurement["config"] = measurement["config"] | {"parameters": parameters}
    content["measurements"] = [measurement]
    return replace(hypothesis, name=f"{hypothesis.name}/{region}", workspace=content)


def observed(limits: Sequence[Limit]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return the observed limits on mu."""
    return np.array([limit.observed for limit in limits], dtype=np.float64)


def medians(limits: Sequence[Limit]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return the median expected limits on mu."""
    return np.array([limit.expected[2] for limit in limits], dtype=np.float64)


if __name__ == "__main__":
    main()
