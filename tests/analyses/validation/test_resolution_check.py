"""Widths of measured quantities: known ones are found, and a detector twice as coarse is noticed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from darkreach.configuration import DetectorConfig, Range, ValidationConfig, config_path, read_config
from darkreach.configuration.validation import ResolutionCheck
from darkreach.kinematics import Beams
from darkreach.response import MeasuredEvents, MeasuredObjects
from darkreach.validation.resolution_check import check_resolution
from darkreach.validation.resolution_observables import observe

EVERYWHERE = Range(low=0.0, high=180.0)


@pytest.fixture(scope="module")
def shipped() -> tuple[ValidationConfig, DetectorConfig]:
    config = read_config(config_path("validation", "simulation"), ValidationConfig)
    return config, read_config(config_path("detectors", "belle2"), DetectorConfig)


def shipped_check(config: ValidationConfig, name: str) -> ResolutionCheck:
    [found] = [check for check in config.resolutions if check.name == name]
    return found.model_copy(update={"events": 20_000})


def test_a_detector_twice_as_coarse_does_not_pass(shipped: tuple[ValidationConfig, DetectorConfig]) -> None:
    config, detector = shipped
    check = shipped_check(config, "a -> gamma gamma, 2 GeV: pair mass")
    right = check_resolution(check, config, detector)
    assert right.result.passed and right.content.sum() == pytest.approx(1.0, abs=0.05)
    photons = detector.photon_response
    coarse = {
        name: getattr(photons, name).model_copy(update={"value": 2.0 * getattr(photons, name).value})
        for name in ("energy_noise_term", "energy_stochastic_term", "energy_constant_term", "angle_stochastic_term")
    }
    changed = detector.model_copy(update={"photon_response": photons.model_copy(update=coarse)})
    assert not check_resolution(check, config, changed).result.passed


def events_of(tracks: dict[str, Any], photons: dict[str, Any], counts: tuple[list[int], list[int]]) -> MeasuredEvents:
    def objects(columns: dict[str, Any], numbers: list[int]) -> MeasuredObjects:
        return MeasuredObjects(np.concatenate([[0], np.cumsum(numbers)]), {k: np.array(v) for k, v in columns.items()})

    n = len(counts[0])
    return MeasuredEvents(
        {"track": objects(tracks, counts[0]), "photon": objects(photons, counts[1])}, {}, np.ones(n), np.arange(n)
    )


def test_masses_are_those_computed_by_hand() -> None:
    # one event: two muons back to back with 3 GeV each; another: one track
    tracks = {
        "p": [3.0, 3.0, 1.0],
        "theta": [0.5 * np.pi, 0.5 * np.pi, 1.0],
        "phi": [0.0, np.pi, 0.0],
        "charge": [1, -1, 1],
        "mcPDG": [-13, 13, 211],
        "genMotherPDG": [443, 443, 11],
    }
    # photons of 1 and 4 GeV at 90 degrees to each other from one mother, and one without truth
    photons = {
        "E": [4.0, 1.0, 9.0],
        "theta": [0.5 * np.pi, 0.5 * np.pi, 1.0],
        "phi": [0.0, 0.5 * np.pi, 0.0],
        "mcE": [5.0, 1.0, 0.0],
        "genMotherPDG": [111, 111, 0],
    }
    events = events_of(tracks, photons, ([2, 1], [2, 1]))
    beams = Beams(5.0, 5.0, 0.0)
    pair, _ = observe("track_pair_mass", events, beams, EVERYWHERE)
    assert pair == pytest.approx([2.0 * np.hypot(3.0, 0.1056583755)], rel=1e-9)
    recoil, _ = observe("recoil_mass", events, beams, EVERYWHERE)
    assert recoil == pytest.approx([10.0 - 2.0 * np.hypot(3.0, 0.1056583755)], rel=1e-9)
    assert observe("photon_pair_mass", events, beams, EVERYWHERE)[0] == pytest.approx([np.sqrt(8.0)])
    assert observe("photon_energy", events, beams, EVERYWHERE)[0] == pytest.approx([0.8])
    assert observe("photon_recoil_mass_squared", events, beams, EVERYWHERE)[0] == pytest.approx([20.0])
    assert len(observe("recoil_mass", events, beams, Range(low=0.0, high=80.0))[0]) == 0


def test_tracks_of_equal_charge_are_no_pair() -> None:
    tracks = {"p": [3.0, 3.0], "theta": [1.0, 2.0], "phi": [0.0, 1.0], "charge": [1, 1], "mcPDG": [-13, -13]}
    tracks["genMotherPDG"] = [443, 443]
    none = {name: [] for name in ("E", "theta", "phi", "mcE", "genMotherPDG")}
    values, _ = observe("track_pair_mass", events_of(tracks, none, ([2], [0])), Beams(5.0, 5.0, 0.0), EVERYWHERE)
    assert len(values) == 0
