"""Small models with known limits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from darkreach.sharing.hypothesis import Hypothesis


def two_bin_workspace(*, signal=(12.0, 11.0), data=(51.0, 48.0), bounds=(0.0, 10.0)) -> dict[str, Any]:
    """The model of ``pyhf.simplemodels.uncorrelated_background``, as a workspace."""
    samples = [
        {
            "name": "signal",
            "data": list(signal),
            "modifiers": [{"name": "mu", "type": "normfactor", "data": None}],
        },
        {
            "name": "background",
            "data": [50.0, 52.0],
            "modifiers": [{"name": "uncorrelated", "type": "shapesys", "data": [3.0, 7.0]}],
        },
    ]
    return workspace(samples, list(data), bounds=bounds)


def workspace(samples: list[dict[str, Any]], data: list[float], *, bounds=(0.0, 10.0), parameters=()) -> dict[str, Any]:
    mu = {"name": "mu", "inits": [min(1.0, bounds[1])], "bounds": [list(bounds)]}
    return {
        "channels": [{"name": "channel", "samples": samples}],
        "observations": [{"name": "channel", "data": data}],
        "measurements": [{"name": "fit", "config": {"poi": "mu", "parameters": [mu, *parameters]}}],
        "version": "1.0.0",
    }


# background, events, CLs limits on a signal of one event at 90 and 95 %
PUBLISHED_COUNTING_LIMITS = [
    (0.1, 0, 2.303, 2.996),
    (0.5, 1, 3.508, 4.358),
    (1.0, 1, 3.272, 4.113),
    (1.0, 3, 5.711, 6.782),
    (3.0, 3, 4.362, 5.395),
    (10.0, 10, 6.630, 8.083),
    (30.0, 30, 10.39, 12.55),
    (100.0, 100, 17.80, 21.37),
]


@pytest.fixture(params=PUBLISHED_COUNTING_LIMITS, ids=lambda row: f"{row[0]:g}-{row[1]}")
def published_counting_limit(request: pytest.FixtureRequest) -> tuple[float, int, float, float]:
    """Background, events, and the limits at 90 and 95 %."""
    return request.param


@pytest.fixture
def two_bins() -> Callable[..., Hypothesis]:
    def make(name: str = "two_bins", **options: Any) -> Hypothesis:
        return Hypothesis(name, {"mass_gev": 1.0}, two_bin_workspace(**options))

    return make


@pytest.fixture
def counting() -> Callable[..., Hypothesis]:
    """One bin, background known exactly."""

    def make(background: float, observed: float, signal: float = 1.0, upper: float = 1000.0) -> Hypothesis:
        samples = [
            {"name": "signal", "data": [signal], "modifiers": [{"name": "mu", "type": "normfactor", "data": None}]},
            {"name": "background", "data": [background], "modifiers": []},
        ]
        return Hypothesis("counting", {}, workspace(samples, [observed], bounds=(0.0, upper)))

    return make


@pytest.fixture
def make_workspace() -> Callable[..., dict[str, Any]]:
    return workspace
