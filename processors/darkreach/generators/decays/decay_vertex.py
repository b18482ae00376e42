"""Where particles decay: exponential in proper time, free or forced into a range of transverse radii with a weight."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from darkreach.errors import ConfigError

Array = NDArray[np.float64]

Spread: TypeAlias = Literal["exponential", "uniform", "logarithmic"]


@dataclass(frozen=True)
class DecayWindow:
    """Range of distances from the z axis that decays are forced into.

    Attributes:
        inner_cm: smallest transverse radius, cm.
        outer_cm: largest transverse radius, cm.
        spread: where decays are placed on the path: by the decay law (``exponential``), evenly (``uniform``), or
            evenly in the logarithm of the proper length (``logarithmic``). The weights of the last two are the decay
            law itself, which serves lifetimes far from the one generated; those of the logarithmic spread,
            (l/tau) exp(-l/tau) ln(l_high/l_low), are bounded whatever the lifetime.
    """

    inner_cm: float
    outer_cm: float
    spread: Spread = "exponential"

    def __post_init__(self) -> None:
        if not 0.0 <= self.inner_cm < self.outer_cm < np.inf:
            raise ConfigError(
                "a window of decay radii is empty or endless",
                where="decay_radius_from_cm, decay_radius_to_cm",
                allowed="0 <= inner radius < outer radius, in cm",
                given=f"{self.inner_cm} to {self.outer_cm}",
                next_step="give the inner radius first",
            )
        if self.spread == "logarithmic" and self.inner_cm == 0.0:
            raise ConfigError(
                "decays cannot be spread in the logarithm of a distance that begins at zero",
                where="decay_radius_from_cm",
                allowed="above 0 cm",
                given="0 cm",
                next_step="give an inner radius below the smallest decay length that matters",
            )


@dataclass(frozen=True)
class DecayVertices:
    """Decay points of n particles.

    Attributes:
        vertex: (n, 3), cm.
        proper_length: (n,) c times the proper time that the particle lived, cm.
        weight: (n,) probability that a free decay is where this one was forced to; one for free decays.
    """

    vertex: Array
    proper_length: Array
    weight: Array


def decay_vertices(
    momentum: Array,
    mass: ArrayLike,
    lifetime_ctau_cm: float,
    random: np.random.Generator,
    *,
    origin: Array | None = None,
    window: DecayWindow | None = None,
) -> DecayVertices:
    """Return decay points of particles that fly straight from their origin.

    Args:
        momentum: (n, 4) as (E, px, py, pz), GeV, laboratory.
        mass: (n,) or a number, GeV.
        lifetime_ctau_cm: mean proper decay length, cm; 0 decays at the origin.
        random: source of random numbers; n numbers are drawn unless the lifetime is zero.
        origin: (n, 3) where the particles are made, cm; None is the collision at (0, 0, 0).
        window: force the decays into it. A path that misses the window has weight zero.

    Raises:
        ConfigError: the lifetime is negative or not finite, or zero with a window.

    Example:
        >>> momentum = np.tile([5.0, 3.0, 0.0, 0.0], (20000, 1))
        >>> free = decay_vertices(momentum, 4.0, 2.0, np.random.default_rng(1))
        >>> bool(abs(free.vertex[:, 0].mean() - 1.5) < 0.05)
        True
        >>> forced = decay_vertices(momentum, 4.0, 2.0, np.random.default_rng(1), window=DecayWindow(1.0, 2.0))
        >>> round(float(forced.weight[0]), 6) == round(float(np.exp(-1 / 1.5) - np.exp(-2 / 1.5)), 6)
        True
    """
    check_lifetime(lifetime_ctau_cm, zero_allowed=window is None)
    n = len(momentum)
    start = np.zeros((n, 3)) if origin is None else origin
    velocity = momentum[:, 1:] / np.asarray(mass, dtype=np.float64).reshape(-1, 1)
    weight = np.ones(n)
    if lifetime_ctau_cm == 0.0:
        proper_length = np.zeros(n)
    elif window is None:
        proper_length = lifetime_ctau_cm * random.standard_exponential(n)
    else:
        proper_length, weight = _forced(start, velocity, lifetime_ctau_cm, window, random.random(n))
    vertex = start + velocity * proper_length[:, np.newaxis]
    if window is not None:
        # a path that starts outside of the inner circle may cross it
        weight = np.where(np.hypot(vertex[:, 0], vertex[:, 1]) < window.inner_cm * (1.0 - 1e-12), 0.0, weight)
    return DecayVertices(vertex, proper_length, weight)


def check_lifetime(lifetime_ctau_cm: float, *, zero_allowed: bool = True) -> None:
    """Refuse a mean proper decay length that has no meaning."""
    allowed = "zero (decays at once) or a positive number of cm" if zero_allowed else "a positive number of cm"
    if not (0.0 <= lifetime_ctau_cm < np.inf) or (lifetime_ctau_cm == 0.0 and not zero_allowed):
        raise ConfigError(
            "a lifetime has no meaning",
            where="lifetime_ctau_cm",
            allowed=allowed,
            given=str(lifetime_ctau_cm),
            next_step="give the mean proper decay length c tau in cm",
        )


def _forced(start: Array, velocity: Array, lifetime: float, window: DecayWindow, uniform: Array) -> tuple[Array, Array]:
    """Return proper lengths (n,) inside the window and the weights (n,) of having been put there."""
    outer_in, outer_out = _crossings(start, velocity, window.outer_cm)
    inner_in, inner_out = _crossings(start, velocity, window.inner_cm)
    starts_inside = (inner_in < 0.0) & (inner_out > 0.0)
    lower = np.maximum(np.where(starts_inside, inner_out, outer_in), 0.0)
    upper = np.maximum(outer_out, lower)
    extent = (upper - lower) / lifetime
    if window.spread == "uniform":
        proper_length = lower + (upper - lower) * uniform
        return proper_length, extent * np.exp(-proper_length / lifetime)
    if window.spread == "logarithmic":
        # a path that starts near or beyond the inner circle has no shortest length to begin at: there the density is
        # that of ln(l + shift), which begins as late as a path from the axis does
        speed = np.maximum(np.hypot(velocity[:, 0], velocity[:, 1]), 1e-300)
        shift = np.maximum(window.inner_cm / speed - lower, 0.0)
        logarithm = np.log((upper + shift) / (lower + shift))
        proper_length = np.clip((lower + shift) * np.exp(logarithm * uniform) - shift, lower, upper)
        return proper_length, (proper_length + shift) / lifetime * np.exp(-proper_length / lifetime) * logarithm
    inside = -np.expm1(-extent)
    beyond = np.minimum(-np.log1p(-uniform * inside), extent)
    return lower + lifetime * beyond, np.exp(-lower / lifetime) * inside


def _crossings(start: Array, velocity: Array, radius: float) -> tuple[Array, Array]:
    """Return the proper lengths (n,) at which a path enters and leaves a cylinder; both zero if it never does."""
    along = np.einsum("ni,ni->n", start[:, :2], velocity[:, :2])
    speed_squared = np.einsum("ni,ni->n", velocity[:, :2], velocity[:, :2])
    outside = np.einsum("ni,ni->n", start[:, :2], start[:, :2]) - radius * radius
    discriminant = along**2 - speed_squared * outside
    meets = (discriminant > 0.0) & (speed_squared > 0.0)
    root = np.sqrt(np.where(meets, discriminant, 0.0))
    safe = np.where(meets, speed_squared, 1.0)
    return np.where(meets, (-along - root) / safe, 0.0), np.where(meets, (-along + root) / safe, 0.0)
