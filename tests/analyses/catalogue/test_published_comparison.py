"""Ours beside published values: at the same luminosity, projected to another one, and the goals."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import numpy as np
import pytest

from darkreach.catalogue import ComparedCurve, PublishedComparison, beside_published
from darkreach.configuration import CouplingSettings
from darkreach.couplings import couplings_from_limits
from darkreach.limits import LimitsDocument, compute_limits, limit_engine
from darkreach.published import PublishedLimits, PublishedPoint
from darkreach.sharing import Hypothesis

SETTINGS = CouplingSettings(name="epsilon", unit="", model="dark_photon_invisible")
LUMINOSITY = 20.0
BACKGROUND = 1e6


def hypothesis(mass: float) -> Hypothesis:
    """One bin with many background events: the limit goes as 1.645 sqrt(b)/s."""
    signal = {
        "name": "signal",
        "data": [100.0 * mass],
        "modifiers": [{"name": "mu", "type": "normfactor", "data": None}],
    }
    workspace = {
        "channels": [{"name": "c", "samples": [signal, {"name": "b", "data": [BACKGROUND], "modifiers": []}]}],
        "measurements": [
            {
                "name": "m",
                "config": {"poi": "mu", "parameters": [{"name": "mu", "inits": [0.0], "bounds": [[0.0, 1e4]]}]},
            }
        ],
        "observations": [{"name": "c", "data": [BACKGROUND]}],
        "version": "1.0.0",
    }
    meaning = {"coupling": 1e-3, "data_kind": "pseudo-data", "luminosity_inverse_fb": LUMINOSITY}
    return Hypothesis(f"m{mass:g}", {"mass_gev": mass}, workspace, meaning)


@pytest.fixture(scope="module")
def hypotheses() -> list[Hypothesis]:
    return [hypothesis(mass) for mass in (1.0, 2.0, 3.0, 4.0, 8.0)]


@pytest.fixture(scope="module")
def document(hypotheses: list[Hypothesis]) -> LimitsDocument:
    limits = compute_limits(hypotheses, [0.9], engine=limit_engine("auto", method="asymptotic"))
    meanings = {one.name: dict(one.meaning) for one in hypotheses}
    return LimitsDocument("s", "mu", ("mass_gev",), LUMINOSITY, "", {}, meanings, tuple(limits))


def published(luminosity: float, *values: tuple[float, float]) -> PublishedLimits:
    points = tuple(PublishedPoint(mass_gev=mass, limit=limit) for mass, limit in values)
    return PublishedLimits(
        paper="p", source="arXiv:1", coupling="epsilon", unit="", confidence_level=0.9,
        luminosity_inverse_fb=luminosity, observed=points,
    )  # fmt: skip


def expected(mass: float, luminosity: float) -> float:
    strength = 1.645 * math.sqrt(BACKGROUND) / (100.0 * mass)
    return 1e-3 * math.sqrt(strength) * (LUMINOSITY / luminosity) ** 0.25


def test_the_same_luminosity_is_compared_as_it_is(document, hypotheses) -> None:
    curve = published(20.2, (2.0, 1e-3), (6.0, 2e-3))
    intervals = couplings_from_limits(document, SETTINGS, cl=0.9)
    found = beside_published(curve, SETTINGS, document, intervals, hypotheses)
    assert not found.projected
    # leading term for many events
    assert found.rows[0].median == pytest.approx(expected(2.0, LUMINOSITY), rel=2e-3)
    assert found.rows[0].ratio == pytest.approx(found.rows[0].median / 1e-3, rel=1e-12)
    assert found.rows[0].observed == pytest.approx(found.rows[0].median, rel=1e-6)
    assert found.rows[1].median == pytest.approx(expected(6.0, LUMINOSITY), rel=2e-3)
    assert found.median_ratio == pytest.approx(np.median([row.ratio for row in found.rows]))


def test_both_neighbours_of_a_mass_are_projected(document, hypotheses) -> None:
    # a third of the efficiency at 3 GeV: a curve that jumped over it would not show
    weak = hypothesis(1.0)
    weak = replace(weak, name="m3", values={"mass_gev": 3.0})
    odd = [weak if one.name == "m3" else one for one in hypotheses]
    (row,) = beside_published(published(80.0, (3.5, 1e-3)), SETTINGS, document, (), odd).rows
    step = math.log(3.5 / 3.0) / math.log(4.0 / 3.0)
    assert row.median == pytest.approx(expected(1.0, 80.0) ** (1.0 - step) * expected(4.0, 80.0) ** step, rel=2e-3)


def test_another_luminosity_is_projected_to_the_fourth_root(document, hypotheses) -> None:
    curve = published(320.0, (2.0, 1e-3), (6.0, 2e-3), (20.0, 1.0))
    found = beside_published(curve, SETTINGS, document, (), hypotheses)
    assert found.projected
    assert found.luminosity_inverse_fb == 320.0
    # between tested masses the power law is met exactly
    assert [row.median for row in found.rows[:2]] == pytest.approx([expected(m, 320.0) for m in (2.0, 6.0)], rel=2e-3)
    assert all(math.isnan(row.observed) for row in found.rows)
    assert math.isnan(found.rows[2].ratio)
    assert len(found.ratios) == 2
    content = json.loads(json.dumps(found.as_dict(), allow_nan=False))
    assert content["rows"][0]["observed"] is None
    assert content["median_ratio"] == pytest.approx(found.median_ratio)


@pytest.mark.parametrize(
    ("ratios", "inside", "reached"),
    [((0.9, 1.0, 1.4), 3, True), ((0.7, 0.75, 0.76), 3, False), ((1.0, 1.0, 1.6), 2, False), ((), 0, False)],
)
def test_goals_are_for_each_value_and_for_the_median(ratios: tuple[float, ...], inside: int, reached: bool) -> None:
    rows = tuple(PublishedComparison(1.0, ratio, ratio, 1.0, ratio, "") for ratio in ratios)
    empty = PublishedComparison(9.0, math.nan, math.nan, 1.0, math.nan, "")
    curve = ComparedCurve("g", "", 0.9, "", "observed", False, 1.0, False, (*rows, empty))
    assert (curve.inside_goal, curve.reached) == (inside, reached)
    assert math.isnan(replace(curve, rows=(empty,)).median_ratio)
