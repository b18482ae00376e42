from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from darkreach.configuration import DetectorConfig
from darkreach.response.beam_background import background_clusters
from darkreach.response.event_response import measure_events

N = 40_000
Maker = Callable[..., np.ndarray]


def test_kaons_leave_clusters_in_both_detectors(quiet: DetectorConfig, events_of: Maker, beam_of: Maker) -> None:
    events = events_of((130,), beam_of(130, 2.0, 90.0, N))
    measured = measure_events(events, quiet, np.random.default_rng(1))
    energy = math.hypot(2.0, 0.497611)
    seen = len(measured.lists["klm"].columns["theta"]) / N
    assert seen == pytest.approx(0.4, abs=4.0 * 0.5 / np.sqrt(N))
    clusters = measured.lists["photon"].columns
    # shares from 0.05 to 0.6 of the energy, seen above 0.1 GeV
    low = max(0.05, 0.1 / energy)
    assert len(clusters["E"]) / N == pytest.approx(0.5 * (0.6 - low) / 0.55, abs=4.0 * 0.5 / np.sqrt(N))
    assert clusters["E"].max() <= 0.6 * energy
    assert (clusters["mcPDG"] == 130).all()
    assert measured.lists["klm"].columns["theta"].std() == pytest.approx(0.05, rel=0.03)
    off = quiet.scaled({"neutral_hadrons": 0.0})
    assert len(measure_events(events, off, np.random.default_rng(1))) == 0


def test_slow_hadrons_and_neutrinos_are_not_seen(quiet: DetectorConfig, events_of: Maker, beam_of: Maker) -> None:
    assert len(measure_events(events_of((130,), beam_of(130, 0.1, 90.0, 500)), quiet, np.random.default_rng(2))) == 0
    for pdg in (12, -14, 9000052, 9000022):
        assert len(measure_events(events_of((pdg,), beam_of(22, 2.0, 90.0, 50)), quiet, np.random.default_rng(2))) == 0


def test_beam_background_has_the_configured_spectrum(detector_config: DetectorConfig) -> None:
    clusters = background_clusters(N, detector_config, np.random.default_rng(3))
    # 2 clusters above 30 MeV, exponential of 40 MeV: above 100 MeV
    mean = 2.0 * math.exp(-0.07 / 0.04)
    assert len(clusters) / N == pytest.approx(mean, abs=4.0 * math.sqrt(mean / N))
    energy = clusters.columns["E"]
    assert energy.min() >= 0.1
    assert energy.mean() == pytest.approx(0.14, abs=4.0 * 0.04 / math.sqrt(len(energy)))
    # uniform in solid angle: the barrel has the share of its cosines
    cosines = [np.cos(np.radians(edges)) for edges in ((12.4, 31.4), (32.2, 128.7), (130.7, 155.1))]
    sizes = [high - low for high, low in cosines]
    cosine = np.cos(clusters.columns["theta"])
    barrel = (cosine < np.cos(np.radians(32.0))) & (cosine > np.cos(np.radians(130.0)))
    assert barrel.mean() == pytest.approx(sizes[1] / sum(sizes), abs=4.0 * 0.5 / math.sqrt(len(energy)))
    spread = sizes[1] / math.sqrt(12.0 * barrel.sum())
    assert cosine[barrel].mean() == pytest.approx(0.5 * sum(cosines[1]), abs=4.0 * spread)
    counts = np.bincount(clusters.event, minlength=N)
    assert counts.var() == pytest.approx(counts.mean(), rel=0.05)
    twice = background_clusters(N, detector_config.scaled({"beam_background": 2.0}), np.random.default_rng(3))
    assert len(twice) == pytest.approx(2 * len(clusters), rel=0.05)


def test_electrons_without_a_track_look_like_photons(quiet: DetectorConfig, events_of: Maker, beam_of: Maker) -> None:
    # inside the calorimeter, outside of the drift chamber
    measured = measure_events(events_of((11,), beam_of(11, 4.0, 15.0, 1000)), quiet, np.random.default_rng(4))
    assert len(measured.lists["track"].columns["p"]) == 0
    assert (measured.lists["photon"].columns["mcPDG"] == 11).all()
    assert len(measured) > 990
    inside = measure_events(events_of((11,), beam_of(11, 4.0, 60.0, 1000)), quiet, np.random.default_rng(4))
    assert len(inside.lists["track"].columns["p"]) == 1000
    assert len(inside.lists["photon"].columns["E"]) == 0
