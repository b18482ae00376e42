"""The way from the rest frame of a massive particle to the frame in which its four-momentum is given."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


def boost_from_rest_frame(at_rest: Array, mother: Array, mass: ArrayLike) -> Array:
    """Return four-momenta of the rest frame of ``mother`` in the frame in which ``mother`` is given.

    The same as ``kinematics.boost`` by p/E, but gamma comes from the mass: 1 - beta^2 would lose gamma^2 digits.

    Args:
        at_rest: (n, 4) as (E, px, py, pz), GeV.
        mother: (n, 4), GeV.
        mass: of the mother, (n,) or a number, above zero, GeV.

    Returns:
        (n, 4), GeV.

    Example:
        >>> boost_from_rest_frame(np.array([[1.0, 0, 0, 0]]), np.array([[5.0, 0, 3.0, 0]]), 4.0).tolist()
        [[1.25, 0.0, 0.75, 0.0]]
    """
    mother_mass = np.asarray(mass, dtype=np.float64)
    flight = mother[:, 1:]
    along = np.einsum("ni,ni->n", at_rest[:, 1:], flight)
    factor = along / (mother_mass * (mother[:, 0] + mother_mass)) + at_rest[:, 0] / mother_mass
    result = np.empty_like(at_rest)
    result[:, 0] = (at_rest[:, 0] * mother[:, 0] + along) / mother_mass
    result[:, 1:] = at_rest[:, 1:] + factor[:, np.newaxis] * flight
    return result


def isotropic_directions(n: int, random: np.random.Generator) -> Array:
    """Return n unit vectors (n, 3), uniform on the sphere.

    Example:
        >>> float(np.linalg.norm(isotropic_directions(3, np.random.default_rng(1)), axis=1).round(12).min())
        1.0
    """
    return _with_azimuth(2.0 * random.random(n) - 1.0, random.random(n))


def directions_about(axis: Array, cosine: Array, random: np.random.Generator) -> Array:
    """Return unit vectors (n, 3) at a given angle to an axis, uniform in azimuth.

    Args:
        axis: (n, 3) of any length; the z axis stands for a vanishing one.
        cosine: (n,) of the angle to the axis.
        random: source of random numbers.

    Example:
        >>> axis = np.array([[0.0, 2.0, 0.0]])
        >>> float(directions_about(axis, np.array([0.5]), np.random.default_rng(1))[0, 1].round(12))
        0.5
    """
    length = np.linalg.norm(axis, axis=1, keepdims=True)
    third = np.where(length > 0.0, axis / np.where(length > 0.0, length, 1.0), np.array([0.0, 0.0, 1.0]))
    # the coordinate axis that is farthest from the third one spans a plane with it
    farthest = np.eye(3)[np.argmin(np.abs(third), axis=1)]
    first = np.cross(farthest, third)
    first /= np.linalg.norm(first, axis=1, keepdims=True)
    second = np.cross(third, first)
    local = _with_azimuth(cosine, random.random(len(cosine)))
    return np.asarray(local[:, :1] * first + local[:, 1:2] * second + local[:, 2:] * third)


def _with_azimuth(cosine: Array, turn: Array) -> Array:
    sine = np.sqrt(np.maximum(1.0 - cosine**2, 0.0))
    azimuth = 2.0 * math.pi * turn
    return np.stack([sine * np.cos(azimuth), sine * np.sin(azimuth), cosine], axis=1)
