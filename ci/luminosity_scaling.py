"""Expected limit on the coupling against luminosity: the slope -1/4 while statistics dominate, and where it bends.

    python ci/luminosity_scaling.py results/axion_to_photons

Every yield of the workspaces of a run is scaled, the data are replaced by the background expectation, and the
relative uncertainties (simulated statistics, systematics) stay: what a repeated analysis with more data would see.
"""

from __future__ import annotations

import argparse
import copy
import math
from pathlib import Path
from typing import Any

from darkreach.limits import compute_limits, make_engine
from darkreach.pipeline import RunFolder, format_luminosity
from darkreach.sharing import Hypothesis, apply_patches, read_patchset, read_workspace

LUMINOSITIES = (0.445, 1.0, 4.0, 20.0, 100.0, 400.0, 2000.0, 10000.0, 50000.0)
MASSES = (0.5, 1.0, 3.0, 5.0, 8.0)


def scaled(hypothesis: Hypothesis, factor: float) -> Hypothesis:
    """Return the hypothesis with all yields scaled and the background expectation as data."""
    workspace: dict[str, Any] = copy.deepcopy(dict(hypothesis.workspace))
    for channel in workspace["channels"]:
        for sample in channel["samples"]:
            sample["data"] = [factor * value for value in sample["data"]]
            for modifier in sample["modifiers"]:
                if modifier["type"] == "staterror":
                    modifier["data"] = [factor * value for value in modifier["data"]]
                elif modifier["type"] == "histosys":
                    for side in ("hi_data", "lo_data"):
                        modifier["data"][side] = [factor * value for value in modifier["data"][side]]
        backgrounds = [sample["data"] for sample in channel["samples"] if sample["name"] != "signal"]
        observation = next(data for data in workspace["observations"] if data["name"] == channel["name"])
        observation["data"] = [sum(values) for values in zip(*backgrounds, strict=True)]
    return Hypothesis(hypothesis.name, hypothesis.values, workspace, hypothesis.meaning)


def main() -> None:
    """Print g(median, 95 % CL) and the local slope at each luminosity."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path)
    run = RunFolder(parser.parse_args().run)
    workspace = read_workspace(run.workspace / "BkgOnly.json")
    hypotheses = apply_patches(workspace, read_patchset(run.workspace / "patchset.json"))
    for mass in MASSES:
        hypothesis = min(hypotheses, key=lambda h: abs(float(h.values["mass_gev"]) - mass))
        start = float(hypothesis.meaning["luminosity_inverse_fb"])
        points = [scaled(hypothesis, luminosity / start) for luminosity in LUMINOSITIES]
        limits = compute_limits(points, (0.95,), engine=make_engine("auto"))
        couplings = [float(hypothesis.meaning["coupling"]) * math.sqrt(limit.expected[2]) for limit in limits]
        print(f"{hypothesis.values['mass_gev']:g} GeV")
        for index, (luminosity, coupling) in enumerate(zip(LUMINOSITIES, couplings, strict=True)):
            slope = ""
            if index:
                step = math.log(luminosity / LUMINOSITIES[index - 1])
                slope = f"slope {math.log(coupling / couplings[index - 1]) / step:+.3f}"
            print(f"  {format_luminosity(luminosity):>12}  g = {coupling:.3e}  {slope}")


if __name__ == "__main__":
    main()
