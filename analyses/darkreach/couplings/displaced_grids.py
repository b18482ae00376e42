"""The efficiency grids that a search for displaced vertices publishes, from the histograms of its signals."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from darkreach.building.displaced_efficiencies import DisplacedEfficiencies, read_displaced_efficiencies
from darkreach.building.displaced_rates import DisplacedRates
from darkreach.configuration.displaced_search import DisplacedRegion, DisplacedSearchConfig
from darkreach.couplings.efficiency_grid import EfficiencyGrid
from darkreach.histograms import SearchHistograms

Array = NDArray[np.float64]
Stretch = tuple[float, float]


def displaced_efficiency_grids(
    histograms: SearchHistograms, config: DisplacedSearchConfig, rates: DisplacedRates
) -> list[EfficiencyGrid]:
    """Return the efficiency of each region in its window of the mass, all bins of the radius together.

    The masses are those that were simulated, the ends of the region, and the ends of what it leaves out, where the
    nearest simulated mass on the same side stands in: the grid is what limits are computed with, at all masses.

    Args:
        histograms: of the search.
        config: of the search.
        rates: of its signals.

    Raises:
        WorkspaceError: as ``read_displaced_efficiencies``.
    """
    return [_grid(read_displaced_efficiencies(histograms, config, region, rates), config) for region in config.regions]


def _grid(efficiencies: DisplacedEfficiencies, config: DisplacedSearchConfig) -> EfficiencyGrid:
    region = efficiencies.region
    served = [one for one in _stretches(region) if efficiencies.serves(0.5 * (one[0] + one[1]))]
    masses, cells = [], []
    for start, end in served:
        inside = efficiencies.masses[(efficiencies.masses > start) & (efficiencies.masses < end)]
        for mass in (start, *inside.tolist(), end):
            # the end of what is left out stands for the masses beyond it
            window = efficiencies.window(max(mass, math.nextafter(start, math.inf)), config.workspace.window_half_width)
            masses.append(mass)
            cells.append(_summed(window.efficiency, window.error))
    efficiency, error, events = np.array(cells).transpose(1, 0, 2)
    gaps = tuple((before[1], after[0]) for before, after in pairwise(served))
    return EfficiencyGrid(
        region.name,
        np.array(masses),
        np.array(config.lifetimes_cm),
        # weights that fluctuate may sum to more than all decays
        np.minimum(efficiency, 1.0),
        error,
        events,
        gaps,
    )


def _stretches(region: DisplacedRegion) -> list[Stretch]:
    """Return the ranges of mass between those that are left out, GeV."""
    stretches, start = [], region.mass.low
    for one in sorted(region.excluded, key=lambda left_out: left_out.low):
        stretches.append((start, min(one.low, region.mass.high)))
        start = max(start, one.high)
    stretches.append((start, region.mass.high))
    return [(low, high) for low, high in stretches if low < high]


def _summed(efficiency: Array, error: Array) -> tuple[Array, Array, Array]:
    """Return efficiency, error and effective events (lifetimes,) of all bins of the radius together."""
    total, variance = efficiency.sum(axis=1), (error**2).sum(axis=1)
    events = np.divide(total**2, variance, out=np.zeros_like(total), where=variance > 0.0)
    return total, np.sqrt(variance), events
