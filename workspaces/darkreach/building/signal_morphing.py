"""The signal of a region at any mass, from the simulated anchor masses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from scipy.interpolate import PchipInterpolator

from darkreach.building.rounding import FloatArray
from darkreach.building.shape_interpolation import ShapePair
from darkreach.building.signal_anchors import produced_cross_section, signal_manifests
from darkreach.building.signal_shape import SignalShape, part_sizes, shape_from_bins
from darkreach.building.templates import read_template
from darkreach.configuration import RegionSettings
from darkreach.errors import WorkspaceError
from darkreach.events.manifest import SampleManifest
from darkreach.histograms.search_histograms import NOMINAL, SearchHistograms


@dataclass(frozen=True)
class SignalMorphing:
    """Shape and efficiency of the signal of one region as functions of the mass, for every variation.

    ``efficiency`` is what the likelihood needs: selected histogram entries inside the pull range over produced
    events. Where one event enters with several photon pairs, it counts the wrong pairs near the peak too.

    Attributes:
        region: name of the region.
        masses: anchor masses in GeV, rising, shape (anchors,).
        shapes: shapes at the anchors, by variation.
        efficiencies: efficiencies at the anchors, by variation and part of the shape, shape (anchors, parts).
    """

    region: str
    masses: FloatArray
    shapes: Mapping[str, tuple[SignalShape, ...]]
    efficiencies: Mapping[str, FloatArray]
    _curves: dict[str, PchipInterpolator] = field(default_factory=dict, init=False, repr=False, compare=False)
    # the pair of anchors last used, by variation: scans go through the masses in order
    _pairs: dict[str, tuple[int, ShapePair]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def shape(self, mass: float, variation: str) -> SignalShape:
        """Return the shape at a mass in GeV.

        Quantiles are interpolated between the neighbouring anchors, the sizes of the parts as the efficiency.

        Raises:
            WorkspaceError: the mass is outside the anchors.
        """
        self._check_inside(mass)
        upper = max(1, int(np.searchsorted(self.masses, mass)))
        low, high = self.masses[upper - 1], self.masses[upper]
        fraction = float((mass - low) / (high - low))
        return self._pair(variation, upper).at(fraction, self._part_efficiencies(mass, variation))

    def efficiency(self, mass: float, variation: str) -> float:
        """Return the efficiency at a mass in GeV: monotone cubic (PCHIP) interpolation of the anchors, part by part.

        Raises:
            WorkspaceError: the mass is outside the anchors.
        """
        self._check_inside(mass)
        return float(self._part_efficiencies(mass, variation).sum())

    def _pair(self, variation: str, upper: int) -> ShapePair:
        if self._pairs.get(variation, (0,))[0] != upper:
            shapes = self.shapes[variation]
            self._pairs[variation] = upper, ShapePair.of(shapes[upper - 1], shapes[upper])
        return self._pairs[variation][1]

    def _part_efficiencies(self, mass: float, variation: str) -> FloatArray:
        if variation not in self._curves:
            self._curves[variation] = PchipInterpolator(self.masses, self.efficiencies[variation])
        # rounding takes a monotone curve from zero slightly below it
        return np.maximum(np.asarray(self._curves[variation](mass), dtype=np.float64), 0.0)

    def _check_inside(self, mass: float) -> None:
        if not self.masses[0] <= mass <= self.masses[-1]:
            raise WorkspaceError(
                f"the simulated signals do not reach a mass of {mass:g} GeV",
                where=f"region {self.region}",
                allowed=f"{self.masses[0]:g} to {self.masses[-1]:g} GeV",
                given=f"{mass:g}",
                next_step="simulate an anchor mass beyond it; nothing is extrapolated",
            )


def read_signal_morphing(
    histograms: SearchHistograms, region: RegionSettings, *, others: bool = False
) -> SignalMorphing:
    """Read the anchors that serve a region: those in its mass range and the nearest one beyond each end if needed.

    Args:
        histograms: of the search.
        region: which.
        others: other regions act together with this one. Then some of its anchors may be empty: their efficiency is
            zero, and the shape of the nearest anchor stands in for theirs.

    Raises:
        WorkspaceError: fewer than two anchors, an empty anchor, or missing, negative or non-finite bins.
    """
    anchors = _serving(signal_manifests(histograms), *region.mass_range)
    if len(anchors) < 2:
        raise WorkspaceError(
            "at least two signal samples must serve a region",
            where=f"region {region.name}",
            given=", ".join(manifest.sample for manifest in anchors.values()) or "none",
            next_step="simulate signals at both ends of its mass range",
        )
    name = f"signal_shape/{region.name}"
    shapes: dict[str, tuple[SignalShape, ...]] = {}
    efficiencies: dict[str, FloatArray] = {}
    variations = histograms.histograms[name].axes["variation"] if name in histograms.histograms else (NOMINAL,)
    cross_sections = np.array([produced_cross_section(manifest) for manifest in anchors.values()])
    for variation in variations:
        read = [read_template(histograms, name, manifest.sample, variation) for manifest in anchors.values()]
        totals = np.array([template.values.sum() for template in read])
        sources = _shape_sources(np.array(list(anchors)), totals) if others else range(len(read))
        samples = [f"histogram {name}, sample {manifest.sample}, {variation}" for manifest in anchors.values()]
        known = {i: shape_from_bins(read[i].edges, read[i].values, samples[i]) for i in sorted(set(sources))}
        shapes[variation] = tuple(known[index] for index in sources)
        sizes = [part_sizes(shape) for shape in shapes[variation]]
        efficiencies[variation] = (totals / cross_sections)[:, np.newaxis] * np.array(sizes)
    return SignalMorphing(region.name, np.array(list(anchors)), shapes, efficiencies)


def _shape_sources(masses: FloatArray, totals: FloatArray) -> list[int]:
    """Return for each anchor the one whose shape it takes: its own, or that of the nearest one with events."""
    filled = np.flatnonzero(totals > 0.0)
    if not len(filled):
        return [0] * len(masses)
    return [int(filled[np.argmin(np.abs(masses[filled] - mass))]) for mass in masses]


def _serving(anchors: Mapping[float, SampleManifest], low: float, high: float) -> dict[float, SampleManifest]:
    first = max((mass for mass in anchors if mass <= low), default=low)
    last = min((mass for mass in anchors if mass >= high), default=high)
    return {mass: manifest for mass, manifest in anchors.items() if first <= mass <= last}
