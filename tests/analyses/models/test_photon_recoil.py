"""Axions over dark photons against tabulated cross-sections and angular laws."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from darkreach.models.axion_like_particle import escape_probability
from darkreach.models.photon_recoil import axion_over_dark_photon

TABLES = Path(__file__).parents[4] / "shared" / "physics" / "tables"
S = 10.58**2


@pytest.mark.parametrize(
    ("mass", "dark_photon_pb", "axion_pb"),
    [(0.1, 43944.0, 0.1184), (1.0, 44339.0, 0.1152), (3.0, 48090.0, 0.0921), (8.0, 136145.0, 0.00930)],
)
def test_printed_cross_sections(mass: float, dark_photon_pb: float, axion_pb: float) -> None:
    # epsilon = 1 and g = 1e-3/GeV, the axion to three digits
    assert float(axion_over_dark_photon(mass, 1e-3, 1.0, S)) == pytest.approx(
        axion_pb / dark_photon_pb, rel=6e-4, abs=0.0
    )


def test_the_ratio_goes_with_the_squares_and_vanishes_at_threshold() -> None:
    one = float(axion_over_dark_photon(2.0, 1e-3, 1e-3, S))
    assert axion_over_dark_photon(2.0, [2e-3, 4e-3], 1e-3, S) == pytest.approx([4.0 * one, 16.0 * one], rel=1e-14)
    assert float(axion_over_dark_photon(2.0, 1e-3, 2e-3, S)) == pytest.approx(one / 4.0, rel=1e-14)
    # (1 - x)^3 over 1/(1 - x)
    near = [float(axion_over_dark_photon(10.58 * (1.0 - gap) ** 0.5, 1e-3, 1e-3, S)) for gap in (1e-4, 2e-4)]
    assert near[1] / near[0] == pytest.approx(16.0, rel=1e-3)


def test_escape_is_a_power_law_of_the_distance() -> None:
    one, two = (float(escape_probability(120.0, distance)) for distance in (50.0, 100.0))
    assert two == pytest.approx(one**2, rel=1e-14)
    assert np.all(np.diff(escape_probability(np.geomspace(1.0, 1e4, 9), 300.0)) > 0.0)
    assert float(escape_probability(1.0, 300.0)) == pytest.approx(np.exp(-300.0), rel=1e-12, abs=0.0)


@pytest.mark.reference
@pytest.mark.skipif(not TABLES.is_dir(), reason="the tables of an independent computation are not here")
def test_the_tables_of_an_independent_computation() -> None:
    columns = {}
    for file, column in (("sigma_gamma_Aprime.csv", "sigma_full_pb"), ("alp_gamma_a.csv", "sigma_pb")):
        with (TABLES / file).open() as stream:
            rows = csv.DictReader(line for line in stream if not line.startswith("#"))
            columns[column] = {float(row["m_GeV"]): float(row[column]) for row in rows}
    dark, axion = columns.values()
    masses = sorted(dark.keys() & axion.keys())
    assert len(masses) >= 8
    for mass in masses:
        expected = axion[mass] / dark[mass]
        assert float(axion_over_dark_photon(mass, 1e-3, 1.0, S)) == pytest.approx(expected, rel=2e-5, abs=0.0), mass
