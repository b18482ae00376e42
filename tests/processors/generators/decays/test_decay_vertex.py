from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import integrate

from darkreach.errors import ConfigError
from darkreach.generators.decays import (
    DecayWindow,
    Spread,
    decay_vertices,
    effective_fraction,
    expected_effective_fraction,
    isotropic_directions,
    lifetime_weights,
)

N = 200_000

SPREADS: tuple[Spread, ...] = ("exponential", "uniform", "logarithmic")


def isotropic(boost: float, n: int, seed: int) -> np.ndarray:
    """Particles of mass one with p/m = boost."""
    momentum = boost * isotropic_directions(n, np.random.default_rng(seed))
    return np.concatenate([np.full((n, 1), math.sqrt(1.0 + boost**2)), momentum], axis=1)


def radius(vertex: np.ndarray) -> np.ndarray:
    return np.hypot(vertex[:, 0], vertex[:, 1])


def acceptance(inner: float, outer: float, boost: float, lifetime: float) -> float:
    """Return int_0^1 dc [exp(-r1/(b s ctau)) - exp(-r2/(b s ctau))], s = sqrt(1 - c^2), by quadrature."""

    def inside(c: float) -> float:
        length = boost * math.sqrt(1.0 - c * c) * lifetime
        return math.exp(-inner / length) - math.exp(-outer / length)

    return float(integrate.quad(inside, 0.0, 1.0, epsabs=1e-10)[0])


# closed form of the specification: b, ctau (cm), r1, r2 (cm), probability
CHECK_VALUES = [
    (1.0, 0.1, 0.05, 60.0, 0.506),
    (1.0, 1.0, 0.05, 60.0, 0.927),
    (1.0, 10.0, 0.05, 60.0, 0.991),
    (1.0, 100.0, 0.05, 60.0, 0.553),
    (1.0, 0.1, 0.2, 60.0, 0.0855),
    (1.0, 100.0, 0.2, 60.0, 0.551),
    (2.5, 5.0, 0.05, 60.0, 0.98983),
    (2.5, 5.0, 1.0, 16.8, 0.7056),
]


@pytest.mark.reference
@pytest.mark.parametrize(("boost", "lifetime", "inner", "outer", "expected"), CHECK_VALUES)
def test_free_and_forced_decays_have_the_acceptance_of_the_closed_form(
    boost: float, lifetime: float, inner: float, outer: float, expected: float
) -> None:
    assert acceptance(inner, outer, boost, lifetime) == pytest.approx(expected, abs=6e-4)
    momentum = isotropic(boost, N, seed=1)
    free = radius(decay_vertices(momentum, 1.0, lifetime, np.random.default_rng(2)).vertex)
    counted = float(np.mean((free > inner) & (free < outer)))
    assert abs(counted - expected) < 4.0 * math.sqrt(expected * (1.0 - expected) / N) + 6e-4
    for spread in SPREADS:
        window = DecayWindow(inner, outer, spread)
        forced = decay_vertices(momentum, 1.0, lifetime, np.random.default_rng(3), window=window)
        r = radius(forced.vertex)
        assert np.all((r > inner * (1 - 1e-9)) & (r < outer * (1 + 1e-9)))
        assert abs(float(forced.weight.mean()) - expected) < 4.0 * float(forced.weight.std()) / math.sqrt(N) + 6e-4


@pytest.mark.parametrize("spread", SPREADS)
def test_forced_decays_have_the_radii_of_free_ones(spread: Spread) -> None:
    momentum = isotropic(1.7, N, seed=4)
    free = radius(decay_vertices(momentum, 1.0, 3.0, np.random.default_rng(5)).vertex)
    forced = decay_vertices(momentum, 1.0, 3.0, np.random.default_rng(6), window=DecayWindow(0.2, 9.0, spread))
    edges = np.array([0.2, 0.5, 1.0, 2.0, 4.0, 9.0])
    counted = np.histogram(free, edges)[0]
    r = radius(forced.vertex)
    weighted = np.histogram(r, edges, weights=forced.weight)[0]
    squared = np.histogram(r, edges, weights=forced.weight**2)[0]
    assert np.all(np.abs(counted - weighted) < 4.0 * np.sqrt(counted + squared))


