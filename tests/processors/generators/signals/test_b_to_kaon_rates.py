from __future__ import annotations

import math

import pytest

from darkreach.generators.signals.b_to_kaon_rates import (
    axion_b_to_s_coupling,
    axion_branching_fraction,
    b_meson_width,
    form_factor_f0,
    scalar_b_to_s_coupling,
    scalar_branching_fraction,
)
from darkreach.generators.signals.heavy_flavour_numbers import HeavyFlavourNumbers, heavy_flavour_numbers

NUMBERS = heavy_flavour_numbers()


def with_b_to_s(**values: float) -> HeavyFlavourNumbers:
    document = NUMBERS.model_dump()
    for name, value in values.items():
        document["b_to_s"][name]["value"] = value
    return HeavyFlavourNumbers.model_validate(document)


# m_S, BR(B+ -> K+ S) and BR(B0 -> K*0 S) at sin(theta) = 1 of the specification
SCALAR = [
    (0.10, 0.3964, 0.4050),
    (0.25, 0.3968, 0.4050),
    (0.30, 0.3969, 0.4050),
    (0.50, 0.3979, 0.4050),
    (1.00, 0.4027, 0.4049),
    (2.00, 0.4219, 0.4009),
    (3.00, 0.4530, 0.3711),
    (4.00, 0.4681, 0.1844),
]


@pytest.mark.reference
@pytest.mark.parametrize(("mass", "kaon", "resonance"), SCALAR)
def test_scalar_rates_are_those_of_the_specification(mass: float, kaon: float, resonance: float) -> None:
    # Gamma = xi^2 (m_B^2 - m_K^2)^2/(m_b - m_s)^2 f0^2 lambda^(1/2)/(64 pi m_B^3) and its K* counterpart
    to_kaon = scalar_branching_fraction(NUMBERS, mass, 1.0, charged=True, vector=False)
    to_resonance = scalar_branching_fraction(NUMBERS, mass, 1.0, charged=False, vector=True)
    assert to_kaon == pytest.approx(kaon, rel=1e-3)
    assert to_resonance == pytest.approx(resonance, rel=1e-3)


@pytest.mark.reference
def test_couplings_and_width_of_the_specification() -> None:
    assert scalar_b_to_s_coupling(NUMBERS) == pytest.approx(5.85e-6, rel=1e-3)
    assert b_meson_width(NUMBERS, charged=True) == pytest.approx(4.018e-13, rel=1e-3, abs=0.0)
    # 9.66e-5 g_aW for m_t = 165 GeV and |V_tb V_ts| = 0.0411, 1.01e-4 for 173 GeV
    assert axion_b_to_s_coupling(with_b_to_s(ckm_product=0.0411)) == pytest.approx(9.66e-5, rel=2e-3)
    assert axion_b_to_s_coupling(with_b_to_s(ckm_product=0.0411, top_mass=173.0)) == pytest.approx(1.01e-4, rel=5e-3)


@pytest.mark.reference
@pytest.mark.parametrize(
    ("mass", "kaon", "resonance"),
    [
        (0.3, 1.8035e-7, 2.0195e-7),
        (1.0, 1.8285e-7, 2.0191e-7),
        (2.0, 1.9119e-7, 1.9998e-7),
        (3.0, 2.0433e-7, 1.8531e-7),
        (4.78, 3.0e-8, 0.0),
    ],
)
def test_axion_rates_are_those_of_the_specification(mass: float, kaon: float, resonance: float) -> None:
    # at g_aW = 1e-5/GeV, |V_tb V_ts| = 0.0411, f0 = 0.330/(1 - q^2/38.46)
    numbers = with_b_to_s(ckm_product=0.0411, f0_pole=38.46)
    to_kaon = axion_branching_fraction(numbers, mass, 1e-5, charged=True, vector=False)
    assert to_kaon == pytest.approx(kaon, rel=4e-3 if mass < 4.5 else 0.02)
    to_resonance = axion_branching_fraction(numbers, mass, 1e-5, charged=False, vector=True)
    assert to_resonance == pytest.approx(resonance, rel=4e-3)


def test_rates_scale_with_couplings_and_top_mass() -> None:
    one = scalar_branching_fraction(NUMBERS, 1.0, 1.0, charged=True, vector=False)
    assert scalar_branching_fraction(NUMBERS, 1.0, 1e-3, charged=True, vector=False) == pytest.approx(
        1e-6 * one, rel=1e-12, abs=0.0
    )
    axion = axion_branching_fraction(NUMBERS, 1.0, 1.0, charged=True, vector=False)
    assert axion_branching_fraction(NUMBERS, 1.0, 1e-5, charged=True, vector=False) == pytest.approx(
        1e-10 * axion, rel=1e-12, abs=0.0
    )
    heavy = scalar_branching_fraction(with_b_to_s(top_mass=172.7), 1.0, 1.0, charged=True, vector=False)
    assert heavy / one == pytest.approx((172.7 / 165.0) ** 4, rel=1e-12)
    assert heavy / one == pytest.approx(1.200, abs=1e-3)


def test_rates_end_where_the_b_meson_is_too_light_and_faster_for_the_resonance() -> None:
    for vector, charged, end in ((False, True, 5.27941 - 0.493677), (True, False, 5.27972 - 0.89555)):
        rates = [
            scalar_branching_fraction(NUMBERS, end - distance, 1.0, charged=charged, vector=vector)
            for distance in (-1e-6, 1e-6, 2e-6)
        ]
        assert rates[0] == 0.0
        # p* ~ sqrt(distance): rates ~ lambda^(1/2) or lambda^(3/2)
        assert rates[2] / rates[1] == pytest.approx(2.0 ** (1.5 if vector else 0.5), rel=1e-3)


def test_both_models_share_their_form_factor() -> None:
    """Ratio of the two rates to a kaon at two masses: everything but constants cancels."""
    ratio = [
        scalar_branching_fraction(NUMBERS, mass, 1.0, charged=True, vector=False)
        / axion_branching_fraction(NUMBERS, mass, 1.0, charged=True, vector=False)
        for mass in (0.3, 4.0)
    ]
    assert ratio[0] == pytest.approx(ratio[1], rel=1e-12)
    assert form_factor_f0(NUMBERS, 0.0) == 0.33
    assert math.isclose(form_factor_f0(NUMBERS, 19.0), 0.66)
