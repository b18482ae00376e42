"""Probabilities to decay between radii against a table, adaptive quadrature, simulated flights and limits."""

from __future__ import annotations

import csv
import math
import warnings
from pathlib import Path

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import minimize_scalar

from darkreach.errors import ConfigError
from darkreach.models.decay_zones import (
    best_decay_length_cm,
    path_probability,
    radial_probability,
    zone_probabilities,
)

TABLE = Path(__file__).parents[4] / "shared" / "physics" / "tables" / "llp_acceptance.csv"
ZONES = {"P_0p05_60": (0.05, 60.0), "P_0p2_60": (0.2, 60.0), "P_1_16p8": (1.0, 16.8), "P_16p8_113": (16.8, 113.0)}


@pytest.mark.reference
def test_every_number_of_the_table() -> None:
    if not TABLE.is_file():
        pytest.skip("the reference table is not here")
    lines = [line for line in TABLE.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    rows = list(csv.DictReader(lines))
    for row in rows:
        boost, ctau = float(row["bg"]), float(row["ctau_cm"])
        for column, (inner, outer) in (ZONES | {"P_beyond300": (300.0, np.inf)}).items():
            probability = float(radial_probability(inner, outer, boost, ctau))
            # the last column of the table is one less the rest, others end where numbers do
            floor = 1e-15 if column == "P_beyond300" else 1e-250
            assert probability == pytest.approx(float(row[column]), rel=1e-5, abs=floor)
    assert len(rows) == 28


@pytest.mark.parametrize(
    ("inner", "outer", "length"),
    [(0.05, 60.0, 0.1), (1.0, 16.8, 3.0), (0.0, 0.2, 1e4), (5.0, 6.0, 0.2), (0.3, 60, 1e7)],
)
def test_agreement_with_adaptive_quadrature(inner: float, outer: float, length: float) -> None:
    def density(angle: float) -> float:
        sine = math.sin(angle)
        return sine * (math.exp(-inner / (length * sine)) * -math.expm1(-(outer - inner) / (length * sine)))

    expected = quad(density, 0.0, 0.5 * math.pi, epsabs=0.0, epsrel=1e-11, limit=200)[0]
    assert float(radial_probability(inner, outer, length, 1.0)) == pytest.approx(expected, rel=1e-9, abs=0.0)


def test_simulated_flights_with_a_boost_along_the_beam() -> None:
    random = np.random.default_rng(5)
    n, momentum, mass, ctau = 100_000, 2.5, 1.0, 5.0
    cosine = random.uniform(-1.0, 1.0, n)
    energy, gamma, speed = math.hypot(momentum, mass), 1.04, math.sqrt(1.0 - 1.04**-2)
    transverse = momentum * np.sqrt(1.0 - cosine**2)
    along = gamma * (momentum * cosine + speed * energy)
    flight = random.exponential(ctau, n) * np.hypot(transverse, along) / mass
    radius = flight * transverse / np.hypot(transverse, along)
    for (inner, outer), expected in {(0.05, 60.0): 0.98983, (1.0, 16.8): 0.7056}.items():
        exact = float(radial_probability(inner, outer, momentum / mass, ctau))
        assert exact == pytest.approx(expected, abs=5e-5)
        share = float(np.mean((radius > inner) & (radius < outer)))
        assert abs(share - exact) < 4.0 * math.sqrt(exact * (1.0 - exact) / n)


def test_prompt_displaced_and_escaping_sum_to_one() -> None:
    ctau = np.geomspace(1e-4, 1e8, 60)
    zones = zone_probabilities([0.05, 16.8, 60.0, 300.0], 1.7, ctau)
    assert zones.shape == (60, 5)
    assert np.all(zones >= 0.0)
    np.testing.assert_allclose(zones.sum(axis=1), 1.0, rtol=1e-11)
    assert zones[0, 0] > 0.99
    assert zones[-1, -1] > 0.99


def test_limits_of_long_and_short_lifetimes() -> None:
    # long: (r2 - r1) <1/d> with <1/s> = pi/2; infinite outer radius and zero inner: certainty
    assert float(radial_probability(1.0, 3.0, 2.0, 1e9)) == pytest.approx(math.pi / 2.0 * 1e-9, rel=1e-6, abs=0.0)
    assert float(radial_probability(0.0, np.inf, 2.0, 3.0)) == pytest.approx(1.0, rel=1e-12)
    # short: exp(-r1/d) is the leading factor
    ratio = radial_probability(1.0, np.inf, 1.0, 1e-2) / radial_probability(1.1, np.inf, 1.0, 1e-2)
    assert float(ratio) == pytest.approx(math.exp(10.0) * math.sqrt(1.1), rel=0.01)


def test_a_particle_at_rest_decays_on_the_axis() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        zones = zone_probabilities([0.05, 60.0], np.array([0.0, 1e-12, 1e-3]), 10.0)
        moving = zone_probabilities([0.05, 60.0], 1.7, np.geomspace(1e-9, 1e9, 19))
        assert float(radial_probability(0.05, np.inf, 0.0, 1.0)) == 0.0
        assert float(radial_probability(0.0, 0.1, 0.0, 1.0)) == 1.0
    assert zones[0].tolist() == [1.0, 0.0, 0.0]
    # and it is the limit of slow ones
    np.testing.assert_allclose(zones[1], zones[0], atol=1e-12)
    assert 0.9 < zones[2, 0] < 1.0
    np.testing.assert_allclose(moving.sum(axis=1), 1.0, rtol=1e-11)


def test_best_decay_length_along_one_path() -> None:
    found = minimize_scalar(
        lambda d: -float(path_probability(0.05, 60.0, d)),
        bounds=(0.1, 100.0),
        method="bounded",
        options={"xatol": 1e-6},
    )
    assert found.x == pytest.approx(best_decay_length_cm(0.05, 60.0), rel=1e-5)
    assert -found.fun == pytest.approx(0.99328, abs=5e-6)
    # a rate that falls as 1/d, and no outer radius: the best decay length is the inner radius
    rate = minimize_scalar(
        lambda d: -float(path_probability(0.7, np.inf, d)) / d,
        bounds=(0.01, 10.0),
        method="bounded",
        options={"xatol": 1e-8},
    )
    assert rate.x == pytest.approx(0.7, rel=1e-5)


@pytest.mark.parametrize("edges", [[0.0, 1.0], [2.0, 1.0], [-1.0], [math.nan, 1.0]])
def test_edges_that_do_not_rise_from_above_zero_are_refused(edges: list[float]) -> None:
    with pytest.raises(ConfigError, match="rise"):
        zone_probabilities(edges, 1.0, 1.0)
