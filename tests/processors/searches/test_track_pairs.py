"""Pairs of tracks by compiled code against awkward arrays."""

from __future__ import annotations

import numpy as np
import pytest

from darkreach.configuration import DetectorConfig
from darkreach.searches.track_pairs import TrackLists, plain_track_pairs, track_pairs


def random_tracks(events: int, seed: int, dtype: type) -> TrackLists:
    random = np.random.default_rng(seed)
    counts = random.poisson(2.5, events)
    tracks = int(counts.sum())
    momentum = random.normal(0.0, 1.5, (3, tracks))
    columns = [random.choice([-1.0, 1.0], tracks), random.uniform(size=tracks)]
    columns += [np.sqrt((momentum**2).sum(axis=0) + 0.10566**2), *momentum]
    return TrackLists(np.concatenate([[0], np.cumsum(counts)]), *(column.astype(dtype) for column in columns))


@pytest.mark.agreement
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_compiled_and_plain_pairs_agree(dtype: type, detector_config: DetectorConfig) -> None:
    total = detector_config.beams.beams().four_momentum
    tracks = random_tracks(20_000, 1, dtype)
    events = np.flatnonzero(np.random.default_rng(2).uniform(size=20_000) < 0.6)
    fast, slow = (
        find(tracks, events, minimum_identification=0.5, total=total) for find in (track_pairs, plain_track_pairs)
    )
    assert 1000 < len(slow.event) < len(events) / 2
    for name in ("event", "first", "second"):
        np.testing.assert_array_equal(getattr(fast, name), getattr(slow, name))
    np.testing.assert_allclose(fast.mass_squared, slow.mass_squared, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(fast.recoil_mass_squared, slow.recoil_mass_squared, rtol=1e-12, atol=1e-12)


def test_two_back_to_back_muons(detector_config: DetectorConfig) -> None:
    total = detector_config.beams.beams().four_momentum
    energy, mass = 2.0, 0.10566
    momentum = np.sqrt(energy**2 - mass**2)
    lists = (np.array([1.0, -1.0]), np.ones(2), np.full(2, energy), np.array([momentum, -momentum]), *np.zeros((2, 2)))
    pairs = track_pairs(TrackLists(np.array([0, 2]), *lists), np.array([0]), minimum_identification=0.9, total=total)
    assert pairs.mass_squared == pytest.approx([(2.0 * energy) ** 2], rel=1e-12)
    # s + M^2 - 2 P.p with the pair at rest in the laboratory
    s = total[0] ** 2 - total[1:] @ total[1:]
    assert pairs.recoil_mass_squared == pytest.approx([s + 16.0 - 2.0 * total[0] * 4.0], rel=1e-12)


@pytest.mark.parametrize(
    ("charges", "identification"),
    [
        ([1.0, 1.0], [1.0, 1.0]),
        ([1.0, -1.0], [1.0, 0.1]),
        ([1.0, -1.0], [1.0, 0.5]),
        ([1.0, -1.0], [np.nan, 1.0]),
        ([1.0, np.nan], [1.0, 1.0]),
        ([1.0, 0.0], [1.0, 1.0]),
        ([1.0, -1.0, 1.0], [1.0] * 3),
        ([1.0], [1.0]),
        ([], []),
    ],
)
def test_other_events_are_not_selected(charges: list[float], identification: list[float]) -> None:
    count = len(charges)
    lists = (np.array(charges), np.array(identification), *np.ones((4, count)))
    for find in (track_pairs, plain_track_pairs):
        none = find(
            TrackLists(np.array([0, count]), *lists), np.array([0]), minimum_identification=0.5, total=np.ones(4)
        )
        assert len(none.event) == 0
