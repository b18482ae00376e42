"""The signal of a region anywhere in the plane: efficiencies of cells about a hypothesis, by variation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from darkreach.building.plane_anchors import AnchorWeights, PlaneAnchors, PlaneCrossSection, region_anchors
from darkreach.building.plane_cells import CellWindow, PlaneCells
from darkreach.building.plane_contents import summed_contents
from darkreach.building.plane_overlap import Overlap, rectangle_contents, window_overlap
from darkreach.building.plane_points import PlanePoint
from darkreach.building.rounding import FloatArray
from darkreach.configuration.plane_search import PlaneRegion, PlaneSearchConfig
from darkreach.histograms.search_histograms import NOMINAL, SearchHistograms


@dataclass(frozen=True, eq=False)
class PlaneSignal:
    """Signal of one region, or of its sideband, at the anchors.

    Attributes:
        anchors: their points.
        variations: by name, nominal first.
        efficiencies: selected over produced events in bins of pulls, shape (anchors, variations, u, v);
            produced are those of the Born cross-section with the decays of the region. The second pull is what is left
            of y once x is known.
    """

    anchors: PlaneAnchors
    variations: tuple[str, ...]
    efficiencies: FloatArray

    def window(self, overlap: Overlap, weights: AnchorWeights) -> FloatArray:
        """Return the efficiency of a window, by variation, shape (variations,).

        Args:
            overlap: of the window with the bins of pulls.
            weights: of the anchors, for the hypothesis.
        """
        reached, parts = overlap
        total = np.zeros(len(self.variations))
        for number, weight in weights:
            total += weight * np.einsum("vij,ij->v", self.efficiencies[number, :, reached], parts)
        return total

    def overlap(self, cells: PlaneCells, point: PlanePoint, window: CellWindow) -> Overlap:
        """Return how the cells of a window overlap with the bins of pulls of a signal at a point."""
        return window_overlap(window, *cells.pull_edges(point, window), point.correlation)

    def box(self, cells: PlaneCells, point: PlanePoint, window: CellWindow) -> FloatArray:
        """Return the nominal efficiency of every cell of the box of a window, shape (box x, box y)."""
        pulls = self._interpolated(point)[0]
        return rectangle_contents(pulls, *cells.pull_edges(point, window), point.correlation)

    def rectangles(self, point: PlanePoint, x_pulls: FloatArray, y_pulls: FloatArray) -> FloatArray:
        """Return the efficiency of all rectangles between edges (n + 1,) and (m + 1,), in resolutions about a point.

        Returns:
            Shape (variations, n, m).
        """
        return rectangle_contents(self._interpolated(point), x_pulls, y_pulls, point.correlation)

    def _interpolated(self, point: PlanePoint) -> FloatArray:
        parts = [weight * self.efficiencies[number] for number, weight in self.anchors.weights(point.masses)]
        return np.asarray(sum(parts))


def read_plane_signal(
    histograms: SearchHistograms,
    config: PlaneSearchConfig,
    region: PlaneRegion,
    cross_section_fb: PlaneCrossSection,
    stems: Sequence[str],
    *,
    sideband: bool = False,
) -> PlaneSignal:
    """Read the signals of a region at all anchors, and make efficiencies of them.

    Args:
        histograms: of the search.
        config: of the search.
        region: which.
        cross_section_fb: Born, at the reference coupling, of both masses in GeV.
        stems: variations to read, without ``_up`` and ``_down``.
        sideband: of the region instead.

    Raises:
        WorkspaceError: samples are missing or were simulated otherwise, or bins are negative or not finite.
    """
    anchors, normalisations = region_anchors(histograms, config, region, cross_section_fb)
    variations = (NOMINAL, *(f"{stem}_{way}" for stem in stems for way in ("up", "down")))
    name = f"{'signal_sideband' if sideband else 'signal_plane'}/{region.name}"
    efficiencies = np.array([
        [summed_contents(histograms, name, (sample,), variation)[0] / normalisation for variation in variations]
        for sample, normalisation in zip(anchors.samples, normalisations, strict=True)
    ])  # fmt: skip
    return PlaneSignal(anchors, variations, efficiencies)
