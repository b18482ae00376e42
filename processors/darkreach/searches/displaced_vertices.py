"""Vertices of two tracks far from the beams: what all regions ask of them, and their masses under any hypothesis."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from darkreach.configuration.displaced_search import DisplacedSearchConfig, PairVeto, Species
from darkreach.errors import EventContentError
from darkreach.histograms.displaced_cells import MASSES
from darkreach.searches.chunk_source import ChunkSource
from darkreach.searches.displaced_events import MATERIAL_COLUMN, DisplacedEvents, DisplacedList

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]
Mask = NDArray[np.bool_]

VERTEX_CUTS: Final = ("vertex", "track_momenta", "pointing", "pair_momentum")
"""Cuts that all regions have: on the radius of the vertex; both tracks' pT; the direction of the pair; its pT."""


class DisplacedVertices:
    """Vertices of a chunk.

    Attributes:
        event: (k,) index in the chunk, rising.
        first: (k,) row of one track among those of the chunk.
        second: (k,) row of the other one.
        radius: (k,) cm.
        material_distance: (k,) cm; None if no region asks for it.
        momenta: (3, 2, k) px, py, pz of both tracks at the vertex, GeV, laboratory.
    """

    def __init__(
        self, event: Indices, tracks: tuple[Indices, Indices], radius: Floats, distance: Floats | None, momenta: Floats
    ) -> None:
        """Take everything as the attributes; masses are computed when they are asked for, once."""
        self.event = event
        self.first, self.second = tracks
        self.radius = radius
        self.material_distance = distance
        self.momenta = momenta
        self._masses: dict[tuple[Species, Species], Floats] = {}

    def __len__(self) -> int:
        return len(self.event)

    @cached_property
    def transverse_momentum(self) -> Floats:
        """Of the pairs (k,), GeV."""
        x, y = self.momenta[:2].sum(axis=1)
        return np.asarray(np.hypot(x, y))

    @cached_property
    def _squares(self) -> Floats:
        return np.asarray(np.sum(self.momenta**2, axis=0))

    @cached_property
    def _product(self) -> Floats:
        return np.asarray(np.sum(self.momenta[:, 0] * self.momenta[:, 1], axis=0))

    def masses(self, first: Species, second: Species) -> Floats:
        """Return the masses (k,) of the pairs for a hypothesis of the first and one of the second track, GeV."""
        key = (first, second)
        if key not in self._masses:
            one, two = MASSES[first], MASSES[second]
            energies = np.sqrt((self._squares[0] + one**2) * (self._squares[1] + two**2))
            squared = one**2 + two**2 + 2.0 * (energies - self._product)
            self._masses[key] = np.sqrt(np.maximum(squared, 0.0))
        return self._masses[key]

    def vetoed(self, vetoes: Sequence[PairVeto]) -> Mask:
        """Return which pairs (k,) have a mass in one of the ranges, with either assignment of the hypotheses."""
        found = np.zeros(len(self), dtype=np.bool_)
        for veto in vetoes:
            for one, two in {(veto.first, veto.second), (veto.second, veto.first)}:
                mass = self.masses(one, two)
                found |= (mass >= veto.mass.low) & (mass <= veto.mass.high)
        return found

    def four_momenta(self, species: Species, rows: Indices) -> Floats:
        """Return E, px, py, pz (n, 4) of some pairs in GeV, both tracks being of a species."""
        energy = np.sqrt(self._squares[:, rows] + MASSES[species] ** 2).sum(axis=0)
        return np.column_stack([energy, self.momenta[:, :, rows].sum(axis=1).T])

    def energies(self, species: Species, velocity: Floats) -> Floats:
        """Return the energies (k,) of the pairs, both tracks being of a species, in a frame of this velocity, GeV."""
        energy = np.sqrt(self._squares + MASSES[species] ** 2).sum(axis=0)
        return boosted_energies(energy, self.momenta.sum(axis=1), velocity)

    def select(self, rows: Indices) -> DisplacedVertices:
        """Return some of the vertices."""
        return DisplacedVertices(
            self.event[rows],
            (self.first[rows], self.second[rows]),
            self.radius[rows],
            None if self.material_distance is None else self.material_distance[rows],
            self.momenta[:, :, rows],
        )


