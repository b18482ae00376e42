"""Resolutions of the shipped plane searches against those of their own simulated signals."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))

from plane_resolution import measure, with_knots, with_signals_only

from darkreach.configuration import DetectorConfig, config_path, known_configs, read_config
from darkreach.configuration.plane_search import PlaneSearchConfig
from darkreach.searches.registry import read_search

PLANES = [
    name
    for name in known_configs("searches")
    if isinstance(read_search(config_path("searches", name)), PlaneSearchConfig)
]
KNOTS = 4

WITHOUT_RADIATION = ("invisible_dark_higgs", "invisible_dark_higgs_kloe")
"""Searches whose knots are those of signals without radiation: with it the recoil mass has a tail, no width."""


def test_there_are_plane_searches() -> None:
    assert "six_track_higgsstrahlung" in PLANES


@pytest.mark.slow
@pytest.mark.agreement
@pytest.mark.parametrize("search", PLANES)
def test_knots_are_what_signals_have(search: str, tmp_path: Path) -> None:
    config = read_search(config_path("searches", search))
    assert isinstance(config, PlaneSearchConfig)
    detector = read_config(config_path("detectors", config.detector), DetectorConfig)
    knots = np.array(config.plane.resolution.knots)
    chosen = knots[np.linspace(0, len(knots) - 1, KNOTS).round().astype(int)]
    signals = with_signals_only(with_knots(config, chosen), [], 6000, radiation=search not in WITHOUT_RADIATION)
    found, quality = measure(signals, detector, tmp_path)
    seen = quality[:, 0] > 0.0
    assert seen.sum() >= KNOTS - 1
    found, chosen, quality = found[seen], chosen[seen], quality[seen]
    # the error of a half width is about one over the root of the number of events
    error = 1.0 / np.sqrt(quality[:, :1])
    assert (error < 0.1).all()
    assert (np.abs(found[:, 2:4] / chosen[:, 2:4] - 1.0) < 0.08 + 4.0 * error).all()
    assert np.abs(found[:, 4] - chosen[:, 4]).max() < 0.15
