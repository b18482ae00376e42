"""Which tracks belong together: of all ways to pair them, the one whose masses differ least.

Two functions with the same arguments and results: ``best_pairings`` is compiled, ``plain_best_pairings`` is its oracle.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import permutations
from typing import Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

from darkreach.errors import DarkreachError

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]

ELECTRON: Final = 0
MUON: Final = 1
PION: Final = 2
NO_FLAVOUR: Final = 3
"""Flavour of tracks that are in no pair, such as kaons."""

NO_PAIRING: Final = -1


def opposite_pairings(pairs: int) -> Indices:
    """Return all pairings (p, pairs, 2) into pairs of opposite charge; positive tracks stand before negative ones.

    The number of a pairing is that of the permutation of the negative tracks, in lexicographic order.

    Example:
        >>> opposite_pairings(2).tolist()
        [[[0, 2], [1, 3]], [[0, 3], [1, 2]]]
    """
    return np.array(
        [[[one, pairs + other] for one, other in enumerate(order)] for order in permutations(range(pairs))],
        dtype=np.int64,
    )


def wrong_sign_pairings() -> Indices:
    """Return the pairings (9, 3, 2) of three positive and three negative tracks into (+ +), (- -) and (+ -).

    Example:
        >>> wrong_sign_pairings()[0].tolist()
        [[1, 2], [4, 5], [0, 3]]
    """
    rows = []
    for positive in range(3):
        for negative in range(3, 6):
            same = [track for track in range(3) if track != positive]
            other = [track for track in range(3, 6) if track != negative]
            rows.append([same, other, [positive, negative]])
    return np.array(rows, dtype=np.int64)


@dataclass(frozen=True)
class Pairings:
    """The pairing of each of k events.

    Attributes:
        number: (k,) of the pairing chosen, ``NO_PAIRING`` where none is allowed.
        masses: (k, pairs) of its pairs in their order, GeV; NaN without a pairing.
        spread: (k,) largest minus smallest mass, GeV; infinite without a pairing.
    """

    number: Indices
    masses: Floats
    spread: Floats


def best_pairings(momenta: Floats, flavour: Indices, pairings: Indices) -> Pairings:
    """Choose the pairing with the smallest spread of the masses.

    A pairing is allowed if the tracks of each pair have the same flavour, another one than ``NO_FLAVOUR``. Of pairings
    with the same spread the one with the lowest number is taken.

    Args:
        momenta: (k, tracks, 4) four-momenta E, px, py, pz with the mass of the flavour, GeV.
        flavour: (k, tracks).
        pairings: (p, pairs, 2) places of the tracks of each pair.

    Raises:
        DarkreachError: the arrays do not fit to each other.

    Example:
        >>> one, two = [1.25, 0.0, 0.0, 0.75], [1.25, 0.0, 0.0, -0.75]
        >>> best_pairings(np.array([[one, one, two, two]]), np.zeros((1, 4), int), opposite_pairings(2)).masses.tolist()
        [[2.5, 2.5]]
    """
    _check(momenta, flavour, pairings)
    events, pairs = len(momenta), pairings.shape[1]
    number = np.empty(events, dtype=np.int64)
    masses = np.empty((events, pairs))
    spread = np.empty(events)
    _choose(np.ascontiguousarray(momenta), np.ascontiguousarray(flavour), pairings, number, masses, spread)
    return Pairings(number, masses, spread)


def _check(momenta: Floats, flavour: Indices, pairings: Indices) -> None:
    # the compiled loop checks no index
    tracks = 2 * pairings.shape[1]
    expected = (len(momenta), tracks, 4)
    fits = momenta.shape == expected and flavour.shape == expected[:2] and pairings.max() < tracks
    if not fits:
        raise DarkreachError(
            "momenta, flavours and pairings do not fit to each other",
            allowed=f"{expected} and {expected[:2]}, places below {tracks}",
            given=f"{momenta.shape} and {flavour.shape}, places up to {int(pairings.max())}",
        )


@njit(cache=True, nogil=True, error_model="numpy")
def _choose(
    momenta: Floats, flavour: Indices, pairings: Indices, number: Indices, masses: Floats, spread: Floats
) -> None:
    tracks, pairs = momenta.shape[1], pairings.shape[1]
    # the mass of a pair is in several pairings: computed once, and only if it is allowed
    table = np.empty((tracks, tracks))
    for event in range(momenta.shape[0]):
        for one in range(tracks):
            for two in range(one + 1, tracks):
                table[one, two] = np.nan
                if flavour[event, one] == flavour[event, two] and flavour[event, one] != 3:
                    e = momenta[event, one, 0] + momenta[event, two, 0]
                    x = momenta[event, one, 1] + momenta[event, two, 1]
                    y = momenta[event, one, 2] + momenta[event, two, 2]
                    z = momenta[event, one, 3] + momenta[event, two, 3]
                    table[one, two] = math.sqrt(max(e * e - x * x - y * y - z * z, 0.0))
        number[event], spread[event] = -1, np.inf
        for pairing in range(pairings.shape[0]):
            low, high = np.inf, 0.0
            for pair in range(pairs):
                mass = table[pairings[pairing, pair, 0], pairings[pairing, pair, 1]]
                if np.isnan(mass):
                    low, high = 0.0, np.inf
                    break
                low, high = min(low, mass), max(high, mass)
            if high - low < spread[event]:
                number[event], spread[event] = pairing, high - low
        for pair in range(pairs):
            masses[event, pair] = np.nan
            if number[event] >= 0:
                chosen = pairings[number[event], pair]
                masses[event, pair] = table[chosen[0], chosen[1]]


def plain_best_pairings(momenta: Floats, flavour: Indices, pairings: Indices) -> Pairings:
    """Return what ``best_pairings`` returns, by masks of all events and all pairings."""
    _check(momenta, flavour, pairings)
    pair = momenta[:, pairings].sum(axis=3)
    squared = pair[..., 0] ** 2 - pair[..., 1] ** 2 - pair[..., 2] ** 2 - pair[..., 3] ** 2
    masses = np.sqrt(np.maximum(squared, 0.0))
    own = flavour[:, pairings]
    allowed = np.all((own[..., 0] == own[..., 1]) & (own[..., 0] != NO_FLAVOUR), axis=2)
    spread = np.where(allowed, masses.max(axis=2) - masses.min(axis=2), np.inf)
    chosen = np.argmin(spread, axis=1)
    any_allowed = allowed.any(axis=1)
    rows = np.arange(len(momenta))
    return Pairings(
        np.where(any_allowed, chosen, NO_PAIRING),
        np.where(any_allowed[:, np.newaxis], masses[rows, chosen], np.nan),
        spread[rows, chosen],
    )
