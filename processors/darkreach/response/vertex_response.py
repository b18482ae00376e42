"""Vertices of two measured tracks of opposite charge."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from darkreach.configuration import DetectorConfig
from darkreach.kinematics import CHARGED_PION_MASS
from darkreach.response.close_clusters import pairs_of_each_event
from darkreach.response.object_rows import ObjectRows
from darkreach.response.true_particles import TrueParticles

Array = NDArray[np.float64]

COMPATIBLE: Final = 3.0
"""Resolutions that two origins may be apart to be taken for one vertex."""


def measure_vertices(
    tracks: ObjectRows, charged: TrueParticles, detector: DetectorConfig, random: np.random.Generator
) -> ObjectRows:
    """Return the vertices of all pairs of tracks of opposite charge that have the same origin within the resolution.

    The position is that of the true origin (the middle of two) with the resolution of its region; it is not computed
    from the measured tracks and has no correlation with their dr and dz. Tracks of different origins that cross by
    chance are not combined. ``materialDistance`` is the radial distance to the closest layer of material.

    Args:
        tracks: measured tracks in their final order, with the row of their particle as ``particle``.
        charged: the particles they were made from.
        detector: regions of the vertex resolution, and scales.
        random: source of random numbers.
    """
    first, second = pairs_of_each_event(tracks.event)
    charge = tracks.columns["charge"]
    opposite = charge[first] * charge[second] < 0.0
    first, second = first[opposite], second[opposite]
    particle, origin = tracks.columns["particle"], charged.vertex[tracks.columns["particle"]]
    regions = detector.vertices.regions
    # one row more: nothing is found beyond the last region
    table = np.array(
        [[r.transverse_resolution, r.longitudinal_resolution, r.efficiency] for r in regions] + [[0.0] * 3]
    )
    middle = 0.5 * (origin[first] + origin[second])
    region = np.searchsorted([r.outer_radius for r in regions], np.hypot(middle[:, 0], middle[:, 1]))
    apart = np.abs(origin[first] - origin[second])
    near = np.hypot(apart[:, 0], apart[:, 1]) <= COMPATIBLE * table[region, 0]
    near &= apart[:, 2] <= COMPATIBLE * table[region, 1]
    near &= random.random(len(near)) < table[region, 2]
    first, second, middle, region = first[near], second[near], middle[near], region[near]
    one, two = particle[first], particle[second]
    across, along, _ = table[region].T
    normal = random.standard_normal((3, len(first)))
    scale = detector.scales.vertex_resolution.value
    position = middle + scale * (normal * np.stack([across, across, along])).T
    radius = np.hypot(position[:, 0], position[:, 1])
    layers = np.array([layer.radius for layer in detector.material])
    common = (charged.origin[one] >= 0) & (charged.origin[one] == charged.origin[two])
    start = np.searchsorted(tracks.event, tracks.event[first])
    columns: dict[str, NDArray[Any]] = {
        "first": first - start,
        "second": second - start,
        "x": position[:, 0],
        "y": position[:, 1],
        "z": position[:, 2],
        "dr": radius,
        "materialDistance": np.min(np.abs(radius[:, np.newaxis] - layers), axis=1, initial=np.inf),
        "M": _pair_mass(tracks, first, second),
        "mcPDG": np.where(common, charged.mother_pdg[one], 0).astype(np.int32),
        "mcDr": np.hypot(middle[:, 0], middle[:, 1]),
    }
    return ObjectRows(tracks.event[first], columns)


def _pair_mass(tracks: ObjectRows, first: NDArray[np.intp], second: NDArray[np.intp]) -> Array:
    """Return the invariant masses (n,) of pairs of tracks taken for pions, GeV."""
    size, theta, phi = (tracks.columns[name] for name in ("p", "theta", "phi"))
    energy = np.sqrt(size**2 + CHARGED_PION_MASS**2)
    x, y, z = size * np.sin(theta) * np.cos(phi), size * np.sin(theta) * np.sin(phi), size * np.cos(theta)
    product = x[first] * x[second] + y[first] * y[second] + z[first] * z[second]
    squared = 2.0 * (CHARGED_PION_MASS**2 + energy[first] * energy[second] - product)
    return np.asarray(np.sqrt(np.maximum(squared, 0.0)))