@pytest.mark.parametrize("spread", SPREADS)
@pytest.mark.parametrize(("inner", "outer"), [(0.5, 2.0), (1.2, 2.0), (0.3, 0.9), (0.0, 2.0)])
def test_forced_decays_of_displaced_origins_agree_with_free_ones(inner: float, outer: float, spread: Spread) -> None:
    """Origins inside, between and outside of the two circles."""
    momentum = isotropic(1.2, N, seed=7)
    origin = np.tile([0.6, 0.8, -3.0], (N, 1))
    free = decay_vertices(momentum, 1.0, 0.8, np.random.default_rng(8), origin=origin)
    r = radius(free.vertex)
    expected = float(np.mean((r > inner) & (r < outer)))
    # a logarithm cannot begin at zero
    window = DecayWindow(inner if spread != "logarithmic" else max(inner, 1e-3), outer, spread)
    forced = decay_vertices(momentum, 1.0, 0.8, np.random.default_rng(9), origin=origin, window=window)
    error = math.sqrt((float(forced.weight.var()) + expected) / N)
    assert 0.01 < expected < 0.95
    assert abs(float(forced.weight.mean()) - expected) < 4.0 * error
    kept = radius(forced.vertex)[forced.weight > 0.0]
    assert kept.min() >= inner * (1 - 1e-9) and kept.max() <= outer * (1 + 1e-9)


def test_decays_lie_on_the_line_of_flight_at_their_proper_length() -> None:
    momentum = isotropic(2.0, 1000, seed=10)
    decays = decay_vertices(momentum, 1.0, 5.0, np.random.default_rng(11), origin=np.ones((1000, 3)))
    path = decays.vertex - 1.0
    np.testing.assert_allclose(path, momentum[:, 1:] * decays.proper_length[:, np.newaxis], atol=1e-12)
    assert decays.proper_length.mean() == pytest.approx(5.0, abs=4.0 * 5.0 / math.sqrt(1000))


def test_prompt_decays_stay_at_their_origin() -> None:
    origin = np.random.default_rng(1).random((5, 3))
    decays = decay_vertices(isotropic(1.0, 5, seed=1), 1.0, 0.0, np.random.default_rng(1), origin=origin)
    np.testing.assert_array_equal(decays.vertex, origin)


@pytest.mark.parametrize("ratio", [0.1, 0.25, 0.5, 0.8, 1.0, 1.2])
def test_lifetime_weights_have_mean_one_and_the_expected_worth(ratio: float) -> None:
    decays = decay_vertices(isotropic(1.0, N, seed=12), 1.0, 4.0, np.random.default_rng(13))
    weight = lifetime_weights(decays.proper_length, 4.0, 4.0 * ratio)
    assert float(weight.mean()) == pytest.approx(1.0, abs=4.0 * float(weight.std()) / math.sqrt(N) + 1e-12)
    assert effective_fraction(weight) == pytest.approx(expected_effective_fraction(ratio), rel=0.03)
    assert float(np.mean(weight * decays.proper_length)) == pytest.approx(4.0 * ratio, rel=0.03)


def test_reweighted_radii_are_those_of_the_other_lifetime() -> None:
    momentum = isotropic(1.0, N, seed=14)
    decays = decay_vertices(momentum, 1.0, 6.0, np.random.default_rng(15))
    weight = lifetime_weights(decays.proper_length, 6.0, 2.0)
    r = radius(decays.vertex)
    for inner, outer in ((0.05, 60.0), (1.0, 16.8), (4.0, 8.0)):
        inside = weight * ((r > inner) & (r < outer))
        expected = acceptance(inner, outer, 1.0, 2.0)
        assert abs(float(inside.mean()) - expected) < 4.0 * float(inside.std()) / math.sqrt(N)


@pytest.mark.parametrize("lifetime", [-1.0, math.nan, math.inf])
def test_lifetimes_without_meaning_are_refused(lifetime: float) -> None:
    with pytest.raises(ConfigError, match="lifetime"):
        decay_vertices(isotropic(1.0, 2, seed=1), 1.0, lifetime, np.random.default_rng(1))


def test_forcing_needs_a_lifetime_and_a_window() -> None:
    with pytest.raises(ConfigError, match="lifetime"):
        decay_vertices(isotropic(1.0, 2, 1), 1.0, 0.0, np.random.default_rng(1), window=DecayWindow(1.0, 2.0))
    with pytest.raises(ConfigError, match="window"):
        DecayWindow(2.0, 1.0)


def test_weights_to_much_longer_lifetimes_are_refused() -> None:
    with pytest.raises(ConfigError, match="variance") as refused:
        lifetime_weights(np.ones(3), 1.0, 2.0)
    assert refused.value.allowed == "below 2 cm"
    with pytest.raises(ConfigError, match="lifetime"):
        lifetime_weights(np.ones(3), 1.0, 0.0)
