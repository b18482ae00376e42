"""Decay into three bodies, flat in the Dalitz plane, of particles whose mass differs from event to event."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from darkreach.errors import ConfigError
from darkreach.generators.decays.tabulated_density import tabulate_density
from darkreach.generators.decays.two_body_decay import two_body_decay, two_body_momentum
from darkreach.generators.decays.unit_quadrature import unit_quadrature

Array = NDArray[np.float64]


def even_three_body_decay(
    mother: Array, mass: Array, masses: tuple[float, float, float], random: np.random.Generator
) -> tuple[Array, Array]:
    """Return the products and weights of mean one, for every mass.

    Args:
        mother: (n, 4) as (E, px, py, pz), GeV, in any frame.
        mass: (n,) of the mothers, GeV.
        masses: of the products, GeV.
        random: source of random numbers.

    Returns:
        Products (n, 3, 4) in the frame of ``mother``, and weights (n,).

    Raises:
        ConfigError: a mother is not heavier than its products.

    Example:
        >>> mother = np.array([[1.25, 0.0, 0.0, 0.75]])
        >>> products, _ = even_three_body_decay(mother, np.ones(1), (0.1, 0.1, 0.1), np.random.default_rng(1))
        >>> bool(np.allclose(products.sum(axis=1), mother))
        True
    """
    lightest = float(np.min(mass, initial=np.inf))
    if not lightest > sum(masses):
        raise ConfigError(
            "the products of a three-body decay are heavier than what decays",
            allowed=f"mass of the mother above {sum(masses):.6g} GeV",
            given=f"{lightest:.6g} GeV",
            next_step="choose masses for which the decay is possible",
        )
    n = len(mass)
    if n == 0:
        return np.zeros((0, 3, 4)), np.zeros(0)
    # the shape changes slowly with the mass: that of the mean mass keeps the weights close to one
    mean_mass = np.asarray(np.mean(mass))
    table = tabulate_density(lambda u, v: _phase_space(u, mean_mass, masses)[1] + 0.0 * v, cells=(128, 1))
    u, _, over_table = table.sample(n, random)
    pair_mass, density = _phase_space(u, mass, masses)
    # both vanish together at the ends
    shape = np.maximum(_phase_space(u, mean_mass, masses)[1], np.finfo(np.float64).tiny)
    weight = over_table * density / (shape * _area(mass, masses))
    pair, third = two_body_decay(mother, mass, pair_mass, masses[2], random)
    first, second = two_body_decay(pair, pair_mass, *masses[:2], random)
    return np.stack([first, second, third], axis=1), weight


def _phase_space(u: Array, mass: Array, masses: tuple[float, float, float]) -> tuple[Array, Array]:
    """Return the mass of the pair 12 and the density of the Dalitz plane in u, GeV^4."""
    lowest, highest = (masses[0] + masses[1]) ** 2, (mass - masses[2]) ** 2
    s12 = lowest + (highest - lowest) * np.sin(0.5 * math.pi * u) ** 2
    pair_mass = np.minimum(np.sqrt(s12), mass - masses[2])
    jacobian = (highest - lowest) * 0.5 * math.pi * np.sin(math.pi * u)
    # ds12 ds13 = 4 p1* p3* ds12 over all angles, p3* = p3 m/m12
    momenta = two_body_momentum(pair_mass, masses[0], masses[1]) * two_body_momentum(mass, pair_mass, masses[2])
    return pair_mass, np.asarray(4.0 * jacobian * momenta * mass / pair_mass)


def _area(mass: Array, masses: tuple[float, float, float]) -> Array:
    """Return the areas (n,) of the Dalitz planes, GeV^4, interpolated in a smooth ratio (1e-6)."""
    total = sum(masses)
    nodes = np.linspace(total, float(mass.max(initial=total)) * 1.001, 1001)[1:]
    points, weights = unit_quadrature(64)
    _, density = _phase_space(points, nodes[:, np.newaxis], masses)
    # areas grow with the square of the energy released, at the threshold and far above it
    ratio = np.sum(density * weights, axis=1) / (nodes * (nodes - total)) ** 2
    return np.asarray(np.interp(mass, nodes, ratio) * (mass * (mass - total)) ** 2)
