from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from darkreach.configuration import DetectorConfig
from darkreach.generators.collisions import generate_collisions
from darkreach.generators.generated_particles import GeneratedParticles
from darkreach.generators.signals.axion_signal import generate_axion_signal
from darkreach.kinematics import photon_momenta
from darkreach.response.calorimeter_impact import impact_directions
from darkreach.response.close_clusters import cluster_labels, pairs_of_each_event
from darkreach.response.event_response import measure_events
from darkreach.response.forced_outcomes import ForcedOutcomes
from darkreach.response.measured_events import MeasuredEvents
from darkreach.response.photon_response import measure_photons

N = 40_000
Maker = Callable[..., GeneratedParticles]


def photons_of(measured: MeasuredEvents) -> dict[str, np.ndarray]:
    return dict(measured.lists["photon"].columns)


@pytest.mark.agreement
@pytest.mark.parametrize("mass", [0.1, 1.0, 6.0])
def test_three_photon_events_as_in_the_photon_only_response(
    quiet: DetectorConfig, events_of: Maker, mass: float
) -> None:
    events = generate_axion_signal(
        quiet.beams.beams(), mass, 1e-3, N, np.random.default_rng(1), maximum_isr_fraction=0.0
    )
    reference = measure_photons(events, quiet.photon_response, np.random.default_rng(2))
    ours = measure_events(events_of((22, 22, 22), events.photons), quiet, np.random.default_rng(3))
    counts = np.diff(ours.lists["photon"].offsets)
    for number in (1, 2, 3):
        share = (reference.counts == number).sum() / N
        assert (counts == number).sum() / N == pytest.approx(share, abs=5.0 * np.sqrt((share + 1e-4) * 2.0 / N))
    columns = photons_of(ours)
    for name, values in (("E", reference.energy), ("theta", reference.theta), ("phi", reference.phi)):
        for level in (10.0, 50.0, 90.0):
            density = 40.0 / np.sqrt(N)
            assert np.percentile(columns[name], level) == pytest.approx(
                np.percentile(values, level), abs=density * np.std(values) / 4.0
            )
    residual = columns["E"] / columns["mcE"] - 1.0
    expected = reference.energy / reference.true_energy - 1.0
    assert np.std(residual) == pytest.approx(np.std(expected), rel=0.02)


def test_pairs_of_rows_of_the_same_event() -> None:
    event = np.array([2, 2, 5, 7, 7, 7])
    first, second = pairs_of_each_event(event)
    pairs = set(zip(first.tolist(), second.tolist(), strict=True))
    expected = {(i, j) for i in range(6) for j in range(i + 1, 6) if event[i] == event[j]}
    assert pairs == expected
    assert len(first) == len(expected)


def test_chains_of_close_photons_are_one_cluster() -> None:
    def labels(degrees: list[float], event: list[int] | None = None) -> list[int]:
        theta = np.radians(degrees)
        direction = np.stack([np.sin(theta), np.zeros(len(theta)), np.cos(theta)], axis=1)
        rows = np.zeros(len(theta), int) if event is None else np.array(event)
        limits = {"none_above": np.radians(5.0), "all_below": np.radians(4.0)}
        number, label = cluster_labels(rows, direction, np.random.default_rng(1), **limits)
        assert number == len(set(label.tolist()))
        return label.tolist()

    assert len(set(labels([90.0, 93.0, 96.0, 99.0]))) == 1
    assert len(set(labels([90.0, 96.0, 102.0]))) == 3
    assert len(set(labels([90.0, 91.0], [0, 1]))) == 2
    close = labels([60.0, 90.0, 62.0, 93.0])
    assert close[0] == close[2] != close[1] == close[3]


def test_merged_clusters_conserve_energy_and_keep_the_harder_mother(quiet: DetectorConfig, events_of: Maker) -> None:
    theta, phi = np.radians([[60.0, 62.0, 61.0, 120.0]]), np.array([[0.0, 0.0, 0.02, 2.0]])
    momenta = np.tile(photon_momenta(np.array([[1.0, 2.5, 0.5, 3.0]]), theta, phi), (200, 1, 1))
    momenta = np.concatenate([momenta, momenta[:, :1]], axis=1)
    events = events_of((22, 22, 22, 22, 111), momenta, mother=(-1, 4, -1, -1, -1), final=(True,) * 4 + (False,))
    measured = measure_events(events, quiet, np.random.default_rng(1))
    columns = photons_of(measured)
    assert (np.diff(measured.lists["photon"].offsets) == 2).all()
    merged = columns["mcE"].reshape(-1, 2).max(axis=1)
    np.testing.assert_allclose(merged, 4.0)
    assert (columns["genMotherPDG"][columns["mcE"] > 3.5] == 111).all()
    assert (columns["genMotherPDG"][columns["mcE"] < 3.5] == 11).all()


def test_displaced_photons_by_following_the_ray(detector_config: DetectorConfig) -> None:
    random = np.random.default_rng(4)
    vertex, direction = random.uniform(-60.0, 60.0, (50, 3)), random.normal(size=(50, 3))
    direction /= np.linalg.norm(direction, axis=1, keepdims=True)
    momentum = np.column_stack([np.ones(50), direction])
    theta, phi = impact_directions(vertex, momentum, detector_config.calorimeter)
    steps = np.arange(0.0, 400.0, 0.01)
    for row in range(50):
        ray = vertex[row] + steps[:, np.newaxis] * direction[row]
        outside = (np.hypot(ray[:, 0], ray[:, 1]) > 125.0) | (ray[:, 2] > 196.0) | (ray[:, 2] < -102.0)
        point = ray[np.argmax(outside)]
        assert theta[row] == pytest.approx(np.arctan2(np.hypot(point[0], point[1]), point[2]), abs=3e-4)
        assert phi[row] == pytest.approx(np.arctan2(point[1], point[0]), abs=1e-3)


