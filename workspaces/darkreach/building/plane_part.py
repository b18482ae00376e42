"""What one region contributes to a hypothesis of a plane search."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from darkreach.building.plane_anchors import AnchorWeights
from darkreach.building.plane_cells import CellWindow
from darkreach.building.plane_overlap import Overlap
from darkreach.building.plane_points import PlanePoint
from darkreach.building.rounding import FloatArray


@dataclass(frozen=True, eq=False)
class RegionSignal:
    """Signal of one region in a hypothesis.

    Attributes:
        branching: probability of the decays of the region.
        produced: events with these decays at mu = 1.
        efficiencies: of the cells of the window, by variation, shape (variations,).
        weights: of the anchors that it is interpolated from.
    """

    branching: float
    produced: float
    efficiencies: FloatArray
    weights: AnchorWeights

    @property
    def events(self) -> float:
        """Nominal events in the window at mu = 1."""
        return self.produced * float(self.efficiencies[0])


@dataclass(frozen=True, eq=False)
class HypothesisCells:
    """Which cells a hypothesis uses, of every region the same.

    Attributes:
        point: its masses.
        window: cells of the ellipse or the square.
        overlap: of the window with the bins of pulls.
        sideband: cells of the larger ellipse that the sidebands are taken from; None without sidebands.
        sideband_overlap: of these.
    """

    point: PlanePoint
    window: CellWindow
    overlap: Overlap
    sideband: CellWindow | None = None
    sideband_overlap: Overlap | None = None


@dataclass(frozen=True, eq=False)
class RegionPart:
    """One region in a hypothesis, in the bins of its channel.

    Attributes:
        region: its name.
        samples: of each channel, by name, background first and signal last; the first channel is that of the region.
        observations: events of each channel.
        parameters: start and bounds of parameters of this region.
        signal: events at mu = 1, shape (bins,).
        background: events expected, shape (bins,).
        variances: their squared uncertainties.
        description: for the metadata, by name of the entry.
    """

    region: str
    samples: Mapping[str, Sequence[dict[str, Any]]]
    observations: Mapping[str, list[float]]
    signal: FloatArray
    background: FloatArray
    variances: FloatArray
    parameters: Sequence[dict[str, Any]] = ()
    description: Mapping[str, Any] = field(default_factory=dict)

    @property
    def information(self) -> float:
        """Sum over bins of s^2 / (b + variance of b), infinite where signal meets no background."""
        information = 0.0
        for signal, spread in zip(self.signal, self.background + self.variances, strict=True):
            if signal > 0.0:
                information += signal**2 / spread if spread > 0.0 else float("inf")
        return information
