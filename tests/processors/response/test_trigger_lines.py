from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from darkreach.configuration import DetectorConfig, Range
from darkreach.configuration.detector_trigger import TriggerLine
from darkreach.kinematics import boost, boosted_energy, photon_momenta
from darkreach.response.event_response import measure_events
from darkreach.response.object_rows import ObjectRows
from darkreach.response.trigger_lines import back_to_back, cluster_conditions, fired_lines, track_conditions
from darkreach.response.trigger_objects import TriggerObjects, trigger_objects

Maker = Callable[..., np.ndarray]
Cluster = tuple[float, float, float]


def objects(
    clusters: list[list[Cluster]], tracks: list[list[tuple[float, float]]], detector: DetectorConfig
) -> TriggerObjects:
    """Clusters (E*, theta*, phi* in degrees) and tracks (theta, phi in degrees, laboratory) of some events."""
    in_cm = np.array([cluster for event in clusters for cluster in event]).reshape(-1, 3)
    momenta = photon_momenta(in_cm[:, 0], np.radians(in_cm[:, 1]), np.radians(in_cm[:, 2]))
    lab = boost(momenta, detector.beams.beams().boost)
    angles = np.radians(np.array([track for event in tracks for track in event]).reshape(-1, 2))
    return TriggerObjects(
        np.repeat(np.arange(len(clusters)), [len(event) for event in clusters]),
        lab[:, 0],
        np.arctan2(np.hypot(lab[:, 1], lab[:, 2]), lab[:, 3]),
        momenta,
        np.repeat(np.arange(len(tracks)), [len(event) for event in tracks]),
        angles[:, 0],
        angles[:, 1],
    )


def line(**conditions: object) -> TriggerLine:
    return TriggerLine.model_validate({"efficiency": 1.0, "source": "test", **conditions})


def test_conditions_on_clusters(detector_config: DetectorConfig) -> None:
    seen = objects(
        [
            [(1.5, 90.0, 0.0)],
            [(1.5, 90.0, 0.0), (0.4, 60.0, 90.0)],
            [(1.5, 175.0, 0.0)],
            [(0.5, 90.0, 0.0), (0.5, 60.0, 120.0), (0.5, 70.0, 240.0)],
            [],
        ],
        [[]] * 5,
        detector_config,
    )
    barrel = (Range(low=32.2, high=128.7),)
    cases = {
        (True, True, False, False, False): line(leading_energy=1.0, leading_polar=barrel),
        (True, False, False, False, False): line(leading_energy=1.0, leading_polar=barrel, other_energy=0.3),
        (True, False, True, False, False): line(leading_energy=1.0, other_energy=0.3),
        (False, False, False, True, False): line(minimum_clusters=3, leading_energy=0.3),
        (True, True, True, True, False): line(total_energy=1.0),
        (True, True, True, True, True): line(),
    }
    for expected, conditions in cases.items():
        assert tuple(cluster_conditions(seen, 5, conditions).tolist()) == expected


def test_conditions_on_tracks(detector_config: DetectorConfig) -> None:
    seen = objects(
        [[]] * 5,
        [[(90.0, 0.0), (90.0, 100.0)], [(90.0, 0.0), (90.0, 60.0)], [(90.0, 170.0), (20.0, -20.0)], [(90.0, 0.0)], []],
        detector_config,
    )
    wide, central = {"minimum_tracks": 2, "opening_angle": 90.0}, {"track_polar": Range(low=37.0, high=130.0)}
    assert track_conditions(seen, 5, line(**wide)).tolist() == [True, False, True, False, False]
    assert track_conditions(seen, 5, line(**wide, **central)).tolist() == [True, False, False, False, False]
    narrow = line(minimum_tracks=2, opening_angle=30.0)
    assert track_conditions(seen, 5, narrow).tolist() == [True, True, True, False, False]
    assert track_conditions(seen, 5, line(minimum_tracks=1)).tolist() == [True, True, True, True, False]


