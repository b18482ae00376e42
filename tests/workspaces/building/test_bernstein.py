from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import comb

from darkreach.building.bernstein import bernstein_background, bernstein_integrals, fit_coefficients
from darkreach.building.channels import cut_channels
from darkreach.building.region_spectra import RegionSpectra

EDGES = np.array([2.0, 2.5, 3.5, 5.0, 5.25, 8.0])


@pytest.mark.parametrize("order", [1, 3, 5, 8])
def test_partition_of_unity(order):
    widths = np.diff(EDGES) / (EDGES[-1] - EDGES[0])
    np.testing.assert_allclose(bernstein_integrals(EDGES, order).sum(axis=0), widths, rtol=1e-12)
    np.testing.assert_allclose(bernstein_integrals(EDGES, order).sum(axis=1), 1.0 / (order + 1), rtol=1e-12)


def test_integrals_agree_with_quadrature():
    integrals = bernstein_integrals(EDGES, 3)
    unit = (EDGES - EDGES[0]) / (EDGES[-1] - EDGES[0])
    for k in range(4):
        for index in range(5):
            expected, _ = quad(lambda u, k=k: comb(3, k) * u**k * (1 - u) ** (3 - k), unit[index], unit[index + 1])
            assert integrals[k, index] == pytest.approx(expected, rel=1e-10)


def test_fit_finds_the_coefficients_of_a_polynomial():
    true = np.array([3.0, 0.5, 2.0, 1.0])
    basis = 1000.0 * bernstein_integrals(np.linspace(0.0, 1.0, 25), 3)
    np.testing.assert_allclose(fit_coefficients(basis, true @ basis), true, rtol=1e-9)


def spectra_of(template, edges):
    return RegionSpectra("low", edges, {"b": {"nominal": template}}, {"b": 0.01 * template}, template, (0, 0))


def test_smooth_template_is_described_and_starts_at_the_minimum():
    edges = np.linspace(1.0, 2.0, 25)
    template = 1.0e5 * -np.diff(np.exp(-edges))
    channels = cut_channels("low", 24, 12)
    made = bernstein_background(spectra_of(template, edges), channels, 3, 6)
    inits = [parameter["inits"][0] for parameter in made.parameters]
    total = np.concatenate([
        np.sum([c * np.array(s["data"]) for c, s in zip(inits, made.samples[channel.name], strict=True)], axis=0)
        for channel in channels
    ])  # fmt: skip
    # exp(-x) over one unit of x: a cubic misses it by less than 1e-3, and by 0.02 units of chi-square
    np.testing.assert_allclose(total, template, rtol=1e-3)
    assert made.chi_square < 0.02
    assert made.degrees_of_freedom == 20
    assert [p["name"] for p in made.parameters] == [f"bernstein_low_00_{k}" for k in range(4)]


def test_wrong_order_shows_in_chi_square():
    edges = np.linspace(0.0, 1.0, 25)
    template = 1.0e4 * np.diff(edges + np.sin(12.0 * edges) / 20.0)
    made = bernstein_background(spectra_of(template, edges), cut_channels("low", 24, 12), 1, 6)
    assert made.chi_square > 10.0 * made.degrees_of_freedom


def test_coefficient_at_its_bound_starts_inside():
    edges = np.linspace(0.0, 1.0, 13)
    template = 100.0 * np.diff(edges**4) + 1e-6
    made = bernstein_background(spectra_of(template, edges), cut_channels("low", 12, 12), 3, 5)
    for parameter in made.parameters:
        (low, high), (start,) = parameter["bounds"][0], parameter["inits"]
        assert low == 0.0
        assert 0.0 < start < high
