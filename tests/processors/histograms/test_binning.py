"""Edges that follow the resolution."""

from __future__ import annotations

import numpy as np
import pytest

from darkreach.configuration import BinningSettings, DetectorConfig, RegionSettings, SearchConfig
from darkreach.errors import ConfigError
from darkreach.histograms import kinematic_end, region_edges, squared_mass_resolution


@pytest.fixture
def sqrt_s(detector_config: DetectorConfig) -> float:
    return detector_config.beams.beams().sqrt_s


def with_knots(config: SearchConfig, knots: list[tuple[float, float]]) -> SearchConfig:
    binning = BinningSettings.model_validate(config.binning.model_dump() | {"pair_mass_squared": knots})
    return config.model_copy(update={"binning": binning})


def test_resolution_meets_the_knots_and_keeps_power_laws(search_config: SearchConfig) -> None:
    for mass, resolution in search_config.binning.recoil_mass_squared:
        assert squared_mass_resolution("recoil_mass_squared", mass, search_config) == pytest.approx(resolution)
    config = with_knots(search_config, [(mass, 0.03 * mass**1.7) for mass in (0.2, 0.5, 1.0, 4.0)])
    mass = np.linspace(0.2, 4.0, 50)
    np.testing.assert_allclose(squared_mass_resolution("pair_mass_squared", mass, config), 0.03 * mass**1.7, rtol=1e-12)


def test_resolution_is_constant_outside_the_knots(search_config: SearchConfig) -> None:
    low, high = squared_mass_resolution("recoil_mass_squared", [0.0, 10.4], search_config)
    knots = search_config.binning.recoil_mass_squared
    assert (low, high) == pytest.approx((knots[0][1], knots[-1][1]))


def test_constant_resolution_gives_equal_bins(search_config: SearchConfig, sqrt_s: float) -> None:
    config = with_knots(search_config, [(0.1, 0.25), (9.0, 0.25)])
    region = next(region for region in config.regions if region.name == "pair_mass_high")
    edges = region_edges(region, config, sqrt_s)
    # 16 - 12 x 0.25 to 6.85^2 + 12 x 0.25 in steps of at most 0.25, in whole channels of 12
    span = (6.85**2 + 3.0) - (16.0 - 3.0)
    bins = 12 * int(np.ceil(span / 0.25 / 12))
    np.testing.assert_allclose(np.diff(edges), span / bins, rtol=1e-9)
    assert len(edges) == bins + 1


def test_regions_cover_their_masses_with_bins_of_the_resolution(search_config: SearchConfig, sqrt_s: float) -> None:
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
        assert edges[-1] == pytest.approx(min(high**2 + margin[1], kinematic_end(region, sqrt_s)))


def test_kinematic_end_is_the_recoil_of_the_softest_photon() -> None:
    region = RegionSettings.model_validate(
        {
            "name": "any",
            "observable": "recoil_mass_squared",
            "minimum_photon_energy_cm": {"value": 0.65, "source": "convention"},
            "mass_range": (6.85, 9.7),
        }
    )
    # at sqrt(s) = 10.58: M = sqrt(10.58^2 - 2 x 10.58 x 0.65) = 9.9087 GeV
    assert kinematic_end(region, 10.58) ** 0.5 == pytest.approx(9.9087, abs=1e-4)


def test_margin_is_clipped_at_the_kinematic_end(search_config: SearchConfig, sqrt_s: float) -> None:
    binning = search_config.binning.model_copy(update={"margin_resolutions": 30.0})
    config = search_config.model_copy(update={"binning": binning})
    region = config.regions[-1]
    assert region_edges(region, config, sqrt_s)[-1] == pytest.approx(kinematic_end(region, sqrt_s))


def test_impossible_settings_are_refused(search_config: SearchConfig, sqrt_s: float) -> None:
    region = search_config.regions[-1].model_copy(update={"mass_range": (6.85, 9.95)})
    with pytest.raises(ConfigError, match="kinematic end"):
        region_edges(region, search_config, sqrt_s)
    with pytest.raises(ConfigError, match="rising"):
        squared_mass_resolution("pair_mass_squared", 1.0, with_knots(search_config, [(1.0, 0.1), (1.0, 0.2)]))
    with pytest.raises(ConfigError, match="at least two"):
        squared_mass_resolution("pair_mass_squared", 1.0, with_knots(search_config, [(1.0, 0.1)]))
