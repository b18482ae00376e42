"""Decays forced evenly in the logarithm of their length, re-weighted from one lifetime to all shorter ones.

The probability that a path decays in the window is computed here once more, from its crossings with both circles.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import integrate
from scipy.stats import kstest

from darkreach.errors import ConfigError
from darkreach.generators.decays import (
    DecayVertices,
    DecayWindow,
    decay_vertices,
    effective_fraction,
    isotropic_directions,
    lifetime_weights,
)
from darkreach.generators.signals.displaced_decays import displaced_decays

N = 100_000
GENERATED = 400.0
INNER, OUTER = 0.01, 80.0
LIFETIMES = (0.05, 1.0, 20.0, 200.0)


def flying(n: int, seed: int) -> np.ndarray:
    """Particles of mass one in all directions, p/m evenly from 0.5 to 4."""
    random = np.random.default_rng(seed)
    boost = random.uniform(0.5, 4.0, n)
    momentum = boost[:, np.newaxis] * isotropic_directions(n, random)
    return np.concatenate([np.sqrt(1.0 + boost**2)[:, np.newaxis], momentum], axis=1)


def forced(
    momentum: np.ndarray,
    lifetime: float,
    seed: int,
    origin: np.ndarray | None = None,
    radii: tuple[float, float] = (INNER, OUTER),
) -> DecayVertices:
    window = DecayWindow(*radii, "logarithmic")
    return decay_vertices(momentum, 1.0, lifetime, np.random.default_rng(seed), origin=origin, window=window)


def radius(decays: DecayVertices) -> np.ndarray:
    return np.hypot(decays.vertex[:, 0], decays.vertex[:, 1])


@pytest.fixture(scope="module")
def momenta() -> np.ndarray:
    return flying(N, seed=1)


@pytest.fixture(scope="module")
def long_lived(momenta: np.ndarray) -> DecayVertices:
    return forced(momenta, GENERATED, seed=2)


@pytest.fixture(scope="module")
def transverse(momenta: np.ndarray) -> np.ndarray:
    return np.hypot(momenta[:, 1], momenta[:, 2])


def closed_form(inner: float, outer: float, lifetime: float) -> float:
    """Average of exp(-r1/(b s ctau)) - exp(-r2/(b s ctau)) over p/m = b and the sine s of isotropic directions."""

    def inside(angle: float, boost: float) -> float:
        sine = math.sin(angle)
        length = boost * sine * lifetime
        return sine * (math.exp(-inner / length) - math.exp(-outer / length)) if sine > 1e-6 else 0.0

    both = integrate.dblquad(inside, 0.5, 4.0, 0.0, 0.5 * math.pi, epsabs=1e-9, epsrel=1e-7)
    return float(both[0]) / 3.5


@pytest.mark.parametrize("lifetime", LIFETIMES)
@pytest.mark.parametrize(("inner", "outer"), [(0.05, 60.0), (1.0, 16.8)])
def test_reweighted_acceptance_is_that_of_the_closed_form(
    lifetime: float, inner: float, outer: float, long_lived: DecayVertices
) -> None:
    weight = long_lived.weight * lifetime_weights(long_lived.proper_length, GENERATED, lifetime)
    kept = weight * ((radius(long_lived) > inner) & (radius(long_lived) < outer))
    error = float(kept.std()) / math.sqrt(N)
    expected = closed_form(inner, outer, lifetime)
    assert float(kept.mean()) == pytest.approx(expected, abs=4.0 * error)
    # 2 % of it, or the rare decays far out of short lifetimes
    assert error < 0.02 * expected or expected < 1e-3


@pytest.mark.parametrize("lifetime", LIFETIMES)
def test_reweighted_radii_and_momenta_are_those_of_free_decays(
    lifetime: float, momenta: np.ndarray, transverse: np.ndarray, long_lived: DecayVertices
) -> None:
    free = decay_vertices(momenta, 1.0, lifetime, np.random.default_rng(3))
    weight = long_lived.weight * lifetime_weights(long_lived.proper_length, GENERATED, lifetime)
    edges = np.array([0.01, 0.05, 0.2, 0.5, 1.0, 2.0, 5.0, 12.0, 30.0, 80.0])
    counted = np.histogram(radius(free), edges)[0]
    for values, bins, of_free in (
        (radius(long_lived), edges, counted),
        (
            transverse,
            np.linspace(0.0, 4.0, 9),
            np.histogram(transverse[(radius(free) > INNER) & (radius(free) < OUTER)], np.linspace(0.0, 4.0, 9))[0],
        ),
    ):
        weighted = np.histogram(values, bins, weights=weight)[0]
        squared = np.histogram(values, bins, weights=weight**2)[0]
        assert np.all(np.abs(of_free - weighted) < 4.5 * np.sqrt(of_free + squared) + 1.0)
        assert of_free.sum() > 0.1 * N


def test_reweighting_is_the_weight_of_the_other_lifetime(momenta: np.ndarray, long_lived: DecayVertices) -> None:
    for lifetime in LIFETIMES:
        other = forced(momenta, lifetime, seed=2)
        np.testing.assert_array_equal(other.vertex, long_lived.vertex)
        turned = long_lived.weight * lifetime_weights(long_lived.proper_length, GENERATED, lifetime)
        np.testing.assert_allclose(turned, other.weight, rtol=1e-10, atol=1e-300)


def test_decays_are_even_in_the_logarithm_of_the_radius(long_lived: DecayVertices) -> None:
    place = np.log(radius(long_lived) / INNER) / math.log(OUTER / INNER)
    assert kstest(place, "uniform").pvalue > 1e-4
    assert place.min() > -1e-9 and place.max() < 1.0 + 1e-9


@pytest.mark.parametrize("lifetime", [0.002, 0.05, 1.0, 20.0, 200.0])
def test_effective_share_of_events(lifetime: float) -> None:
    """E w = [-exp(-x)] and E w^2 = L [-(1 + 2 x) exp(-2 x)]/4 between the ends x = l/tau, L the log of their ratio."""
    momentum = np.tile([math.sqrt(5.0), 2.0, 0.0, 0.0], (N, 1))
    weight = forced(momentum, lifetime, seed=4).weight
    low, high = INNER / (2.0 * lifetime), OUTER / (2.0 * lifetime)
    length = math.log(OUTER / INNER)
    mean = math.exp(-low) - math.exp(-high)
    square = 0.25 * length * ((1 + 2 * low) * math.exp(-2 * low) - (1 + 2 * high) * math.exp(-2 * high))
    assert float(weight.mean()) == pytest.approx(mean, rel=4.0 * math.sqrt((square / mean**2 - 1.0) / N))
    assert effective_fraction(weight) == pytest.approx(mean**2 / square, rel=0.05)
    if lifetime == 1.0:
        # far from both ends
        assert effective_fraction(weight) == pytest.approx(4.0 / length, rel=0.05)
    # x exp(-x) is at most 1/e
    assert float(weight.max()) <= length / math.e * (1.0 + 1e-12)


def test_windows_add_up(momenta: np.ndarray) -> None:
    for lifetime in (0.05, 20.0):
        sums, variances = [], []
        for seed, radii in enumerate([(0.01, 0.3), (0.3, 5.0), (5.0, 80.0), (0.01, 80.0)]):
            weight = forced(momenta, lifetime, 10 + seed, radii=radii).weight
            sums.append(float(weight.mean()))
            variances.append(float(weight.var()) / N)
        assert sum(sums[:3]) == pytest.approx(sums[3], abs=4.0 * math.sqrt(sum(variances)))


def probability(origin: np.ndarray, momentum: np.ndarray, lifetime: float) -> np.ndarray:
    """Probability (n,) to decay between both circles: inside of the outer one less inside of the inner one."""
    size = np.hypot(momentum[:, 1], momentum[:, 2])
    along = (origin[:, 0] * momentum[:, 1] + origin[:, 1] * momentum[:, 2]) / size
    beside = (origin[:, 0] * momentum[:, 2] - origin[:, 1] * momentum[:, 1]) / size
    inside = []
    for circle in (OUTER, INNER):
        half = np.sqrt(np.maximum(circle**2 - beside**2, 0.0))
        ends = [np.maximum((-along + sign * half) / size, 0.0) for sign in (-1.0, 1.0)]
        inside.append(np.exp(-ends[0] / lifetime) - np.exp(-ends[1] / lifetime))
    return np.asarray(inside[0] - inside[1])


@pytest.mark.parametrize("size", [0.0, 0.003, 0.0099, 0.0101, 0.03, 3.0, 79.999, 90.0])
def test_origins_off_the_axis_stay_unbiased(size: float) -> None:
    """Origins inside, on, between and beyond the circles, against the probability of each path."""
    n = 20_000
    random = np.random.default_rng(20)
    momentum = flying(n, seed=21)
    turn = random.uniform(0.0, 2.0 * math.pi, n)
    origin = np.stack([size * np.cos(turn), size * np.sin(turn), random.normal(0.0, 0.02, n)], axis=1)
    for lifetime in (0.004, *LIFETIMES):
        decays = forced(momentum, lifetime, seed=22, origin=origin)
        expected = probability(origin, momentum, lifetime)
        error = float(np.std(decays.weight - expected)) / math.sqrt(n)
        assert abs(float(np.mean(decays.weight - expected))) < 4.0 * error + 1e-12
        kept = radius(decays)[decays.weight > 0.0]
        assert kept.min() >= INNER * (1 - 1e-9) and kept.max() <= OUTER * (1 + 1e-9)
        if size < 0.5 * INNER:
            assert float(decays.weight.max()) < math.log(1e6) / math.e
        if lifetime == 1.0 and size < 0.1:
            # 4/ln(80/0.01) = 0.445: origins near the inner circle cost nothing
            assert effective_fraction(decays.weight) > 0.4


def test_paths_along_the_axis_decay_nowhere_in_the_window() -> None:
    along = np.array([[math.sqrt(2.0), 0.0, 0.0, 1.0]])
    assert forced(along, 1.0, seed=1).weight.tolist() == [0.0]
    assert forced(along, 1.0, seed=1, origin=np.array([[1.0, 0.0, 0.0]])).weight.tolist() == [0.0]


WINDOW = {"decay_radius_from_cm": 0.05, "decay_radius_to_cm": 60.0}


def test_parameters_choose_the_spread() -> None:
    for value, spread in ((0.0, "exponential"), (1.0, "logarithmic")):
        window = displaced_decays({"lifetime_ctau_cm": 2.0, "decay_spread": value, **WINDOW}).window
        assert window == DecayWindow(0.05, 60.0, spread)  # type: ignore[arg-type]
    free = {"decay_radius_from_cm": 0.0, "decay_radius_to_cm": 0.0}
    assert displaced_decays({"lifetime_ctau_cm": 2.0, "decay_spread": 0.0, **free}).window is None


@pytest.mark.parametrize(
    ("values", "where", "given"),
    [
        ({"decay_spread": 2.0}, "decay_spread", "2 with a window"),
        ({"decay_spread": 0.5}, "decay_spread", "0.5 with a window"),
        ({"decay_spread": -1.0}, "decay_spread", "-1 with a window"),
        ({"decay_spread": 1.0, "decay_radius_from_cm": 0.0}, "decay_radius_from_cm", "0 cm"),
        (
            {"decay_spread": 1.0, "decay_radius_from_cm": 0.0, "decay_radius_to_cm": 0.0},
            "decay_spread",
            "1 without a window",
        ),
    ],
)
def test_spreads_without_meaning_are_refused(values: dict[str, float], where: str, given: str) -> None:
    with pytest.raises(ConfigError) as refused:
        displaced_decays({"lifetime_ctau_cm": 2.0, **WINDOW, **values})
    assert (refused.value.where, refused.value.given) == (where, given)
    assert refused.value.next_step
