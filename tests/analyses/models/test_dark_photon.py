"""Widths of the dark photon against the muon pair cross-section, limits and thresholds."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import numpy as np
import pytest

from darkreach.kinematics import ELECTRON_MASS, FINE_STRUCTURE, HBAR_C_CM, MUON_MASS, TAU_MASS
from darkreach.models.dark_photon import (
    charged_lepton_width_gev,
    dark_fermion_width_gev,
    dark_scalar_width_gev,
    lepton_branching,
    quark_ratio,
    visible_width_gev,
)

TABLE = Path(__file__).parents[4] / "shared" / "physics" / "tables" / "aprime_br.csv"


def test_width_is_that_of_an_explicit_sum_over_polarisations() -> None:
    # mean over polarisations of |ubar gamma.e v|^2 = (1/3) (-g + kk/m^2) Tr[(q+m)g(q'-m)g] = (4/3)(m^2 + 2 m_l^2) g^2
    mass, mixing = 0.7, 2e-3
    velocity = math.sqrt(1.0 - 4.0 * MUON_MASS**2 / mass**2)
    squared = 4.0 * math.pi * FINE_STRUCTURE * mixing**2 * 4.0 / 3.0 * (mass**2 + 2.0 * MUON_MASS**2)
    expected = squared * velocity / (16.0 * math.pi * mass)
    assert float(charged_lepton_width_gev(mass, mixing, MUON_MASS)) == pytest.approx(expected, rel=1e-12, abs=0.0)


def test_lifetime_of_a_light_dark_photon() -> None:
    # electrons only at 50 MeV and epsilon = 1e-3
    width = charged_lepton_width_gev(0.05, 1e-3, 0.51099895e-3)
    assert HBAR_C_CM / float(width) == pytest.approx(1.62e-4, rel=0.005)


def test_dark_widths() -> None:
    assert float(dark_fermion_width_gev(3.0, 0.5, 1.5)) == 0.0
    assert float(dark_scalar_width_gev(3.0, 0.5, 1.6)) == 0.0
    # four states of spin against one: a quarter without masses
    light = dark_scalar_width_gev(3.0, 0.1, 0.0) / dark_fermion_width_gev(3.0, 0.1, 0.0)
    assert float(light) == pytest.approx(0.25, rel=1e-12)
    # the P wave of scalars vanishes faster at threshold than the S wave of fermions
    near = np.array([2.001, 2.0001])
    fermion, scalar = dark_fermion_width_gev(near, 0.1, 1.0), dark_scalar_width_gev(near, 0.1, 1.0)
    assert math.log10(fermion[0] / fermion[1]) == pytest.approx(0.5, abs=0.01)
    assert math.log10(scalar[0] / scalar[1]) == pytest.approx(1.5, abs=0.01)


def test_quarks_stand_for_hadrons_above_the_resonances() -> None:
    # 3 sum Q^2 of u d s, and with c
    charges = np.array([2.0, -1.0, -1.0, 2.0]) / 3.0
    assert quark_ratio([1.79, 1.81, 3.72, 3.74, 9.0]) == pytest.approx(
        [0.0, *(3.0 * np.square(charges[:3]).sum(),) * 2, *(3.0 * np.square(charges).sum(),) * 2]
    )


@pytest.mark.parametrize(
    ("mass", "electrons", "muons", "taus"),
    [(0.05, 1.0, 0.0, 0.0), (0.25, 0.580, 0.420, 0.0), (5.0, 0.158, 0.158, 0.139)],
)
def test_branching_ratios_to_leptons(mass: float, electrons: float, muons: float, taus: float) -> None:
    # printed values; at 5 GeV the table has R = 3.44 with corrections, free quarks 3.33
    for lepton, expected in ((ELECTRON_MASS, electrons), (MUON_MASS, muons), (TAU_MASS, taus)):
        assert float(lepton_branching(mass, lepton)) == pytest.approx(expected, abs=6e-4, rel=0.025)


@pytest.mark.reference
@pytest.mark.skipif(not TABLE.is_file(), reason="the table of an independent computation is not here")
def test_widths_of_the_table() -> None:
    with TABLE.open() as stream:
        rows = list(csv.DictReader(line for line in stream if not line.startswith("#")))
    assert len(rows) == 62
    for row in rows:
        mass, total = float(row["m_GeV"]), float(row["Gamma_GeV"])
        for name, lepton in (("ee", ELECTRON_MASS), ("mumu", MUON_MASS), ("tautau", TAU_MASS)):
            width = float(charged_lepton_width_gev(mass, 1.0, lepton))
            # five printed digits of both; close to its threshold, the mass of the tau in the table has too few digits
            tolerance = 4e-4 if name == "tautau" else 6e-5
            assert width == pytest.approx(total * float(row[f"BR_{name}"]), rel=tolerance, abs=0.0), (mass, name)
        ratio = float(visible_width_gev(mass, 1.0)) / total
        if mass < 0.28:
            assert ratio == pytest.approx(1.0, abs=1e-3), mass
        elif mass < 1.8:
            # leptons alone: what is left out is that of the table
            assert ratio == pytest.approx(1.0 - hadrons(row), abs=1e-3), mass
        elif not 3.1 < mass < 3.73:
            # corrections of the strong interaction, and bottom at 10 GeV
            assert 0.90 < ratio < 1.03, mass


def hadrons(row: dict[str, str]) -> float:
    return 1.0 - sum(float(row[f"BR_{name}"]) for name in ("ee", "mumu", "tautau"))
