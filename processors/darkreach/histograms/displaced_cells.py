"""The mass axis of a region of a search for displaced vertices: cells, expectation, resolution, and the hypotheses."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Final

import hist
import numpy as np
from numpy.typing import ArrayLike, NDArray

from darkreach.configuration.displaced_search import (
    PAIR_SPECIES,
    DisplacedRegion,
    DisplacedSearchConfig,
    MassObservable,
    Species,
)
from darkreach.kinematics import CHARGED_KAON_MASS, CHARGED_PION_MASS, ELECTRON_MASS, MUON_MASS, PROTON_MASS

Floats = NDArray[np.float64]

MASSES: Final[dict[Species, float]] = {
    "electron": ELECTRON_MASS,
    "muon": MUON_MASS,
    "pion": CHARGED_PION_MASS,
    "kaon": CHARGED_KAON_MASS,
    "proton": PROTON_MASS,
}
"""Of the tracks, GeV."""

MARGIN_RESOLUTIONS: Final = 30.0
"""The cells reach beyond the masses of the hypotheses, for sidebands."""

PULL_RANGE: Final = 25.0
PULL_BINS: Final = 200

_INTEGRATION_POINTS: Final = 20001


class DisplacedCells:
    """Mass axis of one region.

    Attributes:
        region: its settings.
        threshold: twice the mass of a track, GeV.
    """

    def __init__(self, region: DisplacedRegion, mass: MassObservable) -> None:
        """Keep the settings; everything else is computed when it is asked for."""
        self.region = region
        self.threshold = 2.0 * MASSES[PAIR_SPECIES[region.pair]]
        self._mass = mass

    def expected(self, mass_gev: ArrayLike) -> Floats:
        """Return the observable (...) of pairs of a mass (...), GeV; 0 below the threshold of the reduced mass."""
        mass = np.asarray(mass_gev, dtype=np.float64)
        if self._mass.observable == "pair_mass":
            return mass
        return np.asarray(np.sqrt(np.maximum((mass - self.threshold) * (mass + self.threshold), 0.0)))

    def mass_of(self, observable: ArrayLike) -> Floats:
        """Return the mass (...) of pairs with an observable (...), GeV."""
        value = np.asarray(observable, dtype=np.float64)
        return value if self._mass.observable == "pair_mass" else np.hypot(value, self.threshold)

    def resolution(self, mass_gev: ArrayLike) -> Floats:
        """Return the resolution of the observable (...) at masses (...), GeV; constant outside of the knots."""
        masses, widths = np.array(self.region.resolution.knots).T
        return np.asarray(np.interp(np.asarray(mass_gev, dtype=np.float64), masses, widths))

    @cached_property
    def edges(self) -> Floats:
        """Edges (n + 1,) of the cells in the observable, GeV: of equal width in resolutions."""
        ends = [self.region.mass.low, self.region.mass.high]
        margin = MARGIN_RESOLUTIONS * self.resolution(ends)
        low, high = np.maximum(self.expected(ends) + margin * np.array([-1.0, 1.0]), 0.0)
        if self._mass.observable == "pair_mass":
            low = max(low, self.threshold)
        values = np.linspace(low, high, _INTEGRATION_POINTS)
        density = self._mass.cells_per_resolution / self.resolution(self.mass_of(values))
        reached = np.concatenate([[0.0], np.cumsum(0.5 * (density[1:] + density[:-1]) * np.diff(values))])
        cells = max(1, int(np.ceil(reached[-1] - 1e-6)))
        edges: Floats = np.interp(np.linspace(0.0, reached[-1], cells + 1), reached, values)
        edges[0], edges[-1] = low, high
        return edges

    @property
    def axis(self) -> hist.axis.Variable:
        """The axis of histograms."""
        return hist.axis.Variable(self.edges, name="mass", label=f"${self._mass.label.strip('$')}$ [GeV]")

    def window(self, mass_gev: float, inner: float, outer: float) -> NDArray[np.bool_]:
        """Return which cells (n,) have their centres between two distances from a mass, in resolutions.

        Without any, cells being larger than the window, it is the cell that the mass is in.

        Args:
            mass_gev: of the hypothesis.
            inner: 0 for a window about the mass; above it cells on both sides.
            outer: farther end.
        """
        centres = 0.5 * (self.edges[1:] + self.edges[:-1])
        value = float(self.expected(mass_gev))
        distance = np.abs(centres - value) / float(self.resolution(mass_gev))
        found = (distance >= inner) & (distance < outer)
        if inner == 0.0 and not found.any():
            found[np.clip(np.searchsorted(self.edges, value, "right") - 1, 0, len(found) - 1)] = True
        return np.asarray(found)

    def covers(self, mass_gev: float) -> bool:
        """Return whether the region takes part in hypotheses of a mass."""
        inside = self.region.mass.low <= mass_gev <= self.region.mass.high
        return inside and not any(one.low <= mass_gev <= one.high for one in self.region.excluded)


def region_cells(config: DisplacedSearchConfig) -> dict[str, DisplacedCells]:
    """Return the mass axes of all regions by name."""
    return {region.name: DisplacedCells(region, config.mass) for region in config.regions}


def hypothesis_masses(config: DisplacedSearchConfig) -> Floats:
    """Return the masses (n,) of all hypotheses, GeV, rising, in steps of the best resolution of the regions."""
    cells = region_cells(config).values()
    mass = min(region.mass.low for region in config.regions)
    end = max(region.mass.high for region in config.regions)
    masses = []
    while mass <= end:
        used = [one for one in cells if one.region.mass.low <= mass <= one.region.mass.high]
        if any(one.covers(mass) for one in used):
            masses.append(mass)
        # where a region begins there is always a hypothesis
        starts = [region.mass.low for region in config.regions if region.mass.low > mass]
        mass = min([_next(mass, used, config.mass.step_resolutions), *starts])
    return np.array(masses).round(5)


def _next(mass: float, used: Sequence[DisplacedCells], step: float) -> float:
    ways = [float(one.mass_of(one.expected(mass) + step * one.resolution(mass))) for one in used]
    return min(ways, default=np.inf)
