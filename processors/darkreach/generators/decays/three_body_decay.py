"""Decay of a particle into three: flat in the Dalitz plane, or by a squared amplitude of the invariants.

With s12 = (p1 + p2)^2 and the angle c of particle 1 to the flight direction of the pair 12, in the rest frame of the
pair, the Dalitz plane factorises: ds12 ds13 = 2 p1* p3* ds12 dc (Particle Data Group, Kinematics).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from darkreach.errors import ConfigError
from darkreach.generators.decays.rest_frame import boost_from_rest_frame
from darkreach.generators.decays.tabulated_density import TabulatedDensity, tabulate_density
from darkreach.generators.decays.two_body_decay import two_body_decay, two_body_momentum
from darkreach.generators.decays.unit_quadrature import unit_quadrature

Array = NDArray[np.float64]

SquaredAmplitude: TypeAlias = Callable[[Array, Array, Array], Array]
"""|M|^2 as a function of s12, s13 and s23 in GeV^2, arrays of one shape; any normalisation."""


@dataclass(frozen=True)
class ThreeBodyDecay:
    """A decay of fixed masses, ready to draw events.

    Attributes:
        mass: of what decays, GeV.
        masses: of the three products, GeV.
        squared_amplitude: of the invariants; None is flat in the Dalitz plane.
        integral: of the squared amplitude over the Dalitz plane, GeV^4 times its unit.
        table: from which s12 and the angle are drawn.
    """

    mass: float
    masses: tuple[float, float, float]
    squared_amplitude: SquaredAmplitude | None
    integral: float
    table: TabulatedDensity

    @property
    def width(self) -> float:
        """Partial width, GeV, if the squared amplitude is the spin average with all couplings.

        Gamma = integral of |M|^2 ds12 ds13 / ((2 pi)^3 32 m^3) (Particle Data Group, Kinematics).
        """
        return self.integral / ((2.0 * math.pi) ** 3 * 32.0 * self.mass**3)

    def generate(self, mother: Array, random: np.random.Generator) -> tuple[Array, Array]:
        """Return the products (n, 3, 4) of mothers (n, 4) in their frame, and weights (n,) of mean one.

        The plane of the decay is isotropic in the rest frame: spin correlations with the mother are left out.
        """
        n = len(mother)
        u, v, weight = self.table.sample(n, random)
        pair_mass = np.sqrt(_pair_mass_squared(u, self.mass, self.masses))
        rest = np.zeros((n, 4))
        rest[:, 0] = self.mass
        pair, third = two_body_decay(rest, self.mass, pair_mass, self.masses[2], random)
        first, second = two_body_decay(pair, pair_mass, *self.masses[:2], random, cosine=2.0 * v - 1.0)
        products = np.empty((n, 3, 4))
        for place, momentum in enumerate((first, second, third)):
            products[:, place] = boost_from_rest_frame(momentum, mother, self.mass)
        return products, weight / self.integral


def three_body_decay(
    mass: float,
    masses: tuple[float, float, float],
    squared_amplitude: SquaredAmplitude | None = None,
    *,
    cells: tuple[int, int] = (96, 32),
) -> ThreeBodyDecay:
    """Return the decay of a particle into three, its integral by quadrature (1e-8 for smooth amplitudes).

    Args:
        mass: of what decays, GeV.
        masses: of the three products, GeV; resonances and peaks belong into the pair 12.
        squared_amplitude: of s12, s13, s23; None is flat in the Dalitz plane.
        cells: of the table in s12 and in the angle: finer cells make the weights more even.

    Raises:
        ConfigError: the products are heavier than the mother.

    Example:
        >>> decay = three_body_decay(1.0, (0.0, 0.0, 0.0))
        >>> products, weight = decay.generate(np.array([[1.25, 0.0, 0.0, 0.75]]), np.random.default_rng(1))
        >>> products.shape, products.sum(axis=1).round(12).tolist(), round(decay.integral, 8)
        ((1, 3, 4), [[1.25, 0.0, 0.0, 0.75]], 0.5)
    """
    if not sum(masses) < mass:
        raise ConfigError(
            "the products of a three-body decay are heavier than what decays",
            allowed=f"sum of the masses below {mass:.6g} GeV",
            given=f"{sum(masses):.6g} GeV",
            next_step="choose masses for which the decay is possible",
        )

    def density(u: Array, v: Array) -> Array:
        s12 = _pair_mass_squared(u, mass, masses)
        cosine = 2.0 * v - 1.0
        energy1, energy3, momentum1, momentum3 = _in_pair_frame(s12, mass, masses)
        # ds12/du of the mapping below times dc/dv, and ds12 ds13 = 2 p1* p3* ds12 dc
        jacobian = _range(mass, masses) * 0.5 * math.pi * np.sin(math.pi * u) * 2.0 * 2.0 * momentum1 * momentum3
        if squared_amplitude is None:
            return np.asarray(jacobian * np.ones_like(v))
        s13 = masses[0] ** 2 + masses[2] ** 2 + 2.0 * (energy1 * energy3 + momentum1 * momentum3 * cosine)
        s23 = mass**2 + sum(one**2 for one in masses) - s12 - s13
        return np.asarray(jacobian * squared_amplitude(s12, s13, s23))

    points, weights = unit_quadrature(200)
    grid_u, grid_v = np.meshgrid(points, points, indexing="ij")
    integral = float(np.einsum("ij,i,j->", density(grid_u, grid_v), weights, weights))
    table = tabulate_density(density, cells=cells)
    return ThreeBodyDecay(mass, masses, squared_amplitude, integral, table)


def _range(mass: float, masses: tuple[float, float, float]) -> float:
    return (mass - masses[2]) ** 2 - (masses[0] + masses[1]) ** 2


def _pair_mass_squared(u: Array, mass: float, masses: tuple[float, float, float]) -> Array:
    # the sine turns the square roots at both ends of the range into smooth functions of u
    lowest = (masses[0] + masses[1]) ** 2
    return np.asarray(lowest + _range(mass, masses) * np.sin(0.5 * math.pi * u) ** 2)


def _in_pair_frame(s12: Array, mass: float, masses: tuple[float, float, float]) -> tuple[Array, Array, Array, Array]:
    """Return energies of particles 1 and 3 and their momenta in the rest frame of the pair 12."""
    pair_mass = np.sqrt(s12)
    momentum1 = two_body_momentum(pair_mass, masses[0], masses[1])
    momentum3 = two_body_momentum(mass, pair_mass, masses[2]) * mass / pair_mass
    return np.sqrt(momentum1**2 + masses[0] ** 2), np.sqrt(momentum3**2 + masses[2] ** 2), momentum1, momentum3
