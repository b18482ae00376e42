"""Where long-lived particles decay: probabilities of zones between radii, for one path and for all directions."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from darkreach.errors import ConfigError

Array = NDArray[np.float64]

# the integrand falls like exp(-u) at worst; steps of 0.2 leave errors below 1e-12
_STEP: Final = 0.2
_NODES: Final = _STEP * np.arange(201)
_WEIGHTS: Final = np.where(_NODES > 0.0, _STEP, 0.5 * _STEP)


def path_probability(inner_cm: ArrayLike, outer_cm: ArrayLike, decay_length_cm: ArrayLike) -> Array:
    """Return exp(-r1/d) - exp(-r2/d): a decay between two distances along one path.

    Args:
        inner_cm: r1, cm.
        outer_cm: r2 > r1, cm; may be infinite.
        decay_length_cm: mean d in the same direction, cm, positive.

    Example:
        >>> round(float(path_probability(0.05, 60.0, best_decay_length_cm(0.05, 60.0))), 5)
        0.99328
    """
    length = np.asarray(decay_length_cm, dtype=np.float64)
    inner, outer = (np.asarray(radius, dtype=np.float64) for radius in (inner_cm, outer_cm))
    return np.asarray(-np.exp(-inner / length) * np.expm1(-(outer - inner) / length))


def best_decay_length_cm(inner_cm: float, outer_cm: float) -> float:
    """Return the mean decay length d with the largest `path_probability`: (r2 - r1)/ln(r2/r1), cm.

    If the rate falls with the decay length as 1/d and nothing bounds the decay (r2 = inf), the best d is r1.

    Example:
        >>> round(best_decay_length_cm(0.05, 60.0), 3)
        8.455
    """
    return float((outer_cm - inner_cm) / np.log(outer_cm / inner_cm))


def radial_probability(inner_cm: ArrayLike, outer_cm: ArrayLike, beta_gamma: ArrayLike, ctau_cm: ArrayLike) -> Array:
    """Return the probability that an isotropic particle decays between two distances from the beam axis.

    P = integral over c = |cos(theta)| from 0 to 1 of exp(-r1/(b s ctau)) - exp(-r2/(b s ctau)), s = sqrt(1 - c^2): a
    difference of Bickley functions Ki_2, here by the trapezoidal rule in t, 1/s = cosh(t), precise also where P is
    tiny. A boost along the beam changes nothing, so b is p/m where the direction is isotropic. All arguments broadcast.

    Args:
        inner_cm: r1 >= 0, cm.
        outer_cm: r2 > r1, cm; may be infinite.
        beta_gamma: b = p/m; a particle at rest decays on the axis, in the zone that begins at r1 = 0.
        ctau_cm: mean proper decay length, cm, positive.

    Example:
        >>> round(float(radial_probability(0.05, 60.0, 1.0, 10.0)), 5)
        0.99114
    """
    length = np.asarray(beta_gamma, dtype=np.float64) * np.asarray(ctau_cm, dtype=np.float64)
    moves = length > 0.0
    length = np.where(moves, length, 1.0)
    near = (np.asarray(inner_cm, dtype=np.float64) / length)[..., np.newaxis]
    far = (np.asarray(outer_cm, dtype=np.float64) / length)[..., np.newaxis]
    # the integrand narrows as 1/sqrt(r1/d)
    scale = 1.0 / np.sqrt(1.0 + near)
    cosh = np.cosh(_NODES * scale)
    integrand = -np.exp(-near * cosh) * np.expm1(-(far - near) * cosh) / cosh**2
    probability = np.sum(_WEIGHTS * integrand, axis=-1) * scale[..., 0]
    return np.where(moves, probability, np.asarray(inner_cm) == 0.0)


def zone_probabilities(edges_cm: ArrayLike, beta_gamma: ArrayLike, ctau_cm: ArrayLike) -> Array:
    """Return the probabilities of all zones that distances from the beam axis cut: prompt, displaced, ..., escaping.

    Args:
        edges_cm: (k,) rising and positive, cm; the last zone has no end.
        beta_gamma: p/m where the direction is isotropic, any shape; at rest all decays are in the first zone.
        ctau_cm: mean proper decay length, cm, same shape or a number.

    Returns:
        (..., k + 1) probabilities that sum to one.

    Raises:
        ConfigError: the edges do not rise from above zero.

    Example:
        >>> zone_probabilities([0.05, 60.0], 1.0, 10.0).round(4).tolist()
        [0.0078, 0.9911, 0.0011]
    """
    edges = np.asarray(edges_cm, dtype=np.float64)
    if edges.ndim != 1 or not np.all(np.diff(edges, prepend=0.0) > 0.0):
        raise ConfigError(
            "radii that divide decays into zones must rise from above zero",
            where="edges_cm",
            allowed="0 < r1 < r2 < ..., in cm",
            given=str(edges.tolist()),
        )
    length, ctau = (np.asarray(value, dtype=np.float64)[..., np.newaxis] for value in (beta_gamma, ctau_cm))
    return radial_probability(np.append(0.0, edges), np.append(edges, np.inf), length, ctau)
