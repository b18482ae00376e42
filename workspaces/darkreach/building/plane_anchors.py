"""The simulated signals of a plane: their points, what their regions' decays are worth, and what lies between them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import Delaunay, QhullError

from darkreach.building.rounding import FloatArray
from darkreach.configuration.plane_search import DecayMode, PlaneRegion, PlaneSearchConfig
from darkreach.errors import WorkspaceError
from darkreach.events.manifest import SampleManifest
from darkreach.histograms.search_histograms import SearchHistograms
from darkreach.searches.plane_histograms import is_signal_of

PlaneCrossSection = Callable[[float, float], float]
"""Born cross-section in fb at the reference coupling, of the masses of dark photon and dark Higgs boson in GeV."""

PlaneBranching = Callable[[PlaneRegion, float], float]
"""Probability of the decays of a region, of the mass of the dark photon in GeV."""

AnchorWeights = list[tuple[int, float]]
"""Numbers of the anchors that a point is interpolated from, each with its weight."""

MASSES: Final = ("dark_photon_mass_gev", "dark_higgs_mass_gev")
_COUPLINGS: Final = ("kinetic_mixing", "dark_coupling")
_BRANCHING: Final = "branching_"
_ANYTHING: Final = "anything"


@dataclass(frozen=True, eq=False)
class PlaneAnchors:
    """Points of the plane with simulated signals, and how others are made of them.

    Attributes:
        samples: their names.
        masses: shape (n, 2), GeV.
    """

    samples: tuple[str, ...]
    masses: FloatArray

    def weights(self, masses: tuple[float, float]) -> AnchorWeights:
        """Return the numbers of the anchors that a point is interpolated from, each with its weight.

        Linear over the triangles (Delaunay, masses in units of their spread) between the anchors; outside of them
        that of the nearest point on their boundary.

        Example:
            >>> anchors = PlaneAnchors(("a", "b", "c"), np.array([[1.0, 1.0], [3.0, 1.0], [1.0, 5.0]]))
            >>> anchors.weights((1.5, 2.0))
            [(0, 0.5), (1, 0.25), (2, 0.25)]
            >>> anchors.weights((2.0, 0.5))
            [(0, 0.5), (1, 0.5)]
        """
        place = np.asarray(masses) / self._spread
        triangle = int(self._triangles.find_simplex(place))
        if triangle < 0:
            numbers, weights = self._on_boundary(place)
        else:
            transform = self._triangles.transform[triangle]
            two = transform[:2] @ (place - transform[2])
            numbers, weights = self._triangles.simplices[triangle], np.append(two, 1.0 - two.sum())
        weights = np.clip(weights, 0.0, None) / np.clip(weights, 0.0, None).sum()
        return sorted((int(i), float(weight.round(12))) for i, weight in zip(numbers, weights, strict=True) if weight)

    def _on_boundary(self, place: FloatArray) -> tuple[NDArray[np.int32], FloatArray]:
        edges = self._triangles.convex_hull
        starts, ends = (self.masses[edges[:, i]] / self._spread for i in (0, 1))
        along = ends - starts
        part = np.clip(np.sum((place - starts) * along, axis=1) / np.sum(along**2, axis=1), 0.0, 1.0)
        nearest = int(np.argmin(np.sum((starts + part[:, np.newaxis] * along - place) ** 2, axis=1)))
        return edges[nearest], np.array([1.0 - part[nearest], part[nearest]])

    @property
    def _spread(self) -> FloatArray:
        spread = np.ptp(self.masses, axis=0)
        return np.where(spread > 0.0, spread, 1.0)

    @cached_property
    def _triangles(self) -> Delaunay:
        try:
            return Delaunay(self.masses / self._spread)
        except (QhullError, ValueError) as error:
            raise WorkspaceError(
                "the simulated signals do not span a part of the plane",
                where=", ".join(self.samples),
                allowed="three points or more that are not on one line",
                given=f"{len(self.samples)} points",
                next_step="simulate and process signals at more points",
            ) from error


def region_anchors(
    histograms: SearchHistograms, config: PlaneSearchConfig, region: PlaneRegion, cross_section_fb: PlaneCrossSection
) -> tuple[PlaneAnchors, FloatArray]:
    """Return the anchors of a region, and what the sums of their weights (fb) are divided by to get efficiencies.

    That is the Born cross-section times the probability of the decays of the region, shape (anchors,). Anchors without
    such decays take no part.

    Raises:
        WorkspaceError: no sample has the decays of the region, one lacks a parameter, was simulated at another than
            the reference coupling, or has no positive cross-section.
    """
    found = [m for m in histograms.samples.values() if m.kind == "signal" and is_signal_of(region, m.sample)]
    usable, normalisations = [], []
    for manifest in sorted(found, key=lambda one: (*(_number(one, name) for name in MASSES), one.sample)):
        probability = decay_probability(region.decays, manifest.parameters)
        _check_coupling(manifest, config)
        if probability > 0.0:
            cross_section = cross_section_fb(*(_number(manifest, name) for name in MASSES))
            _check_cross_section(cross_section, manifest)
            usable.append(manifest)
            normalisations.append(cross_section * probability)
    if not usable:
        raise WorkspaceError(
            "no signal sample has the decays of a region",
            where=f"region {region.name}",
            allowed=f"samples signal_{region.signal}_*, with {' '.join(region.decays)}",
            given=", ".join(manifest.sample for manifest in found) or "none",
            next_step="process signals of this label, or name another one in the region",
        )
    masses = np.array([[_number(manifest, name) for name in MASSES] for manifest in usable])
    return PlaneAnchors(tuple(manifest.sample for manifest in usable), masses), np.array(normalisations)


def decay_probability(decays: tuple[DecayMode, ...], parameters: Mapping[str, float]) -> float:
    """Return the probability that as many dark photons as a region names decay as it says, in any order.

    Args:
        decays: of the region; ``anything`` is a dark photon left undecayed.
        parameters: of a signal sample, with ``branching_electrons`` and so on; what is left of one stays undecayed.

    Example:
        >>> shares = {"branching_electrons": 0.5, "branching_muons": 0.3, "branching_pions": 0.1}
        >>> round(decay_probability(("electrons", "muons", "pions"), shares), 12)  # 6 x 0.5 x 0.3 x 0.1
        0.09
        >>> round(decay_probability(("muons", "muons", "anything"), shares), 12)  # 3 x 0.3^2 x 0.1
        0.027
    """
    shares = {name.removeprefix(_BRANCHING): share for name, share in parameters.items() if name.startswith(_BRANCHING)}
    # thirds that are written with nine digits leave nothing worth a decay
    rest = 1.0 - sum(shares.values())
    shares[_ANYTHING] = rest if rest > 1e-6 else 0.0
    probability = float(math.factorial(len(decays)))
    for mode, number in Counter(decays).items():
        probability *= shares.get(mode, 0.0) ** number / math.factorial(number)
    return probability


def _number(manifest: SampleManifest, name: str) -> float:
    if name not in manifest.parameters:
        raise WorkspaceError(
            f"a signal sample has no parameter '{name}'",
            where=f"manifest of {manifest.sample}",
            allowed=", ".join(manifest.parameters),
            given=name,
            next_step="simulate the signals with the configuration of this search",
        )
    return float(manifest.parameters[name])


def _check_coupling(manifest: SampleManifest, config: PlaneSearchConfig) -> None:
    mixing, dark = (_number(manifest, name) for name in _COUPLINGS)
    reference = config.simulation.reference_coupling.value
    if not math.isclose(mixing**2 * dark, reference, rel_tol=1e-6):
        raise WorkspaceError(
            "a signal was simulated at another coupling than that of the configuration",
            where=f"manifest of {manifest.sample}: kinetic_mixing^2 x dark_coupling",
            allowed=f"{reference:g}",
            given=f"{mixing**2 * dark:g}",
            next_step="simulate it again, or build with the configuration it was simulated with",
        )


def _check_cross_section(value: float, manifest: SampleManifest) -> None:
    if not 0.0 < value < math.inf:
        raise WorkspaceError(
            "a simulated signal has no cross-section",
            where=f"cross-section at the masses of {manifest.sample}",
            allowed="above 0 fb",
            given=f"{value} fb",
            next_step="check the energy of the collisions and the masses of the signals",
        )
