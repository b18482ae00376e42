"""Four-momenta of the beams of each collision, and components along them, for matrix elements."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from darkreach.generators.collisions import Collisions

Array = NDArray[np.float64]


def beam_momenta(collisions: Collisions) -> tuple[Array, Array]:
    """Return electron and positron (n, 4) after radiation, laboratory, GeV; their mass is neglected.

    Example:
        >>> collisions = Collisions(np.array([7.0]), np.array([4.0]), 0.0, np.zeros((1, 4)), np.ones(1))
        >>> [beam.tolist() for beam in beam_momenta(collisions)]
        [[[7.0, 0.0, 0.0, 7.0]], [[4.0, 0.0, 0.0, -4.0]]]
    """
    sine, cosine = math.sin(collisions.half_crossing_angle), math.cos(collisions.half_crossing_angle)
    electron = collisions.electron_energy[:, np.newaxis] * np.array([1.0, sine, 0.0, cosine])
    positron = collisions.positron_energy[:, np.newaxis] * np.array([1.0, sine, 0.0, -cosine])
    return electron, positron


def centre_of_mass_components(collisions: Collisions, momentum: Array) -> Array:
    """Return (n, 4) four-vectors of the laboratory as (E, u, v, n) in the CM of their collisions.

    This undoes :meth:`Collisions.to_laboratory`.

    Example:
        >>> collisions = Collisions(np.array([7.0]), np.array([4.0]), 0.04, np.zeros((1, 4)), np.ones(1))
        >>> there = collisions.to_laboratory(*(np.array([number]) for number in (3.0, 1.0, -0.5, 2.0)))
        >>> centre_of_mass_components(collisions, there).round(12).tolist()
        [[3.0, 1.0, -0.5, 2.0]]
    """
    sine, cosine = math.sin(collisions.half_crossing_angle), math.cos(collisions.half_crossing_angle)
    root = np.sqrt(collisions.s)
    electron, positron = beam_momenta(collisions)
    against_electron, against_positron = (
        (beam[:, 0] * momentum[:, 0] - np.einsum("ni,ni->n", beam[:, 1:], momentum[:, 1:])) / root
        for beam in (electron, positron)
    )
    result = np.empty_like(momentum)
    result[:, 0] = against_positron + against_electron
    result[:, 1] = (momentum[:, 1] - sine * momentum[:, 0]) / cosine
    result[:, 2] = momentum[:, 2]
    result[:, 3] = against_positron - against_electron
    return result
