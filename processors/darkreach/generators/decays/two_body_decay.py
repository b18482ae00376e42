"""Decay of a particle into two."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from darkreach.errors import ConfigError
from darkreach.generators.decays.rest_frame import boost_from_rest_frame, directions_about, isotropic_directions

Array = NDArray[np.float64]


def two_body_momentum(mass: ArrayLike, first_mass: ArrayLike, second_mass: ArrayLike) -> Array:
    """Return the momentum of both products in the rest frame, GeV; zero where the decay is not allowed.

    p = sqrt((m^2 - (m1 + m2)^2) (m^2 - (m1 - m2)^2)) / (2 m) (Particle Data Group, Kinematics).

    Example:
        >>> round(float(two_body_momentum(5.27941, 0.493677, 1.0)), 3)
        2.52
    """
    mother = np.asarray(mass, dtype=np.float64)
    one, two = np.asarray(first_mass, dtype=np.float64), np.asarray(second_mass, dtype=np.float64)
    above = np.maximum(mother - one - two, 0.0) * (mother + one + two)
    return np.asarray(np.sqrt(above * (mother - one + two) * (mother + one - two)) / (2.0 * mother))


def two_body_decay(
    mother: Array,
    mass: ArrayLike,
    first_mass: ArrayLike,
    second_mass: ArrayLike,
    random: np.random.Generator,
    *,
    cosine: Array | None = None,
) -> tuple[Array, Array]:
    """Return the four-momenta of the two products, isotropic in the rest frame of the mother unless told otherwise.

    Args:
        mother: (n, 4) as (E, px, py, pz), GeV, in any frame.
        mass: of the mother, (n,) or a number, GeV.
        first_mass: of the first product, (n,) or a number, GeV.
        second_mass: of the second product, (n,) or a number, GeV.
        random: source of random numbers.
        cosine: (n,) helicity angle of the first product: to the flight direction of the mother in the frame of
            ``mother``, seen in the rest frame of the mother.

    Returns:
        First and second product, (n, 4) each, in the frame of ``mother``; they sum to it.

    Raises:
        ConfigError: the products are heavier than the mother.

    Example:
        >>> at_rest = np.array([[1.0, 0.0, 0.0, 0.0]])
        >>> first, second = two_body_decay(at_rest, 1.0, 0.0, 0.0, np.random.default_rng(1))
        >>> float(first[0, 0]), bool(np.allclose(first + second, at_rest))
        (0.5, True)
    """
    mother_mass = np.asarray(mass, dtype=np.float64)
    one, two = np.asarray(first_mass, dtype=np.float64), np.asarray(second_mass, dtype=np.float64)
    excess = mother_mass - one - two
    if np.any(excess < 0.0):
        raise ConfigError(
            "the products of a two-body decay are heavier than what decays",
            allowed="mass of the mother >= sum of the masses of its products",
            given=f"{float(-np.min(excess)):.6g} GeV too heavy",
            next_step="choose masses for which the decay is possible",
        )
    n = len(mother)
    momentum = np.broadcast_to(two_body_momentum(mother_mass, one, two), (n,))
    direction = isotropic_directions(n, random) if cosine is None else directions_about(mother[:, 1:], cosine, random)
    at_rest = np.empty((n, 4))
    at_rest[:, 0] = np.sqrt(momentum**2 + one**2)
    at_rest[:, 1:] = momentum[:, np.newaxis] * direction
    first = boost_from_rest_frame(at_rest, mother, mother_mass)
    at_rest[:, 0] = np.sqrt(momentum**2 + two**2)
    at_rest[:, 1:] *= -1.0
    return first, boost_from_rest_frame(at_rest, mother, mother_mass)