def test_photons_made_behind_the_front_face_are_not_seen(
    quiet: DetectorConfig, events_of: Maker, beam_of: Maker
) -> None:
    for vertex, seen in (([124.0, 0.0, 0.0], True), ([126.0, 0.0, 0.0], False), ([0.0, 0.0, 197.0], False)):
        place = np.tile(vertex, (100, 1, 1))
        events = events_of((22,), beam_of(22, 2.0, 80.0, 100, phi=0.0), place)
        assert len(measure_events(events, quiet, np.random.default_rng(1))) == (100 if seen else 0)


@pytest.mark.parametrize(
    ("energy", "theta", "lost"), [(0.2, 60.0, 0.012), (0.2, 130.0 + 0.75, 0.03), (2.0, 15.0, 0.005), (4.0, 15.0, 0.001)]
)
def test_inefficiency_is_that_of_the_table(
    detector_config: DetectorConfig, events_of: Maker, beam_of: Maker, energy: float, theta: float, lost: float
) -> None:
    still = {"beam_background": 0.0, "photon_conversion": 0.0, "photon_angle_resolution": 0.0}
    # an event with nothing but a cluster of the muon system would count as seen
    detector = detector_config.scaled(still).model_copy(update={"undetected_photons": None})
    for factor in (1.0, 3.0, 0.0):
        scaled = detector.scaled({"photon_inefficiency": factor})
        measured = measure_events(events_of((22,), beam_of(22, energy, theta, N)), scaled, np.random.default_rng(2))
        expected = 1.0 - factor * lost
        assert len(measured) / N == pytest.approx(expected, abs=4.0 * np.sqrt(3.0 * lost / N) + 1e-9)


def test_leakage_lowers_the_mean_energy(quiet: DetectorConfig, events_of: Maker, beam_of: Maker) -> None:
    columns = photons_of(measure_events(events_of((22,), beam_of(22, 3.0, 70.0, N)), quiet, np.random.default_rng(3)))
    ratio = columns["E"] / 3.0
    # one cluster in ten loses 2 % of its energy in the mean
    assert ratio.mean() == pytest.approx(1.0 - 0.1 * 0.02, abs=4.0 * 0.017 / np.sqrt(N))
    shifted = measure_events(
        events_of((22,), beam_of(22, 3.0, 70.0, N)), quiet.scaled({"photon_energy": 1.005}), np.random.default_rng(3)
    )
    np.testing.assert_allclose(photons_of(shifted)["E"] / columns["E"], 1.005, rtol=1e-12)


def test_gaps_are_empty_and_energies_above_the_threshold(detector_config: DetectorConfig, events_of: Maker) -> None:
    random = np.random.default_rng(5)
    direction = random.normal(size=(N, 3))
    energy = random.uniform(0.02, 4.0, N)
    momenta = photon_momenta(
        energy, np.arctan2(np.hypot(direction[:, 0], direction[:, 1]), direction[:, 2]), np.zeros(N)
    )
    columns = photons_of(measure_events(events_of((22,), momenta[:, np.newaxis]), detector_config, random))
    degrees = np.degrees(columns["theta"])
    for low, high in ((0.0, 12.4), (31.4, 32.2), (128.7, 130.7), (155.1, 180.0)):
        assert not ((degrees > low) & (degrees < high)).any()
    assert columns["E"].min() >= 0.1


def test_photons_along_the_beams_are_lost(quiet: DetectorConfig, events_of: Maker) -> None:
    radiated = generate_collisions(
        quiet.beams.beams(), 2000, np.random.default_rng(6), maximum_isr_fraction=0.3
    ).radiated[:, np.newaxis]
    assert len(measure_events(events_of((22,), radiated), quiet, np.random.default_rng(6))) == 0


@pytest.mark.agreement
def test_forced_losses_agree_with_chance(detector_config: DetectorConfig, events_of: Maker, beam_of: Maker) -> None:
    # losses often enough to be counted without forcing: 20 times the table
    detector = detector_config.scaled(
        {"photon_inefficiency": 20.0, "beam_background": 0.0, "photon_conversion": 0.0, "photon_angle_resolution": 0.0}
    )
    momenta = np.concatenate(
        [beam_of(22, 4.0, 50.0, N), beam_of(22, 1.0, 20.5, N, phi=2.0), beam_of(22, 2.0, 140.0, N, phi=-2.0)], axis=1
    )
    events = events_of((22, 22, 22), momenta)
    free = np.diff(measure_events(events, detector, np.random.default_rng(7)).lists["photon"].offsets)
    for lost in (0, 1):
        forced = measure_events(events, detector, np.random.default_rng(8), forced=ForcedOutcomes(lost_photons=lost))
        counts = np.diff(forced.lists["photon"].offsets)
        assert (counts == 3 - lost).all()
        expected = (free == 3 - lost).mean()
        assert forced.weight.sum() / N == pytest.approx(expected, abs=4.0 * np.sqrt(expected / N))
    # the barrel photon is lost as often as by chance among the events that lost one
    one = measure_events(events, detector, np.random.default_rng(9), forced=ForcedOutcomes(lost_photons=1))
    barrel = np.bincount(np.repeat(np.arange(len(one)), 2), one.lists["photon"].columns["mcE"] > 3.5, len(one)) == 0
    chances = np.array([20 * 0.0001, 20 * 0.004, 20 * 0.003])
    odds = chances / (1.0 - chances)
    assert one.weight[barrel].sum() / one.weight.sum() == pytest.approx(
        odds[0] / odds.sum(), abs=4.0 * 0.3 / np.sqrt(N)
    )
