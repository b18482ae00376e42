from __future__ import annotations

import numpy as np
import pytest

from darkreach.building.channels import choose_window, cut_channels
from darkreach.building.mass_grid import hypothesis_name, mass_grid, mass_resolution, region_of
from darkreach.errors import WorkspaceError
from darkreach.histograms import region_edges, squared_mass_resolution


@pytest.mark.parametrize(("bins", "lengths"), [(5, [5]), (12, [12]), (23, [23]), (24, [12, 12]), (47, [12, 12, 23])])
def test_channels_tile_the_region(bins, lengths):
    channels = cut_channels("low", bins, 12)
    assert [channel.stop - channel.start for channel in channels] == lengths
    assert channels[0].start == 0
    assert all(a.stop == b.start for a, b in zip(channels[:-1], channels[1:], strict=True))


def test_window_of_every_mass_reaches_half_a_channel_to_either_side(config):
    per_channel = config.binning.bins_per_channel
    for mass in mass_grid(config):
        region = region_of(mass, config)
        edges = region_edges(region, config, 10.58)
        window = choose_window(cut_channels(region.name, len(edges) - 1, per_channel), edges, mass**2)
        resolution = squared_mass_resolution(region.observable, mass, config)
        position = np.interp(mass**2, edges, np.arange(len(edges)))
        assert len(window) == 2
        # half a channel, counted in bins, unless the region itself ends nearer
        assert min(position - window[0].start, window[1].stop - position) >= min(per_channel / 2, position) - 1e-9
        # in resolutions, of which a bin has 0.85 to 1: the peak and its tail are inside, or all there is above zero
        below = (mass**2 - edges[window[0].start]) / resolution
        above = (edges[window[-1].stop] - mass**2) / resolution
        assert below > min(4.5, 0.99 * mass**2 / resolution)
        assert above > 4.5


def test_window_is_the_best_centred_pair():
    edges = np.arange(49.0)
    channels = cut_channels("low", 48, 12)
    for squared_mass in np.linspace(0.1, 47.9, 479):
        window = choose_window(channels, edges, squared_mass)
        margin = min(squared_mass - window[0].start, window[1].stop - squared_mass)
        assert margin >= min(6.0, squared_mass, 48.0 - squared_mass) - 1e-9


def test_mass_outside_the_region_is_refused():
    with pytest.raises(WorkspaceError, match="outside the usable range"):
        choose_window(cut_channels("low", 24, 12), np.arange(25.0), 25.5)


def test_single_channel_serves_alone():
    assert len(choose_window(cut_channels("low", 12, 12), np.arange(13.0), 3.0)) == 1


def test_grid_steps_are_half_a_resolution(config):
    masses = np.array(mass_grid(config))
    ends = {end for region in config.regions for end in region.mass_range}
    assert masses[0] == 0.2
    assert masses[-1] == 9.7
    assert ends <= set(masses)
    for low, high in zip(masses[:-1], masses[1:], strict=True):
        step = 0.5 * mass_resolution(low, region_of(low, config), config)
        # masses are written in MeV; only the last step before the end of a region is shorter
        assert high - low <= step + 0.00101
        assert high in ends or high - low >= step - 0.00101


def test_common_mass_belongs_to_the_upper_region(config):
    assert region_of(3.999, config).name == "pair_mass_low"
    assert region_of(4.0, config).name == "pair_mass_high"
    assert region_of(9.7, config).name == "recoil_mass"
    with pytest.raises(WorkspaceError, match="no region serves a mass of 10 GeV"):
        region_of(10.0, config)


def test_names_are_unique_and_allowed(config):
    names = [hypothesis_name(mass) for mass in (*mass_grid(config), 1.00025, 0.2000001)]
    assert len(set(names)) == len(names)
    assert all(name.isalnum() for name in names)
    assert hypothesis_name(1.00025) == "m1000p25MeV"
