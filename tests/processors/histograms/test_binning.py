"""Edges that follow the resolution."""

from __future__ import annotations

import numpy as np
import pytest

from darkreach.configuration import AxionConfig, DetectorConfig, PhotonBinning, PhotonRegion, RecoilRegion
from darkreach.errors import ConfigError
from darkreach.histograms import region_edges, squared_mass_resolution


@pytest.fixture
def sqrt_s(detector_config: DetectorConfig) -> float:
    return detector_config.beams.beams().sqrt_s


def with_knots(config: AxionConfig, knots: list[tuple[float, float]]) -> AxionConfig:
    binning = PhotonBinning.model_validate(config.binning.model_dump() | {"pair_mass_squared": knots})
    return config.model_copy(update={"binning": binning})


def test_resolution_meets_the_knots_and_keeps_power_laws(search_config: AxionConfig) -> None:
    for mass, resolution in search_config.binning.recoil_mass_squared:
        assert squared_mass_resolution("recoil_mass_squared", mass, search_config) == pytest.approx(resolution)
    config = with_knots(search_config, [(mass, 0.03 * mass**1.7) for mass in (0.2, 0.5, 1.0, 4.0)])
    mass = np.linspace(0.2, 4.0, 50)
    np.testing.assert_allclose(squared_mass_resolution("pair_mass_squared", mass, config), 0.03 * mass**1.7, rtol=1e-12)


def test_resolution_is_constant_outside_the_knots(search_config: AxionConfig) -> None:
    low, high = squared_mass_resolution("recoil_mass_squared", [0.0, 10.4], search_config)
    knots = search_config.binning.recoil_mass_squared
    assert (low, high) == pytest.approx((knots[0][1], knots[-1][1]))


def test_constant_resolution_gives_equal_bins(search_config: AxionConfig, sqrt_s: float) -> None:
    config = with_knots(search_config, [(0.1, 0.25), (9.0, 0.25)])
    region = next(region for region in config.regions if region.name == "pair_mass_high")
    edges = region_edges(region, config, sqrt_s)
    # 16 - 12 x 0.25 to 6.85^2 + 12 x 0.25 in steps of at most 0.25, in whole channels of 12
    span = (6.85**2 + 3.0) - (16.0 - 3.0)
    bins = 12 * int(np.ceil(span / 0.25 / 12))
    np.testing.assert_allclose(np.diff(edges), span / bins, rtol=1e-9)
    assert len(edges) == bins + 1


def test_regions_cover_their_masses_with_bins_of_the_resolution(search_config: AxionConfig, sqrt_s: float) -> None:
    for region in search_config.regions:
        edges = region_edges(region, search_config, sqrt_s)
        widths = np.diff(edges)
        centres = np.sqrt(0.5 * (edges[1:] + edges[:-1]))
        ratio = widths / squared_mass_resolution(region.observable, centres, search_config)
        assert np.all(ratio < 1.005)
        # one common factor, up to the change of the resolution inside a bin
        assert ratio.max() - ratio.min() < 0.01
        assert (len(edges) - 1) % search_config.binning.bins_per_channel == 0
        low, high = region.mass_range
        margin = 12.0 * squared_mass_resolution(region.observable, [low, high], search_config)
        assert edges[0] == pytest.approx(max(0.0, low**2 - margin[0]))
        assert edges[-1] == pytest.approx(min(high**2 + margin[1], region.squared_mass_limits(sqrt_s)[1]))


def test_kinematic_end_is_the_recoil_of_the_softest_photon() -> None:
    region = PhotonRegion.model_validate(
        {
            "name": "any",
            "observable": "recoil_mass_squared",
            "minimum_photon_energy_cm": {"value": 0.65, "source": "convention"},
            "mass_range": (6.85, 9.7),
        }
    )
    # at sqrt(s) = 10.58: M = sqrt(10.58^2 - 2 x 10.58 x 0.65) = 9.9087 GeV
    assert region.squared_mass_limits(10.58)[1] ** 0.5 == pytest.approx(9.9087, abs=1e-4)


