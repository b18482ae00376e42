"""Which cells of a region a mass hypothesis counts in: its window, and the sidebands that tell its background."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from darkreach.building.rounding import FloatArray
from darkreach.configuration.displaced_search import PAIR_SPECIES, DisplacedWorkspaceSettings
from darkreach.configuration.quantities import Range
from darkreach.histograms.displaced_cells import PULL_BINS, PULL_RANGE, DisplacedCells

_TOUCHING = 1e-9


@dataclass(frozen=True, eq=False)
class MassWindow:
    """Cells (n,) of one hypothesis in one region; only those that can have entries.

    Attributes:
        window: about the mass.
        sideband: on both sides of it, as far as there are cells.
        tau: width of the sidebands over that of the window.
    """

    window: NDArray[np.bool_]
    sideband: NDArray[np.bool_]
    tau: float


@dataclass(frozen=True, eq=False)
class RegionWindows:
    """The windows of all masses of one region.

    Attributes:
        cells: mass axis of the region.
        settings: of the workspace.
    """

    cells: DisplacedCells
    settings: DisplacedWorkspaceSettings

    @cached_property
    def usable(self) -> NDArray[np.bool_]:
        """Which cells (n,) lie outside of all excluded and vetoed masses: the others lack entries by construction."""
        low, high = self.cells.edges[:-1], self.cells.edges[1:]
        used = np.ones(len(low), dtype=np.bool_)
        for one in left_out(self.cells):
            first, last = self.cells.expected([one.low, one.high])
            used &= (high <= first * (1.0 + _TOUCHING)) | (low >= last * (1.0 - _TOUCHING))
        return used

    @property
    def stretches(self) -> list[slice]:
        """Ranges of usable cells without a gap, rising."""
        steps = np.diff(np.concatenate([[0], self.usable.astype(np.int8), [0]]))
        starts, ends = np.flatnonzero(steps == 1), np.flatnonzero(steps == -1)
        return [slice(int(start), int(end)) for start, end in zip(starts, ends, strict=True)]

    def at(self, mass_gev: float) -> MassWindow | None:
        """Return the cells of a mass; None if it has no usable window or no sideband."""
        sideband = self.settings.sideband
        window = self.cells.window(mass_gev, 0.0, self.settings.window_half_width) & self.usable
        off = self.cells.window(mass_gev, sideband.inner, sideband.outer) & self.usable & ~window
        widths = np.diff(self.cells.edges)
        if not window.any() or not off.any():
            return None
        return MassWindow(window, off, float(widths[off].sum() / widths[window].sum()))

    def pull_shares(self, mass_gev: float, chosen: NDArray[np.bool_]) -> FloatArray:
        """Return which part of each bin of pulls lies in each of the chosen cells, shape (chosen cells, PULL_BINS)."""
        pulls = np.linspace(-PULL_RANGE, PULL_RANGE, PULL_BINS + 1)
        edges = (self.cells.edges - self.cells.expected(mass_gev)) / self.cells.resolution(mass_gev)
        low, high = edges[:-1][chosen, np.newaxis], edges[1:][chosen, np.newaxis]
        overlap = np.minimum(high, pulls[1:]) - np.maximum(low, pulls[:-1])
        return np.asarray(np.clip(overlap, 0.0, None) / np.diff(pulls))


def left_out(cells: DisplacedCells) -> tuple[Range, ...]:
    """Return the masses (GeV) that a region leaves out: those excluded, and vetoes under its own hypothesis."""
    species = PAIR_SPECIES[cells.region.pair]
    own = (veto.mass for veto in cells.region.vetoes if veto.first == species == veto.second)
    return (*cells.region.excluded, *own)
