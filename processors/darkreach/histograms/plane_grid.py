"""The plane of two masses: its cells, the resolution over it, and the hypotheses."""

from __future__ import annotations

from functools import cached_property
from typing import Final

import hist
import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.interpolate import LinearNDInterpolator, NearestNDInterpolator

from darkreach.configuration.plane_search import PlaneAxis, PlaneSettings

Floats = NDArray[np.float64]

_INTEGRATION_POINTS: Final = 20001
COARSE_CELLS: Final = 24
"""Cells along an axis of the histograms of variations."""

PULL_RANGE: Final = 10.0
PULL_BINS: Final = 80


class PlaneGrid:
    """Geometry of a plane search.

    Attributes:
        settings: of the plane.
        sqrt_s: GeV.

    Example:
        >>> from darkreach.configuration.plane_search import PlaneAxis, PlaneResolution
        >>> from darkreach.configuration import Range
        >>> x = PlaneAxis(observable="pair_mass", unit="GeV", power=1, low=0.0, high=4.0,
        ...               cell_widths=((0.0, 0.5), (4.0, 0.5)), label="M")
        >>> y = x.model_copy(update={"observable": "recoil_mass_squared", "unit": "GeV^2", "power": 2})
        >>> knots = ((1.0, 1.0, 0.1, 0.2, 0.0), (3.0, 1.0, 0.1, 0.2, 0.0), (1.0, 3.0, 0.1, 0.2, 0.0))
        >>> plane = PlaneSettings(x=x, y=y, resolution=PlaneResolution(knots=knots, source="computed"),
        ...     dark_photon_mass=Range(low=1.0, high=3.0), dark_higgs_mass=Range(low=0.5, high=1.0),
        ...     order="lighter_higgs", steps=(5.0, 2.0))
        >>> grid = PlaneGrid(plane, 10.58)
        >>> grid.x_edges.tolist()
        [0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0]
        >>> grid.expected([2.0, 0.5]).tolist()
        [2.0, 0.25]
        >>> grid.resolution([2.0, 1.0]).round(3).tolist()
        [0.1, 0.2, 0.0]
    """

    def __init__(self, settings: PlaneSettings, sqrt_s: float) -> None:
        """Keep the settings; everything else is computed when it is asked for."""
        self.settings = settings
        self.sqrt_s = sqrt_s

    @cached_property
    def x_edges(self) -> Floats:
        """Edges (nx + 1,) of the cells in x."""
        return _edges(self.settings.x)

    @cached_property
    def y_edges(self) -> Floats:
        """Edges (ny + 1,) of the cells in y."""
        return _edges(self.settings.y)

    def axes(self, *, coarse: bool = False) -> tuple[hist.axis.Variable, hist.axis.Variable]:
        """Return the axes x and y of histograms of the plane; coarse ones have a few merged cells."""
        return tuple(  # type: ignore[return-value]  # two of them
            hist.axis.Variable(_merged(edges) if coarse else edges, name=name, label=f"{axis.label} [{axis.unit}]")
            for name, edges, axis in (("x", self.x_edges, self.settings.x), ("y", self.y_edges, self.settings.y))
        )

    def expected(self, points: ArrayLike) -> Floats:
        """Return the expected values (..., 2) of x and y for masses (..., 2) in GeV."""
        masses = np.asarray(points, dtype=np.float64)
        return np.asarray(masses ** np.array([self.settings.x.power, self.settings.y.power]))

    def resolution(self, points: ArrayLike) -> Floats:
        """Return (..., 3): resolutions of x and y and their correlation, for masses (..., 2) in GeV.

        Linear between the knots; the value of the nearest knot outside of what they span.
        """
        masses = np.asarray(points, dtype=np.float64)
        flat = masses.reshape(-1, 2)
        inside = self._interpolation(flat)
        found = np.where(np.isnan(inside), self._nearest(flat), inside)
        return np.asarray(found.reshape(*masses.shape[:-1], 3))

    @cached_property
    def hypotheses(self) -> Floats:
        """Masses (n, 2) in GeV of all hypotheses, by rising mass of the dark photon, then of the dark Higgs boson."""
        plane = self.settings
        rows = []
        first = plane.dark_photon_mass.low
        while first <= plane.dark_photon_mass.high:
            if not any(one.low < first < one.high for one in plane.excluded):
                rows += [(first, second) for second in self._row(first)]
            resolution = float(self.resolution([first, max(plane.dark_higgs_mass.low, self._ends(first)[0])])[0])
            # the step in the mass, from that in the observable
            first = float((first**plane.x.power + plane.steps[0] * resolution) ** (1.0 / plane.x.power))
        return np.array(rows).reshape(-1, 2).round(5)

    def _row(self, first: float) -> list[float]:
        plane = self.settings
        second, end = self._ends(first)
        row = []
        while second <= end:
            row.append(second)
            resolution = float(self.resolution([first, second])[1])
            second = float((second**plane.y.power + plane.steps[1] * resolution) ** (1.0 / plane.y.power))
        return row

    def _ends(self, first: float) -> tuple[float, float]:
        plane = self.settings
        low, high = plane.dark_higgs_mass.low, min(plane.dark_higgs_mass.high, self.sqrt_s - first)
        return (max(low, 2.0 * first), high) if plane.order == "pair" else (low, min(high, first))

    @cached_property
    def _interpolation(self) -> LinearNDInterpolator:
        knots = np.array(self.settings.resolution.knots)
        return LinearNDInterpolator(knots[:, :2], knots[:, 2:])

    @cached_property
    def _nearest(self) -> NearestNDInterpolator:
        knots = np.array(self.settings.resolution.knots)
        return NearestNDInterpolator(knots[:, :2], knots[:, 2:])


def _edges(axis: PlaneAxis) -> Floats:
    """Cut an axis where the integral of one over the width of a cell reaches whole numbers."""
    grid = np.linspace(axis.low, axis.high, _INTEGRATION_POINTS)
    values, widths = np.array(axis.cell_widths).T
    density = 1.0 / np.interp(grid, values, widths)
    reached = np.concatenate([[0.0], np.cumsum(0.5 * (density[1:] + density[:-1]) * np.diff(grid))])
    cells = max(1, int(np.ceil(reached[-1] - 1e-6)))
    edges: Floats = np.interp(np.linspace(0.0, reached[-1], cells + 1), reached, grid)
    edges[0], edges[-1] = axis.low, axis.high
    return edges


def _merged(edges: Floats) -> Floats:
    """Return every so many of the edges, both ends among them, so that few cells are left."""
    chosen = np.unique(np.linspace(0, len(edges) - 1, min(COARSE_CELLS, len(edges) - 1) + 1).round().astype(int))
    return np.asarray(edges[chosen])