def test_margin_is_clipped_at_the_kinematic_end(search_config: AxionConfig, sqrt_s: float) -> None:
    binning = search_config.binning.model_copy(update={"margin_resolutions": 30.0})
    config = search_config.model_copy(update={"binning": binning})
    region = config.regions[-1]
    assert region_edges(region, config, sqrt_s)[-1] == pytest.approx(region.squared_mass_limits(sqrt_s)[1])


def test_impossible_settings_are_refused(search_config: AxionConfig, sqrt_s: float) -> None:
    region = search_config.regions[-1].model_copy(update={"mass_range": (6.85, 9.95)})
    with pytest.raises(ConfigError, match="kinematic end"):
        region_edges(region, search_config, sqrt_s)
    with pytest.raises(ConfigError, match="rising"):
        squared_mass_resolution("pair_mass_squared", 1.0, with_knots(search_config, [(1.0, 0.1), (1.0, 0.2)]))
    with pytest.raises(ConfigError, match="at least two"):
        squared_mass_resolution("pair_mass_squared", 1.0, with_knots(search_config, [(1.0, 0.1)]))


def recoil_region(**settings: object) -> RecoilRegion:
    return RecoilRegion.model_validate({"name": "low", "mass_range": (0.01, 5.5)} | settings)


def test_bins_reach_below_zero(search_config: AxionConfig, sqrt_s: float) -> None:
    region = recoil_region()
    edges = region_edges(region, search_config, sqrt_s)
    knots = search_config.binning.recoil_mass_squared
    # the resolution below the first knot is constant
    assert edges[0] == pytest.approx(0.01**2 - 12.0 * knots[0][1])
    assert np.all(np.diff(edges) > 0.0)
    assert (len(edges) - 1) % search_config.binning.bins_per_channel == 0
    centres = np.sqrt(np.abs(0.5 * (edges[1:] + edges[:-1])))
    ratio = np.diff(edges) / squared_mass_resolution("recoil_mass_squared", centres, search_config)
    assert np.all(ratio < 1.005)
    assert ratio.max() - ratio.min() < 0.01


def test_resolution_below_zero_is_that_of_the_absolute_value(search_config: AxionConfig, sqrt_s: float) -> None:
    knots = [(0.1, 0.05), (0.5, 0.1), (1.0, 0.2), (9.0, 0.9)]
    binning = search_config.binning.model_copy(update={"recoil_mass_squared": knots, "margin_resolutions": 40.0})
    config = search_config.model_copy(update={"binning": binning})
    edges = region_edges(recoil_region(mass_range=(0.01, 1.4)), config, sqrt_s)
    assert edges[0] == pytest.approx(-2.0, abs=1e-3)
    centres, widths = 0.5 * (edges[1:] + edges[:-1]), np.diff(edges)
    below = np.interp(-centres[centres < -0.2], centres, widths)
    # symmetric about zero, although the positions of the bins are not
    np.testing.assert_allclose(widths[centres < -0.2], below, rtol=0.03)
    assert widths[0] > 3.0 * widths.min()


def test_limits_of_a_region_clip_its_margins(search_config: AxionConfig, sqrt_s: float) -> None:
    limits = {"smallest_squared_mass": -5.0, "largest_squared_mass": 36.0}
    region = recoil_region(**{name: {"value": value, "source": "convention"} for name, value in limits.items()})
    edges = region_edges(region, search_config, sqrt_s)
    assert (edges[0], edges[-1]) == (-5.0, 36.0)
    outside = region.model_copy(update={"mass_range": (0.01, 6.1)})
    with pytest.raises(ConfigError, match="passes the kinematic end") as caught:
        region_edges(outside, search_config, sqrt_s)
    assert caught.value.allowed == "between 0.000 and 6.000 GeV"
    above = region.model_copy(update={"smallest_squared_mass": region.largest_squared_mass})
    with pytest.raises(ConfigError):
        region_edges(above, search_config, sqrt_s)
