"""The tracking response: charged particles in, measured tracks out."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from darkreach.configuration import DetectorConfig
from darkreach.response.helix import closest_approach
from darkreach.response.object_rows import ObjectRows
from darkreach.response.track_resolution import track_resolutions
from darkreach.response.true_particles import TrueParticles

Array = NDArray[np.float64]


def measure_tracks(charged: TrueParticles, detector: DetectorConfig, random: np.random.Generator) -> ObjectRows:
    """Accept and smear charged particles.

    A track needs its true direction inside the acceptance, a transverse momentum above the turn-on and an origin that
    leaves enough layers. The azimuth is that at the origin, as after the fit of a vertex; dr and dz are those of the
    point closest to the z axis. Electrons radiate in the material before their track is measured, which makes a tail
    to small momenta. Hits of other particles, decays in flight and second tracks of curlers are not modelled.
    The random numbers do not depend on any scale: samples of two scales are correlated.

    Args:
        charged: particles that make tracks.
        detector: response and scales.
        random: source of random numbers.

    Returns:
        Tracks in the order of the particles, with the row of their particle as ``particle``.
    """
    response, scales = detector.tracks, detector.scales
    momentum = np.linalg.norm(charged.momentum[:, 1:], axis=1)
    theta = np.arccos(np.divide(charged.momentum[:, 3], momentum, out=np.ones_like(momentum), where=momentum > 0.0))
    polar = response.polar_range
    inside = np.flatnonzero((theta >= np.radians(polar.low)) & (theta <= np.radians(polar.high)))
    charged, momentum, theta = charged.select(inside), momentum[inside], theta[inside]
    n = len(charged)
    normal = random.standard_normal((5, n))
    found = random.random(n) < track_efficiency(charged, detector)
    radiated = _radiated_share(charged, response.bremsstrahlung_thickness.value, random)
    radius = np.hypot(charged.vertex[:, 0], charged.vertex[:, 1])
    sigma = track_resolutions(
        momentum, momentum / charged.momentum[:, 0], theta, radius < response.silicon_radius.value, response
    )
    phi = np.arctan2(charged.momentum[:, 2], charged.momentum[:, 1])
    # curvatures have Gaussian errors; one that changes its sign is not a track
    curvature = 1.0 + scales.track_momentum_resolution.value * sigma.momentum * normal[0]
    transverse = scales.track_momentum.value * radiated * momentum * np.sin(theta) / np.maximum(curvature, 0.05)
    angle = scales.track_angle_resolution.value * sigma.angle
    measured = np.clip(theta + angle * normal[1], 1e-3, np.pi - 1e-3)
    azimuth = (phi + angle * normal[2] + np.pi) % (2.0 * np.pi) - np.pi
    distance, z = _impact(charged, response.magnetic_field.value)
    impact = scales.track_impact_resolution.value
    columns: dict[str, NDArray[Any]] = {
        "p": transverse / np.sin(measured),
        "theta": measured,
        "phi": azimuth,
        "charge": charged.charge,
        "dr": np.abs(distance + impact * sigma.transverse_impact * normal[3]),
        "dz": z + impact * sigma.longitudinal_impact * normal[4],
        "mcPDG": charged.pdg,
        "mcP": momentum,
        "mcTheta": theta,
        "mcPhi": phi,
        "genMotherPDG": charged.mother_pdg,
        "mcVertexR": radius,
        "particle": inside,
    }
    return ObjectRows(charged.event, columns).select(found)


def track_efficiency(charged: TrueParticles, detector: DetectorConfig) -> Array:
    """Return the probability (n,) that a track is found for particles inside the polar acceptance."""
    response = detector.tracks
    transverse = np.hypot(charged.momentum[:, 1], charged.momentum[:, 2])
    radius = np.hypot(charged.vertex[:, 0], charged.vertex[:, 1])
    along = response.longitudinal_range
    efficiency = (
        response.efficiency.value
        * response.momentum_turn_on.at(transverse)
        * response.displacement.at(radius)
        * ((charged.vertex[:, 2] >= along.low) & (charged.vertex[:, 2] <= along.high))
    )
    return np.clip(1.0 - detector.scales.track_inefficiency.value * (1.0 - efficiency), 0.0, 1.0)


def _radiated_share(charged: TrueParticles, thickness: float, random: np.random.Generator) -> Array:
    """Return the share (n,) of its momentum that a particle keeps: -ln(share) of electrons has a Gamma distribution."""
    share = np.ones(len(charged))
    electrons = np.flatnonzero(np.abs(charged.pdg) == 11)
    if thickness > 0.0 and len(electrons):
        share[electrons] = np.exp(-random.standard_gamma(thickness / np.log(2.0), len(electrons)))
    return share


def _impact(charged: TrueParticles, magnetic_field: float) -> tuple[Array, Array]:
    distance, z = np.zeros(len(charged)), np.zeros(len(charged))
    away = np.flatnonzero(np.any(charged.vertex != 0.0, axis=1))
    if len(away):
        distance[away], z[away] = closest_approach(
            charged.vertex[away], charged.momentum[away], charged.charge[away], magnetic_field
        )
    return distance, z
