"""Where a charged particle comes closest to the beams: its helix in the field along z."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

CURVATURE_CONSTANT: Final = 2.99792458e-3
"""GeV per tesla and cm: pT = constant x field x radius for one elementary charge."""


def closest_approach(vertex: Array, momentum: Array, charge: Array, magnetic_field: float) -> tuple[Array, Array]:
    """Return transverse distance and z (n,) of the point of the helix that is closest to the z axis, cm.

    Args:
        vertex: (n, 3) a point of the helix, cm.
        momentum: (n, 4) momentum there, GeV.
        charge: (n,) in units of e, not 0.
        magnetic_field: T, along +z.

    Example:
        >>> at_origin = closest_approach(np.zeros((1, 3)), np.array([[2.0, 1.0, 0.0, 1.0]]), np.ones(1), 1.5)
        >>> [float(value[0]) for value in at_origin]
        [0.0, 0.0]
    """
    transverse = np.hypot(momentum[:, 1], momentum[:, 2])
    radius = transverse / (CURVATURE_CONSTANT * magnetic_field)
    # the centre is to the right of the direction for positive charges
    centre_x = vertex[:, 0] + charge * radius * momentum[:, 2] / transverse
    centre_y = vertex[:, 1] - charge * radius * momentum[:, 1] / transverse
    distance = np.hypot(centre_x, centre_y)
    # |distance - radius| without the loss of digits for stiff tracks
    offset = (
        vertex[:, 0] ** 2
        + vertex[:, 1] ** 2
        + 2.0 * (vertex[:, 0] * (centre_x - vertex[:, 0]) + vertex[:, 1] * (centre_y - vertex[:, 1]))
    )
    closest = np.abs(offset) / (distance + radius)
    # angle about the centre from the closest point (towards the axis) to the vertex, counter-clockwise
    to_x, to_y = vertex[:, 0] - centre_x, vertex[:, 1] - centre_y
    turned = np.arctan2(-centre_x * to_y + centre_y * to_x, -centre_x * to_x - centre_y * to_y)
    z = vertex[:, 2] + charge * turned * radius * momentum[:, 3] / transverse
    return closest, z
