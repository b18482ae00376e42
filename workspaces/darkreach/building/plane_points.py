"""The hypotheses of a plane: pairs of masses with what is expected and resolved there, and their names."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from darkreach.building.rounding import FloatArray
from darkreach.errors import WorkspaceError
from darkreach.histograms.plane_grid import PlaneGrid


@dataclass(frozen=True)
class PlanePoint:
    """A pair of masses.

    Attributes:
        masses: of the dark photon and of the dark Higgs boson, GeV.
        centre: expected x and y, in the units of the axes.
        widths: resolutions of x and y.
        correlation: of the two.
    """

    masses: tuple[float, float]
    centre: tuple[float, float]
    widths: tuple[float, float]
    correlation: float

    @property
    def name(self) -> str:
        """Name of the hypothesis."""
        return plane_point_name(*self.masses)


def plane_point_name(dark_photon_mass: float, dark_higgs_mass: float) -> str:
    """Return the name of a hypothesis: both masses in MeV, ``p`` for the decimal point.

    Example:
        >>> plane_point_name(0.25, 1.0005)
        'mA_250_mh_1000p5'
    """
    first, second = (
        f"{1000.0 * mass:.6f}".rstrip("0").rstrip(".").replace(".", "p") for mass in (dark_photon_mass, dark_higgs_mass)
    )
    return f"mA_{first}_mh_{second}"


def plane_points(grid: PlaneGrid, masses: ArrayLike) -> list[PlanePoint]:
    """Return the points of masses (n, 2) in GeV.

    Raises:
        WorkspaceError: there is none, one is given twice, masses are not positive, or a point is outside the cells.
    """
    given = np.asarray(masses, dtype=np.float64).reshape(-1, 2)
    if not len(given) or not np.isfinite(given).all() or np.any(given <= 0.0):
        raise WorkspaceError(
            "points of the plane need two masses each, positive" if len(given) else "no point of the plane was given",
            where="points",
            given=str(given.tolist()[:5]),
            next_step="give pairs (mass of the dark photon, of the dark Higgs boson) in GeV",
        )
    centres, resolutions = grid.expected(given), grid.resolution(given)
    points = [
        PlanePoint(_pair(pair), _pair(centre), _pair(resolution), float(resolution[2]))
        for pair, centre, resolution in zip(given, centres, resolutions, strict=True)
    ]
    _check_inside(grid, given, centres)
    names = [point.name for point in points]
    if len(set(names)) != len(names):
        repeated = sorted({name for name in names if names.count(name) > 1})
        raise WorkspaceError(
            "a point of the plane is given twice", where="points", given=", ".join(repeated[:5]),
            next_step="give each once",
        )  # fmt: skip
    return points


def _pair(values: FloatArray) -> tuple[float, float]:
    return float(values[0]), float(values[1])


def _check_inside(grid: PlaneGrid, masses: FloatArray, centres: FloatArray) -> None:
    low = np.array([grid.x_edges[0], grid.y_edges[0]])
    high = np.array([grid.x_edges[-1], grid.y_edges[-1]])
    outside = np.flatnonzero(np.any((centres < low) | (centres > high), axis=1))
    if len(outside):
        worst = masses[outside[0]]
        raise WorkspaceError(
            "a point of the plane is outside its cells",
            where=f"{plane_point_name(*worst)}: {grid.settings.x.observable}, {grid.settings.y.observable}",
            allowed=f"x from {low[0]:g} to {high[0]:g}, y from {low[1]:g} to {high[1]:g}",
            given=f"{centres[outside[0]].tolist()}; {len(outside)} such points",
            next_step="choose other masses, or extend the axes of the plane and process the events again",
        )
