"""Systematic variations of photons: energy scale, resolution about the truth, detection efficiency."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from darkreach.configuration import PhotonEfficiencyVariation
from darkreach.searches.photon_events import PhotonArrays

Floats = NDArray[np.float64]


def wrapped_angle(angle: Floats) -> Floats:
    """Return angles (...,) brought into [-pi, pi), rad.

    Example:
        >>> wrapped_angle(np.array([0.1, 2.0 * math.pi - 0.1])).round(3).tolist()
        [0.1, -0.1]
    """
    return np.asarray((angle + math.pi) % (2.0 * math.pi) - math.pi)


def scaled_residuals(measured: PhotonArrays, truth: PhotonArrays, factor: float) -> PhotonArrays:
    """Return photons whose residuals to the truth, in energy and both angles, are multiplied by a factor.

    A function of the event alone: the same whatever the chunk, the order or the number of workers.
    """
    return PhotonArrays(
        energy=truth.energy + factor * (measured.energy - truth.energy),
        theta=truth.theta + factor * (measured.theta - truth.theta),
        phi=truth.phi + factor * wrapped_angle(measured.phi - truth.phi),
    )


def efficiency_factor(energy: Floats, variation: PhotonEfficiencyVariation, sign: int) -> Floats:
    """Return the weight factor (n,), the product of 1 +- uncertainty over photons of laboratory energy (n, 3), GeV.

    An energy on an edge belongs to the bin above it.

    Example:
        >>> steps = PhotonEfficiencyVariation(energy_edges=(1.0,), values=(0.1, 0.0), source="convention")
        >>> efficiency_factor(np.array([[0.5, 0.7, 2.0]]), steps, +1).round(4).tolist()
        [1.21]
    """
    uncertainty = np.asarray(variation.values)[np.searchsorted(variation.energy_edges, energy, side="right")]
    factors = 1.0 + sign * uncertainty
    return np.asarray(factors[:, 0] * factors[:, 1] * factors[:, 2])
