from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import integrate

from darkreach.errors import ConfigError
from darkreach.generators import radiator_density, radiator_exponent
from darkreach.generators.signals.tau_pairs import radiated_cross_section_fb, tau_pair_cross_section_fb, tau_pairs
from darkreach.kinematics import TAU_MASS, Beams, boost, mass_squared

BEAMS = Beams(7.004, 4.002, 0.083)
HEAD_ON = Beams(5.29, 5.29, 0.0)
N = 50_000


@pytest.mark.reference
def test_lowest_order_is_the_value_of_the_specification() -> None:
    # 4 pi alpha^2/(3 s) beta (3 - beta^2)/2 at sqrt(s) = 10.58 GeV: 0.7721 nb
    assert float(tau_pair_cross_section_fb(10.58**2)) == pytest.approx(0.7721e6, rel=1e-4)
    assert float(tau_pair_cross_section_fb(4.0 * TAU_MASS**2)) == 0.0


def test_radiated_cross_section_agrees_with_adaptive_quadrature() -> None:
    s = 10.58**2
    exponent = radiator_exponent(s)

    def in_power(y: float) -> float:
        # x = y^(1/b) removes the soft peak
        x = y ** (1.0 / exponent)
        jacobian = x / (exponent * y)
        density = float(radiator_density(np.array([x]), exponent)[0])
        return density * jacobian * float(tau_pair_cross_section_fb(s * (1.0 - x)))

    largest = (1.0 - 4.0 * TAU_MASS**2 / s) ** exponent
    expected = integrate.quad(in_power, 1e-30, largest, epsrel=1e-9, limit=500)[0]
    assert radiated_cross_section_fb(s) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("fraction", [0.0, 0.35, 1.0])
def test_events_keep_momentum_and_the_rate(fraction: float) -> None:
    pairs = tau_pairs(BEAMS, N, np.random.default_rng(1), maximum_isr_fraction=fraction)
    total = pairs.negative + pairs.positive + pairs.radiated
    np.testing.assert_allclose(total, np.tile(BEAMS.four_momentum, (N, 1)), atol=1e-11)
    for lepton in (pairs.negative, pairs.positive):
        np.testing.assert_allclose(mass_squared(lepton), TAU_MASS**2, atol=1e-10)
    mean, error = float(pairs.weight.mean()), float(pairs.weight.std()) / math.sqrt(N)
    if fraction == 0.35:
        # softer radiation only: less than everything, and most of it
        assert 0.85 < mean < 1.0 - 4.0 * error
    else:
        assert abs(mean - 1.0) < 4.0 * error + 1e-9


def test_angles_are_those_of_the_matrix_element() -> None:
    pairs = tau_pairs(HEAD_ON, N, np.random.default_rng(2), maximum_isr_fraction=0.0)
    cosine = pairs.negative[:, 3] / np.linalg.norm(pairs.negative[:, 1:], axis=1)
    rest = 4.0 * TAU_MASS**2 / HEAD_ON.s
    # moments of 1 + r + (1 - r) c^2
    norm = 2.0 * (1.0 + rest) + 2.0 / 3.0 * (1.0 - rest)
    expected = (2.0 / 3.0 * (1.0 + rest) + 2.0 / 5.0 * (1.0 - rest)) / norm
    assert float(np.mean(cosine**2)) == pytest.approx(expected, abs=4.0 * float(np.std(cosine**2)) / math.sqrt(N))
    assert abs(float(np.mean(cosine))) < 4.0 * float(np.std(cosine)) / math.sqrt(N)


def test_pairs_are_back_to_back_in_the_centre_of_mass() -> None:
    pairs = tau_pairs(BEAMS, 100, np.random.default_rng(3), maximum_isr_fraction=0.0)
    negative, positive = (boost(lepton, -BEAMS.boost) for lepton in (pairs.negative, pairs.positive))
    np.testing.assert_allclose(negative[:, 1:], -positive[:, 1:], atol=1e-12)
    np.testing.assert_allclose(negative[:, 0], 0.5 * BEAMS.sqrt_s, rtol=1e-12)


def test_beams_below_the_threshold_are_refused() -> None:
    with pytest.raises(ConfigError, match="too little energy"):
        tau_pairs(Beams(1.7, 1.7, 0.0), 1, np.random.default_rng(1), maximum_isr_fraction=0.0)
