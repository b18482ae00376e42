"""Widths of the Higgs-mixed scalar against identities, chiral perturbation theory and tabulated numbers."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from darkreach.errors import ConfigError
from darkreach.generators.signals.b_to_kaon_rates import scalar_branching_fraction
from darkreach.generators.signals.heavy_flavour_numbers import HeavyFlavourNumbers, heavy_flavour_numbers
from darkreach.generators.signals.higgs_mixed_scalar_widths import pion_width
from darkreach.kinematics import CHARGED_PION_MASS, ELECTRON_MASS, MUON_MASS, NEUTRAL_PION_MASS
from darkreach.models.higgs_mixed_scalar import (
    charged_kaon_share,
    charged_pion_share,
    hadron_width_gev,
    lepton_width_gev,
    scalar_branching_fractions,
    scalar_ctau_cm,
    total_width_gev,
)
from darkreach.models.higgs_mixed_scalar_settings import HiggsMixedScalarNumbers, higgs_mixed_scalar_numbers

TABLE = Path(__file__).parents[4] / "shared" / "physics" / "tables" / "scalar_BtoKS.csv"
FERMI = 1.1663788e-5


@pytest.fixture(scope="module")
def table() -> list[dict[str, float]]:
    if not TABLE.is_file():
        pytest.skip("the reference table is not here")
    lines = [line for line in TABLE.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    return [{key: float(value) for key, value in row.items()} for row in csv.DictReader(lines)]


@pytest.mark.reference
def test_production_agrees_with_the_table(table: list[dict[str, float]]) -> None:
    numbers = heavy_flavour_numbers()
    for row in table:
        mass = row["mS_GeV"]
        kaon = scalar_branching_fraction(numbers, mass, 1.0, charged=True, vector=False)
        resonance = scalar_branching_fraction(numbers, mass, 1.0, charged=False, vector=True)
        assert kaon == pytest.approx(row["BR_BpKpS"], rel=1e-3, abs=0.0)
        assert resonance == pytest.approx(row["BR_B0Kst0S"], rel=1e-3, abs=0.0)
    assert len(table) > 40


@pytest.mark.reference
def test_lifetimes_and_leptons_agree_with_the_table(table: list[dict[str, float]]) -> None:
    for row in table:
        mass = row["mS_GeV"]
        fractions = scalar_branching_fractions(mass)
        assert scalar_ctau_cm(mass) == pytest.approx(100.0 * row["ctau_tab_m"], rel=2e-4, abs=0.0)
        for decay in ("ee", "mumu", "tautau"):
            assert lepton_width_gev(mass, decay) == pytest.approx(row[f"G_{decay}"], rel=1e-4, abs=0.0)
            assert fractions[decay] == pytest.approx(row[f"BR_{decay}"], rel=1e-3, abs=0.0)


def test_leptonic_widths_differ_by_mass_and_phase_space_alone() -> None:
    for mass in (0.25, 1.0, 4.0):
        muons, electrons = (math.sqrt(1.0 - 4.0 * m**2 / mass**2) for m in (MUON_MASS, ELECTRON_MASS))
        expected = (MUON_MASS / ELECTRON_MASS) ** 2 * (muons / electrons) ** 3
        assert lepton_width_gev(mass, "mumu") / lepton_width_gev(mass, "ee") == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("mass", [0.3, 0.5])
def test_pions_over_muons_at_leading_order(mass: float) -> None:
    charged, neutral = (math.sqrt(1.0 - 4.0 * m**2 / mass**2) for m in (CHARGED_PION_MASS, NEUTRAL_PION_MASS))
    muons = math.sqrt(1.0 - 4.0 * MUON_MASS**2 / mass**2)
    shape = (1.0 + 5.5 * (CHARGED_PION_MASS / mass) ** 2) ** 2
    expected = (mass / MUON_MASS) ** 2 / 27.0 * shape * (2.0 * charged + neutral) / 3.0 / muons**3
    assert pion_width(mass, FERMI) / lepton_width_gev(mass, "mumu") == pytest.approx(expected, rel=1e-10)
    # lifetimes from the leading order are longer than the tabulated ones, 1.8 and 3.1 times
    leading = total_width_gev(mass) - hadron_width_gev(mass) + pion_width(mass, FERMI)
    assert total_width_gev(mass) / leading == pytest.approx({0.3: 1.8, 0.5: 3.1}[mass], rel=0.03)


def test_branching_fractions_sum_to_one_and_none_is_larger() -> None:
    for mass in [*np.geomspace(0.002, 4.8, 200).tolist(), 1.0, 1.0024, 2.0, 2.0005]:
        fractions = scalar_branching_fractions(mass)
        assert sum(fractions.values()) == pytest.approx(1.0, rel=1e-12)
        assert all(0.0 <= value <= 1.0 for value in fractions.values())


def test_rounded_shares_above_one_are_scaled(monkeypatch: pytest.MonkeyPatch) -> None:
    values = higgs_mixed_scalar_numbers().model_dump()
    values["hadrons"]["knots"] = [[0.3, 0.5, 0.5002, 0, 0, 0], [4.8, 0.5, 0.5002, 0, 0, 0]]
    changed = HiggsMixedScalarNumbers.model_validate(values)
    monkeypatch.setattr("darkreach.models.higgs_mixed_scalar.higgs_mixed_scalar_numbers", lambda: changed)
    fractions = scalar_branching_fractions(1.0)
    assert sum(fractions.values()) == pytest.approx(1.0, rel=1e-12)
    assert fractions["kk"] / fractions["pipi"] == pytest.approx(1.0004, rel=1e-9)


def test_pions_beside_muons_agree_with_the_shares_of_the_source() -> None:
    # lifetimes and shares of the source are separate files: leptons by formula and these add up to one
    for mass, pions in ((0.3048, 0.7931), (0.50845, 0.8897), (0.70244, 0.8902), (0.89511, 0.9397)):
        assert scalar_branching_fractions(mass)["pipi"] == pytest.approx(pions, rel=0.01)
    assert scalar_branching_fractions(1.2067)["kk"] == pytest.approx(0.7253, rel=0.01)
    assert scalar_branching_fractions(4.10446)["tautau"] == pytest.approx(0.4518, rel=0.03)
    assert scalar_branching_fractions(2.5)["gluons"] == pytest.approx(0.569, rel=0.01)


def test_lifetime_falls_by_orders_of_magnitude_at_thresholds_and_nowhere_jumps_up() -> None:
    assert scalar_ctau_cm(0.2113) / scalar_ctau_cm(0.23) > 2e3
    below, above = 2.0 * CHARGED_PION_MASS - 1e-9, 2.0 * CHARGED_PION_MASS + 1e-9
    assert hadron_width_gev(below) == 0.0
    assert hadron_width_gev(above) > 0.0
    assert scalar_ctau_cm(above) < scalar_ctau_cm(below)
    tau = 2.0 * 1.77693
    assert scalar_ctau_cm(tau + 1e-9) == pytest.approx(scalar_ctau_cm(tau - 1e-9), rel=1e-6)


def test_lifetime_goes_with_the_inverse_square_of_the_mixing_and_rates_with_the_square() -> None:
    assert scalar_ctau_cm(0.7, 1e-4) * 1e-8 == pytest.approx(scalar_ctau_cm(0.7), rel=1e-12, abs=0.0)
    numbers = heavy_flavour_numbers()
    rates = [scalar_branching_fraction(numbers, 0.7, angle, charged=True, vector=False) for angle in (1.0, 1e-3)]
    assert rates[1] / rates[0] == pytest.approx(1e-6, rel=1e-12, abs=0.0)


def test_rate_goes_with_the_fourth_power_of_the_top_mass() -> None:
    numbers = heavy_flavour_numbers()
    values = numbers.model_dump()
    values["b_to_s"]["top_mass"]["value"] = 172.7
    heavier = HeavyFlavourNumbers.model_validate(values)
    ratio = scalar_branching_fraction(heavier, 1.0, 1.0, charged=True, vector=False) / scalar_branching_fraction(
        numbers, 1.0, 1.0, charged=True, vector=False
    )
    assert ratio == pytest.approx((172.7 / 165.0) ** 4, rel=1e-9)
    assert ratio == pytest.approx(1.200, abs=5e-4)


def test_rate_vanishes_at_the_kinematic_end_faster_with_the_vector() -> None:
    numbers = heavy_flavour_numbers()

    def rate(mass: float, vector: bool) -> float:
        return scalar_branching_fraction(numbers, mass, 1.0, charged=not vector, vector=vector)

    for vector, end, power in ((False, 5.27941 - 0.493677, 0.5), (True, 5.27972 - 0.89555, 1.5)):
        assert rate(end + 1e-6, vector) == 0.0
        slope = math.log(rate(end - 1e-3, vector) / rate(end - 1e-5, vector)) / math.log(100.0)
        assert slope == pytest.approx(power, rel=0.01)


def test_charged_shares_follow_isospin_and_thresholds() -> None:
    assert charged_pion_share(0.27) == 0.0
    assert charged_pion_share(0.29) < charged_pion_share(0.5) < 2.0 / 3.0
    assert charged_pion_share(4.0) == pytest.approx(2.0 / 3.0, rel=1e-3)
    assert charged_kaon_share(0.98) == 0.0
    assert charged_kaon_share(0.99) == 1.0
    assert charged_kaon_share(4.0) == pytest.approx(0.5, rel=1e-3)


@pytest.mark.parametrize(("mass", "message"), [(4.83, "no hadronic width"), (1e-3, "too light")])
def test_masses_out_of_range_are_refused(mass: float, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        total_width_gev(mass)


@pytest.mark.parametrize(
    ("section", "knots"),
    [
        ("lifetime", [[0.3, 1.0], [0.3, 2.0]]),
        ("lifetime", [[0.3, 1.0], [0.4, -2.0]]),
        ("hadrons", [[0.3, 1, 0, 0, 0, 0], [0.4, 0.6, 0.6, 0, 0, 0]]),
    ],
)
def test_knots_without_meaning_are_refused(section: str, knots: list[list[float]]) -> None:
    values = higgs_mixed_scalar_numbers().model_dump()
    values[section]["knots"] = knots
    with pytest.raises(ValidationError, match=section):
        HiggsMixedScalarNumbers.model_validate(values)
