"""Events with two tracks and nothing else charged: which of them are two leptons of opposite charge.

Two functions with the same arguments and results: ``lepton_pairs`` is compiled, ``plain_lepton_pairs`` is its oracle.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

from darkreach.errors import DarkreachError

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]
Mask = NDArray[np.bool_]

ELECTRONS: Final = {("muon", "muon"): 0, ("electron", "muon"): 1, ("muon", "electron"): 1, ("electron", "electron"): 2}
"""Number of electrons by the flavours of a pair: what tells pairs apart."""

OTHER: Final = -1
"""Stands for the number of electrons where a track is of no flavour, or of both."""


@dataclass(frozen=True)
class TrackColumns:
    """Tracks of all n events of a chunk, one after the other.

    Attributes:
        offsets: (n + 1,) first track of each event.
        charge: (t,).
        dr: (t,) cm.
        dz: (t,) cm.
        electron: (t,) identification variable.
        muon: (t,) identification variable.
    """

    offsets: Indices
    charge: Floats
    dr: Floats
    dz: Floats
    electron: Floats
    muon: Floats


@dataclass(frozen=True)
class PairCuts:
    """Cuts on the tracks of a pair that no variation moves.

    Attributes:
        transverse_impact: largest ``|dr|``, cm.
        longitudinal_impact: largest ``|dz|``, cm.
        electron: an electron has a larger value.
        muon: a muon has a larger value.
    """

    transverse_impact: float
    longitudinal_impact: float
    electron: float
    muon: float


@dataclass(frozen=True)
class LeptonPairs:
    """Events with two tracks of opposite charge from the collision.

    Attributes:
        event: (k,) index in the chunk, rising.
        first: (k,) first track; the second one follows it.
        electrons: (k,) number of electrons among two leptons, ``OTHER`` for other pairs.
        first_is_electron: (k,).
    """

    event: Indices
    first: Indices
    electrons: Indices
    first_is_electron: Mask


def lepton_pairs(tracks: TrackColumns, considered: Mask, cuts: PairCuts) -> LeptonPairs:
    """Find the pairs; comparisons with NaN fail.

    Args:
        tracks: of the chunk.
        considered: (n,) events that are looked at.
        cuts: on both tracks.

    Raises:
        DarkreachError: arrays of different lengths.
    """
    _check(tracks, considered)
    found = np.empty((4, int(np.count_nonzero(considered))), dtype=np.int64)
    number = _write_pairs(
        tracks.offsets, tracks.charge, tracks.dr, tracks.dz, tracks.electron, tracks.muon, considered,
        cuts.transverse_impact, cuts.longitudinal_impact, cuts.electron, cuts.muon, found,
    )  # fmt: skip
    return LeptonPairs(found[0, :number], found[1, :number], found[2, :number], found[3, :number] == 1)


def _check(tracks: TrackColumns, considered: Mask) -> None:
    # the compiled loop checks no index
    lengths = {len(tracks.charge), len(tracks.dr), len(tracks.dz), len(tracks.electron), len(tracks.muon)}
    if lengths != {int(tracks.offsets[-1])} or len(considered) != len(tracks.offsets) - 1:
        raise DarkreachError(
            "columns of tracks differ in length",
            allowed=f"{int(tracks.offsets[-1])} tracks in {len(considered)} events",
            given=f"{sorted(lengths)} tracks in {len(tracks.offsets) - 1} events",
        )


@njit(cache=True, nogil=True, error_model="numpy")
def _write_pairs(
    offsets: Indices, charge: Floats, dr: Floats, dz: Floats, electron: Floats, muon: Floats, considered: Mask,
    largest_dr: float, largest_dz: float, electron_cut: float, muon_cut: float, found: Indices,
) -> int:  # fmt: skip
    pairs = 0
    for event in range(considered.size):
        one = offsets[event]
        if not considered[event] or offsets[event + 1] - one != 2:
            continue
        two = one + 1
        good = charge[one] * charge[two] < 0.0
        good &= abs(dr[one]) <= largest_dr and abs(dr[two]) <= largest_dr
        good &= abs(dz[one]) <= largest_dz and abs(dz[two]) <= largest_dz
        if not good:
            continue
        first_electron = electron[one] > electron_cut and muon[one] <= muon_cut
        second_electron = electron[two] > electron_cut and muon[two] <= muon_cut
        first_muon = muon[one] > muon_cut and electron[one] <= electron_cut
        second_muon = muon[two] > muon_cut and electron[two] <= electron_cut
        found[0, pairs], found[1, pairs] = event, one
        leptons = (first_electron or first_muon) and (second_electron or second_muon)
        found[2, pairs] = np.int64(first_electron) + np.int64(second_electron) if leptons else -1
        found[3, pairs] = np.int64(first_electron)
        pairs += 1
    return pairs


def plain_lepton_pairs(tracks: TrackColumns, considered: Mask, cuts: PairCuts) -> LeptonPairs:
    """Return what ``lepton_pairs`` returns, by masks of all events."""
    _check(tracks, considered)
    event = np.flatnonzero(considered & (np.diff(tracks.offsets) == 2))
    first = tracks.offsets[event]
    both = np.stack([first, first + 1])
    good = tracks.charge[both].prod(axis=0) < 0.0
    good &= (np.abs(tracks.dr[both]) <= cuts.transverse_impact).all(axis=0)
    good &= (np.abs(tracks.dz[both]) <= cuts.longitudinal_impact).all(axis=0)
    event, first, both = event[good], first[good], both[:, good]
    electron, muon = tracks.electron[both], tracks.muon[both]
    is_electron = (electron > cuts.electron) & (muon <= cuts.muon)
    is_muon = (muon > cuts.muon) & (electron <= cuts.electron)
    leptons = (is_electron | is_muon).all(axis=0)
    return LeptonPairs(event, first, np.where(leptons, is_electron.sum(axis=0), OTHER), is_electron[0])
