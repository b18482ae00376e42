"""Photons that should not be there: energies an analysis with missing energy vetoes on, overall and where it points.

Two functions with the same arguments and results: ``veto_energies`` is compiled, ``plain_veto_energies`` is its oracle.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from darkreach.errors import DarkreachError
from darkreach.searches.track_pairs import Floats, Indices


@dataclass(frozen=True)
class PhotonLists:
    """Photons of all events of a chunk, one after the other; 32- or 64-bit numbers as read.

    Attributes:
        offsets: (n + 1,) first photon of each event.
        energy: (p,) laboratory, GeV.
        theta: (p,) rad.
        phi: (p,) rad.
    """

    offsets: Indices
    energy: Floats
    theta: Floats
    phi: Floats


@dataclass(frozen=True)
class VetoEnergies:
    """Of the events listed, photons at or above the threshold only.

    Attributes:
        count: (k,) number of photons.
        total: (k,) sum of their energies, GeV.
        largest: (k,) energy of the hardest, GeV; 0 if there is none.
        largest_in_cone: (k,) of the hardest in the cone about the direction given, GeV; 0 if there is none.
    """

    count: Indices
    total: NDArray[np.float64]
    largest: NDArray[np.float64]
    largest_in_cone: NDArray[np.float64]


def veto_energies(
    photons: PhotonLists, events: Indices, theta: Floats, phi: Floats, *, minimum_energy: float, cone: float
) -> VetoEnergies:
    """Return the energies of photons in events with a missing momentum.

    Args:
        photons: of the chunk.
        events: (k,) indices of events.
        theta: (k,) polar angle of the missing momentum of each, rad.
        phi: (k,) azimuth, rad.
        minimum_energy: photons at or above it count, GeV.
        cone: half its opening angle, rad.

    Raises:
        DarkreachError: arrays of different lengths, an event that is not in the chunk, or a cone outside 0 to pi.
    """
    _check(photons, events, theta, phi, cone)
    count, energies = np.zeros(len(events), dtype=np.int64), np.zeros((3, len(events)))
    _write_energies(
        photons.offsets, photons.energy, photons.theta, photons.phi, events, theta, phi, minimum_energy,
        math.cos(cone), count, energies,
    )  # fmt: skip
    return VetoEnergies(count, energies[0], energies[1], energies[2])


def _check(photons: PhotonLists, events: Indices, theta: Floats, phi: Floats, cone: float) -> None:
    # the compiled loop checks no index
    if not len(events) == len(theta) == len(phi):
        raise DarkreachError(
            "every event needs one direction", given=f"{len(events)} events, {len(theta)} and {len(phi)} angles"
        )
    if len(events) and not 0 <= events.min() <= events.max() < len(photons.offsets) - 1:
        raise DarkreachError(
            "events must be in the chunk",
            allowed=f"0 to {len(photons.offsets) - 2}",
            given=f"{events.min()} to {events.max()}",
        )
    if not 0.0 <= cone <= math.pi:
        raise DarkreachError("a cone has an angle between 0 and pi", given=str(cone))


@njit(cache=True, nogil=True, error_model="numpy")
def _write_energies(
    offsets: Indices, energy: Floats, photon_theta: Floats, photon_phi: Floats, events: Indices, theta: Floats,
    phi: Floats, minimum: float, cosine_of_cone: float, count: Indices, energies: Floats,
) -> None:  # fmt: skip
    for row in range(events.size):
        sine, cosine = math.sin(theta[row]), math.cos(theta[row])
        for photon in range(offsets[events[row]], offsets[events[row] + 1]):
            found = np.float64(energy[photon])
            # also leaves out NaN
            if not found >= minimum:
                continue
            count[row] += 1
            energies[0, row] += found
            energies[1, row] = max(energies[1, row], found)
            if found > energies[2, row]:
                polar = np.float64(photon_theta[photon])
                turn = math.cos(np.float64(photon_phi[photon]) - phi[row])
                if math.sin(polar) * sine * turn + math.cos(polar) * cosine >= cosine_of_cone:
                    energies[2, row] = found


def plain_veto_energies(
    photons: PhotonLists, events: Indices, theta: Floats, phi: Floats, *, minimum_energy: float, cone: float
) -> VetoEnergies:
    """Return what ``veto_energies`` returns, photon by photon through unit vectors."""
    _check(photons, events, theta, phi, cone)
    counts = np.diff(photons.offsets)[events]
    row = np.repeat(np.arange(len(events)), counts)
    # the photons of the events listed: first of its event, and how many photons of this event came before
    photon = np.repeat(photons.offsets[events] - np.cumsum(counts) + counts, counts) + np.arange(len(row))
    photon, row = photon[kept := photons.energy[photon] >= minimum_energy], row[kept]
    energy = photons.energy[photon].astype(np.float64)
    missing, seen = _unit_vectors(theta, phi)[row], _unit_vectors(photons.theta, photons.phi)[photon]
    inside = np.sum(missing * seen, axis=1) >= math.cos(cone)
    largest, largest_in_cone = np.zeros((2, len(events)))
    np.maximum.at(largest, row, energy)
    np.maximum.at(largest_in_cone, row[inside], energy[inside])
    count = np.bincount(row, minlength=len(events)).astype(np.int64)
    total = np.bincount(row, energy, minlength=len(events)).astype(np.float64)
    return VetoEnergies(count, total, largest, largest_in_cone)


def _unit_vectors(theta: Floats, phi: Floats) -> NDArray[np.float64]:
    polar, azimuth = np.asarray(theta, dtype=np.float64), np.asarray(phi, dtype=np.float64)
    return np.stack([np.sin(polar) * np.cos(azimuth), np.sin(polar) * np.sin(azimuth), np.cos(polar)], axis=-1)
