"""Backgrounds in strata by the number of wrong identifications against plain simulation, by the cutflow of a search."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from darkreach.configuration import DetectorConfig, config_path, read_config
from darkreach.configuration.plane_search import PlaneSearchConfig
from darkreach.pipeline.simulate_processes import simulate_processes
from darkreach.response import measure_events
from darkreach.response.forced_outcomes import ForcedOutcomes
from darkreach.running.process import process_samples
from darkreach.searches.registry import read_search
from darkreach.simulation.plane_requests import plane_requests

EVENTS = 60_000
CUT = "conversions"
"""The last one that asks only for three pairs of six tracks with two or more leptons."""


@pytest.mark.slow
@pytest.mark.agreement
def test_strata_of_six_pions_add_up_to_plain_simulation(tmp_path: Path) -> None:
    config = read_search(config_path("searches", "six_track_higgsstrahlung"))
    assert isinstance(config, PlaneSearchConfig)
    # plain simulation has no such events at the rates of the configuration
    detector = read_config(config_path("detectors", config.detector), DetectorConfig).scaled({"misidentification": 6.0})
    requests = plane_requests(config, config.presets["demo"], detector)
    (base,) = (request for request in requests if request.sample == "pion_chain_two_muons")
    plain = replace(base, sample="plain", events=EVENTS, forced=ForcedOutcomes())
    strata = [
        replace(
            base,
            sample=f"muons_{muons}_electrons_{electrons}",
            events=EVENTS // 3,
            seed=base.seed + 10 * muons + electrons,
            forced=ForcedOutcomes(wrong_identifications={"muon": muons, "electron": electrons}),
        )
        for muons, electrons in ((2, 0), (0, 2), (4, 0), (2, 2), (0, 4))
    ]
    manifests = simulate_processes([plain, *strata], tmp_path, measure_events)
    folders = [tmp_path / manifest.sample for manifest in manifests]
    cutflow = process_samples(config, detector, folders, config_digest="").histograms["cutflow"]
    passed = {name: cutflow[{"dataset": name, "cut": CUT}] for name in cutflow.axes[0]}
    chance = passed.pop("plain")
    together, variance = (sum(getattr(one, name) for one in passed.values()) for name in ("value", "variance"))
    assert together == pytest.approx(chance.value, abs=4.0 * np.sqrt(variance + chance.variance))
    # and each event says more
    assert together**2 / variance > 1.5 * chance.value**2 / chance.variance
