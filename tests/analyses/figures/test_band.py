from __future__ import annotations

import math

import numpy as np
import pytest

from darkreach.couplings.couplings_file import ExcludedInterval
from darkreach.errors import LimitError
from darkreach.figures import Island, coupling_limits, cross_section_limits
from darkreach.limits.results import Limit

INFINITY = math.inf


def rows(mass: float, lower: float) -> list[ExcludedInterval]:
    quantiles = ("observed", "-2", "-1", "0", "1", "2")
    return [ExcludedInterval(mass, 0.0, name, lower * (1 + i), INFINITY) for i, name in enumerate(quantiles)]


def test_lower_edges_become_lines_by_mass() -> None:
    band = coupling_limits(rows(2.0, 3.0) + rows(1.0, 1.0), [2.0, 1.0], 0.95)
    assert band.mass_gev.tolist() == [1.0, 2.0]
    assert band.observed.tolist() == [1.0, 3.0]
    assert band.expected[:, 1].tolist() == [6.0, 9.0, 12.0, 15.0, 18.0]


def test_mass_without_interval_is_a_gap() -> None:
    band = coupling_limits(rows(1.0, 1.0), [1.0, 1.5, 2.0], 0.9)
    assert np.isnan(band.observed).tolist() == [False, True, True]
    assert np.isnan(band.expected[0]).tolist() == [False, True, True]


def test_closed_interval_is_an_island_and_belongs_to_no_line() -> None:
    closed = ExcludedInterval(1.0, 0.3, "observed", 1e-5, 1e-4)
    beyond = ExcludedInterval(1.0, 0.0, "observed", 1e-3, INFINITY)
    band = coupling_limits([closed, beyond], [1.0], 0.9)
    assert band.islands == (Island(1.0, "observed", 1e-5, 1e-4),)
    assert band.observed.tolist() == [1e-3]


@pytest.mark.parametrize(
    "intervals",
    [
        [ExcludedInterval(7.0, 0.0, "observed", 1.0, INFINITY)],
        [ExcludedInterval(1.0, 0.0, "3", 1.0, INFINITY)],
        [ExcludedInterval(1.0, 0.0, "observed", 1.0, INFINITY), ExcludedInterval(1.0, 0.0, "observed", 2.0, INFINITY)],
    ],
)
def test_intervals_that_fit_nowhere_are_refused(intervals: list[ExcludedInterval]) -> None:
    with pytest.raises(LimitError, match="excluded interval"):
        coupling_limits(intervals, [1.0], 0.9)


def test_cross_section_limit_is_strength_times_its_cross_section() -> None:
    def limit(name: str, mass: float, cl: float, observed: float | None) -> Limit:
        expected = (1.0, 2.0, 3.0, 4.0, 5.0) if observed else ()
        return Limit(name, {"mass_gev": mass}, cl, "asymptotic", "pyhf", observed, expected)

    limits = [limit("b", 2.0, 0.9, 0.5), limit("a", 1.0, 0.9, None), limit("b", 2.0, 0.95, 9.0)]
    band = cross_section_limits(limits, {"a": {"cross_section_fb": 100.0}, "b": {"cross_section_fb": 50.0}}, 0.9)
    assert band.mass_gev.tolist() == [1.0, 2.0]
    assert np.isnan(band.observed[0])
    assert band.observed[1] == 25.0
    assert band.expected[:, 1].tolist() == [50.0, 100.0, 150.0, 200.0, 250.0]
