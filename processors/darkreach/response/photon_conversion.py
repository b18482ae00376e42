"""Photons that become an electron and a positron in the material around the beams."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from darkreach.configuration import DetectorConfig
from darkreach.kinematics import ELECTRON_MASS
from darkreach.response.true_particles import TrueParticles

Array = NDArray[np.float64]

SMALLEST_ENERGY: Final = 0.02
"""GeV; softer photons make neither a cluster nor tracks and are left alone."""


def convert_photons(
    photons: TrueParticles, detector: DetectorConfig, random: np.random.Generator
) -> tuple[NDArray[np.bool_], TrueParticles]:
    """Return which photons convert, and the electrons and positrons they become.

    The probability in a layer of t radiation lengths is 1 - exp(-7/9 t/sin theta); the energy is shared as
    1 - 4/3 x (1 - x) (complete screening), both fly on along the photon. The mother of both is the photon.

    Args:
        photons: final photons.
        detector: layers of material and the scale of the conversions.
        random: source of random numbers.
    """
    n = len(photons)
    uniform = random.random(n)
    direction = photons.momentum[:, 1:] / photons.momentum[:, :1]
    step = np.full(n, np.nan)
    depth = np.zeros(n)
    sine = np.hypot(direction[:, 0], direction[:, 1])
    open_ = photons.momentum[:, 0] > SMALLEST_ENERGY
    along = detector.tracks.longitudinal_range
    factor = 7.0 / 9.0 * detector.scales.photon_conversion.value
    reach = -np.log1p(-uniform)
    depths = factor * sum(layer.thickness for layer in detector.material)
    # few photons convert: none beyond the depth of all layers, and none exactly along the axis, which meets no layer
    rows = np.flatnonzero(open_ & (sine > 0.0) & (reach * sine < depths))
    for layer in sorted(detector.material, key=lambda one: one.radius):
        distance = _distance_to_cylinder(photons.vertex[rows], direction[rows], layer.radius)
        z = photons.vertex[rows, 2] + distance * direction[rows, 2]
        crossed = (z > along.low) & (z < along.high)
        depth[rows] += np.where(crossed, factor * layer.thickness / sine[rows], 0.0)
        here = rows[crossed & np.isnan(step[rows]) & (depth[rows] > reach[rows])]
        step[here] = distance[np.searchsorted(rows, here)]
    converted = np.isfinite(step)
    return converted, _pairs(photons.select(converted), (direction * step[:, np.newaxis])[converted], random)


def _distance_to_cylinder(vertex: Array, direction: Array, radius: float) -> Array:
    """Return the distance (n,) to a cylinder from points inside of it; NaN from outside."""
    transverse = direction[:, 0] ** 2 + direction[:, 1] ** 2
    along = vertex[:, 0] * direction[:, 0] + vertex[:, 1] * direction[:, 1]
    room = radius**2 - vertex[:, 0] ** 2 - vertex[:, 1] ** 2
    with np.errstate(invalid="ignore", divide="ignore"):
        distance = room / (along + np.sqrt(along**2 + transverse * room))
    return np.asarray(np.where(room > 0.0, distance, np.nan))


def _pairs(photons: TrueParticles, step: Array, random: np.random.Generator) -> TrueParticles:
    n = len(photons)
    # 2/3 + y^2/3 with y = 2 x - 1: six parts in seven are flat, the rest goes as y^2
    y = 2.0 * random.random(n) - 1.0
    y = np.where(random.random(n) < 6.0 / 7.0, y, np.cbrt(y))
    energy = photons.momentum[:, 0]
    # nobody is left at rest
    least = 2.0 * ELECTRON_MASS / energy
    share = np.clip(0.5 * (1.0 + y), least, 1.0 - least)
    energies = energy[:, np.newaxis] * np.stack([share, 1.0 - share], axis=1)
    unit = photons.momentum[:, 1:] / energy[:, np.newaxis]
    size = np.sqrt(np.maximum(energies**2 - ELECTRON_MASS**2, 0.0))
    momentum = np.concatenate([energies[..., np.newaxis], size[..., np.newaxis] * unit[:, np.newaxis]], axis=2)
    return TrueParticles(
        np.repeat(photons.event, 2),
        np.tile(np.array([11, -11], dtype=np.int32), n),
        momentum.reshape(-1, 4),
        np.repeat(photons.vertex + step, 2, axis=0),
        np.full(2 * n, 22, dtype=np.int32),
        np.full(2 * n, -1, dtype=np.int64),
        np.repeat(photons.row, 2),
    )
