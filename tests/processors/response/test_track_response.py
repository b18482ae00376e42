from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from darkreach.configuration import DetectorConfig
from darkreach.response.event_response import measure_events
from darkreach.response.object_rows import ObjectRows
from darkreach.response.track_response import measure_tracks
from darkreach.response.true_particles import reaching_particles

N = 40_000
Maker = Callable[..., np.ndarray]


def tracks(
    detector: DetectorConfig,
    events_of: Maker,
    pdg: int,
    momenta: np.ndarray,
    vertex: np.ndarray | None = None,
    seed: int = 1,
) -> ObjectRows:
    particles = reaching_particles(events_of((pdg,), momenta, vertex))
    return measure_tracks(particles, detector, np.random.default_rng(seed))


def unit_scales(detector: DetectorConfig) -> DetectorConfig:
    return detector.scaled({"track_momentum_resolution": 1.0 / detector.scales.track_momentum_resolution.value})


@pytest.mark.parametrize(
    ("pdg", "momentum", "theta"), [(13, 1.0, 90.0), (-13, 4.0, 60.0), (211, 0.3, 110.0), (321, 0.5, 40.0)]
)
def test_resolutions_are_the_configured_formulas(
    quiet: DetectorConfig, events_of: Maker, beam_of: Maker, pdg: int, momentum: float, theta: float
) -> None:
    found = tracks(unit_scales(quiet), events_of, pdg, beam_of(pdg, momentum, theta, N)).columns
    mass = {13: 0.1056583755, 211: 0.13957039, 321: 0.493677}[abs(pdg)]
    beta, sine = momentum / np.hypot(momentum, mass), np.sin(np.radians(theta))
    error = 4.0 / np.sqrt(2.0 * N)
    sigma_pt = np.hypot(0.0011 * momentum * sine, 0.0030 / beta)
    inverse = momentum * sine / (found["p"] * np.sin(found["theta"]))
    assert inverse.std() == pytest.approx(sigma_pt, rel=error)
    assert inverse.mean() == pytest.approx(1.0, abs=4.0 * sigma_pt / np.sqrt(N))
    sigma_angle = np.hypot(0.0004, 0.0012 / (momentum * beta))
    assert found["theta"].std() == pytest.approx(sigma_angle, rel=error)
    assert found["phi"].std() == pytest.approx(sigma_angle, rel=error)
    assert found["dz"].std() == pytest.approx(np.hypot(0.0015, 0.0025 / (momentum * beta * sine**1.5)), rel=error)
    # |Gaussian|: its mean square is the variance
    sigma_dr = np.hypot(0.0012, 0.0022 / (momentum * beta * sine**1.5))
    assert np.sqrt((found["dr"] ** 2).mean()) == pytest.approx(sigma_dr, rel=2.0 * error)
    assert (found["charge"] == (np.sign(pdg) if abs(pdg) > 13 else -np.sign(pdg))).all()


def test_short_lever_arms_are_worse(quiet: DetectorConfig, events_of: Maker, beam_of: Maker) -> None:
    def spread(theta: float) -> float:
        found = tracks(quiet, events_of, 13, beam_of(13, 3.0, theta, N)).columns
        return float((1.0 / (found["p"] * np.sin(found["theta"]))).std() * 3.0 * np.sin(np.radians(theta)))

    # at 20 deg the radius reached is tan 20/tan 30 of the full one; the curvature of a track is known as its square
    lever = np.tan(np.radians(20.0)) / np.tan(np.radians(30.0))
    scale = quiet.scales.track_momentum_resolution.value
    mass = 0.1056583755
    expected = scale * np.hypot(
        0.0011 * 3.0 * np.sin(np.radians(20.0)) / lever**2, 0.0030 * np.hypot(1.0, mass / 3.0) / lever
    )
    assert spread(20.0) == pytest.approx(expected, rel=0.02)
    assert spread(145.0) > spread(129.0)


@pytest.mark.parametrize(("theta", "share"), [(16.9, 0.0), (17.1, 0.99), (149.9, 0.99), (150.1, 0.0)])
def test_polar_acceptance(
    detector_config: DetectorConfig, events_of: Maker, beam_of: Maker, theta: float, share: float
) -> None:
    found = tracks(detector_config, events_of, 13, beam_of(13, 2.0, theta, N))
    assert len(found) / N == pytest.approx(share, abs=4.0 * np.sqrt(0.99 * 0.01 / N))


