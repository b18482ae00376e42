"""The signal of a region at any mass, from the simulated anchor masses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from scipy.interpolate import PchipInterpolator

from darkreach.building.rounding import FloatArray
from darkreach.building.signal_shape import SignalShape, interpolate_quantiles, part_sizes, shape_from_bins
from darkreach.building.templates import read_template
from darkreach.configuration import RegionSettings
from darkreach.errors import WorkspaceError
from darkreach.events.manifest import SampleManifest
from darkreach.histograms.search_histograms import NOMINAL, SearchHistograms

CrossSection = Callable[[float], float]


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

    def shape(self, mass: float, variation: str) -> SignalShape:
        """Return the shape at a mass in GeV.

        Quantiles are interpolated between the neighbouring anchors, the sizes of the parts as the efficiency.

        Raises:
            WorkspaceError: the mass is outside the anchors.
        """
        self._check_inside(mass)
        shapes = self.shapes[variation]
        upper = max(1, int(np.searchsorted(self.masses, mass)))
        low, high = self.masses[upper - 1], self.masses[upper]
        fraction = float((mass - low) / (high - low))
        return interpolate_quantiles(
            shapes[upper - 1], shapes[upper], fraction, self._part_efficiencies(mass, variation)
        )

    def efficiency(self, mass: float, variation: str) -> float:
        """Return the efficiency at a mass in GeV: monotone cubic (PCHIP) interpolation of the anchors, part by part.

        Raises:
            WorkspaceError: the mass is outside the anchors.
        """
        self._check_inside(mass)
        return float(self._part_efficiencies(mass, variation).sum())

    def _part_efficiencies(self, mass: float, variation: str) -> FloatArray:
        return np.asarray(PchipInterpolator(self.masses, self.efficiencies[variation])(mass), dtype=np.float64)

    def _check_inside(self, mass: float) -> None:
        if not self.masses[0] <= mass <= self.masses[-1]:
            raise WorkspaceError(
                f"the simulated signals do not reach a mass of {mass:g} GeV",
                where=f"region {self.region}",
                allowed=f"{self.masses[0]:g} to {self.masses[-1]:g} GeV",
                given=f"{mass:g}",
                next_step="simulate an anchor mass beyond it; nothing is extrapolated",
            )


def read_signal_morphing(histograms: SearchHistograms, region: RegionSettings) -> SignalMorphing:
    """Read the anchors that serve a region: those in its mass range and the nearest one beyond each end if needed.

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
    for variation in variations:
        read = [read_template(histograms, name, manifest.sample, variation) for manifest in anchors.values()]
        shapes[variation] = tuple(
            shape_from_bins(template.edges, template.values, f"histogram {name}, sample {manifest.sample}, {variation}")
            for template, manifest in zip(read, anchors.values(), strict=True)
        )
        selected = [
            template.values.sum() / _cross_section(m) for template, m in zip(read, anchors.values(), strict=True)
        ]
        sizes = [part_sizes(shape) for shape in shapes[variation]]
        efficiencies[variation] = np.array(selected)[:, np.newaxis] * np.array(sizes)
    return SignalMorphing(region.name, np.array(list(anchors)), shapes, efficiencies)


def signal_manifests(histograms: SearchHistograms) -> dict[float, SampleManifest]:
    """Return the manifests of the simulated signals by mass in GeV, rising.

    Raises:
        WorkspaceError: two samples of one mass, or signals of different couplings.
    """
    found = [manifest for manifest in histograms.samples.values() if manifest.kind == "signal"]
    by_mass = {manifest.parameters["mass_gev"]: manifest for manifest in found}
    couplings = sorted({manifest.parameters["coupling"] for manifest in found})
    if len(by_mass) != len(found) or len(couplings) > 1:
        raise WorkspaceError(
            "the signal samples must differ in mass and share one coupling",
            where="manifests of the signals",
            given=", ".join(f"{m.sample}: {dict(m.parameters)}" for m in found),
            next_step="process one signal sample a mass",
        )
    return {mass: by_mass[mass] for mass in sorted(by_mass)}


def anchor_cross_section(histograms: SearchHistograms, sqrt_s: float) -> CrossSection:
    """Return the cross-section in fb as a function of the mass in GeV, from the manifests of the anchors.

    log sigma is interpolated monotonically (PCHIP) in log(1 - m^2/s), the logarithm of the momentum in the final
    state: every power law of that momentum is met exactly, also close to threshold where sigma falls steeply. No more
    than that is assumed of the model; where its formula is known, give it instead.

    Args:
        histograms: with the manifests of the signals.
        sqrt_s: centre-of-mass energy in GeV.

    Raises:
        WorkspaceError: a signal without positive cross-section, or at or beyond the threshold.
    """
    anchors = signal_manifests(histograms)
    if max(anchors, default=0.0) >= sqrt_s:
        raise WorkspaceError("a signal mass exceeds the collision energy", where="manifests of the signals",
                             allowed=f"below {sqrt_s:g} GeV", given=f"{max(anchors):g} GeV")  # fmt: skip
    fall = -np.log1p(-np.square(list(anchors)) / sqrt_s**2)
    logarithm = PchipInterpolator(fall, np.log([_cross_section(m) for m in anchors.values()]))

    def cross_section_fb(mass: float) -> float:
        return float(np.exp(logarithm(-np.log1p(-((mass / sqrt_s) ** 2)))))

    return cross_section_fb


def _serving(anchors: Mapping[float, SampleManifest], low: float, high: float) -> dict[float, SampleManifest]:
    first = max((mass for mass in anchors if mass <= low), default=low)
    last = min((mass for mass in anchors if mass >= high), default=high)
    return {mass: manifest for mass, manifest in anchors.items() if first <= mass <= last}


def _cross_section(manifest: SampleManifest) -> float:
    value = manifest.cross_section_fb
    if value is None or not value > 0.0:
        raise WorkspaceError(
            "a signal sample has no positive cross-section", where=f"manifest of {manifest.sample}", given=str(value)
        )
    return value
