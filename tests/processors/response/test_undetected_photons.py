"""Photons that the calorimeter misses leave clusters in the muon system, those that it sees none."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from darkreach.configuration import DetectorConfig
from darkreach.response import ForcedOutcomes, measure_events

N = 20_000
Maker = Callable[..., np.ndarray]


def clusters(detector: DetectorConfig, events_of: Maker, momenta: np.ndarray, **options: ForcedOutcomes) -> np.ndarray:
    measured = measure_events(events_of((22,), momenta), detector, np.random.default_rng(4), **options)
    return measured.lists["klm"].columns["theta"]


def test_a_photon_in_a_gap_of_the_calorimeter(quiet: DetectorConfig, events_of: Maker, beam_of: Maker) -> None:
    found = clusters(quiet, events_of, beam_of(22, 4.0, 129.7, N))
    assert len(found) / N == pytest.approx(0.9, abs=4.0 * 0.3 / np.sqrt(N))
    assert found.mean() == pytest.approx(np.radians(129.7), abs=4.0 * 0.05 / np.sqrt(N))
    assert found.std() == pytest.approx(0.05, rel=0.03)


@pytest.mark.parametrize(
    ("energy", "theta"),
    [(4.0, 90.0), (0.4, 129.7), (4.0, 8.0)],
    ids=["seen by the calorimeter", "below the threshold", "outside of the muon system"],
)
def test_photons_that_leave_none(
    quiet: DetectorConfig, events_of: Maker, beam_of: Maker, energy: float, theta: float
) -> None:
    assert len(clusters(quiet.scaled({"photon_inefficiency": 0.0}), events_of, beam_of(22, energy, theta, 500))) == 0


def test_photons_lost_by_inefficiency(detector_config: DetectorConfig, events_of: Maker, beam_of: Maker) -> None:
    still = detector_config.scaled({"beam_background": 0.0, "photon_conversion": 0.0})
    forced = ForcedOutcomes(lost_photons=1)
    found = clusters(still, events_of, beam_of(22, 4.0, 60.0, N), forced=forced)
    assert len(found) / N == pytest.approx(0.9, abs=4.0 * 0.3 / np.sqrt(N))
    without = still.model_copy(update={"undetected_photons": None})
    assert len(clusters(without, events_of, beam_of(22, 4.0, 60.0, 500), forced=forced)) == 0