@pytest.mark.parametrize(
    ("transverse", "radius", "share"),
    [(0.04, 0.0, 0.0), (0.125, 0.0, 0.75), (1.0, 10.0, 1.0), (1.0, 38.0, 0.5), (1.0, 61.0, 0.0)],
)
def test_efficiency_falls_for_slow_and_for_displaced_tracks(
    detector_config: DetectorConfig, events_of: Maker, beam_of: Maker, transverse: float, radius: float, share: float
) -> None:
    vertex = np.tile([radius, 0.0, 0.0], (N, 1, 1))
    found = tracks(detector_config, events_of, 211, beam_of(211, transverse, 90.0, N), vertex)
    assert len(found) / N == pytest.approx(0.99 * share, abs=4.0 * 0.5 / np.sqrt(N))
    assert (found.columns["mcVertexR"] == radius).all()


@pytest.mark.parametrize(("z", "share"), [(-76.0, 0.0), (-74.0, 0.99), (144.0, 0.99), (146.0, 0.0)])
def test_tracks_made_outside_of_the_chamber_along_the_beams_are_lost(
    detector_config: DetectorConfig, events_of: Maker, beam_of: Maker, z: float, share: float
) -> None:
    vertex = np.tile([0.0, 0.0, z], (N, 1, 1))
    found = tracks(detector_config, events_of, 211, beam_of(211, 1.0, 90.0, N), vertex)
    assert len(found) / N == pytest.approx(share, abs=4.0 * np.sqrt(0.99 * 0.01 / N))


def test_impact_parameters_of_displaced_tracks(quiet: DetectorConfig, events_of: Maker, beam_of: Maker) -> None:
    # a stiff track along x that starts 3 cm above the axis
    vertex = np.tile([0.0, 3.0, 2.0], (N, 1, 1))
    found = tracks(quiet, events_of, 13, beam_of(13, 6.0, 90.0, N, phi=0.0), vertex).columns
    assert found["dr"].mean() == pytest.approx(3.0, abs=1e-3)
    assert found["dz"].mean() == pytest.approx(2.0, abs=1e-3)
    far = np.tile([0.0, 12.0, 2.0], (N, 1, 1))
    without_silicon = tracks(quiet, events_of, 13, beam_of(13, 6.0, 90.0, N, phi=0.0), far).columns
    assert without_silicon["dr"].std() > 10.0 * found["dr"].std()


def test_electrons_lose_the_expected_energy(quiet: DetectorConfig, events_of: Maker, beam_of: Maker) -> None:
    found = tracks(quiet, events_of, 11, beam_of(11, 2.0, 90.0, N)).columns
    # the mean energy falls as exp(-t) in t radiation lengths
    assert found["p"].mean() / 2.0 == pytest.approx(np.exp(-0.03), abs=4.0 * 0.1 / np.sqrt(N))
    muons = tracks(quiet, events_of, 13, beam_of(13, 2.0, 90.0, N)).columns
    assert muons["p"].mean() / 2.0 == pytest.approx(1.0, abs=1e-3)


def test_scales_move_what_they_name_and_keep_the_random_numbers(
    detector_config: DetectorConfig, events_of: Maker, beam_of: Maker
) -> None:
    momenta = beam_of(13, 2.0, 90.0, N)
    nominal = tracks(detector_config, events_of, 13, momenta).columns
    wide = tracks(detector_config.scaled({"track_momentum_resolution": 2.0}), events_of, 13, momenta).columns
    np.testing.assert_allclose(
        2.0 * (nominal["mcP"] * np.sin(nominal["mcTheta"]) / (nominal["p"] * np.sin(nominal["theta"])) - 1.0),
        wide["mcP"] * np.sin(wide["mcTheta"]) / (wide["p"] * np.sin(wide["theta"])) - 1.0,
        atol=1e-12,
    )
    np.testing.assert_array_equal(nominal["theta"], wide["theta"])
    shifted = tracks(detector_config.scaled({"track_momentum": 1.01}), events_of, 13, momenta).columns
    np.testing.assert_allclose(shifted["p"] / nominal["p"], 1.01, rtol=1e-12)
    fewer = tracks(detector_config.scaled({"track_inefficiency": 5.0}), events_of, 13, momenta)
    assert set(fewer.columns["particle"]) < set(nominal["particle"])
    assert len(fewer) / N == pytest.approx(0.95, abs=4.0 * np.sqrt(0.05 * 0.95 / N))


def test_other_particles_make_no_track(detector_config: DetectorConfig, events_of: Maker, beam_of: Maker) -> None:
    for pdg in (12, 22, 130, 9000022, 3112):
        events = events_of((pdg,), beam_of(22, 2.0, 90.0, 200))
        assert len(measure_events(events, detector_config, np.random.default_rng(1)).lists["track"].columns["p"]) <= 40
    assert reaching_particles(events_of((3112,), beam_of(22, 2.0, 90.0, 5))).charge.tolist() == [0.0] * 5
