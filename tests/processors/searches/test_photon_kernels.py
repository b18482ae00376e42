"""Compiled photon arithmetic against its plain twin, array by array."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import awkward as ak
import numpy as np
import pytest

from darkreach.configuration import AxionConfig, DetectorConfig
from darkreach.searches.compiled_selection import CompiledPhotonSelection
from darkreach.searches.photon_events import PhotonArrays
from darkreach.searches.photon_kernels import LARGEST_ANGLE
from darkreach.searches.photon_selection import ThreePhotonSelection
from darkreach.searches.photon_variations import scaled_residuals

Twins = tuple[CompiledPhotonSelection, ThreePhotonSelection]


@pytest.fixture(scope="module")
def twins(search_config: AxionConfig, detector_config: DetectorConfig) -> Twins:
    settings = search_config.selection
    return CompiledPhotonSelection(settings, detector_config), ThreePhotonSelection(settings, detector_config)


@pytest.fixture(scope="module")
def photons(photon_columns: Callable[..., dict[str, Any]]) -> tuple[PhotonArrays, PhotonArrays, np.ndarray]:
    columns = photon_columns(20_000, 9)
    flat = {name: ak.to_numpy(ak.flatten(columns[name])) for name in ("E", "theta", "phi", "mcE", "mcTheta", "mcPhi")}
    offsets = np.concatenate([[0], np.cumsum(columns["__ncandidates__"])]).astype(np.int64)
    measured = PhotonArrays(flat["E"], flat["theta"], flat["phi"])
    return measured, PhotonArrays(flat["mcE"], flat["mcTheta"], flat["mcPhi"]), offsets


@pytest.mark.agreement
@pytest.mark.parametrize("largest", [0.5, 4.0, 100.0, LARGEST_ANGLE])
def test_directions_of_any_angle(twins: Twins, largest: float) -> None:
    random = np.random.default_rng(1)
    quarters = 0.25 * math.pi * np.arange(-16, 17)
    angles = np.concatenate([random.uniform(-largest, largest, 50_000), quarters, np.nextafter(quarters, 99.0)])
    energy = np.ones(len(angles))
    for made in (PhotonArrays(energy, angles, angles[::-1].copy()), PhotonArrays(energy, np.abs(angles), -angles)):
        fast, slow = (twin.kinematics(made) for twin in twins)
        np.testing.assert_allclose(fast.momenta, slow.momenta, rtol=0.0, atol=5e-16)
        np.testing.assert_allclose(fast.energy_cm, slow.energy_cm, rtol=2e-15)


def test_sines_keep_their_digits_near_zero(twins: Twins) -> None:
    # an absolute tolerance would hide lost digits of small sines
    angles = np.concatenate([10.0 ** np.arange(-12.0, 0.0), math.pi - 10.0 ** np.arange(-6.0, 0.0)])
    momenta = twins[0].kinematics(PhotonArrays(np.ones(len(angles)), angles, np.zeros(len(angles)))).momenta
    np.testing.assert_allclose(momenta[:, 1], np.sin(angles), rtol=5e-16)


def test_larger_angles_go_to_the_plain_twin(twins: Twins) -> None:
    one, huge = np.ones(1), np.full(1, 3.0e7)
    made = PhotonArrays(one, huge, -huge)
    fast, slow = (twin.kinematics(made) for twin in twins)
    np.testing.assert_array_equal(fast.momenta, slow.momenta)
    varied = twins[0].residuals_scaled(made, PhotonArrays(one, one, one), 1.1)
    np.testing.assert_array_equal(varied.phi, scaled_residuals(made, PhotonArrays(one, one, one), 1.1).phi)


@pytest.mark.agreement
@pytest.mark.parametrize("factor", [0.9, 1.0, 1.1])
def test_scaled_residuals(twins: Twins, photons: tuple[PhotonArrays, PhotonArrays, np.ndarray], factor: float) -> None:
    measured, truth, _ = photons
    assert np.any(np.abs(measured.phi - truth.phi) > math.pi)
    fast, slow = twins[0].residuals_scaled(measured, truth, factor), scaled_residuals(measured, truth, factor)
    for name in ("energy", "theta", "phi"):
        np.testing.assert_allclose(getattr(fast, name), getattr(slow, name), rtol=0.0, atol=3e-15)


@pytest.mark.agreement
@pytest.mark.parametrize("scale", [1.0, 1.005, 0.995, 1.3])
def test_selected_events(twins: Twins, photons: tuple[PhotonArrays, PhotonArrays, np.ndarray], scale: float) -> None:
    measured, _, offsets = photons
    fast, slow = (twin.select(twin.kinematics(measured), offsets, scale) for twin in twins)
    assert 1000 < len(slow.event) < len(slow.polar_angles) < len(slow.three_photons) or scale == 1.3
    for name in ("event", "photons", "three_photons", "polar_angles"):
        np.testing.assert_array_equal(getattr(fast, name), getattr(slow, name))
    np.testing.assert_allclose(fast.energy, slow.energy, rtol=1e-15)
    np.testing.assert_allclose(fast.minimum_energy_cm, slow.minimum_energy_cm, rtol=2e-15)
    for observable, masses in slow.squared_masses.items():
        # light pairs are differences of large numbers: 1e-12 of s
        np.testing.assert_allclose(fast.squared_masses[observable], masses, rtol=1e-12, atol=1e-13)


def test_no_events(twins: Twins) -> None:
    none = PhotonArrays(*(np.zeros(0) for _ in range(3)))
    selected = twins[0].select(twins[0].kinematics(none), np.zeros(1, np.int64))
    assert len(selected.event) == len(selected.three_photons) == 0
