from __future__ import annotations

import numpy as np
import pytest

from darkreach.configuration import DetectorConfig, PhotonResponseConfig, Quantity
from darkreach.response.photon_resolution import (
    angular_resolution,
    relative_energy_resolution,
    smear_direction,
    smear_energy,
)

N = 200_000


@pytest.fixture(scope="module")
def response(detector_config: DetectorConfig) -> PhotonResponseConfig:
    return detector_config.photon_response


def with_tail(response: PhotonResponseConfig, fraction: float, loss: float) -> PhotonResponseConfig:
    return response.model_copy(
        update={
            "tail_fraction": Quantity(value=fraction, source="test"),
            "tail_mean_loss": Quantity(value=loss, source="test"),
        }
    )


def test_design_formulas(response: PhotonResponseConfig) -> None:
    energy = np.array([0.1, 1.0, 8.0])
    expected = np.hypot(np.hypot(0.00066 / energy, 0.0081 / energy**0.25), 0.0134)
    np.testing.assert_allclose(relative_energy_resolution(energy, response), expected, rtol=1e-12)
    np.testing.assert_allclose(angular_resolution(energy, response), np.hypot(0.0042 / energy**0.5, 0.002), rtol=1e-12)


def test_energy_without_tail_is_gaussian(response: PhotonResponseConfig) -> None:
    ratio = smear_energy(np.full(N, 3.0), with_tail(response, 0.0, 0.02), np.random.default_rng(1)) / 3.0
    sigma = float(relative_energy_resolution(np.array([3.0]), response)[0])
    assert abs(ratio.mean() - 1.0) < 4 * sigma / np.sqrt(N)
    assert ratio.std() == pytest.approx(sigma, rel=0.01)


def test_tail_is_on_the_low_side_with_its_mean(response: PhotonResponseConfig) -> None:
    narrow = response.model_copy(
        update={
            name: Quantity(value=0.0, source="test")
            for name in ("energy_noise_term", "energy_stochastic_term", "energy_constant_term")
        }
    )
    ratio = smear_energy(np.ones(N), with_tail(narrow, 0.10, 0.05), np.random.default_rng(2))
    assert ratio.max() == 1.0
    assert (ratio < 1.0).mean() == pytest.approx(0.10, abs=4 * 0.3 / np.sqrt(N))
    loss = 1.0 - ratio[ratio < 1.0]
    assert loss.mean() == pytest.approx(0.05, rel=4 / np.sqrt(len(loss)))
    # exponential: the standard deviation is the mean
    assert loss.std() == pytest.approx(0.05, rel=0.05)


def test_angles(response: PhotonResponseConfig) -> None:
    energy, theta, phi = np.full(N, 2.0), np.full(N, 0.5), np.full(N, 3.14)
    measured, azimuth = smear_direction(energy, theta, phi, response, np.random.default_rng(3))
    sigma = np.hypot(0.0042 / np.sqrt(2.0), 0.002)
    assert measured.std() == pytest.approx(sigma, rel=0.01)
    assert (azimuth >= -np.pi).all()
    assert (azimuth < np.pi).all()
    across = ((azimuth - 3.14 + np.pi) % (2 * np.pi) - np.pi) * np.sin(0.5)
    assert across.std() == pytest.approx(sigma, rel=0.01)


def test_a_step_over_the_pole_comes_down_on_the_other_side(response: PhotonResponseConfig) -> None:
    theta = np.full(N, 1e-4)
    measured, _ = smear_direction(np.full(N, 0.1), theta, np.zeros(N), response, np.random.default_rng(4))
    assert (measured >= 0.0).all()
    assert (measured <= np.pi).all()
