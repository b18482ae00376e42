"""Our median expected limits in mass and lifetime beside the published ones of B -> K(*) S.

    python tests/benchmarks/lifetime_comparison.py RUN_FOLDER [REFERENCE_FOLDER]

Takes the folder of a run, or of an entry of the catalogue, of long_lived_scalar. First a row for each value that is
quoted in configs/published; then, where the whole published tables are there, median, smallest and largest ratio over
all their points by channel and lifetime: points without a limit of ours are counted, not left out silently.
"""

from __future__ import annotations

import argparse
import csv
import math
from pathlib import Path

import numpy as np

from darkreach.catalogue.lifetime_comparison import LARGEST_FACTOR, ComparedLifetimes, beside_lifetimes
from darkreach.catalogue.median_limits import MedianLimits
from darkreach.couplings import read_lifetime_limits, read_lifetime_limits_header
from darkreach.published import published_search

LIMITS = "branching_ratio_limits.csv"
REFERENCE = Path(__file__).parents[3] / "shared" / "reference"
TABLES = {
    "kplus_mumu": "row10_belle2_2023_Bplus_Kplus_S_mumu_BRproduct_UL.csv",
    "kplus_ee": "row10_belle2_2023_Bplus_Kplus_S_ee_BRproduct_UL.csv",
    "kstar0_mumu": "row10_belle2_2023_B0_Kstar0_S_mumu_BRproduct_UL.csv",
    "kstar0_ee": "row10_belle2_2023_B0_Kstar0_S_ee_BRproduct_UL.csv",
}
PREFIX, SUFFIX = "UL_ctau_", "cm"


def main() -> None:
    """Print the quoted values, and what is known of all others."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("reference", type=Path, nargs="?", default=REFERENCE)
    options = parser.parse_args()
    header = read_lifetime_limits_header(options.folder / LIMITS)
    limits = read_lifetime_limits(options.folder / LIMITS)
    print("; ".join(f"{key}: {value}" for key, value in header.items()))
    for published in published_search("long_lived_scalar").lifetimes:
        ours = (header["quantity"], float(header["confidence_level"]))
        if ours != (published.quantity, published.confidence_level):
            raise SystemExit(f"ours are limits on {ours[0]} at {ours[1]:.0%} CL: nothing to compare with")
        print_quoted(beside_lifetimes(published, limits, None))
    medians = MedianLimits(limits)
    for channel, name in TABLES.items():
        path = options.reference / name
        if path.is_file():
            print_table(channel, medians, *read_table(path))
        else:
            print(f"{channel}: no whole table on this machine")


def print_quoted(compared: ComparedLifetimes) -> None:
    """Print a row for each quoted value, the trend of each channel, and a summary."""
    print(f"{compared.quantity}, {compared.confidence_level:.0%} CL, {compared.kind}, {compared.source}")
    print(f"{'channel':12s} {'GeV':>8s} {'c tau cm':>9s} {'ours':>10s} {'published':>10s} {'ratio':>6s}")
    for row in compared.rows:
        place = f"{row.channel:12s} {row.mass_gev:8.4f} {row.ctau_cm:9g}"
        print(f"{place} {row.median:10.3g} {row.published:10.3g} {row.ratio:6.2f}")
    for trend in compared.trends:
        print(
            f"{trend.channel}: {trend.masses} masses, smallest rank correlation in c tau {trend.rank_correlation:.3f},"
            f" largest difference of d log(limit)/d log(c tau) {trend.slope_difference:+.3f}"
        )
    for production in ("kplus", "kstar0"):
        rows = [row.ratio for row in compared.rows if row.channel.startswith(production)]
        print(f"{production}: {len(rows)} values: {summary(np.array(rows))}")
    ratios = compared.ratios
    if ratios:
        print(
            f"{len(ratios)} of {len(compared.rows)} values: median ratio {compared.median_ratio:.3f}, from"
            f" {min(ratios):.3f} to {max(ratios):.3f}; {compared.inside} within a factor of {LARGEST_FACTOR:g};"
            f" goal reached: {compared.reached}"
        )


def read_table(path: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return masses (m,) in GeV, lifetimes (c,) in cm and limits (m, c) of a published table."""
    rows = list(csv.reader(line for line in path.read_text().splitlines() if not line.startswith("#")))
    lifetimes = np.array([float(name.removeprefix(PREFIX).removesuffix(SUFFIX)) for name in rows[0][1:]])
    values = np.array(rows[1:], dtype=np.float64)
    return values[:, 0], lifetimes, values[:, 1:]


def print_table(
    channel: str, ours: MedianLimits, masses: np.ndarray, lifetimes: np.ndarray, published: np.ndarray
) -> None:
    """Print the ratios over all masses at each lifetime, and over all of both."""
    ratios = np.array([ours.at(channel, float(mass), lifetimes) for mass in masses]) / published
    print(f"{channel}: {len(masses)} masses from {masses[0]:g} to {masses[-1]:g} GeV")
    for ctau, column in zip(lifetimes, ratios.T, strict=True):
        print(f"    {ctau:8g} cm {summary(column)}")
    print(f"    {'all':>8s}    {summary(ratios.ravel())}")


def summary(ratios: np.ndarray) -> str:
    """Return median, extremes, and how many there are, within a factor and missing."""
    found = ratios[np.isfinite(ratios)]
    if not len(found):
        return f"no limit of ours at any of {len(ratios)} points"
    inside = np.abs(np.log(found)) <= math.log(LARGEST_FACTOR)
    numbers = f"median {np.median(found):.3f}, from {found.min():.3f} to {found.max():.3f}"
    low, high = np.quantile(found, [0.05, 0.95])
    numbers += f", 90 % of them {low:.3f} to {high:.3f}"
    return f"{numbers}; {inside.mean():.1%} within a factor of {LARGEST_FACTOR:g}; {len(ratios) - len(found)} missing"


if __name__ == "__main__":
    main()
