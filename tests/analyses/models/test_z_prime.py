"""Branching ratios of the Z' against tabulated values, sums and limits."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from darkreach.kinematics import MUON_MASS, TAU_MASS
from darkreach.models.z_prime import (
    muon_branching,
    neutrino_branching,
    neutrino_width_gev,
    proper_decay_length_cm,
    tau_branching,
    total_width_gev,
)

TABLE = Path(__file__).parents[4] / "shared" / "physics" / "tables" / "sigma_mumuX_LmuLtau.csv"


@pytest.mark.parametrize(
    ("mass", "neutrinos", "muons"),
    [
        (0.1, 1.0, 0.0),
        (0.212, 0.893, 0.107),
        (0.25, 0.580, 0.420),
        (0.3, 0.530, 0.470),
        (0.5, 0.503, 0.497),
        (1.0, 0.500, 0.500),
        (4.0, 0.379, 0.379),
        (5.0, 0.347, 0.347),
        (6.0, 0.339, 0.339),
        (8.0, 0.335, 0.335),
    ],
)
def test_tabulated_branching_ratios(mass: float, neutrinos: float, muons: float) -> None:
    assert float(neutrino_branching(mass)) == pytest.approx(neutrinos, abs=6e-4)
    assert float(muon_branching(mass)) == pytest.approx(muons, abs=6e-4)


def test_branching_ratios_sum_to_one_and_reach_a_third() -> None:
    mass = np.geomspace(0.01, 1e4, 500)
    total = neutrino_branching(mass) + muon_branching(mass) + tau_branching(mass)
    np.testing.assert_allclose(total, 1.0, rtol=1e-14)
    assert float(neutrino_branching(1e6)) == pytest.approx(1.0 / 3.0, rel=1e-9)


@pytest.mark.parametrize(("lepton", "branching"), [(MUON_MASS, muon_branching), (TAU_MASS, tau_branching)])
def test_thresholds_are_exact(lepton: float, branching: type[np.ufunc]) -> None:
    assert float(branching(2.0 * lepton * (1.0 - 1e-12))) == 0.0
    assert float(branching(2.0 * lepton * (1.0 + 1e-6))) > 0.0


def test_two_left_handed_neutrinos_are_as_wide_as_one_light_charged_lepton() -> None:
    # a Dirac fermion has two chiralities, each neutrino one
    massless = total_width_gev(1e9, 1.0)
    assert float(neutrino_width_gev(1e9, 1.0)) == pytest.approx(float(massless) / 3.0, rel=1e-12)


def test_lifetime_goes_with_the_inverse_square_of_the_coupling() -> None:
    assert float(proper_decay_length_cm(1.0, 1.0)) == pytest.approx(3.7e-13, rel=0.01, abs=0.0)
    ratio = proper_decay_length_cm(0.25, 1e-5) / proper_decay_length_cm(0.25, 1.0)
    assert float(ratio) == pytest.approx(1e10, rel=1e-12)


@pytest.mark.reference
@pytest.mark.skipif(not TABLE.is_file(), reason="the table of an independent computation is not here")
def test_the_table_of_an_independent_computation() -> None:
    with TABLE.open() as stream:
        rows = list(csv.DictReader(line for line in stream if not line.startswith("#")))
    assert len(rows) > 20
    for row in rows:
        mass = float(row["m_GeV"])
        found = {
            "GammaZp_GeV": total_width_gev(mass, 1.0),
            "BR_nunu": neutrino_branching(mass),
            "BR_mumu": muon_branching(mass),
            "BR_tautau": tau_branching(mass),
            "ctau_cm_g1": proper_decay_length_cm(mass, 1.0),
        }
        for column, value in found.items():
            assert float(value) == pytest.approx(float(row[column]), rel=2e-4, abs=0.0), (mass, column)
