"""Profile scans and asymmetric errors of counting experiments, and pyhf's conditional fits."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy.optimize import brentq

from darkreach.errors import ConfigError, UnknownNameError
from darkreach.fits import fit, scan


def rise(mu: float, n: float, s: float, b: float) -> float:
    rate = mu * s + b
    return 2.0 * (rate - n + n * math.log(n / rate))


def test_counting_experiment(counting: Callable[..., Any]) -> None:
    n, s, b = 14.0, 3.0, 5.0
    profile = scan(counting(n, s, b), "mu", [0.0, 1.5, 3.0, 6.0])
    assert profile.delta == pytest.approx([rise(mu, n, s, b) for mu in (0.0, 1.5, 3.0, 6.0)], abs=1e-8)
    up = brentq(lambda mu: rise(mu, n, s, b) - 1.0, 3.0, 8.0) - 3.0
    down = 3.0 - brentq(lambda mu: rise(mu, n, s, b) - 1.0, 0.0, 3.0)
    assert (profile.error_up, profile.error_down) == (pytest.approx(up, rel=1e-7), pytest.approx(down, rel=1e-7))
    assert up > down


@pytest.mark.agreement
@pytest.mark.parametrize("name", ["mu", "tilt", "stat[2]"])
def test_conditional_fits_agree(shape_workspace: Any, oracle: Any, name: str) -> None:
    reference = oracle(shape_workspace)
    lowest = reference.fit()[3]
    profile = scan(shape_workspace, name, points=3)
    for value, delta in zip(profile.values, profile.delta, strict=True):
        assert delta == pytest.approx(reference.fit({name: value})[3] - lowest, abs=1e-5)


def test_asymmetric_errors_are_where_the_profile_has_risen_by_one(shape_workspace: Any) -> None:
    profile = scan(shape_workspace, "uncorrelated[3]", ())
    assert profile.error_down is not None and profile.error_up is not None
    ends = [profile.best - profile.error_down, profile.best + profile.error_up]
    assert scan(shape_workspace, "uncorrelated[3]", ends).delta == pytest.approx([1.0, 1.0], abs=1e-7)
    assert profile.error == pytest.approx(0.5 * (profile.error_down + profile.error_up), rel=0.02)


def test_no_error_beyond_a_bound(counting: Callable[..., Any]) -> None:
    profile = scan(counting(6.0, 3.0, 5.0, (0.0, 10.0)), "mu")
    assert profile.error_down is None
    assert profile.error_up is not None
    assert min(profile.values) == 0.0


def test_a_lower_minimum_on_the_way_replaces_the_best_fit(shape_workspace: Any) -> None:
    """Whatever the start, no point of a profile is below its best fit."""
    profile = scan(shape_workspace, "mu", list(np.linspace(-4.0, 8.0, 13)))
    assert min(profile.delta) > -1e-7
    assert profile.best == pytest.approx(fit(shape_workspace)["mu"].value, abs=1e-6)


def test_bad_questions(shape_workspace: Any) -> None:
    with pytest.raises(UnknownNameError, match="tlit"):
        scan(shape_workspace, "tlit")
    with pytest.raises(ConfigError, match="finite"):
        scan(shape_workspace, "tilt", [0.0, math.nan])
    fixed = copy.deepcopy(shape_workspace)
    fixed["measurements"][0]["config"]["parameters"].append({"name": "tilt", "inits": [0.0], "fixed": True})
    with pytest.raises(ConfigError, match="fixed"):
        scan(fixed, "tilt")
