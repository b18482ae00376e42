"""Photon four-momenta from clusters, and the masses a three-photon event is searched in."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

PAIRINGS = ((1, 2, 0), (0, 2, 1), (0, 1, 2))
"""The three ways to choose a pair and the photon it recoils against: (first, second, recoil photon)."""


def photon_momenta(
    energy: NDArray[np.float64], theta: NDArray[np.float64], phi: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return massless four-momenta (..., 4) in GeV from energy (GeV), polar and azimuthal angle (rad)."""
    transverse = energy * np.sin(theta)
    return np.stack([energy, transverse * np.cos(phi), transverse * np.sin(phi), energy * np.cos(theta)], axis=-1)


def boosted_energy(momenta: NDArray[np.float64], velocity: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the energy (...,) in the frame that moves with ``velocity`` (3,) in the frame of the momenta, GeV."""
    gamma = 1.0 / np.sqrt(1.0 - np.dot(velocity, velocity))
    return np.asarray(gamma * (momenta[..., 0] - momenta[..., 1:] @ velocity))


def pair_mass_squared(first: NDArray[np.float64], second: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the squared invariant mass (...,) of two massless four-momenta (..., 4), GeV^2; never negative.

    Written as 2 E1 E2 - 2 p1.p2 instead of the square of the sum, which loses digits for light pairs.
    """
    product = first * second
    return np.asarray(2.0 * np.maximum(product[..., 0] - product[..., 1:].sum(axis=-1), 0.0))


def recoil_mass_squared(energy_cm: NDArray[np.float64], sqrt_s: float) -> NDArray[np.float64]:
    """Return s - 2 sqrt(s) E* (...,), the squared mass recoiling against a photon of CM energy E*, GeV^2.

    May be negative when resolution pushes E* above sqrt(s)/2.

    Example:
        >>> recoil_mass_squared(np.array([5.0]), 10.0).tolist()
        [0.0]
    """
    return sqrt_s**2 - 2.0 * sqrt_s * energy_cm
