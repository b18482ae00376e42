"""What the sideband of the spread of masses tells about the region: the ratio of the cuts, and random events."""

from __future__ import annotations

import numpy as np
import pytest

from darkreach.configuration import config_path, read_config
from darkreach.configuration.six_tracks import SixTracksConfig
from darkreach.searches.six_tracks_events import FLAVOUR_MASSES
from darkreach.searches.six_tracks_pairing import MUON, best_pairings, opposite_pairings


@pytest.fixture(scope="module")
def config() -> SixTracksConfig:
    return read_config(config_path("searches", "six_track_higgsstrahlung"), SixTracksConfig)


def test_configured_ratios_follow_from_the_cuts(config: SixTracksConfig) -> None:
    assert config.workspace.sideband is not None
    low, high = config.selection.spread.sideband
    width = config.selection.spread.largest
    for region in config.regions:
        used = config.workspace.sideband.ratio.value if region.sideband_ratio is None else region.sideband_ratio
        expected = (high - low) / width if "anything" in region.decays else (high**2 - low**2) / width**2
        assert used == pytest.approx(expected, rel=1e-9)
        assert config.sideband_ratio(region) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("pairs", [2, 3])
def test_even_masses_have_the_ratio(config: SixTracksConfig, pairs: int) -> None:
    masses = np.random.default_rng(1).random((1_500_000, pairs))
    cuts = config.selection.spread
    # small against the range of masses, so that its ends play no role
    unit = 0.03 / cuts.sideband[1]
    spread = (masses.max(axis=1) - masses.min(axis=1)) / unit
    low, high = cuts.sideband
    inside, beside = np.sum(spread < cuts.largest), np.sum((spread >= low) & (spread < high))
    error = np.sqrt(1.0 / inside + 1.0 / beside)
    assert error < 0.15
    # as for the ends: the mean has less room by a part of the spread
    assert beside / inside == pytest.approx(cuts.sideband_ratio(pairs), rel=3.0 * error + 0.03)


@pytest.mark.slow
def test_combinations_of_random_tracks_have_the_ratio(config: SixTracksConfig) -> None:
    """Six muons of random momenta, the best of six pairings: the choice does not bend the small spreads."""
    random, cuts = np.random.default_rng(2), config.selection.spread
    inside = beside = 0
    for _ in range(20):
        momentum = random.normal(0.0, 0.8, (400_000, 6, 3))
        energy = np.sqrt(np.sum(momentum**2, axis=2) + FLAVOUR_MASSES[MUON] ** 2)
        momenta = np.concatenate([energy[..., np.newaxis], momentum], axis=2)
        found = best_pairings(momenta, np.full((400_000, 6), MUON), opposite_pairings(3))
        resolution = np.interp(found.masses.mean(axis=1), *np.array(cuts.resolution.knots).T)
        relative = found.spread / resolution
        inside += int(np.sum(relative < cuts.largest))
        beside += int(np.sum((relative >= cuts.sideband[0]) & (relative < cuts.sideband[1])))
    error = np.sqrt(1.0 / inside + 1.0 / beside)
    ratio = beside / inside
    print(f"{inside} in the region, {beside} in the sideband: ratio {ratio:.2f} +- {error * ratio:.2f}")
    assert ratio == pytest.approx(cuts.sideband_ratio(3), rel=3.0 * error + 0.05)
