"""The candidates of one region: pairs that pass its cuts, alone or as part of a B meson, and the best of each event."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from darkreach.configuration import DetectorConfig
from darkreach.configuration.displaced_search import (
    PAIR_SPECIES,
    BCandidate,
    DisplacedRegion,
    DisplacedSearchConfig,
    Kaon,
)
from darkreach.kinematics import boost
from darkreach.searches.displaced_b_mesons import b_mesons
from darkreach.searches.displaced_identification import TrackIdentification
from darkreach.searches.displaced_kaons import KaonSystems, largest_energy_difference
from darkreach.searches.displaced_vertices import DisplacedVertices

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class RegionCandidates:
    """Pairs of a region, each as often as there are kaon systems for it.

    Attributes:
        event: (k,) index in the chunk, rising.
        radius: (k,) of the vertex, cm.
        mass: (k,) of the pair under the hypothesis of the region, GeV.
        factor: (k,) share that counts, by the identification of all its tracks.
        rank: (k,) the smallest of an event is its best candidate.
        passing: (k,) all cuts.
        constrained_mass: (k,) M_bc, GeV; None without B mesons.
        energy_difference: (k,) Delta E, GeV; None without B mesons.
        all_but_mass: (k,) all cuts but that on M_bc.
        all_but_energy: (k,) all cuts but that on Delta E.
    """

    event: Indices
    radius: Floats
    mass: Floats
    factor: Floats
    rank: Floats
    passing: Mask
    constrained_mass: Floats | None
    energy_difference: Floats | None
    all_but_mass: Mask
    all_but_energy: Mask

    def chosen(self, mask: Mask, *, best: bool) -> Indices:
        """Return the candidates of a selection, or the best one of each event; of equal ones the first."""
        rows = np.flatnonzero(mask)
        if not best:
            return rows
        order = rows[np.lexsort((rows, self.rank[rows], self.event[rows]))]
        first = np.flatnonzero(np.diff(self.event[order], prepend=-1) != 0)
        return np.asarray(order[first])


class CandidateCuts:
    """The cuts of the regions, and the beams."""

    def __init__(self, config: DisplacedSearchConfig, detector: DetectorConfig) -> None:
        """Take what decides."""
        self._selection = config.selection
        self._smallest_radius, self._largest_radius = config.radius_edges[0], config.radius_edges[-1]
        self._detector = detector
        self._beams = detector.beams.beams()

    def wanted(self, regions: Sequence[DisplacedRegion], vertices: DisplacedVertices) -> DisplacedVertices:
        """Return the vertices that any of some regions may take, by everything but the identification."""
        accepted = np.zeros(len(vertices), dtype=np.bool_)
        for region in regions:
            accepted |= self._accepted(region, vertices)
        return vertices.select(np.flatnonzero(accepted))

    def candidates(
        self,
        region: DisplacedRegion,
        vertices: DisplacedVertices,
        systems: Mapping[Kaon, KaonSystems],
        identification: TrackIdentification,
    ) -> RegionCandidates:
        """Return the candidates of a region.

        Args:
            region: one of the search.
            vertices: that pass the common cuts.
            systems: by the kaon of regions; needed where B mesons are.
            identification: of the tracks; pairs that do not count at all are left out.
        """
        rows = np.flatnonzero(self._accepted(region, vertices))
        settings = self._selection.b_candidate
        if settings is None:
            return self._alone(region, vertices, rows, identification)
        return self._in_b_mesons(region, vertices, rows, systems[region.kaon], identification, settings)

    def _alone(
        self, region: DisplacedRegion, vertices: DisplacedVertices, rows: Indices, identification: TrackIdentification
    ) -> RegionCandidates:
        factor = self._factor(region, vertices, rows, identification)
        rows, factor = rows[factor > 0.0], factor[factor > 0.0]
        species = PAIR_SPECIES[region.pair]
        mass, rank = vertices.masses(species, species)[rows], -vertices.transverse_momentum[rows]
        every = np.ones(len(rows), dtype=np.bool_)
        event, radius = vertices.event[rows], vertices.radius[rows]
        return RegionCandidates(event, radius, mass, factor, rank, every, None, None, every, every)

    def _in_b_mesons(
        self,
        region: DisplacedRegion,
        vertices: DisplacedVertices,
        rows: Indices,
        system: KaonSystems,
        identification: TrackIdentification,
        settings: BCandidate,
    ) -> RegionCandidates:
        species = PAIR_SPECIES[region.pair]
        rows = rows[np.isin(vertices.event[rows], system.event)]
        momenta = boost(vertices.four_momenta(species, rows), -self._beams.boost)
        tracks = vertices.first[rows], vertices.second[rows]
        largest = largest_energy_difference(settings)
        found = b_mesons(vertices.event[rows], tracks, momenta, system, self._beams, largest)
        # few are left by now
        factor = self._factor(region, vertices, rows[found.pair], identification) * system.factor[found.system]
        kept = np.flatnonzero(factor > 0.0)
        rows = rows[found.pair[kept]]
        constrained_mass, energy_difference = found.constrained_mass[kept], found.energy_difference[kept]
        in_mass, in_energy = _inside_b(settings, constrained_mass, energy_difference)
        return RegionCandidates(
            vertices.event[rows],
            vertices.radius[rows],
            vertices.masses(species, species)[rows],
            factor[kept],
            np.abs(energy_difference),
            in_mass & in_energy,
            constrained_mass,
            energy_difference,
            in_energy,
            in_mass,
        )

    def _accepted(self, region: DisplacedRegion, vertices: DisplacedVertices) -> Mask:
        smallest = 0.0 if region.smallest_radius is None else region.smallest_radius
        accepted = (vertices.radius >= max(smallest, self._smallest_radius)) & (vertices.radius < self._largest_radius)
        if region.material_distance is not None and vertices.material_distance is not None:
            accepted &= vertices.material_distance >= region.material_distance.value
        return np.asarray(accepted & ~vertices.vetoed(region.vetoes))

    def _factor(
        self, region: DisplacedRegion, vertices: DisplacedVertices, rows: Indices, identification: TrackIdentification
    ) -> Floats:
        """Return the share (n,) that counts of some pairs, by the identification of both tracks."""
        factor = np.ones(len(rows))
        for tracks in (vertices.first[rows], vertices.second[rows]):
            factor *= identification.passes(PAIR_SPECIES[region.pair], tracks, self._selection.identification.value)
            for hypothesis in region.vetoed_identification:
                point = getattr(self._detector.identification, hypothesis).working_point
                factor *= 1.0 - identification.passes(hypothesis, tracks, point)
        return factor


def _inside_b(settings: BCandidate, constrained_mass: Floats, energy_difference: Floats) -> tuple[Mask, Mask]:
    inside = constrained_mass >= settings.beam_constrained_mass.low
    inside &= constrained_mass <= settings.beam_constrained_mass.high
    return inside, np.abs(energy_difference) <= settings.energy_difference.value
