"""Lorentz boosts and invariants of arrays of four-momenta, last axis (E, px, py, pz)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def boost(momenta: NDArray[np.float64], velocity: ArrayLike) -> NDArray[np.float64]:
    """Boost four-momenta from a frame that moves with ``velocity`` into the frame where it does so.

    Args:
        momenta: (..., 4), GeV.
        velocity: (3,) or (..., 3), units of c; ``-velocity`` undoes the boost.

    Returns:
        (..., 4), GeV.

    Example:
        >>> at_rest = np.array([1.0, 0.0, 0.0, 0.0])
        >>> boost(at_rest, [0.0, 0.0, 0.6]).round(3).tolist()
        [1.25, 0.0, 0.0, 0.75]
    """
    beta = np.asarray(velocity, dtype=np.float64)
    beta_squared = np.sum(beta**2, axis=-1)
    gamma = 1.0 / np.sqrt(1.0 - beta_squared)
    energy = momenta[..., 0]
    along = np.sum(momenta[..., 1:] * beta, axis=-1)
    # (gamma - 1)/beta^2 written as gamma^2/(gamma + 1): finite for a vanishing boost
    factor = gamma**2 / (gamma + 1.0) * along + gamma * energy
    result = np.empty(np.broadcast_shapes(momenta.shape, (*beta.shape[:-1], 4)))
    result[..., 0] = gamma * (energy + along)
    result[..., 1:] = momenta[..., 1:] + factor[..., np.newaxis] * beta
    return result


def mass_squared(momenta: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return E^2 - |p|^2 of (..., 4) four-momenta, GeV^2."""
    squared = momenta**2
    return squared[..., 0] - squared[..., 1] - squared[..., 2] - squared[..., 3]
