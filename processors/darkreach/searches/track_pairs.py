"""Events with exactly two identified tracks of opposite charge: their mass and the mass they recoil against.

Two functions with the same arguments and results: ``track_pairs`` is compiled, ``plain_track_pairs`` is its oracle in
awkward arrays.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import awkward as ak
import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]
Indices = NDArray[np.int64]


@dataclass(frozen=True)
class TrackLists:
    """Tracks of all events of a chunk, one after the other; 32- or 64-bit numbers as read.

    Attributes:
        offsets: (n + 1,) first track of each event.
        charge: (t,).
        identification: (t,) probability-like variable, for example muonID.
        energy: (t,) laboratory, GeV.
        px: (t,) GeV.
        py: (t,) GeV.
        pz: (t,) GeV.
    """

    offsets: Indices
    charge: Floats
    identification: Floats
    energy: Floats
    px: Floats
    py: Floats
    pz: Floats


@dataclass(frozen=True)
class TrackPairs:
    """Selected events.

    Attributes:
        event: (k,) index in the chunk, rising.
        first: (k,) track, in the order of the lists.
        second: (k,) the other track.
        mass_squared: (k,) of the pair, GeV^2.
        recoil_mass_squared: (k,) GeV^2; may be negative.
    """

    event: Indices
    first: Indices
    second: Indices
    mass_squared: NDArray[np.float64]
    recoil_mass_squared: NDArray[np.float64]


def track_pairs(
    tracks: TrackLists, events: Indices, *, minimum_identification: float, total: NDArray[np.float64]
) -> TrackPairs:
    """Find the pairs of the events listed.

    Args:
        tracks: of the chunk.
        events: (m,) indices of the events that passed the cuts on numbers an event.
        minimum_identification: tracks above it count; exactly two must.
        total: (4,) four-momentum (E, px, py, pz) of the beams, GeV.
    """
    # one more than needed: the search writes a place before it knows whether the event is kept
    found = np.empty((3, len(events) + 1), dtype=np.int64)
    candidates = _two_identified(tracks.offsets, tracks.identification, events, minimum_identification, found)
    masses = np.empty((2, candidates))
    pairs = _opposite_charges(
        tracks.charge, tracks.energy, tracks.px, tracks.py, tracks.pz, total, found[:, :candidates], masses
    )
    return TrackPairs(found[0, :pairs], found[1, :pairs], found[2, :pairs], masses[0, :pairs], masses[1, :pairs])


@njit(cache=True, nogil=True, error_model="numpy")
def _two_identified(offsets: Indices, identification: Floats, events: Indices, minimum: float, found: Indices) -> int:
    """Write event and tracks of events with two identified tracks; no branch depends on the data of a track.

    Half the branches on an identification are guessed wrong, which costs more than to number all identified tracks.
    """
    tracks = identification.size
    before = np.empty(tracks + 1, dtype=np.int64)
    identified = np.empty(tracks + 2, dtype=np.int64)
    count = np.int64(0)
    for track in range(tracks):
        before[track] = count
        identified[count] = track
        count += np.int64(identification[track] > minimum)
    before[tracks] = count
    pairs = 0
    for event in events:
        first = before[offsets[event]]
        found[0, pairs], found[1, pairs], found[2, pairs] = event, identified[first], identified[first + 1]
        pairs += int(before[offsets[event + 1]] - first == 2)
    return pairs


@njit(cache=True, nogil=True, error_model="numpy")
def _opposite_charges(
    charge: Floats, energy: Floats, px: Floats, py: Floats, pz: Floats, total: Floats, found: Indices, masses: Floats
) -> int:
    """Keep pairs of opposite charge in ``found`` and write the squared masses of pair and recoil."""
    pairs = 0
    for candidate in range(found.shape[1]):
        event, first, second = found[0, candidate], found[1, candidate], found[2, candidate]
        # not "continue if >= 0": a charge that is NaN is not opposite to anything
        if not charge[first] * charge[second] < 0.0:
            continue
        found[0, pairs], found[1, pairs], found[2, pairs] = event, first, second
        e = np.float64(energy[first]) + np.float64(energy[second])
        x = np.float64(px[first]) + np.float64(px[second])
        y = np.float64(py[first]) + np.float64(py[second])
        z = np.float64(pz[first]) + np.float64(pz[second])
        masses[0, pairs] = e * e - x * x - y * y - z * z
        e, x, y, z = total[0] - e, total[1] - x, total[2] - y, total[3] - z
        masses[1, pairs] = e * e - x * x - y * y - z * z
        pairs += 1
    return pairs


def plain_track_pairs(
    tracks: TrackLists, events: Indices, *, minimum_identification: float, total: NDArray[np.float64]
) -> TrackPairs:
    """Return what ``track_pairs`` returns, by awkward arrays: slower, and short enough to be believed."""
    counts = np.diff(tracks.offsets)
    numbers = ak.unflatten(np.arange(len(tracks.charge)), counts)[events]
    identified = numbers[ak.unflatten(tracks.identification > minimum_identification, counts)[events]]
    two = ak.to_numpy(ak.num(identified) == 2)
    first, second = ak.to_numpy(ak.flatten(identified[two])).reshape(-1, 2).T.astype(np.int64)
    opposite = tracks.charge[first] * tracks.charge[second] < 0.0
    first, second = first[opposite], second[opposite]
    components = np.stack([tracks.energy, tracks.px, tracks.py, tracks.pz]).astype(np.float64)
    pair = components[:, first] + components[:, second]
    recoil = total[:, np.newaxis] - pair
    metric = np.array([1.0, -1.0, -1.0, -1.0])
    return TrackPairs(events[two][opposite], first, second, metric @ pair**2, metric @ recoil**2)
