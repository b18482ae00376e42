"""Stored and new limits: equal, different, by other methods, missing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from darkreach.catalogue.compared_limits import compare_limits
from darkreach.limits import Limit
from darkreach.limits.results import LimitQuality

EXPECTED = (0.5, 0.7, 1.0, 1.4, 1.9)
ASYMPTOTIC = Limit("point", {}, 0.95, "asymptotic", "compiled", 1.1, EXPECTED, "ok", "", LimitQuality())
TOYS = replace(ASYMPTOTIC, method="toys", quality=LimitQuality(observed_error=0.01, expected_errors=(0.02,) * 5))


def test_equal_limits_have_no_differences() -> None:
    compared = compare_limits([ASYMPTOTIC, replace(TOYS, cl=0.9)], [ASYMPTOTIC, replace(TOYS, cl=0.9)], "compiled")
    assert (compared.compared, compared.largest, compared.largest_of_toys) == (2, 0.0, 0.0)
    assert not compared.differences
    assert compared.left_out == 0


def test_asymptotic_limits_are_compared_relatively() -> None:
    moved = replace(ASYMPTOTIC, expected=(*EXPECTED[:4], 1.9 * 1.001))
    compared = compare_limits([ASYMPTOTIC], [moved], "compiled")
    assert compared.largest == pytest.approx(1e-3)
    assert compared.differences == ("point at 95% CL differs by 1.0e-03",)
    assert not compare_limits([ASYMPTOTIC], [moved], "pyhf").differences


def test_limits_from_toys_are_compared_in_their_errors() -> None:
    near, far = replace(TOYS, observed=1.1005), replace(TOYS, expected=(0.5, 0.7, 1.01, 1.4, 1.9))
    assert compare_limits([TOYS], [near], "compiled").largest_of_toys == pytest.approx(0.05)
    assert not compare_limits([TOYS], [near], "compiled").differences
    assert compare_limits([TOYS], [far], "compiled").differences == (
        "point at 95% CL differs by 5.0e-01 statistical errors of its toys",
    )


def test_another_method_is_a_difference_unless_the_engine_lacks_it() -> None:
    assert compare_limits([TOYS], [ASYMPTOTIC], "compiled").differences == (
        "point at 95% CL is by toys, now by asymptotic",
    )
    compared = compare_limits([TOYS], [replace(ASYMPTOTIC, engine="pyhf")], "pyhf")
    assert (compared.compared, compared.left_out, compared.differences) == (0, 1, ())


def test_missing_and_new_limits_are_named() -> None:
    compared = compare_limits([ASYMPTOTIC], [replace(ASYMPTOTIC, name="other")], "compiled")
    assert compared.differences == (
        "other at 95% CL is only in the new limits",
        "point at 95% CL is only in the stored limits",
    )
