"""Our limits in mass and lifetime beside published ones, with limits whose ratios and slopes are known."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from darkreach.catalogue import beside_lifetimes
from darkreach.catalogue.median_limits import MedianLimits
from darkreach.couplings import LifetimeLimit
from darkreach.published import PublishedLifetimeLimit, PublishedLifetimes

LIFETIMES = (0.05, 0.1, 1.0, 10.0, 100.0)


def curve(mass: float, ctau: float) -> float:
    """Steep at short and at long lifetimes."""
    return 1e-8 * mass**2 * (math.exp(0.3 / ctau) + ctau)


def published(masses: tuple[float, ...] = (0.5, 2.0)) -> PublishedLifetimes:
    values = [
        PublishedLifetimeLimit(channel="mumu", mass_gev=mass, ctau_cm=ctau, upper=curve(mass, ctau))
        for mass in masses
        for ctau in LIFETIMES
    ]
    return PublishedLifetimes(
        paper="p", source="arXiv:1", quantity="q", kind="observed", confidence_level=0.95,
        luminosity_inverse_fb=189.0, values=tuple(values),
    )  # fmt: skip


def ours(masses: tuple[float, ...], factor: float = 1.4, power: float = 0.0) -> list[LifetimeLimit]:
    # other quantiles must not be compared
    return [
        LifetimeLimit("mumu", mass, ctau, quantile, scale * factor * curve(mass, ctau) * ctau**power)
        for mass in masses
        for ctau in LIFETIMES
        for quantile, scale in (("observed", 7.0), ("0", 1.0), ("1", 2.0))
    ]


def test_ratios_and_trend_of_limits_that_are_some_times_higher() -> None:
    found = beside_lifetimes(published(), ours((0.5, 2.0), factor=1.4), 189.0)
    assert found.ratios == pytest.approx([1.4] * 10, rel=1e-12)
    assert found.reached
    (trend,) = found.trends
    assert (trend.channel, trend.masses) == ("mumu", 2)
    assert trend.rank_correlation == pytest.approx(1.0, rel=1e-12)
    assert trend.slope_difference == pytest.approx(0.0, abs=1e-12)
    content = json.loads(json.dumps(found.as_dict(), allow_nan=False))
    assert content["median_ratio"] == pytest.approx(1.4, rel=1e-12)
    assert content["smallest_ratio"] == pytest.approx(1.4, rel=1e-12)


def test_a_drift_with_the_lifetime_is_seen() -> None:
    (trend,) = beside_lifetimes(published(), ours((0.5, 2.0), power=-0.25), None).trends
    assert trend.slope_difference == pytest.approx(-0.25, rel=1e-9)
    mixed = [*ours((0.5,), power=0.1), *ours((2.0,), power=-0.3)]
    (largest,) = beside_lifetimes(published(), mixed, None).trends
    assert largest.slope_difference == pytest.approx(-0.3, rel=1e-9)
    (largest,) = beside_lifetimes(published(), [*ours((0.5,), power=0.4), *ours((2.0,), power=-0.3)], None).trends
    assert largest.slope_difference == pytest.approx(0.4, rel=1e-9)
    # rising ours beside ranks 5, 3, 1, 2, 4 of the published ones: 1 - 6 sum(d^2)/(n (n^2 - 1))
    (steep,) = beside_lifetimes(published(), ours((0.5, 2.0), power=5.0), None).trends
    assert steep.rank_correlation == pytest.approx(1.0 - 6.0 * 26.0 / 120.0, rel=1e-12)


def test_between_masses_the_logarithm_is_straight() -> None:
    # limits that go as a power of the mass are exact there
    medians = MedianLimits(ours((1.8, 2.3)))
    assert medians.at("mumu", 2.0, LIFETIMES) == pytest.approx(
        [1.4 * curve(2.0, ctau) for ctau in LIFETIMES], rel=1e-9, abs=0.0
    )
    # as near as this it is the same mass
    near = medians.at("mumu", 1.8 * 1.004, LIFETIMES)
    assert near == pytest.approx([1.4 * curve(1.8, ctau) for ctau in LIFETIMES], rel=1e-9, abs=0.0)


@pytest.mark.parametrize(
    ("limits", "missing"),
    [
        # neighbours too far apart; one side only; another channel; no limit at short lifetimes
        (ours((0.5, 1.0, 2.8)), 5),
        (ours((0.5, 1.8)), 5),
        ([], 10),
        ([limit for limit in ours((0.5, 2.0)) if limit.ctau_cm > 0.05], 2),
        ([*ours((0.5,)), *(LifetimeLimit("mumu", 2.0, ctau, "0", math.inf) for ctau in LIFETIMES)], 5),
    ],
)
def test_values_without_a_limit_of_ours_are_told(limits: list[LifetimeLimit], missing: int) -> None:
    found = beside_lifetimes(published(), limits, 189.0)
    assert len(found.rows) - len(found.ratios) == missing
    assert not found.reached
    json.dumps(found.as_dict(), allow_nan=False)


def test_one_ratio_beyond_the_factor_is_enough_to_miss_the_goal() -> None:
    limits = ours((0.5, 2.0), factor=1.0)
    limits[1] = LifetimeLimit("mumu", 0.5, 0.05, "0", 3.01 * curve(0.5, 0.05))
    found = beside_lifetimes(published(), limits, 189.0)
    assert (found.inside, found.median_ratio) == (9, pytest.approx(1.0, rel=1e-12))
    assert not found.reached
    assert not beside_lifetimes(published(), ours((0.5, 2.0), factor=1.6), 189.0).reached


def test_flat_limits_have_no_order() -> None:
    flat = [LifetimeLimit("mumu", mass, ctau, "0", 1e-8) for mass in (0.5, 2.0) for ctau in LIFETIMES]
    (trend,) = beside_lifetimes(published(), flat, 189.0).trends
    assert trend.rank_correlation == 0.0
    assert np.isfinite(trend.slope_difference)
