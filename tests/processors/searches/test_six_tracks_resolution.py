"""The resolutions of the shipped selection against those of its simulated signal, and how often the pairs are right."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from darkreach.configuration import DetectorConfig, config_path, read_config
from darkreach.configuration.six_tracks import SixTracksConfig
from darkreach.generators.process_registry import find_process
from darkreach.kinematics import mass_squared
from darkreach.response import measure_events
from darkreach.searches.six_tracks_events import TrackMomenta
from darkreach.searches.six_tracks_masses import boson_values, paired_tracks, with_recoil
from darkreach.searches.six_tracks_pairing import best_pairings, opposite_pairings

CODES = {11: 0, 13: 1, 211: 2}


@pytest.fixture(scope="module")
def detector() -> DetectorConfig:
    return read_config(config_path("detectors", "babar_upsilon4s"), DetectorConfig)


@pytest.fixture(scope="module")
def config() -> SixTracksConfig:
    return read_config(config_path("searches", "six_track_higgsstrahlung"), SixTracksConfig)


class Tracks:
    """Tracks (n, 2 pairs) with their true flavours, positive ones first, of events that have just these."""

    def __init__(
        self, detector: DetectorConfig, masses: tuple[float, float], fractions: tuple[float, ...], pairs: int
    ) -> None:
        process = find_process("dark_higgsstrahlung")
        values = dict(zip(("branching_electrons", "branching_muons", "branching_pions"), fractions, strict=True))
        values |= dict(zip(("dark_photon_mass_gev", "dark_higgs_mass_gev"), masses, strict=True))
        source = process.open(detector.beams.beams(), process.values(values), 0.0).source
        events = source(6_000, np.random.default_rng(1))
        tracks = measure_events(events, detector, np.random.default_rng(2)).lists["track"]
        columns: dict[str, Any] = dict(tracks.columns)
        numbers = np.diff(tracks.offsets)
        charge = np.add.reduceat(columns["charge"], tracks.offsets[:-1][numbers > 0])
        chosen = np.zeros(len(numbers), dtype=bool)
        chosen[numbers > 0] = charge == 0.0
        chosen &= numbers == 2 * pairs
        rows = np.flatnonzero(np.repeat(chosen, numbers)).reshape(-1, 2 * pairs)
        rows = np.take_along_axis(rows, np.argsort(columns["charge"][rows] < 0.0, axis=1, kind="stable"), axis=1)
        self.flavour = np.vectorize(lambda code: CODES.get(abs(code), 3))(columns["mcPDG"][rows])
        self.measured, self.truth = (
            TrackMomenta(*(columns[name][rows] for name in names)).four_momenta(self.flavour)
            for names in (("p", "theta", "phi"), ("mcP", "mcTheta", "mcPhi"))
        )


def half_width(values: np.ndarray) -> float:
    low, high = np.percentile(values, [15.87, 84.13])
    return float(high - low) / 2.0


@pytest.mark.slow
@pytest.mark.parametrize(
    "masses", [(0.28, 3.0), (0.5, 2.0), (0.5, 9.0), (1.0, 5.0), (2.0, 5.0), (2.0, 8.0), (3.0, 7.0)]
)
def test_pairs_have_the_resolution_of_the_spread(
    config: SixTracksConfig, detector: DetectorConfig, masses: tuple[float, float]
) -> None:
    # two pions of little more than their masses are narrower than all others
    fractions = (0.33, 0.33, 0.33) if masses[0] > 0.4 else (0.5, 0.5, 0.0)
    tracks = Tracks(detector, masses, fractions, 3)
    table = opposite_pairings(3)
    chosen = best_pairings(tracks.measured, tracks.flavour, table)
    curve = config.selection.spread.resolution
    resolution = np.interp(masses[0], *np.array(curve.knots).T)
    found = chosen.number >= 0
    inside = found & (chosen.spread < config.selection.spread.largest * resolution)
    width = half_width(chosen.masses[inside].ravel())
    right = best_pairings(tracks.truth, tracks.flavour, table).number == chosen.number
    values = boson_values(
        paired_tracks(tracks.measured, tracks.flavour, table, chosen).pairs, chosen.masses.mean(axis=1)
    )
    exact = boson_values(
        paired_tracks(tracks.truth, tracks.flavour, table, chosen).pairs, np.full(len(right), masses[0])
    )
    alone, nearest = (np.abs(each[inside, :, 1] - masses[1]).argmin(axis=1) for each in (exact, values))
    print(
        f"{masses}: half width {1e3 * width:.2f} MeV ({1e3 * resolution:.2f} configured), spread passes "
        f"{np.sum(inside) / np.sum(found):.3f}, right pairs {np.mean(right[inside]):.4f}, "
        f"nearest entry is the dark Higgs boson {np.mean(alone == nearest):.4f}"
    )
    assert width == pytest.approx(resolution, rel=0.2)
    assert np.mean(right[inside]) > 0.99
    assert np.mean(alone == nearest) > 0.9


@pytest.mark.slow
@pytest.mark.parametrize("masses", [(1.2, 2.5), (1.2, 9.0), (2.0, 5.0), (3.0, 7.0)])
def test_recoil_has_the_resolution_of_its_cut(
    config: SixTracksConfig, detector: DetectorConfig, masses: tuple[float, float]
) -> None:
    tracks = Tracks(detector, masses, (0.3, 0.3, 0.0), 2)
    table = opposite_pairings(2)
    chosen = best_pairings(tracks.measured, tracks.flavour, table)
    paired = paired_tracks(tracks.measured, tracks.flavour, table, chosen)
    curve = config.selection.spread
    resolution = np.interp(masses[0], *np.array(curve.resolution.knots).T)
    inside = paired.exists & (chosen.spread < curve.largest * resolution)
    squared = mass_squared(with_recoil(paired.pairs, detector.beams.beams().four_momentum)[inside, 2])
    width, expected = half_width(squared), np.interp(masses[0], *np.array(config.selection.recoil.resolution.knots).T)
    print(f"{masses}: half width {width:.3f} GeV^2 ({expected:.3f} configured)")
    assert width == pytest.approx(expected, rel=0.2)
    assert np.median(squared) == pytest.approx(masses[0] ** 2, abs=0.1)
