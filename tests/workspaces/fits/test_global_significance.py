"""Look-elsewhere effect of HistFactory scans: Rice's number of upcrossings, toys against the closed form."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from darkreach.errors import ConfigError
from darkreach.fits import fit_model, global_p_value, global_significance
from darkreach.fits.common_toys import common_background
from darkreach.fits.fit_problems import FitProblem, solve
from darkreach.fits.global_significance import toy_scans
from darkreach.fits.postfit import post_fit
from darkreach.sharing.hypothesis import Hypothesis

SPAN, MARGIN, WIDTH, LEVEL = 20.0, 5.0, 0.5, 900.0
"""Scan in units of the resolution, margin on both sides, bin width, background events of a bin."""


def hypothesis(mass: float, events: np.ndarray, *, channels: tuple[str, ...] = ("c",)) -> Hypothesis:
    """A Gaussian peak over a flat background with free normalisation, one channel or several side by side."""
    edges = np.arange(-MARGIN, SPAN + MARGIN + 1e-9, WIDTH)
    centres = 0.5 * (edges[1:] + edges[:-1])
    peak = 100.0 * np.exp(-0.5 * (centres - mass) ** 2) * WIDTH
    pieces = np.array_split(np.arange(centres.size), 3) if channels != ("c",) else [np.arange(centres.size)]
    chosen = {name: pieces[int(name[1:] or 0)] for name in channels}
    content = [
        {
            "name": name,
            "samples": [
                {"name": "s", "data": peak[bins].tolist(),
                 "modifiers": [{"name": "mu", "type": "normfactor", "data": None}]},
                {"name": "b", "data": [LEVEL] * len(bins), "modifiers": [
                    {"name": f"k_{name}", "type": "normfactor", "data": None},
                    {"name": "tilt", "type": "histosys", "data": {
                        "hi_data": (LEVEL * (1.0 + 0.002 * centres[bins])).tolist(),
                        "lo_data": (LEVEL * (1.0 - 0.002 * centres[bins])).tolist()}}]},
            ],
        }
        for name, bins in chosen.items()
    ]  # fmt: skip
    workspace: dict[str, Any] = {
        "channels": content,
        "observations": [{"name": name, "data": events[bins].tolist()} for name, bins in chosen.items()],
        "measurements": [{"name": "m", "config": {"poi": "mu", "parameters": []}}],
        "version": "1.0.0",
    }
    return Hypothesis(f"m{mass:g}", {"mass": mass}, workspace)


@pytest.fixture(scope="module")
def events() -> np.ndarray:
    return np.random.default_rng(4).poisson(LEVEL, round((SPAN + 2 * MARGIN) / WIDTH)).astype(float)


@pytest.fixture(scope="module")
def scans(events: np.ndarray) -> np.ndarray:
    models = [
        fit_model(hypothesis(mass, events)).with_poi_bounds(0.0, math.inf) for mass in np.arange(0, SPAN + 0.1, 0.5)
    ]
    return toy_scans(models, 500, 8)


def test_upcrossings_are_those_of_the_gaussian_field(scans: np.ndarray) -> None:
    """Rice: range / (2 pi sqrt(2)); on a grid of h the crossings of z are those of a discrete Gaussian sequence."""
    from scipy.stats import multivariate_normal

    level = 0.5
    z, correlation = math.sqrt(level), math.exp(-0.25 * 0.5**2)
    both = multivariate_normal([0.0, 0.0], [[1.0, correlation], [correlation, 1.0]]).cdf([z, z])
    below = 0.5 * math.erfc(-z / math.sqrt(2.0))
    expected = (scans.shape[1] - 1) * (below - both)
    rises = np.sum((scans[:, :-1] < level) & (scans[:, 1:] >= level), axis=1)
    assert abs(rises.mean() - expected) < 4.0 * rises.std() / math.sqrt(len(rises))
    rice = SPAN / (2.0 * math.pi * math.sqrt(2.0)) * math.exp(-0.5 * level)
    assert expected == pytest.approx(rice, rel=0.03)


@pytest.mark.parametrize("significance", [2.0, 2.5, 3.0])
def test_toys_follow_the_closed_form(scans: np.ndarray, significance: float) -> None:
    from darkreach.fits import expected_upcrossings

    closed = global_p_value(significance, expected_upcrossings(scans, 0.5))
    above = float(np.mean(scans.max(axis=1) > significance**2))
    assert abs(above - closed.p_value) < 3.5 * math.sqrt(closed.p_value / len(scans))


def test_an_injected_peak_is_found_and_corrected(events: np.ndarray) -> None:
    centres = np.arange(-MARGIN, SPAN + MARGIN, WIDTH) + 0.5 * WIDTH
    peaked = events + np.round(220.0 * WIDTH * np.exp(-0.5 * (centres - 12.0) ** 2))
    hypotheses = [hypothesis(mass, peaked) for mass in np.arange(0, SPAN + 0.1, 1.0)]
    found = global_significance(hypotheses, toys=100, seed=2)
    assert found.best in ("m11", "m12", "m13")
    assert found.significance > found.by_upcrossings.significance > 2.0
    assert found.local_p_value < found.by_upcrossings.p_value < 100.0 * found.local_p_value
    assert (found.toys, found.failed_toys, found.upcrossings.scans) == (100, 0, 100)
    assert found.toys_above / 100 == found.toy_p_value
    again = global_significance(hypotheses, toys=100, seed=2, threads=2)
    assert again == found
    observed_only = global_significance(hypotheses)
    assert (observed_only.toys, observed_only.toy_p_value, observed_only.upcrossings.scans) == (0, None, 1)
    assert observed_only.upcrossings.relative_error > found.upcrossings.relative_error


def test_windows_that_share_a_channel_see_the_same_events(events: np.ndarray) -> None:
    left, right = (
        fit_model(hypothesis(mass, events, channels=channels))
        for mass, channels in ((5.0, ("c0", "c1")), (15.0, ("c1", "c2")))
    )
    points = []
    for model in (left, right):
        outcome = solve([model], [FitProblem(model.observed, [(model.parameter("mu"), 0.0)])])[0]
        points.append(post_fit(model, model.observed, outcome.theta, held_poi=True))
    assert [point.theta[model.arrays.poi[0]] for model, point in zip((left, right), points, strict=True)] == [0.0, 0.0]
    background = common_background([left, right], points)
    first, second = background.throw(7, 1)
    shared = [name for name in left.compiled.bin_names if name.startswith("c1")]
    assert len(shared) == 20
    for name in shared:
        assert first.counts[left.compiled.bin_names.index(name)] == second.counts[right.compiled.bin_names.index(name)]
    tilt = [model.parameter("tilt").theta for model in (left, right)]
    assert first.centre[tilt[0]] == second.centre[tilt[1]] != 0.0
    # a toy is the same whatever else is thrown
    assert np.array_equal(background.throw(7, 1)[0].counts, first.counts)
    assert not np.array_equal(background.throw(8, 1)[0].counts, first.counts)
    assert background.difference < 0.5


def test_hypotheses_of_different_data_are_refused(events: np.ndarray) -> None:
    with pytest.raises(ConfigError, match="different events"):
        global_significance([hypothesis(5.0, events), hypothesis(6.0, events + 1.0)], toys=2)
    with pytest.raises(ConfigError, match="scan"):
        global_significance([hypothesis(5.0, events)])
    other = hypothesis(6.0, events)
    for modifier in other.workspace["channels"][0]["samples"][1]["modifiers"]:
        if modifier["type"] == "normfactor":
            modifier["type"], modifier["data"] = "normsys", {"hi": 1.0001, "lo": 0.9999}
    other.workspace["channels"][0]["samples"][1]["data"] = [LEVEL * 1.2] * events.size
    for modifier in other.workspace["channels"][0]["samples"][1]["modifiers"]:
        if modifier["type"] == "histosys":
            modifier["data"] = {"hi_data": [LEVEL * 1.2] * events.size, "lo_data": [LEVEL * 1.2] * events.size}
    with pytest.raises(ConfigError, match="disagree"):
        global_significance([hypothesis(5.0, events), other], toys=2)
