"""Measured energy and direction of calorimeter clusters."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from darkreach.configuration import PhotonResponseConfig

Array = NDArray[np.float64]


def relative_energy_resolution(energy: Array, response: PhotonResponseConfig) -> Array:
    """Return sigma_E/E = a/E (+) b/E^(1/4) (+) c for energies in GeV, any shape.

    Example:
        >>> from darkreach.configuration import DetectorConfig, config_path, read_config
        >>> belle2 = read_config(config_path("detectors", "belle2"), DetectorConfig)
        >>> relative_energy_resolution(np.array([1.0]), belle2.photon_response).round(4).tolist()
        [0.0157]
    """
    noise = response.energy_noise_term.value / energy
    stochastic = response.energy_stochastic_term.value**2 / np.sqrt(energy)
    return np.asarray(np.sqrt(noise**2 + stochastic + response.energy_constant_term.value**2))


def angular_resolution(energy: Array, response: PhotonResponseConfig) -> Array:
    """Return the resolution a/sqrt(E) (+) b in rad of theta and of sin(theta) phi for energies in GeV, any shape."""
    stochastic = response.angle_stochastic_term.value**2 / energy
    return np.asarray(np.sqrt(stochastic + response.angle_constant_term.value**2))


def smear_energy(energy: Array, response: PhotonResponseConfig, random: np.random.Generator) -> Array:
    """Return measured energies (n,): a Gaussian, and for a fraction of the clusters an exponential relative loss.

    Losses above 100 % give energies below zero, which the energy threshold removes.
    """
    gaussian = 1.0 + relative_energy_resolution(energy, response) * random.standard_normal(energy.shape)
    in_tail = random.random(energy.shape) < response.tail_fraction.value
    loss = np.where(in_tail, response.tail_mean_loss.value * random.standard_exponential(energy.shape), 0.0)
    return np.asarray(energy * gaussian * (1.0 - loss))


def smear_direction(
    energy: Array, theta: Array, phi: Array, response: PhotonResponseConfig, random: np.random.Generator
) -> tuple[Array, Array]:
    """Return measured polar and azimuthal angles (n,), rad; theta in [0, pi], phi in [-pi, pi).

    Args:
        energy: (n,) true energies, GeV.
        theta: (n,) true polar angles, rad.
        phi: (n,) true azimuthal angles, rad.
        response: the resolution terms.
        random: source of random numbers.
    """
    resolution = angular_resolution(energy, response)
    measured = theta + resolution * random.standard_normal(energy.shape)
    azimuth = phi + resolution / np.sin(theta) * random.standard_normal(energy.shape)
    return over_the_poles(measured, azimuth)


def over_the_poles(theta: Array, phi: Array) -> tuple[Array, Array]:
    """Return angles with theta folded into [0, pi] and phi into [-pi, pi), any shape, rad.

    Example:
        >>> theta, phi = over_the_poles(np.array([-0.2]), np.array([0.5]))
        >>> theta.round(3).tolist(), phi.round(3).tolist()
        ([0.2], [-2.642])
    """
    # a step over the pole comes down on the other side
    over = (theta < 0.0) | (theta > np.pi)
    azimuth = np.where(over, phi + np.pi, phi)
    polar = np.where(theta < 0.0, -theta, np.where(theta > np.pi, 2.0 * np.pi - theta, theta))
    return polar, (azimuth + np.pi) % (2.0 * np.pi) - np.pi