def displaced_vertices(
    lists: DisplacedEvents, config: DisplacedSearchConfig, triggered: Mask, source: ChunkSource
) -> tuple[DisplacedVertices, list[Indices]]:
    """Find the vertices that pass the cuts common to all regions.

    Args:
        lists: of the chunk.
        config: the search.
        triggered: (n,) events that are looked at.
        source: of the chunk.

    Returns:
        The vertices, and for each of ``VERTEX_CUTS`` the events, rising, that have one after it.

    Raises:
        EventContentError: a vertex names a track that its event does not have.
    """
    selection, tracks, listed = config.selection, lists.tracks, lists.vertices
    far, event = _inside(listed, config, triggered)
    first, second = (_tracks(lists, name, far, event, source) for name in ("vertex_first", "vertex_second"))
    opposite = tracks.values("track_charge", first) * tracks.values("track_charge", second) < 0.0
    far, event, first, second = far[opposite], event[opposite], first[opposite], second[opposite]
    distance = listed.values(MATERIAL_COLUMN, far) if MATERIAL_COLUMN in listed.columns else None
    radius = listed.values("vertex_dr", far)
    momenta = np.stack([track_momenta(tracks, first), track_momenta(tracks, second)], axis=1)
    vertices = DisplacedVertices(event, (first, second), radius, distance, momenta)
    steps = [np.ones(len(far), dtype=np.bool_)]
    each = np.hypot(momenta[0], momenta[1])
    steps.append(np.all(each >= selection.track_transverse_momentum.value, axis=0))
    x, y = momenta[:2].sum(axis=1)
    along = x * listed.values("vertex_x", far) + y * listed.values("vertex_y", far)
    transverse = vertices.transverse_momentum
    steps.append(along >= selection.pointing_cosine.value * transverse * vertices.radius)
    steps.append(transverse >= selection.pair_transverse_momentum.value)
    passing = [np.all(steps[: number + 1], axis=0) for number in range(len(steps))]
    return vertices.select(np.flatnonzero(passing[-1])), [np.unique(event[passed]) for passed in passing]


def track_momenta(tracks: DisplacedList, rows: Indices) -> Floats:
    """Return px, py, pz (3, m) of some tracks, GeV, laboratory."""
    size, theta, phi = (tracks.values(name, rows) for name in ("track_p", "track_theta", "track_phi"))
    across = size * np.sin(theta)
    return np.stack([across * np.cos(phi), across * np.sin(phi), size * np.cos(theta)])


def boosted_energies(energy: Floats, momenta: Floats, velocity: Floats) -> Floats:
    """Return the energies (m,) of four-momenta, (m,) and (3, m), in a frame that moves with a velocity (3,), GeV."""
    return np.asarray((energy - velocity @ momenta) / np.sqrt(1.0 - velocity @ velocity))


def _inside(vertices: DisplacedList, config: DisplacedSearchConfig, triggered: Mask) -> tuple[Indices, Indices]:
    """Return the vertices inside of the radii of any region, in events that are looked at, and their events.

    Most are of no interest: they are left out in the precision stored, with a margin, and the few others looked at.
    """
    low, high = min(smallest_radii(config)), config.radius_edges[-1]
    rows = np.flatnonzero(vertices.columns["vertex_dr"] > low * (1.0 - 1e-6))
    radius = vertices.values("vertex_dr", rows)
    rows = rows[(radius >= low) & (radius < high)]
    event = np.searchsorted(vertices.offsets, rows, side="right") - 1
    kept = triggered[event]
    return rows[kept], event[kept]


def smallest_radii(config: DisplacedSearchConfig) -> list[float]:
    """Return the smallest radius of the vertices of each region, cm."""
    return [
        max(config.radius_edges[0], 0.0 if region.smallest_radius is None else region.smallest_radius)
        for region in config.regions
    ]


def _tracks(lists: DisplacedEvents, name: str, vertices: Indices, event: Indices, source: ChunkSource) -> Indices:
    """Return the rows (m,) of the tracks that vertices name."""
    place = lists.vertices.columns[name][vertices].astype(np.int64)
    row = lists.tracks.offsets[event] + place
    wrong = np.flatnonzero((place < 0) | (row >= lists.tracks.offsets[event + 1]))
    if len(wrong):
        raise EventContentError(
            f"'{name}' is not the place of a track",
            where=f"{source.filename} entry {source.first_entry + int(event[wrong[0]])}",
            given=f"{place[wrong[0]]} (and {len(wrong) - 1} more in this chunk)",
            next_step="write tracks and vertices of one event together, the tracks in the order that vertices count",
        )
    return row