def test_bhabha_veto_in_the_centre_of_mass(detector_config: DetectorConfig) -> None:
    seen = objects(
        [
            [(5.2, 60.0, 10.0), (5.2, 120.0, 190.0)],
            [(5.2, 60.0, 10.0), (5.2, 120.0, 150.0)],
            [(5.2, 60.0, 10.0), (2.0, 120.0, 190.0)],
            [(4.0, 60.0, 10.0), (4.0, 120.0, 190.0)],
            [(0.2, 60.0, 10.0), (5.2, 62.0, 10.0), (5.1, 115.0, -170.0)],
        ],
        [[]] * 5,
        detector_config,
    )
    assert back_to_back(seen, 5, detector_config.trigger).tolist() == [True, False, False, False, True]
    vetoed = fired_lines(seen, 5, detector_config, np.random.default_rng(1))
    assert vetoed["l1_hie"].tolist()[0] == 0


def test_efficiency_and_its_scale(detector_config: DetectorConfig) -> None:
    n = 40_000
    seen = objects([[(2.5, 90.0, 0.0)]] * n, [[]] * n, detector_config)
    for scale in (1.0, 3.0, 0.0):
        detector = detector_config.scaled({"trigger_inefficiency": scale})
        fired = fired_lines(seen, n, detector, np.random.default_rng(2))["l1_lml1"]
        assert fired.mean() == pytest.approx(1.0 - 0.03 * scale, abs=4.0 * np.sqrt(0.1 / n))


def test_clusters_and_tracks_of_the_trigger(detector_config: DetectorConfig) -> None:
    sharp = detector_config.trigger.model_copy(
        update={"cluster_energy_resolution": detector_config.trigger.track_impact.model_copy(update={"value": 0.0})}
    )
    detector = detector_config.model_copy(update={"trigger": sharp})
    angles = {"theta": np.radians([60.0, 60.0]), "phi": np.array([0.5, 0.5])}
    photons = ObjectRows(np.array([0, 1]), {"E": np.array([2.0, 0.05]), **angles})
    track = {"p": np.array([3.0, 1.5]), "mcPDG": np.array([11, -13]), "dr": np.array([0.0, 9.0]), **angles}
    seen = trigger_objects(ObjectRows(np.array([0, 1]), track), photons, detector, np.random.default_rng(1))
    # the soft photon is below the threshold; the electron leaves its energy, the muon 0.2 GeV
    assert seen.cluster_event.tolist() == [0, 0, 1]
    assert seen.cluster_energy.tolist() == pytest.approx([2.0, 3.0, 0.2])
    lab = photon_momenta(seen.cluster_energy, np.full(3, np.radians(60.0)), np.full(3, 0.5))
    expected = boosted_energy(lab, detector.beams.beams().boost)
    np.testing.assert_allclose(seen.cluster_cm[:, 0], expected, rtol=1e-12)
    # the second track does not come from the collision
    assert seen.track_event.tolist() == [0]


def test_all_lines_of_the_specification_are_written(
    detector_config: DetectorConfig, events_of: Maker, beam_of: Maker
) -> None:
    names = ("lml0", "lml1", "lml2", "lml6", "lml12", "lml13", "hie", "ffo", "fyo", "fy30", "stt")
    measured = measure_events(events_of((22,), beam_of(22, 3.0, 90.0, 3000)), detector_config, np.random.default_rng(3))
    for name in names:
        values = measured.event[f"l1_{name}"]
        assert values.shape == (len(measured),)
        assert set(np.unique(values)) <= {0, 1}
    # a single photon of E* = 2.7 GeV
    assert measured.event["l1_lml6"].mean() > 0.75
    assert measured.event["l1_lml0"].mean() < 0.1
    muons = np.concatenate([beam_of(13, 3.0, 80.0, 3000), beam_of(13, 3.0, 90.0, 3000, phi=2.5)], axis=1)
    measured = measure_events(events_of((13, -13), muons), detector_config, np.random.default_rng(4))
    assert measured.event["l1_ffo"].mean() == pytest.approx(0.9, abs=0.05)
    assert measured.event["l1_lml1"].mean() < 0.01
