from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from darkreach.configuration import DetectorConfig
from darkreach.response.event_response import measure_events
from darkreach.response.photon_conversion import convert_photons
from darkreach.response.true_particles import reaching_particles

N = 100_000
Maker = Callable[..., np.ndarray]


@pytest.mark.parametrize("theta", [90.0, 40.0])
def test_probability_follows_the_thickness(
    detector_config: DetectorConfig, events_of: Maker, beam_of: Maker, theta: float
) -> None:
    photons = reaching_particles(events_of((22,), beam_of(22, 2.0, theta, N)))
    converted, pairs = convert_photons(photons, detector_config, np.random.default_rng(1))
    radii = np.hypot(pairs.vertex[::2, 0], pairs.vertex[::2, 1])
    depth = 0.0
    for layer in detector_config.material:
        before, depth = np.exp(-depth), depth + 7.0 / 9.0 * layer.thickness / np.sin(np.radians(theta))
        here = np.isclose(radii, layer.radius).sum() / N
        expected = before - np.exp(-depth)
        assert here == pytest.approx(expected, abs=4.0 * np.sqrt(expected / N))
    assert converted.mean() == pytest.approx(1.0 - np.exp(-depth), abs=4.0 * np.sqrt(depth / N))
    assert len(pairs) == 2 * converted.sum()


def test_pairs_share_energy_and_direction(detector_config: DetectorConfig, events_of: Maker, beam_of: Maker) -> None:
    thick = detector_config.scaled({"photon_conversion": 50.0})
    photons = reaching_particles(events_of((22,), beam_of(22, 2.0, 70.0, N)))
    converted, pairs = convert_photons(photons, thick, np.random.default_rng(2))
    both = pairs.momentum.reshape(-1, 2, 4)
    np.testing.assert_allclose(both[..., 0].sum(axis=1), 2.0, rtol=1e-12)
    mass_squared = both[..., 0] ** 2 - (both[..., 1:] ** 2).sum(axis=2)
    np.testing.assert_allclose(mass_squared, 0.51099895e-3**2, atol=1e-12)
    assert pairs.pdg.reshape(-1, 2)[0].tolist() == [11, -11]
    assert (pairs.origin.reshape(-1, 2)[:, 0] == np.flatnonzero(converted)).all()
    # moments of 1 - 4/3 x (1 - x), normalised by 7/9: <x> = 1/2, <(x - 1/2)^2> = (1/18 + 1/60)/(14/9)
    share = both[:, 0, 0] / 2.0
    assert share.mean() == pytest.approx(0.5, abs=4.0 * 0.3 / np.sqrt(len(share)))
    assert share.var() == pytest.approx((2.0 / 3.0 / 12.0 + 1.0 / 3.0 / 20.0) / (7.0 / 9.0), rel=0.01)


def test_only_layers_ahead_count(detector_config: DetectorConfig, events_of: Maker, beam_of: Maker) -> None:
    thick = detector_config.scaled({"photon_conversion": 5.0})
    vertex = np.tile([9.0, 0.0, 0.0], (N, 1, 1))
    photons = reaching_particles(events_of((22,), beam_of(22, 2.0, 90.0, N, phi=0.0), vertex))
    converted, pairs = convert_photons(photons, thick, np.random.default_rng(3))
    ahead = sum(layer.thickness for layer in detector_config.material if layer.radius > 9.0)
    assert converted.mean() == pytest.approx(1.0 - np.exp(-5.0 * 7.0 / 9.0 * ahead), abs=4.0 * np.sqrt(5 * ahead / N))
    assert pairs.vertex[:, 0].min() > 9.0


def test_conversions_make_tracks_with_a_vertex_instead_of_a_photon(
    quiet: DetectorConfig, events_of: Maker, beam_of: Maker
) -> None:
    thick = quiet.model_copy(
        update={"scales": quiet.scales.model_copy(update={"photon_conversion": quiet.scales.track_angle_resolution})}
    )
    events = events_of((22,), beam_of(22, 3.0, 80.0, 20_000))
    measured = measure_events(events, thick, np.random.default_rng(4))
    photons, tracks = (np.diff(measured.lists[name].offsets) for name in ("photon", "track"))
    assert ((photons == 1) | (tracks >= 1)).all()
    vertices = measured.lists["vertex"].columns
    assert len(vertices["mcDr"]) > 300
    assert (vertices["mcPDG"] == 22).all()
    # both tracks found: nothing is left of the photon
    assert (photons[np.diff(measured.lists["vertex"].offsets) > 0] == 0).all()
    radii = np.array([layer.radius for layer in quiet.material])
    np.testing.assert_allclose(np.abs(vertices["mcDr"][:, np.newaxis] - radii).min(axis=1), 0.0, atol=1e-9)
    assert np.median(vertices["materialDistance"]) < 0.05
