"""Expected limit on the coupling against luminosity: the slope -1/4 while statistics dominate, and where it bends.

    python ci/luminosity_scaling.py results/axion_to_photons

Every yield of the workspaces of a run is scaled and the data are replaced by the background expectation. Systematic
uncertainties stay as they are; the statistics of the simulation grow with the data, or, with --same-simulation, stay.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence
from pathlib import Path

from darkreach.limits import compute_limits, make_engine
from darkreach.pipeline import RunFolder, format_luminosity
from darkreach.sharing import Hypothesis, apply_patches, projected, read_patchset, read_workspace

LUMINOSITIES = (0.445, 1.0, 4.0, 20.0, 100.0, 400.0, 2000.0, 10000.0, 50000.0)
MASSES = (0.5, 1.0, 3.0, 5.0, 8.0)


def main() -> None:
    """Print g(median, 95 % CL) and the local slope at each luminosity."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path)
    parser.add_argument("--same-simulation", action="store_true")
    options = parser.parse_args()
    run = RunFolder(options.run)
    workspace = read_workspace(run.workspace / "BkgOnly.json")
    hypotheses = apply_patches(workspace, read_patchset(run.workspace / "patchset.json"))
    print(f"{'luminosity':>12}" + "".join(f"{f'g, {mass:g} GeV':>14}{'slope':>8}" for mass in MASSES))
    columns = [medians(hypotheses, mass, more_simulation=not options.same_simulation) for mass in MASSES]
    for index, luminosity in enumerate(LUMINOSITIES):
        line = f"{format_luminosity(luminosity):>12}"
        for couplings in columns:
            slope = ""
            if index:
                step = math.log(luminosity / LUMINOSITIES[index - 1])
                slope = f"{math.log(couplings[index] / couplings[index - 1]) / step:+.3f}"
            line += f"{couplings[index]:14.3e}{slope:>8}"
        print(line)


def medians(hypotheses: Sequence[Hypothesis], mass: float, *, more_simulation: bool) -> list[float]:
    """Return the median expected limit on the coupling at 95 % CL for every luminosity."""
    hypothesis = min(hypotheses, key=lambda h: abs(float(h.values["mass_gev"]) - mass))
    start = float(hypothesis.meaning["luminosity_inverse_fb"])
    points = [projected(hypothesis, new / start, more_simulation=more_simulation) for new in LUMINOSITIES]
    limits = compute_limits(points, (0.95,), engine=make_engine("auto"))
    return [float(hypothesis.meaning["coupling"]) * math.sqrt(limit.expected[2]) for limit in limits]


if __name__ == "__main__":
    main()
