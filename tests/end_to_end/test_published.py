"""The stored expected limits beside the published ones, smoothed, and their change with luminosity."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from darkreach.catalogue import known_entries
from darkreach.couplings import read_couplings

ROOT = Path(__file__).parents[2]
CURVE = ROOT.parent / "shared" / "reference" / "row13_belle2_2020_ALP_3gamma_gagg.csv"


@pytest.fixture(scope="module")
def median() -> dict[float, float]:
    (entry,) = known_entries(["axion_to_photons"])
    return {
        interval.mass_gev: interval.lower
        for interval in read_couplings(entry.couplings(0.95, (0.90, 0.95)))
        if interval.quantile == "0"
    }


@pytest.fixture(scope="module")
def published() -> np.ndarray:
    if not CURVE.is_file():
        pytest.skip("no published curve on this machine")
    rows = csv.DictReader(line for line in CURVE.read_text().splitlines() if not line.startswith("#"))
    # the first point closes the contour and is not a limit
    return np.array([[float(row["mass_GeV"]), float(row["gagg_UL_invGeV"])] for row in rows])[1:]


def open_phase_space(mass):
    return 1.0 - mass**2 / 10.58**2


@pytest.mark.reference
@pytest.mark.parametrize(
    ("mass", "low", "high"),
    [
        *((mass, 0.7, 1.25) for mass in (0.5, 1.0, 2.0, 3.0, 5.0, 7.0)),
        *((mass, 0.5, 1.5) for mass in (0.2, 0.3, 8.0, 9.2)),
    ],
)
def test_median_expected_limit_beside_the_published_one(median, published, mass, low, high) -> None:
    """Published: median of the digitised points within 20 % in mass, as the observed limit fluctuates.

    Taken of g (1 - m^2/s)^(3/2), the root of the cross-section, which is flat where g rises tenfold in the window.
    """
    masses, limits = published.T
    near = np.abs(masses / mass - 1.0) < 0.2
    smooth = np.median((limits * open_phase_space(masses) ** 1.5)[near]) / open_phase_space(mass) ** 1.5
    ours = np.exp(np.interp(np.log(mass), np.log(list(median)), np.log(list(median.values()))))
    assert low < ours / smooth < high
