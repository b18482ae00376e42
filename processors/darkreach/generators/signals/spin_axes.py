"""Linear polarisations of vector bosons, drawn so that their mixture is the spin density, and decays about them.

A spin density is a mixture of pure polarisations along unit vectors e of the rest frame. Drawing e first leaves a decay
law a + b (d.e)^2 of one angle, which is drawn exactly: events keep their weights.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from darkreach.generators.decays import boost_from_rest_frame, directions_about

Array = NDArray[np.float64]


def to_rest_frame(vector: Array, boson: Array, mass: float) -> Array:
    """Return four-vectors (n, 4) in the rest frame of bosons (n, 4); undoes ``boost_from_rest_frame``.

    Example:
        >>> boson = np.array([[5.0, 0.0, 3.0, 0.0]])
        >>> to_rest_frame(boson, boson, 4.0).tolist()
        [[4.0, 0.0, 0.0, 0.0]]
    """
    return boost_from_rest_frame(vector, boson * np.array([1.0, -1.0, -1.0, -1.0]), mass)


def direction_along_polarisation(
    axis: Array, constant: ArrayLike, slope: ArrayLike, random: np.random.Generator
) -> Array:
    """Return unit vectors (n, 3) distributed as a + b c^2 in the cosine c to the axis.

    The law is a flat part, and one of c^2 (b > 0) or of 1 - c^2 (b < 0).

    Args:
        axis: (n, 3) of any length.
        constant: a, (n,) or a number.
        slope: b >= -a, (n,) or a number.
        random: source of random numbers.

    Example:
        >>> axis = np.tile([0.0, 0.0, 1.0], (20000, 1))
        >>> directions = direction_along_polarisation(axis, 0.0, 1.0, np.random.default_rng(1))
        >>> bool(abs((directions[:, 2] ** 2).mean() - 0.6) < 0.01)
        True
    """
    a, b = (np.broadcast_to(np.asarray(value, dtype=np.float64), len(axis)) for value in (constant, slope))
    flat = np.where(b < 0.0, a + b, a)
    shaped = np.where(b < 0.0, -2.0 / 3.0 * b, b / 3.0)
    uniform = 2.0 * random.random(len(axis)) - 1.0
    cosine = np.where(b < 0.0, 2.0 * np.sin(np.arcsin(uniform) / 3.0), np.cbrt(uniform))
    cosine = np.where(random.random(len(axis)) * (flat + shaped) < flat, uniform, cosine)
    return directions_about(axis, cosine, random)


def across(axis: Array, random: np.random.Generator) -> Array:
    """Return unit vectors (n, 3) normal to the axes (n, 3), at random azimuth: the mixture (1 - axis axis)/2."""
    return directions_about(axis, np.zeros(len(axis)), random)


def along_or_across(axis: Array, along: Array, random: np.random.Generator) -> Array:
    """Return polarisations (n, 3) of the mixture along axis axis + (1 - axis axis) for unit axes (n, 3).

    Args:
        axis: (n, 3) of any length.
        along: (n,) weight along the axis; each of the two directions across it has weight one.
        random: source of random numbers.
    """
    chosen = random.random(len(axis)) * (along + 2.0) < along
    unit = axis / np.maximum(np.linalg.norm(axis, axis=1, keepdims=True), 1e-300)
    return np.where(chosen[:, np.newaxis], unit, across(axis, random))
