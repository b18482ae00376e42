"""The asymptotic formulas against the normal distribution, pyhf's documented numbers and their own limits."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import norm

from darkreach.limits.asymptotic_cls import BANDS, band_target, expected_cls, observed_cls


@pytest.mark.parametrize("band", BANDS)
@pytest.mark.parametrize("cl", [0.68, 0.90, 0.95, 0.999])
def test_expected_cls_at_the_target_is_one_minus_the_confidence_level(cl: float, band: int) -> None:
    target = band_target(cl, band)
    ratio = norm.sf(target - band) / norm.cdf(band)
    assert ratio == pytest.approx(1.0 - cl, rel=1e-12)
    assert expected_cls(target**2, band) == pytest.approx(ratio, rel=1e-10)


@pytest.mark.reference
def test_observed_cls_reproduces_the_numbers_in_the_documentation_of_pyhf() -> None:
    # pyhf.infer.calculators: uncorrelated_background(signal=[12, 11], bkg=[50, 52], bkg_uncertainty=[3, 7]),
    # data [51, 48], mu = 1: test statistic 0.14043184, CLsb 0.02332502, CLb 0.4441594, CLs 0.05251497
    root_asimov = norm.isf(0.02332502) - 0.14043184
    q = root_asimov**2 + 2.0 * root_asimov * 0.14043184
    assert norm.sf(0.14043184) == pytest.approx(0.4441594, rel=1e-6)
    assert observed_cls(q, root_asimov**2) == pytest.approx(0.05251497, rel=2e-6)


def test_data_equal_to_the_median_have_the_median_cls() -> None:
    for q in (0.1, 1.0, 10.0):
        assert observed_cls(q, q) == pytest.approx(expected_cls(q, 0), rel=1e-14)


def test_both_branches_meet_and_cls_falls_with_q() -> None:
    asimov = 3.0
    below, above = observed_cls(asimov - 1e-9, asimov), observed_cls(asimov + 1e-9, asimov)
    assert below == pytest.approx(above, abs=1e-9)
    curve = [observed_cls(q, asimov) for q in np.linspace(0.0, 12.0, 50)]
    assert np.all(np.diff(curve) < 0.0)


def test_without_separation_nothing_is_excluded() -> None:
    assert observed_cls(0.0, 0.0) == 1.0
    assert expected_cls(0.0, 0) == pytest.approx(1.0)


def test_far_tail_keeps_its_digits() -> None:
    # CLs = Phi(-x)/Phi(0) for q = qA = x^2; Mills ratio at x = 20
    x = 20.0
    tail = math.exp(-0.5 * x**2) / (x * math.sqrt(2.0 * math.pi)) * (1.0 - 1.0 / x**2 + 3.0 / x**4 - 15.0 / x**6)
    assert observed_cls(x**2, x**2) == pytest.approx(2.0 * tail, rel=1e-6)
