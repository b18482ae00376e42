from __future__ import annotations

import math

import numpy as np
import pytest

from darkreach.figures import LimitBand
from darkreach.published import PublishedLimits, PublishedPoint
from darkreach.report.comparison import compare, comparison_table, mean_ratio


def published(*points: tuple[float, float]) -> PublishedLimits:
    return PublishedLimits(
        paper="p", source="p, digitised", coupling="g_agg", unit="GeV^-1", confidence_level=0.95,
        luminosity_inverse_fb=0.445, observed=tuple(PublishedPoint(mass_gev=m, limit=g) for m, g in points),
    )  # fmt: skip


def power_law(index: float) -> LimitBand:
    mass = np.array([0.5, 1.0, 4.0, 8.0])
    return LimitBand(0.95, mass, 1e-3 * mass**index, np.ones((5, 1)) * 2e-3 * mass**index)


def test_tested_masses_are_compared_as_they_are() -> None:
    (point,) = compare(power_law(1.0), published((4.0, 2e-3)))
    assert (point.observed, point.median, point.between) == (4e-3, 8e-3, ())


@pytest.mark.parametrize("index", [-1.0, 0.5, 3.0])
def test_between_tested_masses_a_power_law_is_met_exactly(index: float) -> None:
    (point,) = compare(power_law(index), published((2.0, 1e-3)))
    assert point.observed == pytest.approx(1e-3 * 2.0**index, rel=1e-12)
    assert point.between == (1.0, 4.0)


def test_nothing_is_extrapolated() -> None:
    points = compare(power_law(1.0), published((0.4, 1e-3), (9.0, 1e-3)))
    assert all(math.isnan(point.observed) for point in points)
    assert math.isnan(mean_ratio(points, "observed"))


def test_gap_beside_an_interpolated_mass_gives_no_number() -> None:
    band = power_law(1.0)
    band.observed[2] = np.nan
    (point,) = compare(band, published((2.0, 1e-3)))
    assert math.isnan(point.observed)
    assert point.median == pytest.approx(4e-3)


def test_table_has_ratios_and_their_geometric_mean() -> None:
    table = comparison_table(power_law(0.0), published((1.0, 5e-4), (2.0, 2e-3)))
    assert [row[3] for row in table.rows] == ["2.00", "0.500", "1.00"]
    assert "95 % CL" in table.caption
    assert "p, digitised" in table.caption
    assert table.rows[1][6] == "ours interpolated between 1 and 4 GeV"


def test_smoothed_values_and_other_luminosities_are_said() -> None:
    rough = published((1.0, 4e-4), (1.1, 9e-4)).model_copy(update={"smoothing": 0.2})
    assert [point.published for point in compare(power_law(0.0), rough)] == pytest.approx([6e-4, 6e-4], rel=1e-12)
    projected = PublishedLimits.model_validate(rough.model_dump() | {"observed": (), "expected": rough.observed})
    table = comparison_table(power_law(0.0), projected, 20.0)
    assert table.header[1] == "published expected"
    assert table.caption.endswith("; ours: 20 fb⁻¹")
    assert "ours" not in comparison_table(power_law(0.0), projected, 0.445).caption
