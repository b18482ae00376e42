"""Checks that find what is wrong: each is run on a right and on a wrong reference."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from darkreach.configuration import BeamsConfig, Range, ValidationConfig
from darkreach.configuration.validation import AngleCheck, CrossSectionCheck
from darkreach.kinematics import FINE_STRUCTURE, HBAR_C_SQUARED_FB, MUON_MASS
from darkreach.validation.angle_check import check_angle
from darkreach.validation.angular_laws import LAWS, expected_shares
from darkreach.validation.check_result import CheckResult
from darkreach.validation.cross_section_check import check_cross_section
from darkreach.validation.weighted_width import central_width, central_width_with_error, weighted_quantile

S = 4.0 * 5.29**2
BEAMS = {
    "electron_energy": 5.29,
    "positron_energy": 5.29,
    "crossing_angle": 0.0,
    "electron_energy_spread": 0.0,
    "positron_energy_spread": 0.0,
}


def config() -> ValidationConfig:
    beams = BeamsConfig.model_validate({name: {"value": value, "source": "x"} for name, value in BEAMS.items()})
    return ValidationConfig(
        title="t", seed=1, detector="belle2", beams={"cm": beams}, cross_sections=(), resolutions=(), angles=()
    )


def muon_check(reference: float) -> CrossSectionCheck:
    return CrossSectionCheck.model_validate(
        {
            "name": "muon pairs",
            "process": "muon_pair_tree",
            "beams": "cm",
            "events": 60_000,
            "reference": {"value": reference, "unit": "fb", "source": "4 pi alpha^2/(3 s)"},
            "tolerance": 0.005,
        }
    )


def born_cross_section() -> float:
    velocity = math.sqrt(1.0 - 4.0 * MUON_MASS**2 / S)
    massive = velocity * (1.0 + 2.0 * MUON_MASS**2 / S)
    return 4.0 * math.pi * FINE_STRUCTURE**2 / (3.0 * S) * HBAR_C_SQUARED_FB * massive


def test_a_right_cross_section_passes_and_a_wrong_one_does_not() -> None:
    found = check_cross_section(muon_check(born_cross_section()), config())
    assert found.passed and abs(found.deviation) < 0.005 and found.effective_events > 30_000
    assert not check_cross_section(muon_check(1.02 * born_cross_section()), config()).passed


def test_a_reference_may_be_in_picobarns() -> None:
    check = muon_check(born_cross_section())
    reference = check.reference.model_copy(update={"value": 1e-3 * born_cross_section(), "unit": "pb"})
    in_fb, in_pb = (
        check_cross_section(one, config()) for one in (check, check.model_copy(update={"reference": reference}))
    )
    assert in_pb.deviation == pytest.approx(in_fb.deviation, rel=1e-9) and in_pb.unit == "pb"


def test_an_error_as_large_as_the_tolerance_proves_nothing() -> None:
    result = CheckResult("a", "cross-section", "p", "fb", 1.0, 1e-3, 1.0, "", 0.01, 1e4)
    assert result.passed
    assert not replace(result, error=0.01).passed
    assert not replace(result, computed=math.nan).passed
    assert replace(result, computed=1.0129).passed and not replace(result, computed=1.0131).passed


def angle_check(law: str) -> AngleCheck:
    return AngleCheck.model_validate(
        {
            "name": "muon angle",
            "process": "muon_pair_tree",
            "beams": "cm",
            "events": 60_000,
            "particle": 13,
            "law": law,
            "cosine": {"low": -1.0, "high": 1.0},
        }
    )


def test_a_wrong_law_is_found() -> None:
    right = check_angle(angle_check("muon_pair"), config())
    assert right.passed and right.shares.sum() == pytest.approx(1.0)
    wrong = check_angle(angle_check("two_photons").model_copy(update={"cosine": Range(low=-0.9, high=0.9)}), config())
    assert not wrong.passed and wrong.chi_squared > 1000.0


@pytest.mark.parametrize("name", sorted(LAWS))
def test_shares_of_laws_are_those_of_a_fine_sum(name: str) -> None:
    values = {"mass_gev": 3.0, "dark_photon_mass_gev": 2.0, "dark_higgs_mass_gev": 1.0}
    edges = np.linspace(-0.9, 0.9, 7)
    fine = np.linspace(-0.9, 0.9, 6 * 20_000 + 1)
    middle = 0.5 * (fine[1:] + fine[:-1])
    content = LAWS[name](middle, S, values).reshape(6, -1).sum(axis=1)
    np.testing.assert_allclose(expected_shares(LAWS[name], edges, S, values), content / content.sum(), rtol=1e-8)


def test_widths_of_weighted_gaussians() -> None:
    random = np.random.default_rng(5)
    values = random.normal(1.0, 0.3, 200_000)
    weights = random.exponential(1.0, 200_000)
    width, error = central_width_with_error(values, weights)
    assert abs(width - 0.3) < 5.0 * error and 0.0005 < error < 0.003
    # a weight of two counts like two events
    doubled = np.concatenate([values[:1000], values[:500]])
    heavy = np.ones(1000)
    heavy[:500] = 2.0
    assert central_width(values[:1000], heavy) == pytest.approx(central_width(doubled, np.ones(1500)), rel=0.01)
    assert weighted_quantile(np.array([1.0, 2.0]), np.array([1.0, 3.0]), 1.0) == 2.0


def test_too_few_events_have_no_width() -> None:
    width, error = central_width_with_error(np.ones(50), np.ones(50))
    assert math.isnan(width) and math.isnan(error)
