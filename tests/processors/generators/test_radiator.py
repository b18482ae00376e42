from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.integrate import quad

from darkreach.generators.radiator import (
    radiator_density,
    radiator_exponent,
    radiator_integral,
    sample_radiation,
    soft_factor,
)

EXPONENT = radiator_exponent(10.58**2)


def test_exponent_at_the_upsilon_4s() -> None:
    # the usual number of the B factories, 0.088
    assert pytest.approx(0.088, abs=5e-4) == EXPONENT
    assert pytest.approx(2 / (137.036 * math.pi) * (2 * math.log(10.58 / 0.51099895e-3) - 1)) == EXPONENT


@pytest.mark.parametrize("maximum", [0.01, 0.35, 0.9])
def test_closed_integral_against_quadrature(maximum: float) -> None:
    # in y = x^b the integrand is finite at the soft end
    def integrand(y: float) -> float:
        x = y ** (1.0 / EXPONENT)
        return float(radiator_density(np.array([x]), EXPONENT)[0]) * x ** (1.0 - EXPONENT) / EXPONENT

    numeric, _ = quad(integrand, 1e-30, maximum**EXPONENT, epsabs=1e-12)
    assert radiator_integral(maximum, EXPONENT) == pytest.approx(numeric, rel=1e-8)


def test_radiator_is_positive_and_falls() -> None:
    density = radiator_density(np.linspace(1e-6, 0.5, 1000), EXPONENT)
    assert (density > 0).all()
    assert (np.diff(density) < 0).all()


def test_sampled_weights_give_the_integral_and_the_shape() -> None:
    uniform = (np.arange(400_000) + 0.5) / 400_000
    fraction, weight = sample_radiation(uniform, np.full(uniform.shape, 0.35), EXPONENT)
    assert weight.mean() == pytest.approx(radiator_integral(0.35, EXPONENT), rel=1e-5)
    below = weight[fraction < 0.1].sum() / len(weight)
    assert below == pytest.approx(radiator_integral(0.1, EXPONENT), rel=1e-4)


def test_weights_stay_finite_at_the_ends() -> None:
    fraction, weight = sample_radiation(np.array([0.0, 1e-300, 0.5]), np.array([0.35, 0.35, 0.0]), EXPONENT)
    assert np.isfinite(fraction).all()
    assert weight[0] == pytest.approx(soft_factor(EXPONENT) * 0.35**EXPONENT)
    # an event that cannot radiate below threshold gets no weight
    assert fraction[2] == weight[2] == 0.0
