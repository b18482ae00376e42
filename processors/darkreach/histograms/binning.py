"""Bins that follow the resolution: from the knots of a configuration to the squared-mass edges of a region."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.interpolate import PchipInterpolator

from darkreach.configuration import MassScanConfig, RegionSettings
from darkreach.errors import ConfigError

_INTEGRATION_POINTS: Final = 20001


def squared_mass_resolution(observable: str, mass: ArrayLike, config: MassScanConfig) -> NDArray[np.float64]:
    """Return the resolution of the squared mass (same shape as the mass), GeV^2.

    Monotone cubic interpolation (PCHIP) of log resolution in log mass: power laws stay straight, knots are met exactly,
    nothing overshoots between them. Outside the knots the value of the nearest knot holds.

    Args:
        observable: whose resolution.
        mass: (...,), GeV, not negative.
        config: holds the knots.

    Raises:
        ConfigError: fewer than two knots, or masses that do not rise.

    Example:
        >>> from darkreach.configuration import AxionConfig, config_path, read_config
        >>> config = read_config(config_path("searches", "axion_to_photons"), AxionConfig)
        >>> squared_mass_resolution("pair_mass_squared", [0.1, 1.0, 2.0], config).round(4).tolist()
        [0.0047, 0.0332, 0.102]
    """
    masses, resolutions = _knots(observable, config)
    curve = PchipInterpolator(np.log(masses), np.log(resolutions))
    inside = np.clip(np.asarray(mass, dtype=np.float64), masses[0], masses[-1])
    return np.exp(np.asarray(curve(np.log(inside)), dtype=np.float64))


def _knots(observable: str, config: MassScanConfig) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    knots = np.asarray(config.resolution_knots(observable), dtype=np.float64).reshape(-1, 2)
    if len(knots) < 2 or np.any(np.diff(knots[:, 0]) <= 0.0):
        raise ConfigError(
            "resolution knots must be at least two, with rising masses",
            where=f"{config.search}: binning.{observable}",
            given=str(knots[:, 0].tolist()),
            next_step="sort the knots by mass and remove repeated ones",
        )
    return knots[:, 0], knots[:, 1]


def region_edges(region: RegionSettings, config: MassScanConfig, sqrt_s: float) -> NDArray[np.float64]:
    """Return the bin edges (n + 1,) of the observable of a region, GeV^2.

    They span the mass range of the region and ``margin_resolutions`` more on either side, below zero if need be, but
    not beyond what kinematics and cuts allow. A bin is as wide as the resolution at its place divided by
    ``bins_per_resolution``, times one factor (at most 1) for the whole region that makes n a multiple of
    ``bins_per_channel``.

    Raises:
        ConfigError: the mass range passes a limit of the region, such as the kinematic end.
    """
    low_mass, high_mass = region.mass_range
    start, end = region.squared_mass_limits(sqrt_s)
    if not start < low_mass**2 < high_mass**2 < end:
        raise ConfigError(
            f"mass range of region '{region.name}' is empty or passes the kinematic end",
            where=f"{config.search}: regions",
            allowed=f"between {math.sqrt(max(start, 0.0)):.3f} and {math.sqrt(max(end, 0.0)):.3f} GeV",
            given=f"{low_mass} to {high_mass}",
            next_step="change the mass range, or the limits and thresholds of the region",
        )
    margins = config.binning.margin_resolutions * squared_mass_resolution(
        region.observable, [low_mass, high_mass], config
    )
    low = max(low_mass**2 - float(margins[0]), start)
    high = min(high_mass**2 + float(margins[1]), end)
    return _edges_between(low, high, region.observable, config)


def _edges_between(low: float, high: float, observable: str, config: MassScanConfig) -> NDArray[np.float64]:
    """Cut [low, high] where the integral of d(M^2)/resolution reaches whole steps.

    Below zero a mass stands for its square turned negative: resolution is symmetric about zero.
    """
    # equal steps in mass: fine enough where the resolution of the squared mass is smallest
    roots = np.linspace(math.copysign(math.sqrt(abs(low)), low), math.sqrt(high), _INTEGRATION_POINTS)
    grid = roots * np.abs(roots)
    density = config.binning.bins_per_resolution / squared_mass_resolution(observable, np.abs(roots), config)
    steps = 0.5 * (density[1:] + density[:-1]) * np.diff(grid)
    reached = np.concatenate([[0.0], np.cumsum(steps)])
    channel = config.binning.bins_per_channel
    # a sum that is a whole number of channels up to rounding must not open a further one
    bins = channel * max(1, math.ceil(reached[-1] / channel - 1e-9))
    edges: NDArray[np.float64] = np.interp(np.linspace(0.0, reached[-1], bins + 1), reached, grid)
    edges[0], edges[-1] = low, high
    return edges
