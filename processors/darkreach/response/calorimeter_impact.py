"""Where neutral particles meet the front face of the calorimeter."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from darkreach.configuration.detector_clusters import CalorimeterConfig

Array = NDArray[np.float64]


def impact_directions(vertex: Array, momentum: Array, calorimeter: CalorimeterConfig) -> tuple[Array, Array]:
    """Return polar and azimuthal angle (n,) of the point of impact, seen from the collision; NaN for none, rad.

    A cluster has no direction of its own: particles from far away seem to come from the collision.

    Args:
        vertex: (n, 3) where the particle is made, cm.
        momentum: (n, 4) GeV.
        calorimeter: a barrel and two end caps.
    """
    theta = np.arctan2(np.hypot(momentum[:, 1], momentum[:, 2]), momentum[:, 3])
    phi = np.arctan2(momentum[:, 2], momentum[:, 1])
    away = np.flatnonzero(np.any(vertex != 0.0, axis=1))
    if len(away):
        point = _impact_points(vertex[away], momentum[away, 1:], calorimeter)
        theta[away] = np.arctan2(np.hypot(point[:, 0], point[:, 1]), point[:, 2])
        phi[away] = np.arctan2(point[:, 1], point[:, 0])
    return theta, phi


def _impact_points(vertex: Array, direction: Array, calorimeter: CalorimeterConfig) -> Array:
    radius = calorimeter.barrel_radius.value
    forward, backward = calorimeter.forward_z.value, calorimeter.backward_z.value
    transverse = direction[:, 0] ** 2 + direction[:, 1] ** 2
    along = vertex[:, 0] * direction[:, 0] + vertex[:, 1] * direction[:, 1]
    room = radius**2 - vertex[:, 0] ** 2 - vertex[:, 1] ** 2
    inside = (room > 0.0) & (vertex[:, 2] < forward) & (vertex[:, 2] > backward)
    with np.errstate(divide="ignore", invalid="ignore"):
        # conjugate form of the root: no loss of digits for steep directions
        to_barrel = room / (along + np.sqrt(along**2 + transverse * room))
        plane = np.where(direction[:, 2] > 0.0, forward, backward)
        to_end = (plane - vertex[:, 2]) / direction[:, 2]
        step = np.fmin(np.where(to_barrel > 0.0, to_barrel, np.inf), to_end)
    point = vertex + np.where(inside, step, np.nan)[:, np.newaxis] * direction
    return np.asarray(point)
