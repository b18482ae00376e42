"""Strata of backgrounds cover each photon that a region takes and that two unseen particles can balance, once."""

from __future__ import annotations

import numpy as np
import pytest

from darkreach.configuration import DetectorConfig, config_path, read_config
from darkreach.kinematics import boost
from darkreach.searches.registry import read_search

DETECTOR = read_config(config_path("detectors", "belle2"), DetectorConfig)
TOTAL = DETECTOR.beams.beams().four_momentum
SQRT_S = DETECTOR.beams.beams().sqrt_s
UNSEEN = (12.4, 155.1)
DIRECTIONS = np.random.default_rng(1).standard_normal((4000, 3))
DIRECTIONS /= np.linalg.norm(DIRECTIONS, axis=1, keepdims=True)


def photon(energy_cm: float, theta: float) -> np.ndarray:
    direction = np.array([0.0, np.sin(np.radians(theta)), np.cos(np.radians(theta))])
    return energy_cm * SQRT_S / (TOTAL[0] - direction @ TOTAL[1:]) * np.array([1.0, *direction])


def two_can_hide(energy_cm: float, theta: float) -> bool:
    """Return whether two massless particles that balance the photon can both miss the calorimeter."""
    recoil = TOTAL - photon(energy_cm, theta)
    half = 0.5 * np.sqrt(recoil[0] ** 2 - recoil[1:] @ recoil[1:])
    hidden = np.ones(len(DIRECTIONS), dtype=np.bool_)
    for sign in (1.0, -1.0):
        rest = half * np.concatenate([np.ones((len(DIRECTIONS), 1)), sign * DIRECTIONS], axis=1)
        momenta = boost(rest, recoil[1:] / recoil[0])
        angle = np.degrees(np.arctan2(np.hypot(momenta[:, 1], momenta[:, 2]), momenta[:, 3]))
        hidden &= (angle < UNSEEN[0]) | (angle > UNSEEN[1])
    return bool(hidden.any())


@pytest.mark.parametrize("process", ["radiative_bhabha", "three_photon_lost"])
def test_every_photon_that_can_be_alone_is_in_one_stratum(process):
    config = read_search(config_path("searches", "single_photon"))
    strata = [one.parameters for one in config.simulation.backgrounds if one.process == process]
    looked_at = 0
    for region in config.regions:
        low, high = region.squared_mass_limits(SQRT_S)
        energies = np.arange(1.2, 0.5 * SQRT_S, 0.103)
        squared = SQRT_S**2 - 2.0 * SQRT_S * energies
        for energy in energies[(low < squared) & (squared < high)]:
            ends = [curve.degrees(np.array([energy]))[0] for curve in (region.lowest_angle, region.highest_angle)]
            for theta in np.arange(ends[0], ends[1], 1.507):
                if not two_can_hide(float(energy), float(theta)):
                    continue
                looked_at += 1
                holding = [
                    one
                    for one in strata
                    if one["minimum_energy_gev"] <= energy < one.get("maximum_energy_gev", np.inf)
                    and one["polar_low_deg"] <= theta < one["polar_high_deg"]
                ]
                assert len(holding) == 1, (region.name, round(float(energy), 3), round(float(theta), 2))
    assert looked_at > 100
