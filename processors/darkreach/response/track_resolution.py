"""Resolution of tracks in momentum, angle and impact parameter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from darkreach.configuration.detector_tracks import TrackResponseConfig

Array = NDArray[np.float64]

SHORTEST_LEVER_ARM: Final = 0.05
"""Share that no track falls below, so that resolutions stay finite outside of the acceptance too."""


@dataclass(frozen=True)
class TrackResolutions:
    """Standard deviations (n,) each: of pT relative to it, of both angles (rad), of dr and dz (cm)."""

    momentum: Array
    angle: Array
    transverse_impact: Array
    longitudinal_impact: Array


def lever_arm(theta: Array, response: TrackResponseConfig) -> Array:
    """Return the share (n,) of the radial lever arm that a track of polar angle theta (rad) has.

    Outside of the angles of full length tracks leave through the end plates, at a radius that falls as tan(theta).
    """
    full = response.full_lever_arm
    edge = np.where(theta < 0.5 * np.pi, np.tan(np.radians(full.low)), -np.tan(np.radians(full.high)))
    return np.asarray(np.clip(np.abs(np.tan(theta)) / edge, SHORTEST_LEVER_ARM, 1.0))


def track_resolutions(
    momentum: Array, beta: Array, theta: Array, with_silicon: NDArray[np.bool_], response: TrackResponseConfig
) -> TrackResolutions:
    """Return the resolutions of tracks.

    Args:
        momentum: (n,) GeV.
        beta: (n,) velocity.
        theta: (n,) polar angle, rad.
        with_silicon: (n,) whether the track has hits in the silicon detectors.
        response: the terms of the resolution.
    """
    sine = np.sin(theta)
    lever = lever_arm(theta, response)
    inner, outer = response.with_silicon, response.drift_chamber_only

    def term(name: str) -> Array:
        return np.asarray(np.where(with_silicon, getattr(inner, name).value, getattr(outer, name).value))

    curvature = term("momentum_curvature_term") * momentum * sine / lever**2
    scattering = term("momentum_scattering_term") / (beta * lever)
    slow = 1.0 / (momentum * beta)
    thick = slow / sine**1.5
    return TrackResolutions(
        np.hypot(curvature, scattering),
        np.hypot(term("angle_constant_term"), term("angle_scattering_term") * slow),
        np.hypot(term("transverse_impact_constant_term"), term("transverse_impact_scattering_term") * thick),
        np.hypot(term("longitudinal_impact_constant_term"), term("longitudinal_impact_scattering_term") * thick),
    )
