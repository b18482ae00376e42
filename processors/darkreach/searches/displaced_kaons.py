"""The kaon systems of a chunk: a K+ from the collision, or a K*0 -> K+ pi-, of energies that can make a B meson."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from darkreach.configuration.displaced_search import PAIR_SPECIES, BCandidate, DisplacedRegion, Kaon, Species
from darkreach.histograms.displaced_cells import MASSES
from darkreach.kinematics import Beams, boost
from darkreach.searches.displaced_events import DisplacedList
from darkreach.searches.displaced_identification import TrackIdentification
from darkreach.searches.displaced_vertices import DisplacedVertices, boosted_energies, track_momenta

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]

_MARGIN: Final = 1e-6
"""GeV; energies are computed anew where it matters."""


@dataclass(frozen=True)
class KaonSystems:
    """Kaons, or kaons with a pion.

    Attributes:
        event: (m,) index in the chunk, rising.
        kaon: (m,) row of the track among those of the chunk.
        pion: (m,) row of the track; -1 without.
        factor: (m,) share that counts, by the identification of both.
        momenta: (m, 4) E, px, py, pz in the CM, GeV.
    """

    event: Indices
    kaon: Indices
    pion: Indices
    factor: Floats
    momenta: Floats


@dataclass(frozen=True)
class WantedEnergies:
    """Events with pairs, and the energies that a kaon system must have for any of them to be a B meson.

    Attributes:
        events: (k,) indices in the chunk, rising.
        low: (k,) CM, GeV.
        high: (k,) CM, GeV.
    """

    events: Indices
    low: Floats
    high: Floats


def wanted_energies(
    vertices: DisplacedVertices, regions: Collection[DisplacedRegion], cuts: BCandidate, beams: Beams
) -> WantedEnergies:
    """Return which energies pairs leave for the kaon system, whatever hypothesis of a region they are taken for."""
    species = sorted((PAIR_SPECIES[region.pair] for region in regions), key=MASSES.__getitem__)
    events, place = np.unique(vertices.event, return_inverse=True)
    low, high = np.full(len(events), np.inf), np.zeros(len(events))
    for one in species[:1] + species[-1:]:
        left = 0.5 * beams.sqrt_s - vertices.energies(one, beams.boost)
        np.minimum.at(low, place, left)
        np.maximum.at(high, place, left)
    margin = largest_energy_difference(cuts) + _MARGIN
    return WantedEnergies(events, low - margin, high + margin)


def largest_energy_difference(cuts: BCandidate) -> float:
    """Return the absolute value of Delta E up to which B mesons are looked at, GeV."""
    return max(cuts.energy_difference.value, cuts.sideband_energy_difference.value)


class CollisionTracks:
    """Tracks from the collision that kaon systems may be made of, in events with pairs."""

    def __init__(self, tracks: DisplacedList, wanted: WantedEnergies, cuts: BCandidate, beams: Beams) -> None:
        """Find them.

        Args:
            tracks: of the chunk.
            wanted: events and energies.
            cuts: on tracks and on the mass of a K*.
            beams: of the collision.
        """
        rows, place = tracks.of_events(wanted.events)
        near = np.abs(tracks.values("track_dr", rows)) <= cuts.impact.value
        near &= np.abs(tracks.values("track_dz", rows)) <= cuts.longitudinal_impact.value
        rows, place = rows[near], place[near]
        momenta = track_momenta(tracks, rows)
        hard = np.hypot(momenta[0], momenta[1]) >= cuts.transverse_momentum.value
        self._rows, self._place, self._momenta = rows[hard], place[hard], momenta[:, hard]
        self._charge = tracks.values("track_charge", self._rows)
        self._wanted, self._cuts, self._velocity = wanted, cuts, beams.boost

    def systems(self, kaon: Kaon, identification: TrackIdentification) -> KaonSystems:
        """Return the systems of a kind; those that do not count at all are left out."""
        return self._kaons(identification) if kaon == "kplus" else self._resonances(identification)

    def _kaons(self, identification: TrackIdentification) -> KaonSystems:
        kaon_energy, place = self._energies("kaon"), self._place
        fits = (kaon_energy >= self._wanted.low[place]) & (kaon_energy <= self._wanted.high[place])
        kaons, factor = self._identified("kaon", np.flatnonzero(fits), identification)
        momenta = boost(self._four_momenta("kaon", kaons), -self._velocity)
        none = np.full(len(kaons), -1)
        return KaonSystems(self._wanted.events[place[kaons]], self._rows[kaons], none, factor, momenta)

    def _resonances(self, identification: TrackIdentification) -> KaonSystems:
        energies: dict[Species, Floats] = {"kaon": self._energies("kaon"), "pion": self._energies("pion")}
        kaons, kaon_factor = self._identified("kaon", self._reaching(energies, "kaon", "pion"), identification)
        pions, pion_factor = self._identified("pion", self._reaching(energies, "pion", "kaon"), identification)
        one, two = same_event(self._place[kaons], self._place[pions])
        energy, place = energies["kaon"][kaons][one] + energies["pion"][pions][two], self._place[kaons][one]
        fits = (energy >= self._wanted.low[place]) & (energy <= self._wanted.high[place])
        fits &= self._charge[kaons][one] * self._charge[pions][two] < 0.0
        one, two = one[fits], two[fits]
        both = self._four_momenta("kaon", kaons)[one] + self._four_momenta("pion", pions)[two]
        mass = np.sqrt(np.maximum(both[:, 0] ** 2 - np.sum(both[:, 1:] ** 2, axis=1), 0.0))
        resonant = (mass >= self._cuts.resonance_mass.low) & (mass <= self._cuts.resonance_mass.high)
        one, two = one[resonant], two[resonant]
        return KaonSystems(
            self._wanted.events[self._place[kaons[one]]],
            self._rows[kaons[one]],
            self._rows[pions[two]],
            kaon_factor[one] * pion_factor[two],
            boost(both[resonant], -self._velocity),
        )

    def _energies(self, species: Species) -> Floats:
        """Return the energies (m,) of all tracks in the CM, GeV."""
        energy = np.sqrt(np.sum(self._momenta**2, axis=0) + MASSES[species] ** 2)
        return boosted_energies(energy, self._momenta, self._velocity)

    def _reaching(self, energies: dict[Species, Floats], own: Species, other: Species) -> Indices:
        """Return the tracks that reach the energy wanted at least with the hardest other one of their event."""
        hardest = np.zeros(len(self._wanted.events))
        np.maximum.at(hardest, self._place, energies[other])
        return np.flatnonzero(energies[own] + hardest[self._place] >= self._wanted.low[self._place])

    def _identified(
        self, hypothesis: Species, tracks: Indices, identification: TrackIdentification
    ) -> tuple[Indices, Floats]:
        """Return which of some tracks count at all, and by how much."""
        factor = identification.passes(hypothesis, self._rows[tracks], self._cuts.identification.value)
        kept = np.flatnonzero(factor > 0.0)
        return tracks[kept], factor[kept]

    def _four_momenta(self, species: Species, tracks: Indices) -> Floats:
        momenta = self._momenta[:, tracks]
        return np.column_stack([np.sqrt(np.sum(momenta**2, axis=0) + MASSES[species] ** 2), momenta.T])


def same_event(first: Indices, second: Indices) -> tuple[Indices, Indices]:
    """Return all combinations of rows of two lists that are of the same event.

    Args:
        first: (m,) event of each row.
        second: (n,) event of each row, rising.

    Example:
        >>> one, two = same_event(np.array([1, 3, 4]), np.array([1, 1, 2, 4]))
        >>> one.tolist(), two.tolist()
        ([0, 0, 2], [0, 1, 3])
    """
    start = np.searchsorted(second, first, side="left")
    counts = np.searchsorted(second, first, side="right") - start
    one = np.repeat(np.arange(len(first)), counts)
    return one, np.arange(len(one)) + (start - (np.cumsum(counts) - counts))[one]
