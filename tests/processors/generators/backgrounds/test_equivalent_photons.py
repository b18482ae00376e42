from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.integrate import quad

from darkreach.generators.backgrounds.equivalent_photons import (
    photon_flux,
    photon_flux_density,
    smallest_virtuality,
    two_photon_rate_fb,
)


@pytest.mark.parametrize("fraction", [1e-4, 0.05, 0.5, 0.97])
def test_flux_is_the_integral_of_its_density(fraction: float) -> None:
    low, high = float(smallest_virtuality(fraction)), 0.7
    integral, _ = quad(
        lambda logarithm: float(photon_flux_density(fraction, math.exp(logarithm))), *np.log([low, high])
    )
    assert float(photon_flux(fraction, high)) == pytest.approx(integral, rel=1e-9)


def test_no_flux_below_the_smallest_virtuality() -> None:
    assert float(photon_flux(0.9, 0.5 * float(smallest_virtuality(0.9)))) == 0.0


@pytest.mark.agreement
def test_rate_by_another_quadrature() -> None:
    # of a constant 1 fb: nested adaptive integrals over both energy fractions
    s, low, high = 100.0, 2.0, 6.0

    def inner(first: float) -> float:
        def product(second: float) -> float:
            largest = 0.25 * first * second * s
            return float(photon_flux(first, largest) * photon_flux(second, largest))

        bounds = low**2 / (s * first), min(high**2 / (s * first), 1.0)
        return float(quad(product, *bounds, limit=100)[0]) if bounds[1] > bounds[0] else 0.0

    expected, _ = quad(inner, low**2 / s, 1.0, limit=100, points=[high**2 / s])
    rate = two_photon_rate_fb(s, (low, high), 0.25, lambda squared: np.ones_like(squared))
    assert rate == pytest.approx(expected, rel=2e-3)
