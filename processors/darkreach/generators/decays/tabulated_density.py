"""Sampling of a density on the unit square or interval by a table of cells, exact through weights close to one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from darkreach.generators.decays.unit_quadrature import unit_quadrature

Array = NDArray[np.float64]

FLOOR = 0.005
"""Share of the points spread evenly: bounds the weights where the table misses structure."""


@dataclass(frozen=True)
class TabulatedDensity:
    """A density f(u, v) on the unit square together with a table from which points are drawn.

    Attributes:
        density: f of two arrays of one shape; any normalisation.
        cumulative: (cells_u * cells_v,) cumulative probability of the cells.
        height: (cells_u, cells_v) probability density of the table.

    Example:
        >>> table = tabulate_density(lambda u, v: 2.0 * u, cells=(32, 1))
        >>> u, v, weight = table.sample(20000, np.random.default_rng(1))
        >>> bool(abs(weight.mean() - 1.0) < 0.001), bool(abs((weight * u).mean() - 2.0 / 3.0) < 0.01)
        (True, True)
    """

    density: Callable[[Array, Array], Array]
    cumulative: Array
    height: Array

    def sample(self, n: int, random: np.random.Generator) -> tuple[Array, Array, Array]:
        """Return points u, v (n,) and weights f/table (n,) whose mean is the integral of f over the square."""
        cells_u, cells_v = self.height.shape
        cell = np.minimum(np.searchsorted(self.cumulative, random.random(n), side="right"), self.height.size - 1)
        place_u, place_v = np.divmod(cell, cells_v)
        u = (place_u + random.random(n)) / cells_u
        v = (place_v + random.random(n)) / cells_v
        return u, v, np.asarray(self.density(u, v) / self.height.ravel()[cell])


def tabulate_density(density: Callable[[Array, Array], Array], *, cells: tuple[int, int]) -> TabulatedDensity:
    """Return the table of a density that is not negative, averaged over three by three points a cell."""
    points, weights = unit_quadrature(3)
    axes = [(np.arange(number)[:, np.newaxis] + points) / number for number in cells]
    grid_u, grid_v = np.broadcast_arrays(axes[0][:, np.newaxis, :, np.newaxis], axes[1][np.newaxis, :, np.newaxis, :])
    mean = np.einsum("abij,i,j->ab", density(grid_u, grid_v), weights, weights)
    height = (1.0 - FLOOR) * mean / mean.mean() + FLOOR
    return TabulatedDensity(density, np.cumsum(height) / height.sum(), height / height.mean())
