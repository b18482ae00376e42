"""The averaged efficiency of a displaced decay against its integral and its limits."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad

from darkreach.couplings import displaced_efficiency

REACH = 30.0


@pytest.mark.parametrize("length", [0.03, 1.0, 30.0, 2.9e3, 3.1e3, 1e5])
def test_closed_form_is_the_integral(length) -> None:
    def integrand(distance: float) -> float:
        return (1.0 - distance / REACH) * np.exp(-distance / length) / length

    integral, _ = quad(integrand, 0.0, REACH, epsabs=0.0, epsrel=1e-12, points=[min(length, REACH / 2)])
    assert float(displaced_efficiency(length, REACH)) == pytest.approx(integral, rel=1e-10)


def test_short_lived_limit_is_full_efficiency() -> None:
    lengths = np.array([0.0, 1e-9, 1e-3])
    np.testing.assert_allclose(displaced_efficiency(lengths, REACH), 1.0 - lengths / REACH, rtol=1e-14)


def test_long_lived_limit_is_half_the_reach_over_the_length() -> None:
    lengths = np.array([1e6, 1e9, 1e15])
    np.testing.assert_allclose(displaced_efficiency(lengths, REACH), REACH / (2.0 * lengths), rtol=2e-5)
    assert float(displaced_efficiency(np.inf, REACH)) == 0.0


def test_series_and_closed_form_meet() -> None:
    lengths = REACH / np.array([0.01 - 1e-9, 0.01 + 1e-9])
    below, above = displaced_efficiency(lengths, REACH)
    assert below == pytest.approx(above, rel=1e-6)
    slope = (above - below) / 2e-9
    assert slope == pytest.approx(0.5 - 0.01 / 3.0, rel=1e-3)
