"""Which regions of a plane search serve a hypothesis, the areas they can have events in, and their sidebands."""

from __future__ import annotations

import numpy as np

from darkreach.building.plane_cells import CellWindow, PlaneCells, coverage
from darkreach.building.plane_points import PlanePoint
from darkreach.building.rounding import FloatArray
from darkreach.configuration.plane_search import PlaneRegion, SidebandSettings


def takes_part(region: PlaneRegion, cells: PlaneCells, point: PlanePoint, window: CellWindow) -> bool:
    """Return whether a region takes part in a hypothesis.

    It does if the mass of the dark photon is in its range and no cell of the window reaches into what it vetoes.
    """
    if not region.dark_photon_mass.low <= point.masses[0] <= region.dark_photon_mass.high:
        return False
    low, high = cells.x_edges[window.x.start], cells.x_edges[window.x.stop]
    return not any(start < high and low < end for start, end in _vetoed(region, cells))


def kept_parts(region: PlaneRegion, cells: PlaneCells) -> FloatArray:
    """Return the part (nx,) of the cells in x that a region does not veto."""
    kept = np.ones(cells.shape[0])
    for veto in _vetoed(region, cells):
        kept -= coverage(np.array(veto), cells.x_edges)[0]
    return np.clip(kept, 0.0, 1.0)


def usable_areas(region: PlaneRegion, cells: PlaneCells) -> FloatArray:
    """Return the areas (nx, ny) of the cells in which a region can have background: allowed and not vetoed."""
    return cells.allowed_areas * kept_parts(region, cells)[:, np.newaxis]


def window_area(areas: FloatArray, cells: PlaneCells, window: CellWindow) -> float:
    """Return what a window has of usable areas (nx, ny); if that is nothing, all of its area."""
    usable = float(window.sums(areas))
    return usable if usable > 0.0 else float(window.sums(cells.areas))


def sideband_ratio(region: PlaneRegion, sideband: SidebandSettings) -> float:
    """Return the events of a sideband for one in its region, in an equal part of the plane."""
    return sideband.ratio.value if region.sideband_ratio is None else region.sideband_ratio


def _vetoed(region: PlaneRegion, cells: PlaneCells) -> list[tuple[float, float]]:
    """Return the vetoed ranges, masses in GeV, in the unit of x."""
    power = cells.grid.settings.x.power
    return [(one.low**power, one.high**power) for one in region.vetoed_mass]
