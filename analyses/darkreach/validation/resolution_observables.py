"""What is measured of an event, to see how well: masses and energies from tracks and photons."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from darkreach.configuration import Range
from darkreach.kinematics import (
    CHARGED_KAON_MASS,
    CHARGED_PION_MASS,
    ELECTRON_MASS,
    MUON_MASS,
    Beams,
    boosted_energy,
    mass_squared,
    photon_momenta,
)
from darkreach.response import MeasuredEvents, MeasuredObjects

Array = NDArray[np.float64]

BEAM_PDG: Final = 11
"""Mother of what comes straight from the collision."""

MASSES: Final[Mapping[int, float]] = {
    11: ELECTRON_MASS,
    13: MUON_MASS,
    211: CHARGED_PION_MASS,
    321: CHARGED_KAON_MASS,
}
"""Mass (GeV) by absolute code of what a track is."""


def leading_pairs(objects: MeasuredObjects) -> NDArray[np.intp]:
    """Return the rows (k, 2) of the first two objects of every event that has two."""
    chosen = np.flatnonzero(np.diff(objects.offsets) >= 2)
    return np.asarray(objects.offsets[chosen, np.newaxis] + np.arange(2))


def decay_pairs(objects: MeasuredObjects) -> NDArray[np.intp]:
    """Return the rows (k, 2) of events in which exactly two objects come from a decay, not from the collision."""
    mother = np.asarray(objects.columns["genMotherPDG"])
    event = rows_to_events(objects)
    of_decay = np.flatnonzero((np.abs(mother) != BEAM_PDG) & (mother != 0))
    counts = np.bincount(event[of_decay], minlength=len(objects.offsets) - 1)
    return np.asarray(of_decay[counts[event[of_decay]] == 2].reshape(-1, 2))


def rows_to_events(objects: MeasuredObjects) -> NDArray[np.intp]:
    """Return the event of every object."""
    return np.repeat(np.arange(len(objects.offsets) - 1), np.diff(objects.offsets))


def track_pair_momenta(events: MeasuredEvents, rows: NDArray[np.intp], within: Range) -> tuple[Array, Array]:
    """Return four-momenta (k, 2, 4), GeV, of pairs of opposite charge inside the range, with true masses; weights (k,).

    Args:
        events: measured.
        rows: (m, 2) of the tracks.
        within: polar angles, degrees, laboratory.
    """
    tracks = events.lists["track"]
    p, theta, phi = (np.asarray(tracks.columns[name], dtype=np.float64)[rows] for name in ("p", "theta", "phi"))
    codes = np.abs(np.asarray(tracks.columns["mcPDG"])[rows])
    inside = np.all((np.degrees(theta) > within.low) & (np.degrees(theta) < within.high), axis=1)
    inside &= np.prod(np.asarray(tracks.columns["charge"])[rows], axis=1) < 0
    mass = np.zeros(rows.shape)
    for code, value in MASSES.items():
        mass[codes == code] = value
    inside &= np.all(mass > 0.0, axis=1)
    transverse = p * np.sin(theta)
    momenta = np.stack(
        [np.hypot(p, mass), transverse * np.cos(phi), transverse * np.sin(phi), p * np.cos(theta)], axis=-1
    )
    return momenta[inside], events.weight[rows_to_events(tracks)[rows[inside, 0]]]


def photon_pair_momenta(events: MeasuredEvents) -> tuple[Array, Array]:
    """Return four-momenta (k, 2, 4), GeV, of the two photons of a decay; their weights (k,)."""
    photons = events.lists["photon"]
    rows = decay_pairs(photons)
    columns = [np.asarray(photons.columns[name], dtype=np.float64)[rows] for name in ("E", "theta", "phi")]
    return photon_momenta(*columns), events.weight[rows_to_events(photons)[rows[:, 0]]]


def observe(name: str, events: MeasuredEvents, beams: Beams, within: Range) -> tuple[Array, Array]:
    """Return an observable of the events that have it, and their weights.

    ``recoil_mass`` (signed root, GeV, against the two hardest tracks), ``track_pair_mass`` and ``photon_pair_mass``
    (GeV, of a decay), ``photon_energy`` (measured over true) and ``photon_recoil_mass_squared`` (GeV^2, against the
    hardest photon).
    """
    if name in ("recoil_mass", "track_pair_mass"):
        tracks = events.lists["track"]
        rows = leading_pairs(tracks) if name == "recoil_mass" else decay_pairs(tracks)
        momenta, weights = track_pair_momenta(events, rows, within)
        pair = momenta.sum(axis=1)
        squared = mass_squared(beams.four_momentum - pair if name == "recoil_mass" else pair)
        return np.sign(squared) * np.sqrt(np.abs(squared)), weights
    if name == "photon_pair_mass":
        momenta, weights = photon_pair_momenta(events)
        return np.sqrt(np.maximum(mass_squared(momenta.sum(axis=1)), 0.0)), weights
    photons = events.lists["photon"]
    chosen = np.flatnonzero(np.diff(photons.offsets) >= 1)
    # clusters of the beam background have no truth
    chosen = chosen[np.asarray(photons.columns["mcE"])[photons.offsets[chosen]] > 0.0]
    rows = photons.offsets[chosen]
    energy, theta, phi, true = (
        np.asarray(photons.columns[column], dtype=np.float64)[rows] for column in ("E", "theta", "phi", "mcE")
    )
    if name == "photon_energy":
        return energy / true, events.weight[chosen]
    star = boosted_energy(photon_momenta(energy, theta, phi), beams.boost)
    return beams.s - 2.0 * beams.sqrt_s * star, events.weight[chosen]
