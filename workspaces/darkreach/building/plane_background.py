"""Simulated background of a region of a plane, in events, in cells, and what of it is in a window."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from darkreach.building.plane_cells import CellWindow, PlaneCells, coverage
from darkreach.building.plane_contents import summed_contents
from darkreach.building.plane_points import PlanePoint
from darkreach.building.plane_regions import window_area
from darkreach.building.rounding import FloatArray
from darkreach.configuration.plane_search import PlaneRegion
from darkreach.histograms.search_histograms import NOMINAL, SearchHistograms

LARGER_RADII: Final = (2.0, 3.0, 4.0, 6.0, 8.0, 12.0)
"""Where the density of a group without events in a window is looked for, in radii of the window."""

LARGEST_CHANGE: Final = 10.0
"""Of a variation, as a factor or its inverse: what few events say beyond it is noise."""


@dataclass(frozen=True, eq=False)
class PlaneBackground:
    """Background of one region by group.

    Attributes:
        groups: samples of the likelihood.
        values: events, shape (groups, nx, ny).
        variances: their squared uncertainties.
        coarse: events in the cells of variations, nominal, then up and down of each, shape (groups, 1 + 2 v, cx, cy).
        x_parts: part of each coarse cell in each cell, along x, shape (nx, cx).
        y_parts: along y, shape (ny, cy).
    """

    groups: tuple[str, ...]
    values: FloatArray
    variances: FloatArray
    coarse: FloatArray
    x_parts: FloatArray
    y_parts: FloatArray

    @property
    def total(self) -> FloatArray:
        """Events of all groups, shape (nx, ny)."""
        return np.asarray(self.values.sum(axis=0))

    def changes(self, window: CellWindow) -> FloatArray:
        """Return the factors of all variations in a window, up and down of each, shape (groups, 2 v).

        Coarse cells count as far as the window covers them; where they hold nothing the factor is 1.
        """
        covered = self.x_parts[window.x].T @ window.inside @ self.y_parts[window.y]
        return change_factors(np.einsum("gvij,ij->gv", self.coarse, covered))


def change_factors(coarse: FloatArray) -> FloatArray:
    """Return variations over nominal, within a factor of ten, from the two, shape (groups, 1 + 2 v, ...).

    Example:
        >>> change_factors(np.array([[4.0, 5.0, 3.0], [0.0, 0.0, 0.0]])).tolist()
        [[1.25, 0.75], [1.0, 1.0]]
    """
    nominal = coarse[:, :1]
    ratio = np.divide(coarse[:, 1:], nominal, out=np.ones_like(coarse[:, 1:]), where=nominal > 0.0)
    return np.clip(ratio, 1.0 / LARGEST_CHANGE, LARGEST_CHANGE)


@dataclass(frozen=True, eq=False)
class WindowBackground:
    """Background in a window.

    Attributes:
        values: events, shape (groups,).
        variances: shape (groups,).
        radii: of the ellipse that they come from, in radii of the window, shape (groups,); 0 where none was found.
    """

    values: FloatArray
    variances: FloatArray
    radii: FloatArray


def window_background(
    background: PlaneBackground,
    areas: FloatArray,
    cells: PlaneCells,
    point: PlanePoint,
    radius: float,
    window: CellWindow,
) -> WindowBackground:
    """Return the background in the elliptical window of a hypothesis.

    A group without simulated events in it is not taken for absent: its density is that of the smallest larger ellipse
    with some, scaled by the area. One that is not even in the largest is left at zero.

    Args:
        background: of the region.
        areas: of the cells that can have background, shape (nx, ny).
        cells: of the plane.
        point: the hypothesis.
        radius: of the window, resolutions.
        window: its cells.
    """
    values, variances = window.sums(background.values), window.sums(background.variances)
    radii = np.ones(len(values))
    empty = np.flatnonzero(values <= 0.0)
    if not len(empty):
        return WindowBackground(values, variances, radii)
    area = window_area(areas, cells, window)
    radii[empty] = 0.0
    for factor in LARGER_RADII:
        larger = cells.ellipse(point, factor * radius)
        found = larger.sums(background.values[empty])
        scale = area / window_area(areas, cells, larger)
        some = empty[found > 0.0]
        values[some] = scale * found[found > 0.0]
        variances[some] = scale**2 * larger.sums(background.variances[some])
        radii[some] = factor
        empty = empty[found <= 0.0]
        if not len(empty):
            break
    return WindowBackground(values, variances, radii)


def read_plane_background(
    histograms: SearchHistograms,
    cells: PlaneCells,
    region: PlaneRegion,
    groups: Mapping[str, Sequence[str]],
    luminosity_inverse_fb: float,
    stems: Sequence[str],
) -> PlaneBackground:
    """Read the backgrounds of a region (fb); the luminosity is applied here.

    Args:
        histograms: of the search.
        cells: of its plane.
        region: which.
        groups: simulated samples by sample of the likelihood.
        luminosity_inverse_fb: of the data, fb^-1.
        stems: variations, without ``_up`` and ``_down``.

    Raises:
        WorkspaceError: samples are missing, or cells of a group are negative or not finite.
    """
    parts = [summed_contents(histograms, f"plane/{region.name}", tuple(samples)) for samples in groups.values()]
    varied = f"plane_variation/{region.name}"
    variations = (NOMINAL, *(f"{stem}_{way}" for stem in stems for way in ("up", "down")))
    coarse = [
        [summed_contents(histograms, varied, tuple(samples), variation)[0] for variation in variations]
        for samples in groups.values()
    ]
    x, y = (axis.edges for axis in histograms.histograms[varied].axes[-2:])
    return PlaneBackground(
        tuple(groups),
        luminosity_inverse_fb * np.array([values for values, _ in parts]),
        luminosity_inverse_fb**2 * np.array([variances for _, variances in parts]),
        luminosity_inverse_fb * np.array(coarse),
        coverage(cells.x_edges, x),
        coverage(cells.y_edges, y),
    )


def effective_events(values: FloatArray, variances: FloatArray) -> float:
    """Return the number of equally weighted events of the same relative uncertainty; 0 for none.

    Example:
        >>> effective_events(np.array([1.0, 1.0]), np.array([0.5, 0.5]))
        4.0
    """
    total = float(variances.sum())
    return float(values.sum()) ** 2 / total if total > 0.0 else 0.0
