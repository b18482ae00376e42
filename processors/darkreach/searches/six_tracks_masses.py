"""Masses of events of three equal bosons of which two or all three are measured as pairs of tracks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from darkreach.kinematics import mass_squared
from darkreach.searches.six_tracks_pairing import ELECTRON, NO_PAIRING, Pairings

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]
Mask = NDArray[np.bool_]

ENTRIES: Final = 3
"""Entries an event: each boson once as the one that is alone."""


@dataclass(frozen=True)
class PairedTracks:
    """Tracks of k events in their pairs; where there is no pairing, in an arbitrary one.

    Attributes:
        tracks: (k, pairs, 2, 4) four-momenta E, px, py, pz, GeV.
        flavour: (k, pairs) of the first track of each pair.
        masses: (k, pairs) GeV.
        exists: (k,) whether there is a pairing.
    """

    tracks: Floats
    flavour: Indices
    masses: Floats
    exists: Mask

    @property
    def pairs(self) -> Floats:
        """Four-momenta (k, pairs, 4) of the pairs, GeV."""
        return np.asarray(self.tracks.sum(axis=2))

    @property
    def mean_mass(self) -> Floats:
        """Mean (k,) of the masses, GeV."""
        return np.asarray(self.masses.mean(axis=1))


def paired_tracks(momenta: Floats, flavour: Indices, pairings: Indices, chosen: Pairings) -> PairedTracks:
    """Return tracks in their pairs.

    Args:
        momenta: (k, tracks, 4) GeV.
        flavour: (k, tracks).
        pairings: (p, pairs, 2) places of the tracks of each pair.
        chosen: of each event.
    """
    places = pairings[np.maximum(chosen.number, 0)]
    events = np.arange(len(momenta))[:, np.newaxis, np.newaxis]
    exists = chosen.number != NO_PAIRING
    masses = np.where(exists[:, np.newaxis], chosen.masses, 0.0)
    return PairedTracks(momenta[events, places], flavour[events, places][:, :, 0], masses, exists)


def invariant_mass(momenta: Floats) -> Floats:
    """Return the masses (...) of four-momenta (..., 4), GeV; 0 where the square is negative.

    Example:
        >>> invariant_mass(np.array([5.0, 0.0, 3.0, 0.0])).item()
        4.0
    """
    return np.asarray(np.sqrt(np.maximum(mass_squared(momenta), 0.0)))


def boson_values(bosons: Floats, mean: Floats) -> Floats:
    """Return x and y (k, 3, 2) in GeV: the mean mass, and the mass of the two bosons besides each one.

    The masses of the two are replaced by the mean: y^2 = M^2 - m_1^2 - m_2^2 + 2 x^2. That is narrower than M, by up to
    a tenth for pairs and by up to a half where one of the two is a recoil. The mass that the third one recoils against
    is narrower near sqrt(s) only, and initial-state radiation shifts it.

    Args:
        bosons: (k, 3, 4) four-momenta E, px, py, pz, GeV.
        mean: (k,) x, GeV.
    """
    squared = mass_squared(bosons)
    others = bosons.sum(axis=1, keepdims=True) - bosons
    excess = squared.sum(axis=1, keepdims=True) - squared - 2.0 * mean[:, np.newaxis] ** 2
    y = np.sqrt(np.maximum(mass_squared(others) - excess, 0.0))
    return np.stack(np.broadcast_arrays(mean[:, np.newaxis], y), axis=-1)


def with_recoil(pairs: Floats, total: Floats) -> Floats:
    """Return four-momenta (k, p + 1, 4) of p pairs and of what they recoil against, for that of the beams (4,), GeV."""
    return np.concatenate([pairs, total - pairs.sum(axis=1, keepdims=True)], axis=1)


def cm_momentum(momenta: Floats, total: Floats) -> Floats:
    """Return the momenta (...) of four-momenta (..., 4) in the centre of mass of ``total`` (4,), GeV."""
    energy = cm_energy(momenta, total)
    return np.asarray(np.sqrt(np.maximum(energy**2 - invariant_mass(momenta) ** 2, 0.0)))


def cm_energy(momenta: Floats, total: Floats) -> Floats:
    """Return the energies (...) of four-momenta (..., 4) in the centre of mass of ``total`` (4,), GeV.

    Example:
        >>> cm_energy(np.array([3.0, 0.0, 0.0, 1.0]), np.array([5.0, 0.0, 0.0, 3.0])).item()
        3.0
    """
    product = momenta @ (total * np.array([1.0, -1.0, -1.0, -1.0]))
    return np.asarray(product / float(invariant_mass(total)))


def largest_electron_cosine(paired: PairedTracks, total: Floats) -> Floats:
    """Return the largest (k,) cosine between an electron and its pair, in the rest frame of the pair; else 0.

    The pair flies as seen from the CM: |cos theta| = |E_1 - E_2| m / (2 p P), energies and the momentum P of the pair
    in the CM, p that of a track in the rest frame.
    """
    energy = cm_energy(paired.tracks, total)
    momentum = cm_momentum(paired.pairs, total)
    mass = invariant_mass(paired.pairs)
    track = invariant_mass(paired.tracks).mean(axis=2)
    inside = np.sqrt(np.maximum(0.25 * mass**2 - track**2, 0.0))
    scale = 2.0 * inside * momentum
    cosine = np.divide(np.abs(energy[..., 0] - energy[..., 1]) * mass, scale, out=np.zeros_like(mass), where=scale > 0)
    return np.asarray(np.where(paired.flavour == ELECTRON, cosine, 0.0).max(axis=1))
