"""Importance sampling of two equivalent photons that make a pair, and where their electrons go.

sigma = int dlnW^2 dY dlnQ1^2 dlnQ2^2 dc (W^2/s) n(x1, Q1^2) n(x2, Q2^2) dsigma/dc,  x1,2 = W/sqrt(s) exp(+-Y).

The mass W comes as dW^2/W^4, Y and the virtualities flat in these variables. The electrons get the transverse momentum
of their virtuality, k^2 = (1 - x) Q^2 - x^2 m_e^2, at any azimuth; the pair keeps its mass and balances them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from darkreach.generators.backgrounds.equivalent_photons import smallest_virtuality
from darkreach.kinematics import ELECTRON_MASS

Array = NDArray[np.float64]


@dataclass(frozen=True)
class PhotonFusion:
    """Two photons that make a pair, by event.

    Attributes:
        pair_squared: (n,) W^2 of the pair, GeV^2.
        rapidity: (n,) Y of the pair about the electron beam, in the CM.
        fraction: x of the photon of the electron and of that of the positron, (2, n).
        virtuality: Q^2 of both, (2, n), GeV^2.
        volume: (n,) measure divided by the sampling density; zero where two such photons do not exist.
    """

    pair_squared: Array
    rapidity: Array
    fraction: Array
    virtuality: Array
    volume: Array


def sample_fusion(
    s: Array, pair_range_squared: tuple[float, float], virtuality_share: float, random: np.random.Generator
) -> PhotonFusion:
    """Sample two photons that make a pair of a mass in a range.

    Args:
        s: (n,) squared CM energy, GeV^2.
        pair_range_squared: smallest and largest W^2, GeV^2.
        virtuality_share: largest Q^2 in units of W^2.
        random: source of random numbers.
    """
    n, (smallest, largest) = len(s), pair_range_squared
    span = 1.0 / smallest - 1.0 / np.maximum(np.minimum(largest, s), smallest)
    pair = 1.0 / (1.0 / smallest - span * random.random(n))
    reach = 0.5 * np.log(np.maximum(s / pair, 1.0))
    rapidity = reach * (2.0 * random.random(n) - 1.0)
    root = np.sqrt(pair / s)
    # a photon with all of the energy has no room; the volume below says so
    fraction = np.minimum(np.stack([root * np.exp(rapidity), root * np.exp(-rapidity)]), 1.0 - 1e-12)
    least = smallest_virtuality(fraction)
    logarithm = np.log(np.maximum(virtuality_share * pair / least, 1.0))
    virtuality = least * np.exp(logarithm * random.random((2, n)))
    # dlnW^2 = W^2 d(1/W^2); the rest is flat
    volume = (pair * span) * 2.0 * reach * logarithm[0] * logarithm[1] * (pair / s)
    return PhotonFusion(pair, rapidity, fraction, virtuality, volume)


def scattered_electrons(
    s: Array, state: PhotonFusion, random: np.random.Generator
) -> tuple[Array, Array, NDArray[np.bool_]]:
    """Return electron and positron (n, 4) in the CM, third axis along the electron beam, and where they exist (n,)."""
    squared = np.maximum((1.0 - state.fraction) * state.virtuality - (state.fraction * ELECTRON_MASS) ** 2, 0.0)
    azimuth = 2.0 * math.pi * random.random((2, len(s)))
    transverse = np.sqrt(squared) * np.stack([np.cos(azimuth), np.sin(azimuth)])
    return electrons_beside_pair(s, state.pair_squared, state.rapidity, transverse)


def electrons_beside_pair(
    s: Array, pair_squared: Array, rapidity: Array, transverse: Array
) -> tuple[Array, Array, NDArray[np.bool_]]:
    """Return electron and positron (n, 4) in the CM, third axis along the electron beam, and where they exist (n,).

    With a and b what the pair leaves of E + p_z and E - p_z, both leptons are on their mass shell if
    a B^2 - (a b + t2 - t1) B + b t2 = 0, B the E - p_z of the positron, t = k^2 + m_e^2. Of both solutions this is the
    one in which the electron stays in front of the positron.

    Args:
        s: (n,) squared CM energy, GeV^2.
        pair_squared: (n,) W^2 of the pair, GeV^2.
        rapidity: (n,) of the pair about the electron beam.
        transverse: (2, 2, n) transverse momenta k, by component and lepton (electron, positron), GeV.
    """
    n, root = len(s), np.sqrt(s)
    k_x, k_y = transverse
    across = np.sqrt(pair_squared + k_x.sum(axis=0) ** 2 + k_y.sum(axis=0) ** 2)
    a, b = root - across * np.exp(rapidity), root - across * np.exp(-rapidity)
    one, two = np.square(transverse).sum(axis=0) + ELECTRON_MASS**2
    half = 0.5 * (a * b + two - one)
    discriminant = half**2 - a * b * two
    exists = (a > 0.0) & (b > 0.0) & (half > 0.0) & (discriminant >= 0.0)
    minus = (half + np.sqrt(np.where(exists, discriminant, 0.0))) / np.where(exists, a, 1.0)
    minus = np.where(exists, minus, root)
    plus = np.where(exists, a - two / minus, root)
    exists &= (plus > 0.0) & (minus > 0.0)
    electron, positron = np.empty((n, 4)), np.empty((n, 4))
    for lepton, large, mass_squared, index, side in (
        (electron, plus, one, 0, 1.0),
        (positron, minus, two, 1, -1.0),
    ):
        large = np.where(exists, large, root)
        small = mass_squared / large
        lepton[:, 0], lepton[:, 3] = 0.5 * (large + small), side * 0.5 * (large - small)
        lepton[:, 1], lepton[:, 2] = k_x[index], k_y[index]
    return electron, positron, exists
