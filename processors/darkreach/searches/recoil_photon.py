"""A photon that the recoil of a pair may hide: in a gap of the calorimeter, together with one along a beam."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from darkreach.configuration import Range
from darkreach.kinematics import Beams

Floats = NDArray[np.float64]


def beam_directions(beams: Beams) -> Floats:
    """Return the light-like directions (2, 4) of electrons and positrons.

    Example:
        >>> beam_directions(Beams(7.0, 4.0, 0.0)).tolist()
        [[1.0, 0.0, 0.0, 1.0], [1.0, 0.0, 0.0, -1.0]]
    """
    sine, cosine = np.sin(0.5 * beams.crossing_angle), np.cos(0.5 * beams.crossing_angle)
    return np.array([[1.0, sine, 0.0, cosine], [1.0, sine, 0.0, -cosine]])


def hidden_photon_angles(recoil: Floats, directions: Floats) -> Floats:
    """Return the polar angles (2, k), deg, laboratory, of a photon that together with one along a beam is the recoil.

    With the beam along l, R - e l is massless for e = M^2/(2 l.R). For a negative M^2 so is e: resolution.

    Args:
        recoil: (4, k) E, px, py, pz, GeV.
        directions: of both beams.
    """
    angles = np.empty((len(directions), recoil.shape[1]))
    squared = recoil[0] ** 2 - recoil[1] ** 2 - recoil[2] ** 2 - recoil[3] ** 2
    for row, beam in enumerate(directions):
        product = recoil[0] * beam[0] - recoil[1] * beam[1] - recoil[2] * beam[2] - recoil[3] * beam[3]
        energy = squared / (2.0 * product)
        x, y, z = (recoil[axis] - energy * beam[axis] for axis in (1, 2, 3))
        angles[row] = np.degrees(np.arctan2(np.hypot(x, y), z))
    return angles


def hides_photon(recoil: Floats, directions: Floats, uncovered: Sequence[Range]) -> NDArray[np.bool_]:
    """Return which recoils (k,) may be a photon in one of the ranges of the polar angle and one along a beam."""
    hidden = np.zeros(recoil.shape[1], dtype=np.bool_)
    if uncovered:
        angles = hidden_photon_angles(recoil, directions)
        for one in uncovered:
            hidden |= ((angles >= one.low) & (angles <= one.high)).any(axis=0)
    return hidden
