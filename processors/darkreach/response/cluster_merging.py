"""Merging of close photons into one calorimeter cluster."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from darkreach.kinematics import PAIRINGS, pair_mass_squared

Array = NDArray[np.float64]


def opening_angle(first: Array, second: Array) -> Array:
    """Return the angle (n,) in rad between massless four-momenta (n, 4), to about 1e-8 rad."""
    # sin^2(angle/2) = m^2/(4 E1 E2)
    squared_sine = 0.25 * pair_mass_squared(first, second) / (first[:, 0] * second[:, 0])
    return np.asarray(2.0 * np.arcsin(np.sqrt(np.minimum(squared_sine, 1.0))))


def merging_probability(angle: Array, none_above: float, all_below: float) -> Array:
    """Return the probability (n,) that photons at this opening angle make one cluster; linear between the limits.

    Example:
        >>> merging_probability(np.array([3.0, 4.5, 6.0]), none_above=5.0, all_below=4.0).tolist()
        [1.0, 0.5, 0.0]
    """
    if none_above == all_below:
        return np.asarray((angle < all_below).astype(np.float64))
    return np.clip((none_above - angle) / (none_above - all_below), 0.0, 1.0)


def merge_photons(
    photons: Array, mother_pdg: NDArray[np.int32], uniform: Array, none_above: float, all_below: float
) -> tuple[Array, NDArray[np.int32]]:
    """Merge the closest pair of each event with the probability of its opening angle.

    Two pairs cannot be close at once: the third photon would have nothing to recoil against.

    Args:
        photons: (n, 3, 4) true four-momenta, laboratory, GeV.
        mother_pdg: (n, 3) particle code of each photon's mother.
        uniform: (n,) random numbers in [0, 1).
        none_above: rad, two clusters above.
        all_below: rad, one cluster below.

    Returns:
        Four-momenta (n, 3, 4), a merged cluster carrying the sum and its partner's place being zero; mothers (n, 3),
        that of the more energetic photon for a merged cluster.
    """
    angles = np.stack([opening_angle(photons[:, i], photons[:, j]) for i, j, _ in PAIRINGS], axis=1)
    closest = np.argmin(angles, axis=1)
    probability = merging_probability(angles.min(axis=1), none_above, all_below)
    rows = np.flatnonzero(uniform < probability)
    pairs = np.array(PAIRINGS)[closest[rows]]
    merged, mothers = photons.copy(), mother_pdg.copy()
    hard, soft = pairs[:, 0], pairs[:, 1]
    swap = photons[rows, hard, 0] < photons[rows, soft, 0]
    hard, soft = np.where(swap, soft, hard), np.where(swap, hard, soft)
    merged[rows, hard] += photons[rows, soft]
    merged[rows, soft] = 0.0
    return merged, mothers
