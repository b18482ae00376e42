from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from darkreach.configuration import DetectorConfig
from darkreach.kinematics import boost
from darkreach.response.event_response import measure_events

N = 20_000
Maker = Callable[..., np.ndarray]
K_SHORT, PION = 0.497611, 0.13957039


def k_short_at(radius: float, detector: DetectorConfig, events_of: Maker, two_body: Maker):  # type: ignore[no-untyped-def]
    random = np.random.default_rng(1)
    pions = two_body(K_SHORT, 211, -211, 1.0, N, detector.beams.beams().boost, random)
    kaon = pions.sum(axis=1, keepdims=True)
    flight = kaon[:, :, 1:] / np.hypot(kaon[:, :, 1], kaon[:, :, 2])[..., np.newaxis]
    place = radius * flight
    vertex = np.concatenate([np.zeros((N, 1, 3)), place, place], axis=1)
    momenta = np.concatenate([kaon, pions], axis=1)
    events = events_of((310, 211, -211), momenta, vertex, mother=(-1, 0, 0), final=(False, True, True))
    return measure_events(events, detector, random), place[:, 0]


@pytest.mark.parametrize(
    ("radius", "across", "along", "efficiency"),
    [(0.5, 0.004, 0.005, 0.9), (5.0, 0.008, 0.012, 0.9), (12.0, 0.05, 0.1, 0.85), (30.0, 0.2, 0.4, 0.8)],
)
def test_resolution_and_efficiency_by_region(
    quiet: DetectorConfig,
    events_of: Maker,
    two_body: Maker,
    radius: float,
    across: float,
    along: float,
    efficiency: float,
) -> None:
    measured, place = k_short_at(radius, quiet, events_of, two_body)
    vertex = measured.lists["vertex"]
    rows = np.repeat(np.arange(len(measured)), np.diff(vertex.offsets))
    truth = place[measured.trial[rows]]
    columns = vertex.columns
    for name, axis, sigma in (("x", 0, across), ("y", 1, across), ("z", 2, along)):
        assert (columns[name] - truth[:, axis]).std() == pytest.approx(sigma, rel=4.0 / np.sqrt(2.0 * len(rows)))
    assert (columns["mcPDG"] == 310).all()
    np.testing.assert_allclose(columns["mcDr"], radius)
    two_tracks = (np.diff(measured.lists["track"].offsets) == 2).sum()
    assert len(rows) / two_tracks == pytest.approx(efficiency, abs=4.0 * 0.5 / np.sqrt(two_tracks))
    layers = np.array([layer.radius for layer in quiet.material])
    np.testing.assert_allclose(
        columns["materialDistance"], np.abs(np.hypot(columns["x"], columns["y"])[:, None] - layers).min(axis=1)
    )


def test_nothing_beyond_the_last_region(quiet: DetectorConfig, events_of: Maker, two_body: Maker) -> None:
    measured, _ = k_short_at(65.0, quiet, events_of, two_body)
    assert len(measured.lists["track"].columns["p"]) > 0
    assert len(measured.lists["vertex"].columns["x"]) == 0


def test_mass_and_places_of_the_tracks(quiet: DetectorConfig, events_of: Maker, two_body: Maker) -> None:
    measured, _ = k_short_at(2.0, quiet, events_of, two_body)
    vertex, track = measured.lists["vertex"], measured.lists["track"]
    rows = np.repeat(np.arange(len(measured)), np.diff(vertex.offsets))
    one, two = (track.offsets[rows] + vertex.columns[name] for name in ("first", "second"))
    columns = track.columns
    assert (columns["charge"][one] * columns["charge"][two] < 0.0).all()
    assert (columns["p"][one] >= columns["p"][two]).all()
    momenta = np.column_stack(
        [
            np.hypot(columns["p"], PION),
            columns["p"] * np.sin(columns["theta"]) * np.cos(columns["phi"]),
            columns["p"] * np.sin(columns["theta"]) * np.sin(columns["phi"]),
            columns["p"] * np.cos(columns["theta"]),
        ]
    )
    total = momenta[one] + momenta[two]
    np.testing.assert_allclose(vertex.columns["M"] ** 2, total[:, 0] ** 2 - (total[:, 1:] ** 2).sum(axis=1), atol=1e-9)
    assert np.median(vertex.columns["M"]) == pytest.approx(K_SHORT, abs=2e-4)


def test_tracks_of_different_origins_make_no_vertex(quiet: DetectorConfig, events_of: Maker, beam_of: Maker) -> None:
    momenta = np.concatenate([beam_of(211, 1.0, 80.0, 500), beam_of(211, 1.0, 90.0, 500, phi=2.0)], axis=1)
    apart = np.tile([[0.0, 0.0, 0.0], [3.0, 0.0, 0.0]], (500, 1, 1))
    for vertex, pdg, expected in (
        (apart, (211, -211), 0),
        (0.0 * apart, (211, 211), 0),
        (0.0 * apart, (211, -211), 450),
    ):
        measured = measure_events(events_of(pdg, momenta, vertex), quiet, np.random.default_rng(2))
        assert len(measured.lists["vertex"].columns["x"]) == pytest.approx(expected, abs=0.1 * expected)
        # prompt pairs have no common mother
        assert (measured.lists["vertex"].columns["mcPDG"] == 0).all()


def test_boost_of_the_sample_is_that_of_the_beams(quiet: DetectorConfig, two_body: Maker) -> None:
    velocity = quiet.beams.beams().boost
    pions = two_body(K_SHORT, 211, -211, 1.0, 100, velocity, np.random.default_rng(3))
    total = boost(pions.sum(axis=1), -velocity)
    np.testing.assert_allclose(np.linalg.norm(total[:, 1:], axis=1), 1.0, rtol=1e-9)
