"""Efficiencies of one region against mass and lifetime, from simulated masses whose lifetimes are re-weighted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from darkreach.building.displaced_anchors import region_signals, simulated_rate
from darkreach.building.displaced_axes import check_lifetime_axes
from darkreach.building.displaced_rates import DisplacedRates
from darkreach.building.plane_contents import check_cells
from darkreach.building.rounding import FloatArray
from darkreach.building.templates import require_held
from darkreach.configuration.displaced_search import DisplacedRegion, DisplacedSearchConfig
from darkreach.errors import WorkspaceError
from darkreach.histograms.displaced_cells import PULL_BINS, PULL_RANGE
from darkreach.histograms.search_histograms import SearchHistograms


class WindowEfficiency(NamedTuple):
    """Of some range of pulls, each of shape (lifetimes, radius bins).

    Attributes:
        efficiency: decays selected there, of all decays into the final state of the region, wherever they are.
        error: statistical.
        effective_events: (sum w)^2 / sum w^2; 0 without events.
    """

    efficiency: FloatArray
    error: FloatArray
    effective_events: FloatArray

    @property
    def total_effective_events(self) -> FloatArray:
        """That of all bins of the radius together, shape (lifetimes,)."""
        total, variance = self.efficiency.sum(axis=1), np.sum(self.error**2, axis=1)
        return np.asarray(np.divide(total**2, variance, out=np.zeros_like(total), where=variance > 0.0))


@dataclass(frozen=True, eq=False)
class DisplacedEfficiencies:
    """Efficiencies of one region at its anchors.

    Attributes:
        region: its settings.
        masses: of the anchors, rising, GeV, shape (anchors,).
        values: efficiency in each bin, shape (anchors, lifetimes, radius bins, pulls).
        variances: their squared statistical errors, same shape.
    """

    region: DisplacedRegion
    masses: FloatArray
    values: FloatArray
    variances: FloatArray

    def serves(self, mass_gev: float) -> bool:
        """Return whether there is an anchor on the same side of all excluded masses."""
        return bool(self._beside(mass_gev).any())

    def weights(self, mass_gev: float) -> list[tuple[int, float]]:
        """Return the numbers of the anchors that a mass is interpolated from, with their weights.

        Linear between neighbours, the nearest one beyond the last; never across excluded masses.

        Raises:
            WorkspaceError: no anchor is on its side of the excluded masses.
        """
        numbers = np.flatnonzero(self._beside(mass_gev))
        if not len(numbers):
            raise WorkspaceError(
                "no signal was simulated on this side of the excluded masses",
                where=f"region {self.region.name}, mass {mass_gev:g} GeV",
                allowed=", ".join(f"{mass:g}" for mass in self.masses),
                next_step="add an anchor_mass there, or exclude these masses too",
            )
        masses = self.masses[numbers]
        above = int(np.searchsorted(masses, mass_gev))
        if above == 0 or above == len(masses):
            return [(int(numbers[min(above, len(masses) - 1)]), 1.0)]
        upper = float((mass_gev - masses[above - 1]) / (masses[above] - masses[above - 1]))
        pair = ((int(numbers[above - 1]), 1.0 - upper), (int(numbers[above]), upper))
        return [one for one in pair if one[1] > 0.0]

    def window(self, mass_gev: float, half_width: float) -> WindowEfficiency:
        """Return the efficiency of a window of +-half_width resolutions about a mass.

        Raises:
            WorkspaceError: no anchor is on its side of the excluded masses.
        """
        edges = np.linspace(-PULL_RANGE, PULL_RANGE, PULL_BINS + 1)
        overlap = np.minimum(edges[1:], half_width) - np.maximum(edges[:-1], -half_width)
        return self.counted(mass_gev, np.clip(overlap, 0.0, None) / np.diff(edges))

    def counted(self, mass_gev: float, shares: FloatArray) -> WindowEfficiency:
        """Return the efficiency of parts (pulls,) of the bins of pulls; the variance goes as the part.

        Raises:
            WorkspaceError: no anchor is on its side of the excluded masses.
        """
        weights = self.weights(mass_gev)
        efficiency = np.sum([weight * (self.values[i] @ shares) for i, weight in weights], axis=0)
        variance = np.sum([weight**2 * (self.variances[i] @ shares) for i, weight in weights], axis=0)
        effective = np.divide(efficiency**2, variance, out=np.zeros_like(efficiency), where=variance > 0.0)
        return WindowEfficiency(efficiency, np.sqrt(variance), effective)

    def spectrum(self, mass_gev: float, shares: FloatArray) -> FloatArray:
        """Return the efficiency of each of several parts (n, pulls), shape (lifetimes, radius bins, n).

        Raises:
            WorkspaceError: no anchor is on its side of the excluded masses.
        """
        parts = [weight * (self.values[i] @ shares.T) for i, weight in self.weights(mass_gev)]
        return np.asarray(np.sum(parts, axis=0))

    def _beside(self, mass_gev: float) -> NDArray[np.bool_]:
        ends = np.array([one.high for one in self.region.excluded])
        below = (self.masses[:, np.newaxis] > ends).sum(axis=1)
        return np.asarray(below == (mass_gev > ends).sum())


def read_displaced_efficiencies(
    histograms: SearchHistograms, config: DisplacedSearchConfig, region: DisplacedRegion, rates: DisplacedRates
) -> DisplacedEfficiencies:
    """Return the efficiencies of a region; anchors outside of its masses or inside excluded ones are not used.

    Raises:
        WorkspaceError: no such histogram or anchor, other bins, contents that are negative or not finite, a sample
            without mass or whose rate is not positive.
    """
    name = f"signal_lifetime/{region.name}"
    require_held("histogram", name, list(histograms.histograms), "histograms of the search")
    histogram = histograms.histograms[name]
    check_lifetime_axes(histogram, config, name)
    anchors = region_signals(histograms, region)
    known = list(histogram.axes["dataset"])
    view: NDArray[Any] = histogram.view(flow=False)
    values, variances = [], []
    for _, manifest in anchors:
        require_held("sample", manifest.sample, known, f"histogram {name}")
        content = view[known.index(manifest.sample)]
        produced = simulated_rate(rates, region, manifest)
        for part in (content["value"], content["variance"]):
            for cells in part:
                check_cells(cells, histograms, name, manifest.sample)
        values.append(content["value"] / produced)
        variances.append(content["variance"] / produced**2)
    return DisplacedEfficiencies(region, np.array([mass for mass, _ in anchors]), np.array(values), np.array(variances))
